import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Confidence } from './confidence.ts';
import { type Advised, decidingGain, rank, verdictOf } from './ranking.ts';
import { answerOf } from './report.ts';

const confidence: Confidence = {
	level: 'high',
	calibration: { results: [], none: null, complete: true },
	claims: { measured: 0, reproduced: 0 },
	unchecked: null,
};

function advised(system: string, gains: Advised['gains'], enables: string | null = null): Advised {
	return {
		system,
		title: system,
		paper: { title: '', arxiv: '0000.00000' },
		gains,
		against: 'nothing',
		enables,
		costs: {},
		confidence,
		run: 'r',
		headline: '',
		command: '',
		verdict: verdictOf(gains, enables ?? undefined, 'train'),
	};
}

test('what makes it possible comes first, then what pays by the gain that counts, then what makes no difference, then what costs', () => {
	const items = [
		advised('slower', { throughput: 0.8, memory: 3 }),
		advised('same', { throughput: 1.003 }),
		advised('little', { throughput: 1.1 }),
		advised('memory', { throughput: 1, memory: 2 }),
		advised('much', { throughput: 1.6, latency: 0.9 }),
		advised('possible', {}, 'memory was lacking'),
	];
	expect(rank(items, 'train').map(({ system }) => system)).toEqual(['possible', 'much', 'little', 'memory', 'same', 'slower']);
	expect(items.map(({ verdict }) => verdict)).toEqual(['does not pay', 'no difference', 'pays', 'pays', 'pays', 'enables']);
});

test('the goal says which gain decides', () => {
	const gains = { throughput: 2, latency: 0.5, energy: 3 };
	expect(decidingGain(gains, 'serve')).toEqual({ measure: 'throughput', ratio: 2 });
	expect(decidingGain(gains, 'edge')).toEqual({ measure: 'latency', ratio: 0.5 });
	expect(decidingGain(gains, 'design-chip')).toEqual({ measure: 'energy', ratio: 3 });
	expect(decidingGain({}, 'train')).toBeUndefined();
	expect(verdictOf(gains, undefined, 'edge')).toBe('does not pay');
});

test('the order does not depend on the order they come in', () => {
	const gain = fc.option(fc.double({ min: 0.1, max: 10, noNaN: true }), { nil: undefined });
	const gains = fc
		.record({ throughput: gain, memory: gain, cost: gain })
		.map((given) => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)));
	fc.assert(
		fc.property(fc.array(gains, { maxLength: 8 }), (drawn) => {
			const items = drawn.map((one, i) => advised(`s${i}`, one));
			expect(rank([...items].reverse(), 'train')).toEqual(rank(items, 'train'));
		}),
	);
});

test('the answer names two gains and multiplies none', () => {
	const ranking = rank([advised('a', { throughput: 1.5 }), advised('b', { throughput: 1.2 })], 'train');
	const subject = { goal: 'train' } as const;
	const answer = answerOf({ subject, ranking, pending: [], notApplicable: [], failed: [] });
	expect(answer).toMatch(/a, 1.5 times the throughput.*b, 1.2 times.*do not multiply/);
	expect(answer).not.toContain('1.8');
	expect(answerOf({ subject, ranking: [], pending: [], notApplicable: [], failed: [] })).toMatch(/None of the techniques/);
});

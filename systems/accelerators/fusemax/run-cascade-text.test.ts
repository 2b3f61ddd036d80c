import { createContext, InputError, parseInputs } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { builtInCascades, cascadeNames } from './cascades/built-in-cascades.ts';
import fusemax from './index.ts';
import { outputs } from './outputs.ts';
import { runCascadeText } from './run-cascade-text.ts';

const shape = { batch: 1, heads: 1, queryKeyWidth: 8, valueWidth: 8, keys: 64, queries: 64 };
const numeric = { keys: 9, queries: 4, width: 3, tile: 4 };
const analyse = (text: string) =>
	runCascadeText(parseInputs(fusemax, { cascade: { text }, numeric }), shape, 16, createContext());

test('any text gives a whole answer or one InputError: the built-in cascades with random cuts and changes of signs', async () => {
	const pieces = fc.constantFrom(
		'm',
		'p',
		'm1',
		'+1',
		'M1',
		'0',
		'max(m) ',
		'exp(',
		')',
		'K[e, m]',
		' / ',
		'QK',
		'size M = 1099511627776;',
		'* 3',
		'RM',
	);
	const changed = fc
		.tuple(fc.constantFrom(...cascadeNames), fc.array(fc.tuple(fc.nat(900), fc.nat(12), pieces), { minLength: 1, maxLength: 3 }))
		.map(([name, cuts]) =>
			cuts.reduce((text, [from, count, put]) => text.slice(0, from) + put + text.slice(from + count), builtInCascades[name].text),
		);
	let whole = 0;
	await fc.assert(
		fc.asyncProperty(changed, async (text) => {
			try {
				const answer = await analyse(text);
				expect(outputs.shape.cascade.safeParse(answer).success).toBe(true);
				whole++;
			} catch (error) {
				expect(error).toBeInstanceOf(InputError);
			}
		}),
		{ numRuns: 300, seed: 11 },
	);
	expect(whole).toBeGreaterThan(5);
});

test('operations and cycles of a cascade at the run’s sizes, its own names for tiles included', async () => {
	const { operations, mapped } = await analyse(
		'split m = m1 * TILE + m0; input K[e, m]; N[m] = sum(e) K[e, m] * K[e, m]; map N on array2d space(m0) time(m1, e)',
	);
	expect(operations).toEqual([{ tensor: 'N', points: 8 * 64, divisions: 0, exponentials: 0 }]);
	// 64 keys in tiles of 16 over an array of 16: four tiles of eight steps.
	expect(mapped).toEqual([{ einsum: 'N', array: '2D', cycles: 32 }]);
});

test('deferring the division: at a million keys and F = 64 it divides 16,384 times less often', async () => {
	const long = { ...shape, queryKeyWidth: 64, valueWidth: 64, keys: 2 ** 20, queries: 256 };
	const divisions = async (text: string) => {
		const inputs = parseInputs(fusemax, { cascade: { text }, numeric: { formats: [] } });
		const { operations } = await runCascadeText(inputs, long, 256, createContext());
		return operations.reduce((sum, one) => sum + (one.divisions ?? 0), 0);
	};
	expect((await divisions('three-pass')) / (await divisions('two-pass'))).toBe(2 ** 20 / 64);
	expect(await divisions('one-pass')).toBe(await divisions('two-pass'));
});

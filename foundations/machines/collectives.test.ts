import fc from 'fast-check';
import { expect, test } from 'vitest';
import { busFactor, COLLECTIVES, collectiveSeconds, hierarchicalAllReduceSeconds, type ProtocolLine } from './collectives.ts';

/** Bytes that the busiest rank sends in the textbook ring or direct algorithm, counted step by step. */
function bytesSent(collective: (typeof COLLECTIVES)[number], ranks: number, bytes: number): number {
	const part = bytes / ranks;
	let sent = 0;
	for (let step = 0; step < ranks - 1; step++) {
		if (collective === 'all-reduce') sent += 2 * part;
		if (collective === 'all-gather' || collective === 'reduce-scatter' || collective === 'all-to-all') sent += part;
	}
	return collective === 'broadcast' || collective === 'reduce' || collective === 'send-receive' ? bytes : sent;
}

test('bus factors count what a rank sends', () => {
	for (const collective of COLLECTIVES) {
		for (const ranks of [2, 3, 8, 128]) {
			expect(busFactor(collective, ranks) * 4096).toBeCloseTo(bytesSent(collective, ranks, 4096), 6);
		}
	}
});

test('the best protocol wins: latency for short messages, bandwidth for long ones; one rank has nothing to send', () => {
	const lines: ProtocolLine[] = [
		{ latencySeconds: 10e-6, busBytesPerSecond: 100e9 },
		{ latencySeconds: 60e-6, busBytesPerSecond: 300e9 },
	];
	expect(collectiveSeconds('all-reduce', 8, 8, lines)).toBeCloseTo(10e-6 + (1.75 * 8) / 100e9, 15);
	expect(collectiveSeconds('all-reduce', 1e9, 8, lines)).toBeCloseTo(60e-6 + 1.75e9 / 300e9, 12);
	expect(collectiveSeconds('all-reduce', 1e9, 1, lines)).toBe(0);
	expect(() => collectiveSeconds('all-reduce', 1, 2, [])).toThrow(RangeError);
});

test('two nodes of eight at 318 GB/s inside and 48 GB/s a rail: 231 GB/s in sequence, 340 GB/s pipelined', () => {
	const line = (gigabytes: number): ProtocolLine[] => [{ latencySeconds: 0, busBytesPerSecond: gigabytes * 1e9 }];
	const bus = (chunks: number): number => {
		const bytes = 16 * 2 ** 30;
		const seconds = hierarchicalAllReduceSeconds({
			bytes,
			ranksPerNode: 8,
			nodes: 2,
			intraNode: line(318),
			interNode: line(48),
			chunks,
		});
		return (busFactor('all-reduce', 16) * bytes) / seconds / 1e9;
	};
	expect(bus(1)).toBeCloseTo(231.3, 1);
	expect(bus(1e6)).toBeCloseTo(340.7, 1);
});

test('more bandwidth or less latency is never slower; everything twice as fast takes half the time', () => {
	const line = fc.record({
		latencySeconds: fc.double({ min: 0, max: 1e-3, noNaN: true }),
		busBytesPerSecond: fc.double({ min: 1e6, max: 1e12, noNaN: true }),
	});
	fc.assert(
		fc.property(
			fc.constantFrom(...COLLECTIVES),
			fc.double({ min: 1, max: 1e12, noNaN: true }),
			fc.integer({ min: 2, max: 1024 }),
			fc.array(line, { minLength: 1, maxLength: 4 }),
			fc.double({ min: 1, max: 10, noNaN: true }),
			(collective, bytes, ranks, lines, factor) => {
				const seconds = collectiveSeconds(collective, bytes, ranks, lines);
				const wider = lines.map((l) => ({ ...l, busBytesPerSecond: l.busBytesPerSecond * factor }));
				expect(collectiveSeconds(collective, bytes, ranks, wider)).toBeLessThanOrEqual(seconds);
				const twice = lines.map((l) => ({ latencySeconds: l.latencySeconds / 2, busBytesPerSecond: l.busBytesPerSecond * 2 }));
				expect(collectiveSeconds(collective, bytes, ranks, twice)).toBeCloseTo(seconds / 2, 12);
			},
		),
	);
});

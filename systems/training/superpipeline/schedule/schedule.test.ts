import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ringBytes, simulateRing, spreadPins } from './pin-and-ring.ts';
import { meanIterationSeconds, simulateTraining } from './training.ts';
import { equalUnitTimes, largestWindow, type UnitTimes, type Writeback } from './units.ts';
import { meanPassSeconds, simulateWindow, steadyPassSeconds } from './window.ts';

const longRun = (times: UnitTimes, window: number, group: number, mode: 'batch' | 'sequential', writeback: Writeback): number =>
	meanPassSeconds(simulateWindow(times, { window, group, mode, writeback, passes: 420 }).passEnds, 100, 400);

describe('the window: steady time of a pass, worked out by hand for equal units', () => {
	const rows: [string, UnitTimes, Writeback, [number, number, number, number][]][] = [
		[
			'12 units, compute 10, in 6, out 6, copied back',
			equalUnitTimes(12, 10, 6, 6),
			'copy',
			[
				[1, 1, 264, 264],
				[2, 1, 132, 132],
				[2, 2, 264, 192],
				[3, 1, 120, 120],
				[4, 2, 132, 120],
				[4, 4, 264, 156],
				[6, 3, 132, 120],
			],
		],
		[
			'12 units, compute 10, in 14, out 14, copied back',
			equalUnitTimes(12, 10, 14, 14),
			'copy',
			[
				[2, 1, 228, 228],
				[3, 1, 168, 168],
				[4, 2, 228, 168],
				[4, 4, 456, 240],
				[5, 2, 198, 168],
				[7, 3, 208, 168],
			],
		],
		[
			'24 units, compute 2, in 5, out 5, latency 1, copied back',
			equalUnitTimes(24, 2, 5, 5, 1),
			'copy',
			[
				[2, 1, 168, 168],
				[4, 2, 156, 144],
				[6, 2, 132, 144],
				[6, 3, 152, 144],
				[8, 4, 150, 144],
				[5, 2, 144, 144],
			],
		],
		[
			'24 units, compute 2, in 5, latency 1, dropped',
			equalUnitTimes(24, 2, 5, 5, 1),
			'drop',
			[
				[2, 1, 144, 144],
				[4, 2, 132, 144],
				[6, 3, 128, 144],
				[8, 4, 126, 144],
				[4, 4, 174, 156],
			],
		],
	];
	for (const [name, times, writeback, cases] of rows) {
		test.each(cases)(`${name}: window %i, groups of %i: %f in batches, %f one by one`, (window, group, batch, sequential) => {
			expect(longRun(times, window, group, 'batch', writeback)).toBeCloseTo(batch, 2);
			expect(longRun(times, window, group, 'sequential', writeback)).toBeCloseTo(sequential, 2);
		});
	}

	test.each([
		[2, 1, 130],
		[4, 2, 128],
		[1, 1, 252],
	])('the first pass from a warm window of %i in groups of %i takes %f', (window, group, seconds) => {
		const { passEnds } = simulateWindow(equalUnitTimes(12, 10, 6, 6), {
			window,
			group,
			mode: 'batch',
			writeback: 'copy',
			passes: 1,
		});
		expect(passEnds[0]).toBeCloseTo(seconds, 9);
	});

	test('a window of everything moves nothing', () => {
		const { passEnds, bytesMoved } = simulateWindow(equalUnitTimes(7, 3, 100, 100), {
			window: 7,
			group: 2,
			mode: 'batch',
			writeback: 'copy',
			passes: 2,
		});
		expect([...passEnds]).toEqual([21, 42]);
		expect(bytesMoved).toEqual({ unitsIn: 0, unitsOut: 0 });
	});
});

describe('the closed form', () => {
	const draw = fc.record({
		compute: fc.integer({ min: 1, max: 30 }),
		in: fc.integer({ min: 1, max: 30 }),
		out: fc.integer({ min: 1, max: 30 }),
		latency: fc.integer({ min: 0, max: 6 }),
		writeback: fc.constantFrom('copy' as const, 'drop' as const),
	});

	test('is the long-run mean where groups divide the window, and the mean lies between its bounds elsewhere', () => {
		const count = 24;
		fc.assert(
			fc.property(draw, ({ writeback, ...one }) => {
				const times = equalUnitTimes(count, one.compute, one.in, one.out, one.latency);
				for (let window = 1; window <= 12; window++) {
					for (let group = 1; group <= window; group++) {
						const mean = longRun(times, window, group, 'batch', writeback);
						const at = (slots: number): number => steadyPassSeconds({ count, ...one }, window, group, writeback, slots);
						if (window % group === 0) {
							expect(Math.abs(mean / at(window / group) - 1)).toBeLessThan(count % group === 0 ? 1e-9 : 1e-3);
						} else {
							expect(mean).toBeGreaterThanOrEqual(at(window / group) * (1 - 1e-3));
							expect(mean).toBeLessThanOrEqual(at(Math.floor(window / group)) * (1 + 1e-3));
						}
					}
				}
			}),
			{ numRuns: 50 },
		);
	}, 120_000);
});

describe('pin and ring', () => {
	const longRing = (times: UnitTimes, slots: number, keep: number): number => {
		const count = times.compute.length;
		const run = simulateRing(times, { pinned: spreadPins(count, keep - slots), slots, writeback: 'drop', passes: 420 });
		return meanPassSeconds(run.passEnds, 100, 400);
	};

	test.each([
		[32, 1, 5, [4, 8, 12, 16, 24, 30], [150, 130, 110, 90, 50, 32], 160],
		[32, 4, 6, [4, 8, 12, 16, 24, 30], [180, 156, 132, 128, 128, 128], 192],
		[48, 3, 4, [4, 8, 12, 16, 24, 30], [186, 174, 162, 150, 144, 144], 192],
	])('%i units, compute %f, in %f', (count, compute, into, keeps, seconds, windowSeconds) => {
		const times = equalUnitTimes(count, compute, into, into);
		for (const [i, keep] of keeps.entries()) {
			expect(longRing(times, 2, keep), `${keep} slots`).toBeCloseTo(seconds[i] as number, 2);
			expect(longRun(times, keep, 1, 'batch', 'drop')).toBeCloseTo(windowSeconds, 2);
		}
	});

	test('is never slower than the window in the same memory, and never faster than any policy can be', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 4, max: 48 }),
				fc.integer({ min: 1, max: 20 }),
				fc.integer({ min: 1, max: 20 }),
				fc.double({ min: 0, max: 1, noNaN: true }),
				(count, compute, into, share) => {
					const keep = Math.min(count - 1, 3 + Math.floor(share * (count - 3)));
					const times = equalUnitTimes(count, compute, into, into);
					const ring = simulateRing(times, { pinned: spreadPins(count, keep - 2), slots: 2, writeback: 'drop', passes: 60 });
					const seconds = meanPassSeconds(ring.passEnds, 20, 60);
					const window = simulateWindow(times, { window: keep, group: 1, mode: 'batch', writeback: 'drop', passes: 60 });
					expect(seconds).toBeLessThanOrEqual(meanPassSeconds(window.passEnds, 20, 60) * (1 + 1e-9));
					expect(seconds).toBeGreaterThanOrEqual(Math.max(count * compute, (count - keep) * into) * (1 - 1e-9));
				},
			),
			{ numRuns: 1000 },
		);
	});

	test('pins are spread evenly, and bytes count the neighbours that are there at once', () => {
		expect([...spreadPins(6, 3)]).toEqual([1, 0, 1, 0, 1, 0]);
		expect([...spreadPins(4, 4)]).toEqual([1, 1, 1, 1]);
		expect(ringBytes(Float64Array.of(1, 10, 2, 20, 3, 30), Uint8Array.of(1, 0, 1, 0, 1, 0), 2)).toBe(6 + 50);
		expect(largestWindow(Float64Array.of(5, 1, 1, 4), 2)).toBe(9);
	});
});

describe('training', () => {
	test.each([
		[12, 4, 10, 20, 6, 372, 360],
		[12, 4, 10, 20, 14, 432, 372],
		[24, 6, 2, 4, 5, 246, 197],
	])(
		'%i units, window %i, forward %f, backward %f, in %f: %f with the optimizer on the host, %f on the device',
		(count, window, forward, backward, into, host, device) => {
			const times = equalUnitTimes(count, forward, into, into);
			const run = (optimizer: 'host' | 'device') =>
				simulateTraining(times, {
					window,
					backward: new Float64Array(count).fill(backward),
					recompute: false,
					optimizer,
					optimizerSeconds: new Float64Array(count),
					iterations: 60,
				});
			expect(meanIterationSeconds(run('host'), 20)).toBeCloseTo(host, 2);
			expect(meanIterationSeconds(run('device'), 20)).toBeCloseTo(device, 2);
			expect(run('host')).toMatchObject({ unitsIn: 2 * (count - window) + window, unitsOut: count });
			expect(run('device')).toMatchObject({ unitsIn: 2 * (count - window), unitsOut: count });
		},
	);

	test('streamed state: a step takes what its busier way takes if nothing is computed, and the computing if the link is free', () => {
		const [count, window] = [12, 4];
		const seconds = (compute: number, into: number, state: number): number => {
			const run = simulateTraining(equalUnitTimes(count, compute, into, into), {
				window,
				backward: new Float64Array(count).fill(2 * compute),
				recompute: false,
				optimizer: 'device',
				optimizerSeconds: new Float64Array(count),
				streamedState: { buffers: 2, in: new Float64Array(count).fill(state), out: new Float64Array(count).fill(state) },
				iterations: 60,
			});
			return meanIterationSeconds(run, 20);
		};
		expect(seconds(5, 0, 0)).toBeCloseTo(12 * 15, 9);
		// In: 16 units and 12 states; out: 12 of both, and nothing of it goes during forward.
		const [into, out] = [16 * 3 + 12 * 18, 12 * (3 + 18)];
		expect(seconds(0, 3, 18)).toBeGreaterThanOrEqual(Math.max(into, out));
		expect(seconds(0, 3, 18)).toBeLessThanOrEqual(into + out);
		// With two buffers the state of one unit comes while that of another leaves.
		expect(seconds(0, 0, 18)).toBeCloseTo(13 * 18, 9);
		for (const [slower, faster] of [
			[seconds(5, 3, 18), seconds(5, 3, 9)] as const,
			[seconds(5, 3, 9), seconds(5, 2, 9)] as const,
		])
			expect(slower).toBeGreaterThanOrEqual(faster);
	});
});

test('more bandwidth is never slower; everything twice as fast takes half the time; a link that takes no time leaves the computing', () => {
	const times = fc.record({
		count: fc.integer({ min: 2, max: 20 }),
		compute: fc.double({ min: 0.1, max: 10, noNaN: true }),
		in: fc.double({ min: 0.1, max: 10, noNaN: true }),
		latency: fc.double({ min: 0, max: 2, noNaN: true }),
	});
	fc.assert(
		fc.property(times, fc.nat(100), fc.nat(100), fc.double({ min: 1, max: 4, noNaN: true }), (one, a, b, factor) => {
			const window = 1 + (a % one.count);
			const group = 1 + (b % window);
			const run = (scaleLink: number, scaleAll: number): number => {
				const unit = equalUnitTimes(
					one.count,
					one.compute / scaleAll,
					one.in / scaleLink / scaleAll,
					one.in / scaleLink / scaleAll,
					one.latency / scaleAll,
				);
				return simulateWindow(unit, { window, group, mode: 'sequential', writeback: 'copy', passes: 8 }).passEnds[7] as number;
			};
			const seconds = run(1, 1);
			expect(run(factor, 1)).toBeLessThanOrEqual(seconds * (1 + 1e-12));
			expect(run(1, 2) / seconds).toBeCloseTo(0.5, 10);
			const free = equalUnitTimes(one.count, one.compute, 0, 0);
			const { passEnds } = simulateWindow(free, { window, group, mode: 'batch', writeback: 'copy', passes: 3 });
			expect(passEnds[2]).toBeCloseTo(3 * one.count * one.compute, 9);
		}),
	);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ActiveSweep, shareHands } from './fair-share.ts';

const sweep = (id: string, priority: number, running: number, waiting: number): ActiveSweep => ({
	id,
	priority,
	running,
	waiting,
});
const shares = (sweeps: readonly ActiveSweep[], hands: number) => Object.fromEntries(shareHands(sweeps, hands));

test('free hands go where the fewest runs are at work, whatever the length of the queues', () => {
	expect(shares([sweep('long', 0, 4, 90_000), sweep('short', 0, 0, 3)], 2)).toEqual({ short: 2 });
	expect(shares([sweep('long', 0, 2, 90_000), sweep('short', 0, 2, 3)], 4)).toEqual({ long: 2, short: 2 });
	expect(shares([sweep('long', 0, 2, 90_000), sweep('short', 0, 2, 1)], 4)).toEqual({ long: 3, short: 1 });
});

test('a higher priority goes first', () => {
	expect(shares([sweep('base', 0, 0, 9), sweep('urgent', 5, 8, 3)], 4)).toEqual({ urgent: 3, base: 1 });
});

test('what waits goes before what might come back', () => {
	expect(shares([sweep('ending', 9, 1, 0), sweep('new', 0, 7, 2)], 2)).toEqual({ new: 2 });
	expect(shares([sweep('ending', 0, 1, 0)], 2)).toEqual({ ending: 1 });
});

test('all hands are used while enough waits, and with one priority no sweep falls behind another by more than it must', () => {
	const some = fc.array(fc.record({ running: fc.nat(9), waiting: fc.integer({ min: 1, max: 9 }) }), {
		minLength: 1,
		maxLength: 6,
	});
	fc.assert(
		fc.property(some, fc.nat(20), (counts, hands) => {
			const sweeps = counts.map((one, index) => ({ id: String(index), priority: 0, ...one }));
			const given = shareHands(sweeps, hands);
			const sum = [...given.values()].reduce((a, b) => a + b, 0);
			expect(sum).toBe(
				Math.min(
					hands,
					sweeps.reduce((total, { waiting }) => total + waiting, 0),
				),
			);
			for (const a of sweeps)
				for (const b of sweeps) {
					const [toA, toB] = [given.get(a.id) ?? 0, given.get(b.id) ?? 0];
					// Had b been served before a got its last hand, b would have had fewer at work.
					if (toA > 0 && toB < b.waiting) expect(a.running + toA - 1).toBeLessThanOrEqual(b.running + toB);
				}
		}),
	);
});

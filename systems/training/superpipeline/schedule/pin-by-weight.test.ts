import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ringBytes } from './pin-and-ring.ts';
import { pinByWeight } from './pin-by-weight.ts';

/** Bytes that stay, at best, by trying every choice. */
function bruteForce(weights: readonly number[], slots: number, cap: number): number | null {
	let best: number | null = null;
	for (let choice = 0; choice < 1 << weights.length; choice++) {
		const stays = weights.filter((_, i) => (choice >> i) & 1).reduce((sum, weight) => sum + weight, 0);
		const streamed = weights.filter((_, i) => !((choice >> i) & 1)).sort((a, b) => b - a);
		const ring = streamed.slice(0, slots).reduce((sum, weight) => sum + weight, 0);
		if (stays + ring <= cap && (best === null || stays > best)) best = stays;
	}
	return best;
}

test('keeps as many bytes as any choice could, and fits', async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 9 }),
			fc.constantFrom(1, 2, 3),
			fc.double({ min: 0, max: 1.1, noNaN: true }),
			async (weights, slots, share) => {
				const cap = Math.round(share * weights.reduce((sum, weight) => sum + weight, 0));
				const bytes = Float64Array.from(weights, (weight) => weight * 1e6);
				const pinned = await pinByWeight(bytes, slots, cap * 1e6);
				const best = bruteForce(weights, slots, cap);
				if (pinned === null || best === null) {
					expect(pinned === null).toBe(best === null);
					return;
				}
				expect(weights.reduce((sum, weight, i) => sum + weight * (pinned[i] as number), 0)).toBe(best);
				expect(ringBytes(bytes, pinned, slots)).toBeLessThanOrEqual(cap * 1e6);
			},
		),
		{ numRuns: 50 },
	);
}, 60_000);

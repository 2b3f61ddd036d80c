import { createRandom } from '@assay/contract';
import { expect, test } from 'vitest';
import { forYou, type PaperVectorSource } from './for-you.ts';

/** Four clusters of 50 papers each around perpendicular directions; paper 1 to 50 in the first and so on. */
function clusters(): PaperVectorSource {
	const random = createRandom(3);
	const vectors = new Map(
		Array.from({ length: 200 }, (_, index) => {
			const raw = Array.from({ length: 8 }, (_, axis) => (axis === Math.floor(index / 50) ? 1 : 0) + 0.15 * random.normal());
			const length = Math.hypot(...raw);
			return [index + 1, Float32Array.from(raw, (value) => value / length)];
		}),
	);
	return { dimensions: 8, keys: () => [...vectors.keys()], get: (id) => vectors.get(id) };
}

test('who votes for one subject is shown that subject first', () => {
	const shown = forYou(clusters(), [51, 52, 53], { limit: 40, seed: 1 });
	expect(shown).toHaveLength(40);
	expect(shown.filter(({ id }) => id > 50 && id <= 100).length).toBeGreaterThanOrEqual(38);
	expect(shown.map(({ id }) => id)).not.toContain(51);
	const scores = shown.map(({ score }) => score);
	expect(scores).toEqual(scores.toSorted((a, b) => b - a));
	expect(scores.every((score) => score > 0.5 && score < 1)).toBe(true);
});

test('two subjects are both shown; the seed alone decides the sample; no vote, no answer', () => {
	const two = forYou(clusters(), [1, 2, 101, 102], { limit: 60, seed: 1 }).map(({ id }) => id);
	expect(two.filter((id) => id <= 50).length).toBeGreaterThan(15);
	expect(two.filter((id) => id > 100 && id <= 150).length).toBeGreaterThan(15);
	expect(forYou(clusters(), [1, 2], { limit: 5, seed: 9 })).toEqual(forYou(clusters(), [2, 1], { limit: 5, seed: 9 }));
	expect(forYou(clusters(), [], { limit: 5, seed: 1 })).toEqual([]);
	expect(forYou(clusters(), [999], { limit: 5, seed: 1 })).toEqual([]);
	expect(
		forYou(clusters(), [1], { limit: 5, seed: 1, candidates: [60, 70] })
			.map(({ id }) => id)
			.sort(),
	).toEqual([60, 70]);
});

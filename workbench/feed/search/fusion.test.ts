import { expect, test } from 'vitest';
import { fuse } from './fusion.ts';

test('the sum of 1 / (60 + rank) over the lists, ties by the larger id', () => {
	expect(
		fuse([
			[1, 2, 3],
			[3, 1],
		]),
	).toEqual([
		{ id: 1, score: 1 / 61 + 1 / 62 },
		{ id: 3, score: 1 / 63 + 1 / 61 },
		{ id: 2, score: 1 / 62 },
	]);
	expect(fuse([[4], [9]]).map(({ id }) => id)).toEqual([9, 4]);
	expect(fuse([])).toEqual([]);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hypervolume } from './hypervolume.ts';
import type { Direction } from './pareto-front.ts';

test.for([1, 2, 3, 4])('%i objectives: the volume of a union of boxes, counted by cells', (objectives) => {
	const point = fc.array(fc.integer({ min: -1, max: 4 }), { minLength: objectives, maxLength: objectives });
	fc.assert(
		fc.property(fc.array(point, { maxLength: 8 }), (points) => {
			let cells = 0;
			for (let cell = 0; cell < 4 ** objectives; cell++) {
				const corner = Array.from({ length: objectives }, (_, axis) => Math.floor(cell / 4 ** axis) % 4);
				const inside = points.some((one) => one.every((value) => value > 0) && one.every((value, axis) => value > corner[axis]!));
				if (inside) cells++;
			}
			expect(hypervolume(points, new Array(objectives).fill(0), new Array<Direction>(objectives).fill(1))).toBeCloseTo(cells, 9);
		}),
	);
});

test('less is better: the same as the mirror image', () => {
	expect(
		hypervolume(
			[
				[1, 2],
				[2, 1],
			],
			[3, 3],
			[-1, -1],
		),
	).toBe(3);
	expect(hypervolume([[1, 4]], [3, 3], [-1, -1])).toBe(0);
});

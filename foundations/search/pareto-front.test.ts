import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Direction, paretoFront } from './pareto-front.ts';

test.for([1, 2, 3, 4])(
	'of %i objectives: a point is on the front exactly when no other is at least as good in all and better in one',
	(objectives) => {
		const coordinate = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.double({ min: -5, max: 5 }), fc.constant(Number.NaN));
		const point = fc.array(coordinate, { minLength: objectives, maxLength: objectives });
		const direction = fc.constantFrom<Direction>(1, -1);
		const anyDirections = fc.array(direction, { minLength: objectives, maxLength: objectives });
		fc.assert(
			fc.property(fc.array(point, { maxLength: 40 }), anyDirections, (points, directions) => {
				const gains = points.map((one) => one.map((value, axis) => value * (directions[axis] as number)));
				const beats = (a: number[], b: number[]): boolean =>
					a.every((value, axis) => value - (b[axis] as number) >= 0) && a.some((value, axis) => value - (b[axis] as number) > 0);
				const expected = gains.map((one) => one.every(Number.isFinite) && !gains.some((other) => beats(other, one)));
				expect(paretoFront(points, directions)).toEqual(expected);
			}),
		);
	},
);

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Direction, paretoFront } from './pareto.ts';

test('a point is on the front exactly when no other is at least as good in both and better in one', () => {
	const coordinate = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.double({ min: -5, max: 5 }), fc.constant(Number.NaN));
	const direction = fc.constantFrom<Direction>(1, -1);
	fc.assert(
		fc.property(fc.array(fc.tuple(coordinate, coordinate), { maxLength: 40 }), direction, direction, (points, dx, dy) => {
			const expected = points.map(
				([x, y]) =>
					Number.isFinite(x) &&
					Number.isFinite(y) &&
					!points.some(([u, v]) => (u - x) * dx >= 0 && (v - y) * dy >= 0 && ((u - x) * dx > 0 || (v - y) * dy > 0)),
			);
			expect(paretoFront(points, [dx, dy])).toEqual(expected);
		}),
	);
});

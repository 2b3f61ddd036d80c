/** The points that no other point beats in every objective. */

/** +1 where more is better, -1 where less is. */
export type Direction = 1 | -1;

/**
 * Whether each point (x, y) lies on the Pareto front; points equal to one on the front lie on it too, and points that are not
 * finite never do. O(n log n): along falling x, a point is on the front if its y is the best so far.
 */
export function paretoFront(
	points: readonly (readonly [number, number])[],
	directions: readonly [Direction, Direction],
): boolean[] {
	const [towardsX, towardsY] = directions;
	const order = points
		.map(([x, y], index) => ({ x: x * towardsX, y: y * towardsY, index }))
		.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))
		.sort((a, b) => b.x - a.x || b.y - a.y);
	const isOn = points.map(() => false);
	let [bestX, bestY] = [Number.NaN, Number.NEGATIVE_INFINITY];
	for (const { x, y, index } of order) {
		if (y < bestY || (y === bestY && x !== bestX)) continue;
		[bestX, bestY] = [x, y];
		isOn[index] = true;
	}
	return isOn;
}

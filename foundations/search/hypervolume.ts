/**
 * The volume that a set of points dominates, up to a reference point: the usual measure of a Pareto front's quality. Exact, by slices:
 * points are taken in the order of one objective, and each slice is a problem with one objective less (as in WFG; While, Bradstreet and
 * Barone 2012). With two objectives that is a staircase.
 */
import { type Direction, paretoFront } from './pareto-front.ts';

/** Points that do not reach the reference in every objective count for nothing. */
export function hypervolume(
	points: readonly (readonly number[])[],
	reference: readonly number[],
	directions: readonly Direction[],
): number {
	const gains = points
		.map((point) => point.map((value, axis) => (value - (reference[axis] as number)) * (directions[axis] as number)))
		.filter((point) => point.every((gain) => Number.isFinite(gain) && gain > 0));
	return dominatedVolume(gains);
}

/** Volume between the origin and points of positive coordinates. */
function dominatedVolume(points: readonly (readonly number[])[]): number {
	const [first] = points;
	if (first === undefined) return 0;
	if (first.length === 1) return Math.max(...points.map(([gain]) => gain as number));
	const last = first.length - 1;
	const isOn = paretoFront(
		points,
		first.map(() => 1 as const),
	);
	const front = points.filter((_, index) => isOn[index]).sort((a, b) => (b[last] as number) - (a[last] as number));
	if (last === 1) return staircase(front);
	let volume = 0;
	for (const [index, point] of front.entries()) {
		const below = (front[index + 1]?.[last] ?? 0) as number;
		const height = (point[last] as number) - below;
		if (height > 0) volume += height * dominatedVolume(front.slice(0, index + 1).map((one) => one.slice(0, last)));
	}
	return volume;
}

/** Area under points sorted by their second coordinate, falling, so that the first rises. */
function staircase(front: readonly (readonly number[])[]): number {
	let [area, reached] = [0, 0];
	for (const [x, y] of front as readonly (readonly [number, number])[]) {
		if (x <= reached) continue;
		area += (x - reached) * y;
		reached = x;
	}
	return area;
}

/**
 * The best placement, by branch and bound: the grid is filled row by row, and a branch ends where what is placed, with the best
 * link for all that is not, costs no less than the best placement known. Rotating the rows of a full grid changes nothing, so
 * unit 0, if all units are used, stands in the first row.
 */
import { greedyOrder } from './greedy.ts';
import { type PlacementProblem, placementSeconds } from './placement-problem.ts';

/** Most units that are searched exactly. */
export const MOST_EXACT_UNITS = 10;

/** A best placement and its cost. Raises a RangeError for more than {@link MOST_EXACT_UNITS} units. */
export function exactPlacement(problem: PlacementProblem): { order: Int32Array; seconds: number } {
	const { units, rows, columns, secondsPerByte, hopBytes, wrapBytes, ringBytes } = problem;
	if (units > MOST_EXACT_UNITS) throw new RangeError(`${units} units are too many to be placed exactly`);
	const cells = rows * columns;
	const ringColumns = ringBytes === 0 || rows === 1 ? 0 : problem.rings === 'all stages' ? columns : 1;
	let best = greedyOrder(problem);
	let bestSeconds = placementSeconds(problem, best);
	let bestLink = Number.POSITIVE_INFINITY;
	for (let i = 0; i < units; i++) {
		for (let j = 0; j < units; j++) if (i !== j) bestLink = Math.min(bestLink, secondsPerByte[i * units + j] as number);
	}
	const order = new Int32Array(units);
	const used = new Uint8Array(units);
	const link = (from: number, to: number): number => secondsPerByte[from * units + to] as number;

	/** `rowSeconds`: hops of the row so far; `pipeline`, `ring`: slowest so far. */
	const fill = (cell: number, rowSeconds: number, pipeline: number, ring: number): void => {
		if (cell === cells) {
			const seconds = pipeline + ringBytes * ring;
			if (seconds >= bestSeconds) return;
			bestSeconds = seconds;
			let idle = cells;
			for (let unit = 0; unit < units; unit++) if (used[unit] === 0) order[idle++] = unit;
			best = order.slice();
			return;
		}
		const row = Math.floor(cell / columns);
		const column = cell - row * columns;
		const left = columns - 1 - column;
		for (let unit = 0; unit < units; unit++) {
			if (used[unit] === 1) continue;
			if (row > 0 && cells === units && column === 0 && used[0] === 0) return;
			let hops = column === 0 ? 0 : rowSeconds + hopBytes * link(order[cell - 1] as number, unit);
			if (left === 0 && wrapBytes > 0 && columns > 1) hops += wrapBytes * link(unit, order[cell - column] as number);
			let slowest = ring;
			if (column < ringColumns && row > 0) {
				slowest = Math.max(slowest, link(order[cell - columns] as number, unit));
				if (row === rows - 1) slowest = Math.max(slowest, link(unit, order[column] as number));
			}
			const rowBound = hops + left * hopBytes * bestLink;
			const bound = Math.max(pipeline, rowBound) + ringBytes * (ringColumns > 0 ? Math.max(slowest, bestLink) : 0);
			if (bound >= bestSeconds) continue;
			used[unit] = 1;
			order[cell] = unit;
			fill(cell + 1, hops, left === 0 ? Math.max(pipeline, hops) : pipeline, slowest);
			used[unit] = 0;
		}
	};
	fill(0, 0, 0, 0);
	return { order: best, seconds: bestSeconds };
}

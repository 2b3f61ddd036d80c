import { identityOrder, type PlacementProblem } from './placement-problem.ts';

/** Each next unit is the one with the best link from the last: pipelines first, what is left over stays idle. */
export function greedyOrder(problem: PlacementProblem): Int32Array {
	const { units, secondsPerByte } = problem;
	const order = identityOrder(units);
	for (let placed = 1; placed < units; placed++) {
		const last = order[placed - 1] as number;
		let nearest = placed;
		for (let k = placed + 1; k < units; k++) {
			const here = secondsPerByte[last * units + (order[k] as number)] as number;
			if (here < (secondsPerByte[last * units + (order[nearest] as number)] as number)) nearest = k;
		}
		const held = order[placed] as number;
		order[placed] = order[nearest] as number;
		order[nearest] = held;
	}
	return order;
}

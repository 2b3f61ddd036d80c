/**
 * Where to put the workers: a permutation of units (nodes, or groups of tensor-parallel devices) read row by row into a grid.
 * A row is a pipeline, a column a stage; units beyond the grid stay idle. The cost is what the links add to an iteration:
 * the slowest pipeline's messages, and the slowest link of the rings that replicas of a stage form.
 */

/** One placement problem. */
export interface PlacementProblem {
	/** Units to choose from, at least rows x columns. */
	readonly units: number;
	readonly rows: number;
	readonly columns: number;
	/** Seconds per byte from unit i to unit j at i * units + j; the diagonal is not read. */
	readonly secondsPerByte: Float64Array;
	/** Bytes that cross every stage boundary one after the other in an iteration, both directions together. */
	readonly hopBytes: number;
	/** The same from the last stage back to the first (interleaved schedules); 0 otherwise. */
	readonly wrapBytes: number;
	/** Bytes that each link of a ring of replicas carries one after the other. */
	readonly ringBytes: number;
	/** Whose ring counts: the first stage's, as published, or the slowest of all stages'. */
	readonly rings: 'first stage' | 'all stages';
}

/** Cost of a placement, seconds. */
export interface PlacementSeconds {
	readonly pipelineSeconds: number;
	readonly ringSeconds: number;
	readonly totalSeconds: number;
}

/** Seconds of the links under an order, in one pass over the grid. */
export function placementSeconds(problem: PlacementProblem, order: ArrayLike<number>): number {
	const { units, rows, columns, secondsPerByte, hopBytes, wrapBytes, ringBytes } = problem;
	const ringColumns = ringBytes === 0 || rows === 1 ? 0 : problem.rings === 'all stages' ? columns : 1;
	let pipeline = 0;
	let ring = 0;
	for (let row = 0; row < rows; row++) {
		const start = row * columns;
		const next = row + 1 === rows ? 0 : start + columns;
		let from = (order[start] as number) * units;
		let hops = 0;
		for (let column = 1; column < columns; column++) {
			const to = order[start + column] as number;
			hops += secondsPerByte[from + to] as number;
			from = to * units;
		}
		let cost = hopBytes * hops;
		if (wrapBytes > 0 && columns > 1) cost += wrapBytes * (secondsPerByte[from + (order[start] as number)] as number);
		if (cost > pipeline) pipeline = cost;
		for (let column = 0; column < ringColumns; column++) {
			const link = secondsPerByte[(order[start + column] as number) * units + (order[next + column] as number)] as number;
			if (link > ring) ring = link;
		}
	}
	return pipeline + ringBytes * ring;
}

/** The same, part by part. */
export function placementParts(problem: PlacementProblem, order: ArrayLike<number>): PlacementSeconds {
	const totalSeconds = placementSeconds(problem, order);
	const pipelineSeconds = placementSeconds({ ...problem, ringBytes: 0 }, order);
	return { pipelineSeconds, ringSeconds: totalSeconds - pipelineSeconds, totalSeconds };
}

/**
 * What one gets without searching: Megatron-LM's ranks over the units as they are numbered, the replicas of a stage side by side, then
 * those of the next stage; the units that are left stay idle.
 */
export function rankOrder({ units, rows, columns }: Pick<PlacementProblem, 'units' | 'rows' | 'columns'>): Int32Array {
	const order = identityOrder(units);
	for (let row = 0; row < rows; row++) {
		for (let column = 0; column < columns; column++) order[row * columns + column] = column * rows + row;
	}
	return order;
}

/** Units as they are numbered. */
export function identityOrder(units: number): Int32Array {
	return Int32Array.from({ length: units }, (_, unit) => unit);
}

/** Least seconds any placement can cost: every link as good as the best there is. */
export function placementBound(problem: PlacementProblem): number {
	const { units, rows, columns, secondsPerByte, hopBytes, wrapBytes, ringBytes } = problem;
	let best = Number.POSITIVE_INFINITY;
	for (let i = 0; i < units; i++) {
		for (let j = 0; j < units; j++) if (i !== j) best = Math.min(best, secondsPerByte[i * units + j] as number);
	}
	if (best === Number.POSITIVE_INFINITY) return 0;
	const wrap = columns > 1 ? wrapBytes : 0;
	return best * ((columns - 1) * hopBytes + wrap + (rows > 1 ? ringBytes : 0));
}

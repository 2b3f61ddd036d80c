/** A processor whose last-level cache computes. */

export interface CacheMachine {
	/** Arrays that compute, each `rows` x `lanes` cells. */
	readonly arrays: number;
	readonly rows: number;
	readonly lanes: number;
	readonly arrayHertz: number;
	/** Slices of the cache; each takes a line of 64 bytes a cycle on its way through the transposing unit. */
	readonly slices: number;
	readonly dramBytesPerSecond: number;
	readonly cores: number;
	/** Multiply-adds of a core in a cycle. */
	readonly vectorLanes: number;
	readonly coreHertz: number;
}

const LINE_BYTES = 64;

/** Bytes per second that the fill path can transpose. */
export function fillBytesPerSecond({ slices, arrayHertz }: CacheMachine): number {
	return slices * LINE_BYTES * arrayHertz;
}

/** Operations per second of all cores, a multiply-add counting two. */
export function vectorOpsPerSecond({ cores, vectorLanes, coreHertz }: CacheMachine): number {
	return cores * vectorLanes * coreHertz * 2;
}

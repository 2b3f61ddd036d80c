/** A grid of processing elements and the memory behind it. */

/** Processing elements in rows and columns, each doing one multiply-accumulate a cycle. */
export interface SpatialArray {
	readonly rows: number;
	readonly columns: number;
	readonly clockHertz: number;
}

/** Memory on the chip that all processing elements share. */
export interface OnChipBuffer {
	readonly bytes: number;
	/** Parts that can be accessed in the same cycle. */
	readonly banks: number;
}

/** Multiply-accumulates a second when every processing element has work. */
export function peakMacsPerSecond({ rows, columns, clockHertz }: SpatialArray): number {
	return rows * columns * clockHertz;
}

/** How an array keeps one operand of a product in place while the others stream by (Sze et al., Proceedings of the IEEE 105(12), section V). */
export const DATAFLOWS = ['output-stationary', 'weight-stationary', 'input-stationary', 'row-stationary'] as const;
export type Dataflow = (typeof DATAFLOWS)[number];

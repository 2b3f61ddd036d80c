/** What a checkpoint weighs and how long a save takes. */

/** Bytes per parameter in a checkpoint: 16-bit weights, and the optimizer's fp32 weights and two moments. */
export const checkpointBytesPerParameter = 14;

export interface StorageRates {
	/** What one node writes. */
	readonly writerBytesPerSecond: number;
	/** What the storage takes from all. */
	readonly totalBytesPerSecond: number;
}

/** Seconds to write so many bytes with so many nodes writing at once. */
export function saveSeconds(bytes: number, writers: number, { writerBytesPerSecond, totalBytesPerSecond }: StorageRates): number {
	return bytes / Math.min(writers * writerBytesPerSecond, totalBytesPerSecond);
}

/** Nodes of which one writes in the usual practice that distributed saving is compared with; ten make it the tenfold slower save. */
export const nodesPerUsualWriter = 10;

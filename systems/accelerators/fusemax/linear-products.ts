/** The matrix products around attention in one layer of a transformer: projections and feed-forward. */
import type { Accelerator } from './accelerator.ts';

/** `count` products of [rows, inner] with [inner, outer]. */
export interface LinearProduct {
	readonly name: string;
	readonly rows: number;
	readonly inner: number;
	readonly outer: number;
	readonly count: number;
}

export interface LinearResult {
	readonly latencySeconds: number;
	readonly trafficBytes: number;
	readonly macs: number;
	readonly resultWords: number;
}

/** One after the other, each as long as the array or memory takes; every matrix is read or written once. */
export function runLinear(products: readonly LinearProduct[], { array, wordBytes, bytesPerSecond }: Accelerator): LinearResult {
	let latencySeconds = 0;
	let trafficBytes = 0;
	let macs = 0;
	let resultWords = 0;
	for (const { rows, inner, outer, count } of products) {
		const work = rows * inner * outer;
		const bytes = wordBytes * (rows * inner + inner * outer + rows * outer);
		latencySeconds += count * Math.max(work / (array.rows * array.columns * array.clockHertz), bytes / bytesPerSecond);
		trafficBytes += count * bytes;
		macs += count * work;
		resultWords += count * rows * outer;
	}
	return { latencySeconds, trafficBytes, macs, resultWords };
}

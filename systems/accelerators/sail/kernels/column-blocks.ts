/**
 * The product by tables on several threads: each has a block of columns and the tables of the activations to itself, so that every column is summed
 * in the same order, whatever the number of threads. They start each run together and a run ends with the last of them; both is waited for in
 * shared memory, for a message takes longer than a product.
 */
import type { ParallelTask } from '@assay/contract';
import type { IntegerMatrix } from '../lut/integer-product.ts';
import { VECTOR_COLUMNS } from './packed-weights.ts';
import { prepareProduct } from './run-kernel.ts';

/** A thread that is waited for longer than this will not come: all blocks run on one. */
const PATIENCE_MILLISECONDS = 10_000;
/** Looks at the shared counter between two looks at the clock. */
const LOOKS = 4096;

interface ColumnBlock {
	readonly module: WebAssembly.Module;
	readonly activations: Int8Array;
	/** Depth x columns of the block. */
	readonly weights: IntegerMatrix;
	readonly scales: Float32Array;
	readonly bits: number;
	readonly scaleGroup: number;
	readonly repeats: number;
	readonly blocks: number;
	/** Arrivals of all threads so far. */
	readonly arrivals: Int32Array;
}

interface TimedBlock {
	/** The fastest run, from the common start to the end of the last block. */
	readonly seconds: number;
	readonly result: Float32Array;
}

/** Set where the blocks are handed out: a block that finds it there is not on a thread of its own. */
let isOwnThread = true;

/** Found again on other threads. */
export const timeBlock: ParallelTask<ColumnBlock, TimedBlock | null> = {
	module: import.meta.url,
	name: 'timeBlock',
	async run({ module, activations, weights, scales, bits, scaleGroup, repeats, blocks, arrivals }, pause) {
		if (blocks > 1 && !isOwnThread) return null;
		const product = await prepareProduct(module, 'tables', activations, weights, scales, bits, scaleGroup, pause);
		let phase = 0;
		const meet = (): boolean => meetOthers(arrivals, blocks * ++phase);
		let least = Number.POSITIVE_INFINITY;
		for (let repeat = 0; repeat < repeats; repeat++) {
			await pause();
			if (!meet()) return null;
			const began = performance.now();
			product.run();
			if (!meet()) return null;
			least = Math.min(least, performance.now() - began);
		}
		return { seconds: least / 1000, result: product.result() };
	},
};

/** Waits until so many have arrived, this one included; false where they do not come. */
function meetOthers(arrivals: Int32Array, all: number): boolean {
	Atomics.add(arrivals, 0, 1);
	const began = performance.now();
	for (;;) {
		for (let look = 0; look < LOOKS; look++) if (Atomics.load(arrivals, 0) >= all) return true;
		if (performance.now() - began > PATIENCE_MILLISECONDS) return false;
	}
}

export interface ThreadedProduct {
	readonly module: WebAssembly.Module;
	readonly activations: Int8Array;
	readonly weights: IntegerMatrix;
	/** Scale groups x columns. */
	readonly scales: Float32Array;
	readonly bits: number;
	readonly scaleGroup: number;
}

/** Columns [from, to) of rows of `columns` values. */
function columnsOf<Values extends Float32Array | Int32Array>(values: Values, columns: number, from: number, to: number): Values {
	const rows = values.length / columns;
	const part = values.slice(0, rows * (to - from)) as Values;
	for (let row = 0; row < rows; row++) part.set(values.subarray(row * columns + from, row * columns + to), row * (to - from));
	return part;
}

/**
 * Times a product on `threads` threads, the fastest of `repeats` runs, and gives its result. Null where it cannot be had: no shared memory, fewer
 * threads than asked for, or fewer than 16 columns for each.
 */
export async function timeOnThreads(
	{ weights, scales, ...product }: ThreadedProduct,
	threads: number,
	repeats: number,
	parallel: <Item, Result>(task: ParallelTask<Item, Result>, items: readonly Item[]) => Promise<Result[]>,
): Promise<TimedBlock | null> {
	const { rows, columns } = weights;
	const vectors = columns / VECTOR_COLUMNS;
	if (typeof SharedArrayBuffer === 'undefined' || vectors < threads) return null;
	const arrivals = new Int32Array(new SharedArrayBuffer(4));
	const items = Array.from({ length: threads }, (_, block): ColumnBlock => {
		const [from, to] = [block, block + 1].map((n) => VECTOR_COLUMNS * Math.floor((vectors * n) / threads)) as [number, number];
		return {
			...product,
			weights: { rows, columns: to - from, values: columnsOf(weights.values, columns, from, to) },
			scales: columnsOf(scales, columns, from, to),
			repeats,
			blocks: threads,
			arrivals,
		};
	});
	isOwnThread = false;
	const timed = await parallel(timeBlock, items);
	const result = new Float32Array(columns);
	let [at, seconds] = [0, 0];
	for (const block of timed) {
		if (block === null) return null;
		result.set(block.result, at);
		at += block.result.length;
		seconds = Math.max(seconds, block.seconds);
	}
	return { seconds, result };
}

/** A product of one token on this computer's vector unit: everything laid out in a memory, ready to be run again and again. */
import type { IntegerMatrix } from '../lut/integer-product.ts';
import { instantiateKernels, type Kernels } from './kernels.ts';
import { packColumns, packPatterns, patternBytes, UNPACKED_BITS, type UnpackedBits } from './packed-weights.ts';
import { MOST_SCALE_GROUP } from './table-kernel.ts';

export const WAYS = ['tables', 'vector', 'scalar'] as const;
/** By tables, by unpacking on the vector unit, by unpacking one by one. */
export type Way = (typeof WAYS)[number];

/** A product laid out. */
export interface PreparedProduct {
	/** Computes it once. */
	run(): void;
	/** Of the last run, a float a column. */
	result(): Float32Array;
	/** Bytes of packed weights. */
	readonly weightBytes: number;
}

/** Whether there is a kernel for a way and a width. */
export function hasKernel(way: Way, bits: number): bits is UnpackedBits {
	return way === 'tables' || UNPACKED_BITS.some((one) => one === bits);
}

/**
 * Lays out `activations` (int8) times weights of `bits`, scaled by `scales` (scale groups x columns). Columns are a multiple of 16, the depth one of
 * the scale group, that one of 64 and at most 256.
 */
export async function prepareProduct(
	module: WebAssembly.Module,
	way: Way,
	activations: Int8Array,
	weights: IntegerMatrix,
	scales: Float32Array,
	bits: number,
	scaleGroup: number,
	pause: () => Promise<void>,
): Promise<PreparedProduct> {
	const { rows: depth, columns } = weights;
	if (!hasKernel(way, bits)) throw new RangeError(`no ${way} kernel for ${bits} bits`);
	if (scaleGroup > MOST_SCALE_GROUP) throw new RangeError(`scale groups of ${scaleGroup} weights, at most ${MOST_SCALE_GROUP}`);
	const packed = await (way === 'tables' ? packPatterns(weights, bits, pause) : packColumns(weights, bits, pause));
	const tableBytes = 32 * (depth / 4);
	const places = [patternBytes(depth, columns, bits), depth, tableBytes, scales.byteLength, 4 * columns];
	const starts = places.map((_, index) => places.slice(0, index).reduce((sum, bytes) => sum + 64 * Math.ceil(bytes / 64), 0));
	const total = (starts.at(-1) as number) + 64 * Math.ceil((4 * columns) / 64);
	const memory = new WebAssembly.Memory({ initial: Math.ceil(total / 65_536), maximum: 65_536 });
	const kernels: Kernels = instantiateKernels(module, memory);
	const [at, activationsAt, tablesAt, scalesAt, outputAt] = starts as [number, number, number, number, number];
	new Uint8Array(memory.buffer, at, packed.length).set(packed);
	new Int8Array(memory.buffer, activationsAt, depth).set(activations);
	new Float32Array(memory.buffer, scalesAt, scales.length).set(scales);
	const run = (): void => {
		if (way === 'tables') {
			kernels.tables(activationsAt, tablesAt, depth / 4);
			kernels.table[bits - 1]?.(at, tablesAt, scalesAt, outputAt, columns, depth, scaleGroup);
		} else {
			kernels[way][bits](at, activationsAt, scalesAt, outputAt, columns, depth, scaleGroup);
		}
	};
	return { run, result: () => new Float32Array(memory.buffer, outputAt, columns).slice(), weightBytes: packed.length };
}

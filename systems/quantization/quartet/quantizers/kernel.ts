/**
 * The quantisers in WebAssembly SIMD. A group is a column of vectors: four groups are worked on at a time, one in each lane, so that a
 * transform of a group is additions of whole vectors, and groups may run along rows or down columns of a matrix alike. A quartet of groups
 * is read into `scratch`, rotated there, and written out quantised.
 */
import { assembleModule, bindFunctions } from '@assay/webassembly';
import { defineBackward } from './kernel-backward.ts';
import { defineQuantize } from './kernel-quantize.ts';

/** A byte address in the kernels' memory. */
export type Address = number;

/** Bytes of scratch: 128 vectors before and after a product with a matrix, and four scales each of what needs them. */
export const SCRATCH_BYTES = 2 * 128 * 16 + 128;

/** How an exponent is made: 0 to 2 from the deviation by `floor`, `round`, `ceil`; 3 from the largest magnitude. */
export type ScaleRule = 0 | 1 | 2 | 3;

export interface QuantizerKernels {
	/**
	 * Quantises `quartets` times four groups of `size` (32 or 128) values. Value i of a group lies `valueBytes` after value i - 1; the four
	 * groups of a quartet lie `groupBytes` apart, and quartets `quartetBytes`. Group g of the first quartet is number `firstGroup` + g
	 * `groupStep` in the order of draws; quartets are `quartetStep` apart there.
	 * `target`, `kept`: floats laid out as the source. `codes`: a nibble for each value, groups one after the other (row layout
	 * alone); `scales` alike. 0 for what is not wanted. `signs`, `matrix`: floats, 0 for none.
	 */
	quantizeGroups(
		source: Address,
		target: Address,
		kept: Address,
		codes: Address,
		scales: Address,
		quartets: number,
		size: number,
		valueBytes: number,
		groupBytes: number,
		quartetBytes: number,
		firstGroup: number,
		groupStep: number,
		quartetStep: number,
		hadamard: number,
		signs: Address,
		matrix: Address,
		scaleRule: ScaleRule,
		shrink: number,
		lengthCorrection: number,
		projects: number,
		stochastic: number,
		key0: number,
		key1: number,
		scratch: Address,
	): void;
	/** target (+)= H (gradient kept) in groups of 32 along a row of `groups` (a multiple of four); `kept` 0 for all, `hadamard` 0 for no H. */
	passGradient(
		gradient: Address,
		kept: Address,
		target: Address,
		groups: number,
		hadamard: number,
		accumulate: number,
		scratch: Address,
	): void;
}

let compiled: Promise<WebAssembly.Module> | undefined;

/** The module; the first call compiles it. */
export function compileQuantizers(): Promise<WebAssembly.Module> {
	compiled ??= assembleModule([defineQuantize, defineBackward]).then((bytes) => WebAssembly.compile(bytes));
	return compiled;
}

/** Binds the kernels to a memory that is not shared and has a maximum. */
export function instantiateQuantizers(module: WebAssembly.Module, memory: WebAssembly.Memory): QuantizerKernels {
	return bindFunctions<QuantizerKernels>(module, memory, { quantizeGroups: true, passGradient: true });
}

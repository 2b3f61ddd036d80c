/** The kernels as functions over one WebAssembly memory. All addresses are bytes into that memory, all sizes are elements. */

import type { HalfPrecisionKernels } from '@assay/numerics/kernels';
import { bindFunctions } from '@assay/webassembly';
import { MAX_PAGES } from './compile.ts';

/** A byte address in a kernel memory. */
export type Address = number;

type Strided = readonly [start: Address, rowBytes: number, columnBytes: number];

/** What the module exports. */
export interface Kernels extends HalfPrecisionKernels {
	readonly memory: WebAssembly.Memory;
	/** Product of strided matrices; see `matmul.ts`. Prefer `multiply` of `matrix.ts`. */
	matmul(
		...parameters: [
			...a: Strided,
			...b: Strided,
			c: Address,
			cRowBytes: number,
			m: number,
			n: number,
			k: number,
			accumulate: number,
			scratch: Address,
		]
	): void;
	/** out = a + b. */
	add(a: Address, b: Address, out: Address, n: number): void;
	/** Every row of out becomes `row`. */
	fillRows(row: Address, out: Address, rows: number, width: number): void;
	/** out += column sums of x. */
	addColumnSums(x: Address, out: Address, rows: number, width: number): void;
	/** Sum of squares in float64 over float32 sums of each row. */
	sumOfSquares(x: Address, rows: number, width: number): number;
	/** `statistics`: mean and reciprocal deviation of each row, two floats a row. */
	layerNormForward(
		x: Address,
		scale: Address,
		shift: Address,
		out: Address,
		statistics: Address,
		rows: number,
		width: number,
		epsilon: number,
	): void;
	/** Writes dx (may be dy), adds to dScale and dShift. */
	layerNormBackward(
		x: Address,
		scale: Address,
		statistics: Address,
		dy: Address,
		dx: Address,
		dScale: Address,
		dShift: Address,
		rows: number,
		width: number,
	): void;
	/** out = gelu(x). */
	geluForward(x: Address, out: Address, n: number): void;
	/** dx = dy gelu'(x). */
	geluBackward(x: Address, dy: Address, dx: Address, n: number): void;
	/** `inverses`: one over the root mean square of each row. */
	rmsNormForward(x: Address, scale: Address, out: Address, inverses: Address, rows: number, width: number, epsilon: number): void;
	/** Writes dx (may be dy), adds to dScale. */
	rmsNormBackward(
		x: Address,
		scale: Address,
		inverses: Address,
		dy: Address,
		dx: Address,
		dScale: Address,
		rows: number,
		width: number,
	): void;
	/** out = silu(gate) up. */
	gatedUnitForward(gate: Address, up: Address, out: Address, n: number): void;
	/** dGate and dUp from dOut; either may be dOut. */
	gatedUnitBackward(gate: Address, up: Address, dOut: Address, dGate: Address, dUp: Address, n: number): void;
	/** Turns pairs of each head in place, by the tables' angles or (`direction` -1) back; see `rotary.ts`. */
	rotate(
		x: Address,
		cosines: Address,
		sines: Address,
		rows: number,
		rowBytes: number,
		heads: number,
		half: number,
		period: number,
		direction: 1 | -1,
	): void;
	/** In place on n x n scores. */
	causalSoftmaxForward(scores: Address, n: number, factor: number): void;
	/** In place on the n x n gradient of the probabilities. */
	causalSoftmaxBackward(probabilities: Address, gradient: Address, n: number, factor: number): void;
	/** In place on rows of logits; `targets` are 32-bit class numbers; a loss for each row. */
	crossEntropy(logits: Address, targets: Address, losses: Address, rows: number, classes: number, factor: number): void;
	embeddingForward(
		tokens: Address,
		table: Address,
		positions: Address,
		out: Address,
		rows: number,
		width: number,
		period: number,
	): void;
	/** Adds to dTable and dPositions. */
	embeddingBackward(
		tokens: Address,
		dOut: Address,
		dTable: Address,
		dPositions: Address,
		rows: number,
		width: number,
		period: number,
	): void;
	/** One step of Adam in place; the scalars come from `adamScalars`. */
	adam(
		parameters: Address,
		firstMoments: Address,
		secondMoments: Address,
		gradients: Address,
		n: number,
		...scalars: AdamScalarList
	): void;
	/** out[row] += a[row] weights, channel by channel; strides are bytes from row to row. */
	multiplyAddRows(
		out: Address,
		a: Address,
		weights: Address,
		rows: number,
		outStride: number,
		aStride: number,
		width: number,
	): void;
	/** out += sum over rows of a[row] b[row], channel by channel. */
	addRowProducts(out: Address, a: Address, b: Address, rows: number, aStride: number, bStride: number, width: number): void;
	/** out = max(0, x scale + shift), channel by channel. */
	scaleShiftRectify(x: Address, scale: Address, shift: Address, out: Address, rows: number, width: number): void;
	/** gradient = 0 where out, which is never negative, is 0; in place. */
	rectifyBackward(out: Address, gradient: Address, n: number): void;
	/** out = a p + b q + c, channel by channel; out may be a or b. */
	combineRows(a: Address, b: Address, p: Address, q: Address, c: Address, out: Address, rows: number, width: number): void;
}

/** In the order of the kernel's parameters; see `adam.ts`. */
export type AdamScalarList = readonly [
	decay1: number,
	take1: number,
	decay2: number,
	take2: number,
	stepSize: number,
	spread: number,
	epsilon: number,
	keep: number,
	gradientScale: number,
];

const NAMES = {
	matmul: true,
	add: true,
	fillRows: true,
	addColumnSums: true,
	sumOfSquares: true,
	layerNormForward: true,
	layerNormBackward: true,
	geluForward: true,
	geluBackward: true,
	rmsNormForward: true,
	rmsNormBackward: true,
	gatedUnitForward: true,
	gatedUnitBackward: true,
	rotate: true,
	causalSoftmaxForward: true,
	causalSoftmaxBackward: true,
	crossEntropy: true,
	embeddingForward: true,
	embeddingBackward: true,
	adam: true,
	multiplyAddRows: true,
	addRowProducts: true,
	scaleShiftRectify: true,
	rectifyBackward: true,
	combineRows: true,
	float32ToBfloat16: true,
	float32ToFloat16: true,
	bfloat16ToFloat32: true,
	float16ToFloat32: true,
} as const;

/**
 * A memory the kernels can be bound to, `bytes` large and growing to `maximumBytes` (4 GiB unless told). A shared one can be posted to
 * worker threads. Raises a RangeError beyond 4 GiB or where the system has no such memory.
 */
export function createKernelMemory(bytes: number, options: { shared?: boolean; maximumBytes?: number } = {}): WebAssembly.Memory {
	const pages = Math.max(1, Math.ceil(bytes / 65_536));
	const maximum = Math.max(pages, Math.ceil((options.maximumBytes ?? MAX_PAGES * 65_536) / 65_536));
	if (maximum > MAX_PAGES) throw new RangeError(`a kernel memory holds at most 4 GiB, not ${bytes} bytes`);
	return new WebAssembly.Memory({ initial: pages, maximum, shared: options.shared ?? false });
}

/** Binds the kernels to a memory. The module must have been compiled for that kind of memory (plain or shared). */
export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
	return { ...bindFunctions<Omit<Kernels, 'memory'>>(module, memory, NAMES), memory };
}

/**
 * A linear layer whose products are made of MXFP4 operands, summed in float32:
 *
 *   forward    y  = Xq Wqt                    Xq, Wq: rotated by H along the inputs and quantised; the rotations cancel in the product
 *   backward   Gx = Q(E) Q(Wqt)t              groups along the outputs, both rotated alike, drawn anew at every step
 *              Gw = Q(Et) Q(Xqt)t             groups along the rows of the batch
 *              dx = (Gx kept_x) H, dW = (Gw kept_w) H
 *
 * What forward clipped passes no gradient ("trust mask"). Xq and Wq are already in rotated space, so their gradients are too.
 */
import {
	type Address,
	exactLinear,
	type Kernels,
	type Linear,
	type LinearShape,
	MATMUL_SCRATCH_BYTES,
	type MakeLinear,
	type Matrix,
	matrix,
	multiply,
	transpose,
} from '@assay/learning';
import { philox4x32 } from '@assay/numerics';
import { type PlacedQuantizer, quantizeMatrix, ROTATION_BYTES } from '../quantizers/group-quantizer.ts';
import { type QuantizerKernels, SCRATCH_BYTES } from '../quantizers/kernel.ts';
import { GROUP, type Quantizer } from '../quantizers/quantizer.ts';
import { type Rotation, randomRotation } from '../quantizers/rotation.ts';
import type { Scheme } from './scheme.ts';

/** Streams of random numbers of one layer and step. */
const STREAMS = {
	inputRotation: 0,
	weightRotation: 1,
	inputGradient: 2,
	weight: 3,
	weightGradient: 4,
	input: 5,
	forward: 6,
} as const;

/**
 * Makes layers of a scheme, with the quantisers that `instantiate` binds to a memory, once for each. What is random follows from `seed`, the layer's name and the step's number. Raises a RangeError where
 * inputs, outputs or rows are no multiple of 32 (128 for EDEN over 128).
 */
export function quantizedLinear(
	instantiate: (memory: WebAssembly.Memory) => QuantizerKernels,
	scheme: Scheme,
	seed: number,
): MakeLinear {
	if (scheme.forward === null && scheme.backward === null) return exactLinear;
	const bound = new WeakMap<WebAssembly.Memory, QuantizerKernels>();
	return (kernels, shape, arena, name) => {
		let quantizers = bound.get(kernels.memory);
		if (quantizers === undefined) {
			quantizers = instantiate(kernels.memory);
			bound.set(kernels.memory, quantizers);
		}
		checkShape(shape, scheme, name);
		const { rows, inputs, outputs } = shape;
		const places = {
			scratch: arena.bytes(SCRATCH_BYTES),
			rotation: arena.bytes(ROTATION_BYTES),
			product: arena.bytes(MATMUL_SCRATCH_BYTES),
			x: arena.floats(rows * inputs),
			keptX: arena.floats(rows * inputs),
			weight: arena.floats(outputs * inputs),
			keptWeight: arena.floats(outputs * inputs),
			gradient: arena.floats(rows * outputs),
			operand: arena.floats(Math.max(rows, outputs) * inputs),
			rotatedX: arena.floats(rows * inputs),
			rotatedWeight: arena.floats(outputs * inputs),
		};
		return new QuantizedLinear(kernels, quantizers, shape, scheme, places, (step, stream) =>
			streamSeed(seed, name, step, stream),
		);
	};
}

interface Places {
	readonly scratch: Address;
	readonly rotation: Address;
	readonly product: Address;
	/** Operands of the forward product and what of them was not clipped. */
	readonly x: Address;
	readonly keptX: Address;
	readonly weight: Address;
	readonly keptWeight: Address;
	/** Operands of a backward product. */
	readonly gradient: Address;
	readonly operand: Address;
	/** Gradients in rotated space. */
	readonly rotatedX: Address;
	readonly rotatedWeight: Address;
}

class QuantizedLinear implements Linear {
	private readonly kernels: Kernels;
	private readonly quantizers: QuantizerKernels;
	private readonly placed: PlacedQuantizer;
	private readonly shape: LinearShape;
	private readonly scheme: Scheme;
	private readonly places: Places;
	private readonly seedOf: (step: number, stream: number) => number;

	constructor(
		kernels: Kernels,
		quantizers: QuantizerKernels,
		shape: LinearShape,
		scheme: Scheme,
		places: Places,
		seedOf: (step: number, stream: number) => number,
	) {
		this.kernels = kernels;
		this.quantizers = quantizers;
		this.placed = { kernels: quantizers, scratch: places.scratch, rotation: places.rotation };
		this.shape = shape;
		this.scheme = scheme;
		this.places = places;
		this.seedOf = seedOf;
	}

	forward(x: Address, weight: Address, out: Address): void {
		const { rows, inputs, outputs } = this.shape;
		const { places } = this;
		const { forward } = this.scheme;
		let operands = { x, weight };
		if (forward !== null) {
			const rotation: Rotation = forward.hadamard ? { kind: 'hadamard' } : { kind: 'none' };
			// Draws matter to stochastic rounding alone, which forward schemes do not use.
			const options = { rotation, seed: this.seedOf(0, STREAMS.forward) };
			const quantize = (source: Address, height: number, target: Address, kept: Address) =>
				quantizeMatrix(
					this.placed,
					source,
					{ rows: height, columns: inputs },
					'row',
					forward.quantizer,
					options,
					this.kernels.memory,
					{ target, kept },
				);
			quantize(x, rows, places.x, places.keptX);
			quantize(weight, outputs, places.weight, places.keptWeight);
			operands = places;
		}
		const [left, right] = [matrix(operands.x, rows, inputs), matrix(operands.weight, outputs, inputs)];
		multiply(this.kernels, left, transpose(right), matrix(out, rows, outputs), places.product);
	}

	backward(x: Address, weight: Address, dy: Address, dx: Address, dWeight: Address, step: number): void {
		const { rows, inputs, outputs } = this.shape;
		const { places, quantizers } = this;
		const { forward } = this.scheme;
		const used = forward === null ? { x, weight } : places;
		// In rotated space where forward rotated, else where they belong.
		const inputGradient = forward === null ? dx : places.rotatedX;
		this.multiplyQuantized(
			{ at: dy, rows, columns: outputs, along: 'row', stream: STREAMS.inputGradient },
			{ at: used.weight, rows: outputs, columns: inputs, along: 'column', stream: STREAMS.weight },
			matrix(inputGradient, rows, inputs),
			STREAMS.inputRotation,
			step,
			false,
		);
		const weightGradient = forward === null ? dWeight : places.rotatedWeight;
		this.multiplyQuantized(
			{ at: dy, rows, columns: outputs, along: 'column', stream: STREAMS.weightGradient },
			{ at: used.x, rows, columns: inputs, along: 'column', stream: STREAMS.input },
			matrix(weightGradient, outputs, inputs),
			STREAMS.weightRotation,
			step,
			forward === null,
		);
		if (forward === null) return;
		const hadamard = forward.hadamard ? 1 : 0;
		// The mask belongs to QuEST; the scales of the others leave nothing beyond the grid, or next to nothing.
		const masks = forward.quantizer.scale.from === 'deviation';
		const keptX = masks ? places.keptX : 0;
		const keptWeight = masks ? places.keptWeight : 0;
		quantizers.passGradient(places.rotatedX, keptX, dx, (rows * inputs) / GROUP, hadamard, 0, places.scratch);
		quantizers.passGradient(places.rotatedWeight, keptWeight, dWeight, (outputs * inputs) / GROUP, hadamard, 1, places.scratch);
	}

	/** out (+)= Q(gradient) Q(operand); a gradient with groups down its columns is multiplied transposed. */
	private multiplyQuantized(
		gradient: Operand,
		operand: Operand,
		out: Matrix,
		rotationStream: number,
		step: number,
		accumulate: boolean,
	): void {
		const { places, kernels } = this;
		const { backward } = this.scheme;
		let [left, right] = [gradient.at, operand.at];
		if (backward !== null) {
			const { quantizer, rotation: kind, operands } = backward;
			// An operand that stays exact is not rotated, so the other must not be either.
			const rotation = randomRotation(operands === 'both' ? kind : 'none', quantizer.rotated, this.seedOf(step, rotationStream));
			left = this.quantize(gradient, quantizer, rotation, step, places.gradient);
			if (operands === 'both') right = this.quantize(operand, quantizer, rotation, step, places.operand);
		}
		const first = matrix(left, gradient.rows, gradient.columns);
		const second = matrix(right, operand.rows, operand.columns);
		multiply(kernels, gradient.along === 'row' ? first : transpose(first), second, out, places.product, accumulate);
	}

	private quantize(operand: Operand, quantizer: Quantizer, rotation: Rotation, step: number, target: Address): Address {
		const options = { rotation, seed: this.seedOf(step, operand.stream) };
		quantizeMatrix(this.placed, operand.at, operand, operand.along, quantizer, options, this.kernels.memory, { target });
		return target;
	}
}

interface Operand {
	readonly at: Address;
	readonly rows: number;
	readonly columns: number;
	/** Groups run along what the product sums over. */
	readonly along: 'row' | 'column';
	readonly stream: number;
}

function checkShape(shape: LinearShape, { forward, backward }: Scheme, name: string): void {
	const size = Math.max(forward?.quantizer.rotated ?? 0, backward?.quantizer.rotated ?? 0);
	for (const [what, value] of Object.entries(shape))
		if (value % size !== 0) throw new RangeError(`layer ${name}: ${value} ${what} are no multiple of ${size}`);
}

/** A seed of 53 bits: Philox of the layer's name, the step and the stream under the training's seed. */
function streamSeed(seed: number, name: string, step: number, stream: number): number {
	let hash = 0x811c9dc5;
	for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
	const words = Uint32Array.of(hash, step, stream, 0);
	philox4x32(words, seed >>> 0, Math.floor(seed / 4294967296));
	return ((words[0] as number) & 0x1fffff) * 4294967296 + (words[1] as number);
}

/** A linear layer y = x Wᵀ with its arithmetic left open, so that a model can be trained with products of any precision. */
import type { Address, Kernels } from '../kernels/kernels.ts';
import { MATMUL_SCRATCH_BYTES } from '../kernels/matmul.ts';
import { matrix, multiply, transpose } from '../matrix.ts';
import type { Arena } from '../memory-layout.ts';

export interface LinearShape {
	/** Rows of x: tokens of a batch. */
	readonly rows: number;
	readonly inputs: number;
	readonly outputs: number;
}

/** One layer's products. A forward pass is followed by at most one backward pass with the same x and weight. */
export interface Linear {
	/** out [rows, outputs] = x [rows, inputs] Wᵀ, with W [outputs, inputs]. */
	forward(x: Address, weight: Address, out: Address): void;
	/** dx = dy W (dx overlaps nothing), dWeight += dyᵀ x. `step` numbers the training's steps, for whatever must differ between them. */
	backward(x: Address, weight: Address, dy: Address, dx: Address, dWeight: Address, step: number): void;
}

/** Makes a layer's products; `name` tells layers apart. */
export type MakeLinear = (kernels: Kernels, shape: LinearShape, arena: Arena, name: string) => Linear;

/** Float32 products. */
export const exactLinear: MakeLinear = (kernels, { rows, inputs, outputs }, arena) => {
	const scratch = arena.bytes(MATMUL_SCRATCH_BYTES);
	return {
		forward: (x, weight, out) =>
			multiply(kernels, matrix(x, rows, inputs), transpose(matrix(weight, outputs, inputs)), matrix(out, rows, outputs), scratch),
		backward: (x, weight, dy, dx, dWeight) => {
			const gradient = matrix(dy, rows, outputs);
			multiply(kernels, gradient, matrix(weight, outputs, inputs), matrix(dx, rows, inputs), scratch);
			multiply(kernels, transpose(gradient), matrix(x, rows, inputs), matrix(dWeight, outputs, inputs), scratch, true);
		},
	};
};

/** Projection to the vocabulary and mean cross-entropy, forward and backward at once, some rows at a time. */
import type { Address, Kernels } from './kernels/kernels.ts';
import { MATMUL_SCRATCH_BYTES } from './kernels/matmul.ts';
import { type Matrix, matrix, multiply, transpose } from './matrix.ts';
import type { Arena } from './memory-layout.ts';

/** Rows of logits that are held at a time. */
const ROWS_AT_A_TIME = 64;

export class ProjectionLoss {
	private readonly kernels: Kernels;
	private readonly rows: number;
	private readonly logits: Address;
	private readonly losses: Address;
	private readonly scratch: Address;

	/** Takes its workspace out of the arena. */
	constructor(kernels: Kernels, shape: { readonly rows: number; readonly vocabulary: number }, arena: Arena) {
		this.kernels = kernels;
		this.rows = shape.rows;
		this.logits = arena.floats(Math.min(shape.rows, ROWS_AT_A_TIME) * shape.vocabulary);
		this.losses = arena.floats(shape.rows);
		this.scratch = arena.bytes(MATMUL_SCRATCH_BYTES);
	}

	/**
	 * Mean loss in nats of `rows` rows at `x` under `projection` (width x vocabulary, either way round in memory). With `gradients`
	 * (of the projection, in memory as it is) the gradient of `lossScale` times the loss is added to them, and x becomes its own gradient;
	 * without, x stays. `targets`: 32-bit token numbers, one a row.
	 */
	step(x: Address, projection: Matrix, targets: Address, gradients?: Matrix, lossScale = 1): number {
		const { kernels, logits, losses, scratch } = this;
		const { rows: width, columns: vocabulary } = projection;
		for (let row = 0; row < this.rows; row += ROWS_AT_A_TIME) {
			const count = Math.min(ROWS_AT_A_TIME, this.rows - row);
			const some = matrix(x + 4 * row * width, count, width);
			const scores = matrix(logits, count, vocabulary);
			multiply(kernels, some, projection, scores, scratch);
			kernels.crossEntropy(logits, targets + 4 * row, losses + 4 * row, count, vocabulary, lossScale / this.rows);
			if (gradients === undefined) continue;
			if (gradients.columnBytes === 4) multiply(kernels, transpose(some), scores, gradients, scratch, true);
			else multiply(kernels, transpose(scores), some, transpose(gradients), scratch, true);
			multiply(kernels, scores, transpose(projection), some, scratch);
		}
		let loss = 0;
		for (const one of new Float32Array(kernels.memory.buffer, losses, this.rows)) loss += one;
		return loss / this.rows;
	}
}

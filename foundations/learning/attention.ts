/**
 * Causal multi-head attention, one head of one sequence at a time, so that a single square of scores is held. Backward computes
 * the probabilities again rather than keep them.
 */
import type { Address, Kernels } from './kernels/kernels.ts';
import { MATMUL_SCRATCH_BYTES } from './kernels/matmul.ts';
import { type Matrix, matrix, multiply, transpose } from './matrix.ts';
import type { Arena } from './memory-layout.ts';

export interface AttentionShape {
	readonly batch: number;
	readonly sequenceTokens: number;
	readonly width: number;
	readonly heads: number;
}

export class CausalAttention {
	private readonly kernels: Kernels;
	private readonly shape: AttentionShape;
	private readonly scores: Address;
	private readonly scoresGradient: Address;
	private readonly scratch: Address;

	/** Takes its workspace out of the arena. */
	constructor(kernels: Kernels, shape: AttentionShape, arena: Arena) {
		this.kernels = kernels;
		this.shape = shape;
		this.scores = arena.floats(shape.sequenceTokens ** 2);
		this.scoresGradient = arena.floats(shape.sequenceTokens ** 2);
		this.scratch = arena.bytes(MATMUL_SCRATCH_BYTES);
	}

	/** context = softmax(Q Kᵀ / sqrt(d)) V, head by head; `qkv` has rows of queries, keys and values, 3 h wide, `context` rows of h. */
	forward(qkv: Address, context: Address): void {
		this.eachHead((sequence, head) => {
			const probabilities = this.probabilities(qkv, sequence, head);
			const values = this.head(qkv, sequence, head, 2);
			multiply(this.kernels, probabilities, values, this.headOf(context, sequence, head), this.scratch);
		});
	}

	/** dQkv from dContext. */
	backward(qkv: Address, dContext: Address, dQkv: Address): void {
		const { kernels, scratch } = this;
		const { sequenceTokens } = this.shape;
		const dScores = matrix(this.scoresGradient, sequenceTokens, sequenceTokens);
		this.eachHead((sequence, head) => {
			const probabilities = this.probabilities(qkv, sequence, head);
			const at = (rows: Address, third: 0 | 1 | 2): Matrix => this.head(rows, sequence, head, third);
			const outgoing = this.headOf(dContext, sequence, head);
			multiply(kernels, transpose(probabilities), outgoing, at(dQkv, 2), scratch);
			multiply(kernels, outgoing, transpose(at(qkv, 2)), dScores, scratch);
			kernels.causalSoftmaxBackward(this.scores, this.scoresGradient, sequenceTokens, this.scoreFactor);
			multiply(kernels, dScores, at(qkv, 1), at(dQkv, 0), scratch);
			multiply(kernels, transpose(dScores), at(qkv, 0), at(dQkv, 1), scratch);
		});
	}

	/** Views of one head of one sequence: queries, keys and values lie side by side in rows of 3 h. */
	private head(qkv: Address, sequence: number, head: number, third: 0 | 1 | 2): Matrix {
		const { sequenceTokens, width, heads } = this.shape;
		const size = width / heads;
		const start = qkv + 4 * (sequence * sequenceTokens * 3 * width + third * width + head * size);
		return matrix(start, sequenceTokens, size, 3 * width);
	}

	private headOf(rows: Address, sequence: number, head: number): Matrix {
		const { sequenceTokens, width, heads } = this.shape;
		const size = width / heads;
		return matrix(rows + 4 * (sequence * sequenceTokens * width + head * size), sequenceTokens, size, width);
	}

	private eachHead(visit: (sequence: number, head: number) => void): void {
		for (let sequence = 0; sequence < this.shape.batch; sequence++)
			for (let head = 0; head < this.shape.heads; head++) visit(sequence, head);
	}

	private get scoreFactor(): number {
		return 1 / Math.sqrt(this.shape.width / this.shape.heads);
	}

	/** this.scores = causal softmax of Q Kᵀ. */
	private probabilities(qkv: Address, sequence: number, head: number): Matrix {
		const { kernels, scratch } = this;
		const { sequenceTokens } = this.shape;
		const scores = matrix(this.scores, sequenceTokens, sequenceTokens);
		multiply(kernels, this.head(qkv, sequence, head, 0), transpose(this.head(qkv, sequence, head, 1)), scores, scratch);
		kernels.causalSoftmaxForward(this.scores, sequenceTokens, this.scoreFactor);
		return scores;
	}
}

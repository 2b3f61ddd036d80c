/**
 * Causal attention, one head of one sequence at a time, so that a single square of scores is held. Query heads may share keys and
 * values in groups (grouped-query attention, Ainslie et al. 2023). Backward computes the probabilities again rather than keep them.
 */
import type { Address, Kernels } from './kernels/kernels.ts';
import { MATMUL_SCRATCH_BYTES } from './kernels/matmul.ts';
import { type Matrix, matrix, multiply, transpose } from './matrix.ts';
import type { Arena } from './memory-layout.ts';

export interface AttentionShape {
	readonly batch: number;
	readonly sequenceTokens: number;
	/** Query heads, a multiple of `keyValueHeads`. */
	readonly heads: number;
	readonly keyValueHeads: number;
	readonly headWidth: number;
}

/** Rows of heads side by side, one row a token; `rowLength` floats from row to row. */
export interface HeadRows {
	readonly start: Address;
	readonly rowLength: number;
}

export interface QueryKeyValue {
	readonly queries: HeadRows;
	readonly keys: HeadRows;
	readonly values: HeadRows;
}

/** Queries, keys and values that lie side by side in rows of 3 `width`. */
export function packedQueryKeyValue(start: Address, width: number): QueryKeyValue {
	const third = (index: number): HeadRows => ({ start: start + 4 * index * width, rowLength: 3 * width });
	return { queries: third(0), keys: third(1), values: third(2) };
}

export class CausalAttention {
	private readonly kernels: Kernels;
	private readonly shape: AttentionShape;
	private readonly scores: Address;
	private readonly scoresGradient: Address;
	private readonly scratch: Address;

	/** Takes its workspace out of the arena. Raises a RangeError where query heads cannot share key heads evenly. */
	constructor(kernels: Kernels, shape: AttentionShape, arena: Arena) {
		if (shape.heads % shape.keyValueHeads !== 0)
			throw new RangeError(`${shape.heads} query heads cannot share ${shape.keyValueHeads} key heads evenly`);
		this.kernels = kernels;
		this.shape = shape;
		this.scores = arena.floats(shape.sequenceTokens ** 2);
		this.scoresGradient = arena.floats(shape.sequenceTokens ** 2);
		this.scratch = arena.bytes(MATMUL_SCRATCH_BYTES);
	}

	/** context = softmax(Q Kᵀ / sqrt(d)) V, head by head. */
	forward(rows: QueryKeyValue, context: HeadRows): void {
		this.eachHead((sequence, head, shared) => {
			const probabilities = this.probabilities(rows, sequence, head, shared);
			const values = this.head(rows.values, sequence, shared);
			multiply(this.kernels, probabilities, values, this.head(context, sequence, head), this.scratch);
		});
	}

	/** Gradients of queries, keys and values from that of the context. */
	backward(rows: QueryKeyValue, dContext: HeadRows, gradients: QueryKeyValue): void {
		const { kernels, scratch } = this;
		const { sequenceTokens, heads, keyValueHeads } = this.shape;
		const dScores = matrix(this.scoresGradient, sequenceTokens, sequenceTokens);
		this.eachHead((sequence, head, shared) => {
			// Query heads of a group add up in the keys and values they share.
			const again = head % (heads / keyValueHeads) !== 0;
			const probabilities = this.probabilities(rows, sequence, head, shared);
			const outgoing = this.head(dContext, sequence, head);
			multiply(kernels, transpose(probabilities), outgoing, this.head(gradients.values, sequence, shared), scratch, again);
			multiply(kernels, outgoing, transpose(this.head(rows.values, sequence, shared)), dScores, scratch);
			kernels.causalSoftmaxBackward(this.scores, this.scoresGradient, sequenceTokens, this.scoreFactor);
			const dQueries = this.head(gradients.queries, sequence, head);
			multiply(kernels, dScores, this.head(rows.keys, sequence, shared), dQueries, scratch);
			const queries = this.head(rows.queries, sequence, head);
			multiply(kernels, transpose(dScores), queries, this.head(gradients.keys, sequence, shared), scratch, again);
		});
	}

	/** One head of one sequence. */
	private head({ start, rowLength }: HeadRows, sequence: number, head: number): Matrix {
		const { sequenceTokens, headWidth } = this.shape;
		return matrix(start + 4 * (sequence * sequenceTokens * rowLength + head * headWidth), sequenceTokens, headWidth, rowLength);
	}

	private eachHead(visit: (sequence: number, head: number, shared: number) => void): void {
		const { batch, heads, keyValueHeads } = this.shape;
		for (let sequence = 0; sequence < batch; sequence++)
			for (let head = 0; head < heads; head++) visit(sequence, head, Math.floor((head * keyValueHeads) / heads));
	}

	private get scoreFactor(): number {
		return 1 / Math.sqrt(this.shape.headWidth);
	}

	/** this.scores = causal softmax of Q Kᵀ. */
	private probabilities({ queries, keys }: QueryKeyValue, sequence: number, head: number, shared: number): Matrix {
		const { kernels, scratch } = this;
		const { sequenceTokens } = this.shape;
		const scores = matrix(this.scores, sequenceTokens, sequenceTokens);
		multiply(kernels, this.head(queries, sequence, head), transpose(this.head(keys, sequence, shared)), scores, scratch);
		kernels.causalSoftmaxForward(this.scores, sequenceTokens, this.scoreFactor);
		return scores;
	}
}

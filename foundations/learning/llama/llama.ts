/** A Llama-style language model in one kernel memory: loss, gradients and a step of AdamW. */
import { type AdamOptions, adamScalars } from '../adam.ts';
import type { Address, Kernels } from '../kernels/kernels.ts';
import { matrix, transpose } from '../matrix.ts';
import { Arena } from '../memory-layout.ts';
import { ProjectionLoss } from '../projection-loss.ts';
import { exactLinear, type MakeLinear } from './linear.ts';
import { LlamaBlock, LlamaWorkspace, type Observer } from './llama-block.ts';
import { initializeLlama, type LlamaShape, llamaLayout, llamaTensors, NORM_EPSILON } from './llama-shape.ts';

export interface LlamaOptions {
	readonly seed: number;
	/** The blocks' products; float32 unless told. Embedding and head are always float32. */
	readonly makeLinear?: MakeLinear;
}

export class Llama {
	readonly shape: LlamaShape;
	private readonly kernels: Kernels;
	private readonly arena: Arena;
	private readonly length: number;
	private readonly places: Readonly<Record<'parameters' | 'gradients' | 'firstMoments' | 'secondMoments', Address>>;
	private readonly blocks: readonly LlamaBlock[];
	/** Inputs of all blocks and of the last norm. */
	private readonly activations: readonly Address[];
	private readonly gradient: Address;
	private readonly normal: Address;
	private readonly inverses: Address;
	private readonly loss: ProjectionLoss;
	/** A row of zeros in place of position embeddings, and one for the gradient nobody needs. */
	private readonly noPosition: Address;
	private readonly noPositionGradient: Address;
	private readonly tokens: Address;
	private readonly targets: Address;

	/** Takes all of the kernels' memory that it needs. Raises a RangeError for heads that do not fit the width. */
	constructor(kernels: Kernels, shape: LlamaShape, { seed, makeLinear = exactLinear }: LlamaOptions) {
		const arena = new Arena(kernels.memory);
		const { length } = llamaLayout(shape);
		const rows = shape.batch * shape.sequenceTokens;
		this.kernels = kernels;
		this.shape = shape;
		this.arena = arena;
		this.length = length;
		this.places = {
			parameters: arena.floats(length),
			gradients: arena.floats(length),
			firstMoments: arena.floats(length),
			secondMoments: arena.floats(length),
		};
		const workspace = new LlamaWorkspace(kernels, shape, arena);
		this.blocks = Array.from({ length: shape.layers }, (_, layer) => new LlamaBlock(workspace, layer, makeLinear, arena));
		this.activations = Array.from({ length: shape.layers + 1 }, () => arena.floats(rows * shape.width));
		this.gradient = arena.floats(rows * shape.width);
		this.normal = arena.floats(rows * shape.width);
		this.inverses = arena.floats(rows);
		this.loss = new ProjectionLoss(kernels, { rows, vocabulary: shape.vocabulary }, arena);
		this.noPosition = arena.floats(shape.width);
		this.noPositionGradient = arena.floats(shape.width);
		this.tokens = arena.floats(rows);
		this.targets = arena.floats(rows);
		arena.view(this.noPosition, shape.width).fill(0);
		for (const zeros of [this.firstMoments, this.secondMoments]) zeros.fill(0);
		initializeLlama(shape, seed, this.parameters);
	}

	/** All parameters in the order of `llamaTensors`; a view. */
	get parameters(): Float32Array {
		return this.arena.view(this.places.parameters, this.length);
	}

	/** Gradients of the latest `computeGradients`; a view. */
	get gradients(): Float32Array {
		return this.arena.view(this.places.gradients, this.length);
	}

	/** AdamW's running means of gradients; a view. */
	get firstMoments(): Float32Array {
		return this.arena.view(this.places.firstMoments, this.length);
	}

	/** AdamW's running means of squared gradients; a view. */
	get secondMoments(): Float32Array {
		return this.arena.view(this.places.secondMoments, this.length);
	}

	/**
	 * Mean loss in nats over a batch: `tokens` and the tokens that follow them, batch x sequence numbers below the vocabulary.
	 * Raises a RangeError for other lengths or numbers.
	 */
	measureLoss(tokens: Int32Array, targets: Int32Array, observer?: Observer): number {
		this.runForward(tokens, targets, observer);
		return this.loss.step(this.normal, this.headAt(this.places.parameters), this.targets);
	}

	/** Mean loss, and its gradients. `step` is handed to the blocks' products. */
	computeGradients(tokens: Int32Array, targets: Int32Array, step = 0, observer?: Observer): number {
		const { kernels, places, gradient, activations, shape } = this;
		const { parts, block } = llamaLayout(shape);
		const rows = shape.batch * shape.sequenceTokens;
		this.runForward(tokens, targets, observer);
		this.gradients.fill(0);
		const at = (base: Address, offset: number): Address => base + 4 * offset;
		const loss = this.loss.step(this.normal, this.headAt(places.parameters), this.targets, this.headAt(places.gradients));
		const [norm, normGradient] = [at(places.parameters, parts.norm.offset), at(places.gradients, parts.norm.offset)];
		const last = activations[shape.layers] as Address;
		kernels.rmsNormBackward(last, norm, this.inverses, this.normal, gradient, normGradient, rows, shape.width);
		for (let layer = shape.layers - 1; layer >= 0; layer--) {
			const offset = parts.blocks.offset + layer * block.length;
			const [weights, gradients] = [at(places.parameters, offset), at(places.gradients, offset)];
			this.blocks[layer]?.backward(weights, activations[layer] as Address, gradient, gradients, step, observer);
		}
		const table = at(places.gradients, parts.embedding.offset);
		kernels.embeddingBackward(this.tokens, gradient, table, this.noPositionGradient, rows, shape.width, 1);
		return loss;
	}

	/** Euclidean norm of the latest gradients. */
	gradientNorm(): number {
		let squares = 0;
		for (const { offset, length } of llamaTensors(this.shape))
			squares += this.kernels.sumOfSquares(this.places.gradients + 4 * offset, 1, length);
		return Math.sqrt(squares);
	}

	/** One step of AdamW with the latest gradients times `gradientScale`; norms are not decayed. `step` is 1 for the first. */
	applyGradients(adam: AdamOptions, step: number, gradientScale = 1): void {
		const { parameters, firstMoments, secondMoments, gradients } = this.places;
		const decayed = adamScalars(adam, step, gradientScale);
		const kept = adamScalars({ ...adam, weightDecay: 0 }, step, gradientScale);
		for (const { shape, offset, length } of llamaTensors(this.shape)) {
			const at = 4 * offset;
			const scalars = shape.length > 1 ? decayed : kept;
			this.kernels.adam(parameters + at, firstMoments + at, secondMoments + at, gradients + at, length, ...scalars);
		}
	}

	private runForward(tokens: Int32Array, targets: Int32Array, observer?: Observer): void {
		const { kernels, places, activations, shape } = this;
		const { parts, block } = llamaLayout(shape);
		const rows = shape.batch * shape.sequenceTokens;
		this.copyTokens(tokens, this.tokens);
		this.copyTokens(targets, this.targets);
		const table = places.parameters + 4 * parts.embedding.offset;
		kernels.embeddingForward(this.tokens, table, this.noPosition, activations[0] as Address, rows, shape.width, 1);
		for (const [layer, one] of this.blocks.entries()) {
			const weights = places.parameters + 4 * (parts.blocks.offset + layer * block.length);
			one.forward(weights, activations[layer] as Address, activations[layer + 1] as Address, observer);
		}
		const last = activations[shape.layers] as Address;
		const norm = places.parameters + 4 * parts.norm.offset;
		kernels.rmsNormForward(last, norm, this.normal, this.inverses, rows, shape.width, NORM_EPSILON);
	}

	/** The head's weights or gradients, width x vocabulary. */
	private headAt(base: Address) {
		const { width, vocabulary } = this.shape;
		return transpose(matrix(base + 4 * llamaLayout(this.shape).parts.head.offset, vocabulary, width));
	}

	private copyTokens(numbers: Int32Array, to: Address): void {
		const rows = this.shape.batch * this.shape.sequenceTokens;
		if (numbers.length !== rows) throw new RangeError(`${numbers.length} tokens for a batch of ${rows}`);
		for (const number of numbers)
			if (!(number >= 0 && number < this.shape.vocabulary))
				throw new RangeError(`no token ${number} of ${this.shape.vocabulary}`);
		new Int32Array(this.kernels.memory.buffer, to, rows).set(numbers);
	}
}

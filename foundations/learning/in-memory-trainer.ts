/** Trains a small GPT with everything in memory: the reference that streamed trainers are compared with, bit for bit. */
import { type AdamOptions, adamScalars } from './adam.ts';
import type { Address, Kernels } from './kernels/kernels.ts';
import { Arena } from './memory-layout.ts';
import { Embedding, type GptShape, gptParameters, Head, initializeSegment, segmentLayouts } from './small-gpt.ts';
import { TransformerBlock } from './transformer-block.ts';

export class InMemoryTrainer {
	readonly shape: GptShape;
	private readonly kernels: Kernels;
	private readonly arena: Arena;
	private readonly adam: AdamOptions;
	private readonly embedding: Embedding;
	private readonly block: TransformerBlock;
	private readonly head: Head;
	private readonly parameters: Address;
	private readonly gradients: Address;
	private readonly firstMoments: Address;
	private readonly secondMoments: Address;
	/** Inputs of all blocks and of the head. */
	private readonly activations: readonly Address[];
	private readonly gradient: Address;
	private readonly tokens: Address;
	private readonly targets: Address;
	private steps = 0;

	constructor(kernels: Kernels, shape: GptShape, options: { seed: number; adam: AdamOptions }) {
		const arena = new Arena(kernels.memory);
		const length = gptParameters(shape);
		const rows = shape.batch * shape.sequenceTokens;
		this.kernels = kernels;
		this.shape = shape;
		this.arena = arena;
		this.adam = options.adam;
		this.embedding = new Embedding(kernels, shape);
		this.block = new TransformerBlock(kernels, shape, arena);
		this.head = new Head(kernels, shape, arena);
		this.parameters = arena.floats(length);
		this.gradients = arena.floats(length);
		this.firstMoments = arena.floats(length);
		this.secondMoments = arena.floats(length);
		this.activations = Array.from({ length: shape.layers + 1 }, () => arena.floats(rows * shape.width));
		this.gradient = arena.floats(rows * shape.width);
		this.tokens = arena.floats(rows);
		this.targets = arena.floats(rows);
		let offset = 0;
		for (const [segment, layout] of segmentLayouts(shape).entries()) {
			initializeSegment(shape, segment, options.seed, arena.view(this.parameters + 4 * offset, layout.length));
			offset += layout.length;
		}
		for (const zeros of [this.firstMoments, this.secondMoments]) arena.view(zeros, length).fill(0);
	}

	/** All parameters, segment after segment; a view. */
	get weights(): Float32Array {
		return this.arena.view(this.parameters, gptParameters(this.shape));
	}

	/** The gradients of the latest step; a view. */
	get latestGradients(): Float32Array {
		return this.arena.view(this.gradients, gptParameters(this.shape));
	}

	/** One step of Adam on a batch of token numbers and of the tokens that follow them. Returns the mean loss before the step. */
	step(tokens: Int32Array, targets: Int32Array): number {
		const loss = this.computeGradients(tokens, targets);
		const scalars = adamScalars(this.adam, ++this.steps);
		const { parameters, firstMoments, secondMoments, gradients } = this;
		this.kernels.adam(parameters, firstMoments, secondMoments, gradients, gptParameters(this.shape), ...scalars);
		return loss;
	}

	/** Forward and backward without a step. Returns the mean loss. */
	computeGradients(tokens: Int32Array, targets: Int32Array): number {
		const { layers } = this.shape;
		const buffer = this.kernels.memory.buffer;
		new Int32Array(buffer, this.tokens, tokens.length).set(tokens);
		new Int32Array(buffer, this.targets, targets.length).set(targets);
		this.latestGradients.fill(0);
		const starts = this.segmentStarts();
		const at = (base: Address, segment: number) => base + 4 * (starts[segment] as number);
		const activation = (layer: number) => this.activations[layer] as Address;
		this.embedding.forward(at(this.parameters, 0), this.tokens, activation(0));
		for (let layer = 0; layer < layers; layer++)
			this.block.forward(at(this.parameters, layer + 1), activation(layer), activation(layer + 1));
		const head = layers + 1;
		const loss = this.head.step(
			at(this.parameters, head),
			activation(layers),
			this.targets,
			this.gradient,
			at(this.gradients, head),
		);
		for (let layer = layers - 1; layer >= 0; layer--) {
			const [weights, gradients] = [at(this.parameters, layer + 1), at(this.gradients, layer + 1)];
			this.block.backward(weights, activation(layer), {}, this.gradient, this.gradient, gradients);
		}
		this.embedding.backward(this.tokens, this.gradient, at(this.gradients, 0));
		return loss;
	}

	private segmentStarts(): number[] {
		let start = 0;
		return segmentLayouts(this.shape).map(({ length }) => {
			start += length;
			return start - length;
		});
	}
}

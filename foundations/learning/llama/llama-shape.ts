/** Sizes of a Llama-style model, where its weights lie, and their names in files at Hugging Face. */
import { createRandom, type Random } from '@assay/contract';
import { type Layout, layOut } from '../memory-layout.ts';

export interface LlamaShape {
	/** Sequences in a batch. */
	readonly batch: number;
	readonly sequenceTokens: number;
	readonly width: number;
	readonly layers: number;
	readonly heads: number;
	/** Key and value heads, each shared by heads / keyValueHeads query heads. */
	readonly keyValueHeads: number;
	readonly hiddenWidth: number;
	readonly vocabulary: number;
	/** Base of the rotary embedding's angles, 10,000 in Llama 2. */
	readonly ropeBase: number;
}

/** Epsilon of the norms, as Llama's. */
export const NORM_EPSILON = 1e-5;

/** The seven linear layers of a block. */
export const linearNames = ['query', 'key', 'value', 'out', 'gate', 'up', 'down'] as const;
export type LinearName = (typeof linearNames)[number];

export type BlockPart = LinearName | 'norm1' | 'norm2';

/** Outputs and inputs of each linear layer; its weight is [outputs, inputs], row-major, and there are no biases. */
export function linearSizes(shape: LlamaShape): Readonly<Record<LinearName, { outputs: number; inputs: number }>> {
	const { width, hiddenWidth } = shape;
	const shared = (width / shape.heads) * shape.keyValueHeads;
	return {
		query: { outputs: width, inputs: width },
		key: { outputs: shared, inputs: width },
		value: { outputs: shared, inputs: width },
		out: { outputs: width, inputs: width },
		gate: { outputs: hiddenWidth, inputs: width },
		up: { outputs: hiddenWidth, inputs: width },
		down: { outputs: width, inputs: hiddenWidth },
	};
}

/** Where a block's weights lie in its run of floats. */
export function blockLayout(shape: LlamaShape): Layout<BlockPart> {
	const sizes = linearSizes(shape);
	const floats = (name: LinearName) => sizes[name].outputs * sizes[name].inputs;
	return layOut({
		norm1: shape.width,
		query: floats('query'),
		key: floats('key'),
		value: floats('value'),
		out: floats('out'),
		norm2: shape.width,
		gate: floats('gate'),
		up: floats('up'),
		down: floats('down'),
	});
}

/** One tensor of the model: its name at Hugging Face, its shape, and where it lies in the run of all parameters. */
export interface LlamaTensor {
	readonly name: string;
	readonly shape: readonly number[];
	/** In floats from the start of the parameters. */
	readonly offset: number;
	readonly length: number;
}

const BLOCK_NAMES: Readonly<Record<BlockPart, string>> = {
	norm1: 'input_layernorm',
	query: 'self_attn.q_proj',
	key: 'self_attn.k_proj',
	value: 'self_attn.v_proj',
	out: 'self_attn.o_proj',
	norm2: 'post_attention_layernorm',
	gate: 'mlp.gate_proj',
	up: 'mlp.up_proj',
	down: 'mlp.down_proj',
};

/** Places of embedding, blocks, last norm and head: one run of floats in this order. */
export function llamaLayout(shape: LlamaShape) {
	const block = blockLayout(shape);
	const table = shape.vocabulary * shape.width;
	const sections = layOut({ embedding: table, blocks: shape.layers * block.length, norm: shape.width, head: table });
	return { ...sections, block };
}

/** All parameters: 2 v d for embedding and head, d for the last norm, and per block 2 d + 2 d^2 + 2 d d_kv + 3 d h. */
export function llamaParameters(shape: LlamaShape): number {
	return llamaLayout(shape).length;
}

/** Every tensor in the order of the parameters. */
export function llamaTensors(shape: LlamaShape): LlamaTensor[] {
	const { parts, block } = llamaLayout(shape);
	const { width, vocabulary } = shape;
	const sizes = linearSizes(shape);
	const shapeOf = (part: BlockPart): number[] =>
		part === 'norm1' || part === 'norm2' ? [width] : [sizes[part].outputs, sizes[part].inputs];
	const blocks = Array.from({ length: shape.layers }, (_, layer) =>
		(Object.keys(BLOCK_NAMES) as BlockPart[]).map((part) => ({
			name: `model.layers.${layer}.${BLOCK_NAMES[part]}.weight`,
			shape: shapeOf(part),
			offset: parts.blocks.offset + layer * block.length + block.parts[part].offset,
			length: block.parts[part].length,
		})),
	).flat();
	return [
		{ name: 'model.embed_tokens.weight', shape: [vocabulary, width], ...parts.embedding },
		...blocks,
		{ name: 'model.norm.weight', shape: [width], ...parts.norm },
		{ name: 'lm_head.weight', shape: [vocabulary, width], ...parts.head },
	];
}

/**
 * Fills the parameters with first values: normal deviates of spread 0.02, those of the projections back into the residual stream divided by
 * sqrt(2 layers), ones for norms. A tensor's values depend on seed and name alone.
 */
export function initializeLlama(shape: LlamaShape, seed: number, parameters: Float32Array): void {
	const random: Random = createRandom(seed);
	for (const { name, offset, length } of llamaTensors(shape)) {
		const part = parameters.subarray(offset, offset + length);
		if (name.includes('norm')) {
			part.fill(1);
			continue;
		}
		const residual = name.includes('o_proj') || name.includes('down_proj');
		const spread = residual ? 0.02 / Math.sqrt(2 * shape.layers) : 0.02;
		const own = random.fork(name);
		for (let i = 0; i < length; i++) part[i] = spread * own.normal();
	}
}

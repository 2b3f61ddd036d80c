/**
 * One plain description of a transformer, enough to count its parameters, its floating-point operations and its memory
 * traffic. It is JSON: a user can write it in a file, and every known model is one.
 */
import { InputError, type Path, parseOrExplain, show } from '@assay/contract';
import { z } from 'zod';
import { NUMBER_FORMATS } from './number-format.ts';

/** No dimension of a transformer is larger; beyond it a value is a slip of the pen. */
export const MAX_DIMENSION = 10_000_000;
/** No transformer has more layers. */
export const MAX_LAYERS = 10_000;

const dimension = z.int().min(1).max(MAX_DIMENSION);
const layerCount = z.int().min(1).max(MAX_LAYERS);

const standardAttentionSchema = z.strictObject({
	/** `multi-head`: a key-value head per query head; `grouped-query`: fewer; `multi-query`: one. */
	kind: z.enum(['multi-head', 'grouped-query', 'multi-query']),
	/** Query heads. */
	heads: dimension,
	/** Key-value heads; divides `heads`. */
	kvHeads: dimension,
	/** Width of one head. `heads * headDim` need not equal the hidden width. */
	headDim: dimension,
	/** Biases on the query, key and value projections. */
	queryKeyValueBias: z.boolean().default(false),
	/** Bias on the output projection. */
	outputBias: z.boolean().default(false),
	/** Queries and keys are normalised per head before their product (Qwen3, Gemma 3). */
	queryKeyNorm: z.boolean().default(false),
	/** `layers` of the layers attend to the last `tokens` tokens only, and cache no more; null: all attend to everything. */
	slidingWindow: z.strictObject({ tokens: dimension, layers: layerCount }).nullable().default(null),
});

const latentAttentionSchema = z.strictObject({
	/** Multi-head latent attention (DeepSeek-V2): keys and values are up-projections of one cached latent per token. */
	kind: z.literal('latent'),
	heads: dimension,
	/** Width of the cached latent (`kv_lora_rank`). */
	kvRank: dimension,
	/** Width of the queries' latent (`q_lora_rank`); null: queries are projected directly. */
	queryRank: dimension.nullable().default(null),
	/** Width per head of queries and keys that carry no position (`qk_nope_head_dim`). */
	nopeHeadDim: dimension,
	/** Width of the rotary part, one key for all heads, cached beside the latent (`qk_rope_head_dim`). */
	ropeHeadDim: dimension,
	/** Width per head of values (`v_head_dim`). */
	valueHeadDim: dimension,
	/** Biases on the query and key-value down-projections. */
	queryKeyValueBias: z.boolean().default(false),
	/** Bias on the output projection. */
	outputBias: z.boolean().default(false),
});

const expertsSchema = z.strictObject({
	/** Routed experts per mixture-of-experts layer. */
	count: dimension,
	/** Routed experts a token visits. */
	activePerToken: dimension,
	/** Inner width of one routed expert. */
	width: dimension,
	/** Experts every token visits, and the inner width of one. */
	shared: z
		.strictObject({
			count: dimension,
			width: dimension,
			/** A learned scalar gate, hidden to 1, scales their output (Qwen2-MoE). */
			gated: z.boolean().default(false),
		})
		.nullable()
		.default(null),
	/** Positions (0-based) of the layers that keep the dense feed-forward; every other layer has experts. */
	denseLayers: z
		.array(
			z
				.int()
				.min(0)
				.max(MAX_LAYERS - 1),
		)
		.max(MAX_LAYERS)
		.default([]),
	/** The router adds a bias per expert (DeepSeek-V3's load balancing). */
	routerBias: z.boolean().default(false),
});

/** The schema of {@link TransformerModel}. */
export const transformerModelSchema = z.strictObject({
	name: z.string().min(1).max(200),
	family: z.string().min(1).max(100),
	/** Where the numbers come from: a repository, a paper, the user's file. */
	source: z.string().min(1).max(1000),
	layers: layerCount,
	/** Width of the residual stream. */
	hidden: dimension,
	attention: z.discriminatedUnion('kind', [standardAttentionSchema, latentAttentionSchema]),
	/** False for encoders (BERT), whose tokens attend to all others and which do not generate. */
	causal: z.boolean().default(true),
	/** The dense layers' feed-forward. Experts have its kind and their own width. */
	feedForward: z.strictObject({
		/** `gated`: three matrices (SwiGLU, GeGLU); `plain`: two. */
		kind: z.enum(['gated', 'plain']),
		width: dimension,
		bias: z.boolean().default(false),
	}),
	/** Null for dense models. */
	experts: expertsSchema.nullable().default(null),
	/** Rows of the token embedding. */
	vocabulary: dimension,
	/** Columns of the token embedding where they are not `hidden`; two matrices then project in and out (OPT-350M). */
	embeddingWidth: dimension.nullable().default(null),
	/** Rows of a second embedding for token types (BERT); 0: none. */
	tokenTypes: z.int().min(0).max(MAX_DIMENSION).default(0),
	/** Longest context it was made for. */
	contextTokens: dimension,
	/** `tied`: logits reuse the token embedding; `untied`: a matrix of their own; `pooler`: no logits but a dense layer (BERT). */
	outputHead: z.enum(['tied', 'untied', 'pooler']),
	/** A bias per vocabulary entry on the logits (Phi-2, GPT-J). */
	outputHeadBias: z.boolean().default(false),
	position: z.discriminatedUnion('kind', [
		/** A table with a row per position, `positions` rows (OPT's has two more than its context). */
		z.strictObject({ kind: z.literal('learned'), positions: dimension }),
		z.strictObject({ kind: z.literal('rotary') }),
		z.strictObject({ kind: z.literal('alibi') }),
	]),
	norms: z.strictObject({
		kind: z.enum(['layer-norm', 'rms-norm']),
		/** Norms over the hidden width in each layer: 2 usually, 1 where attention and feed-forward share it, 4 in Gemma 2. */
		perLayer: z.int().min(0).max(16),
		/** One after the last layer. */
		final: z.boolean().default(true),
		/** One after the embedding (BLOOM, BERT). */
		embedding: z.boolean().default(false),
	}),
	/** The format its parameters are published in. */
	parametersDtype: z.enum(NUMBER_FORMATS),
});

/** A transformer as plain data; see the schema's fields. */
export type TransformerModel = z.output<typeof transformerModelSchema>;

/** What a user writes: the same, with the defaults left out. */
export type TransformerModelInput = z.input<typeof transformerModelSchema>;

/** The attention of all but DeepSeek's models. */
export type StandardAttention = z.output<typeof standardAttentionSchema>;

/**
 * Checks a description that came from outside and fills in its defaults.
 * Raises an `InputError` that names the first wrong field under `place`.
 */
export function parseTransformerModel(value: unknown, place: Path = ['model']): TransformerModel {
	const model = parseOrExplain(transformerModelSchema, value, place);
	const { attention, experts } = model;
	if (attention.kind !== 'latent') {
		if (attention.heads % attention.kvHeads !== 0) {
			throw new InputError({
				path: [...place, 'attention', 'kvHeads'],
				found: show(attention.kvHeads),
				expected: `a divisor of heads (${attention.heads})`,
			});
		}
		const kind = attentionKind(attention.heads, attention.kvHeads);
		if (attention.kind !== kind) {
			throw new InputError({
				path: [...place, 'attention', 'kind'],
				found: show(attention.kind),
				expected: `${kind} for ${attention.heads} heads with ${attention.kvHeads} key-value heads`,
				nearest: kind,
			});
		}
		if (attention.slidingWindow !== null && attention.slidingWindow.layers > model.layers) {
			throw new InputError({
				path: [...place, 'attention', 'slidingWindow', 'layers'],
				found: show(attention.slidingWindow.layers),
				expected: `at most layers (${model.layers})`,
			});
		}
	}
	if (experts !== null) {
		if (experts.activePerToken > experts.count) {
			throw new InputError({
				path: [...place, 'experts', 'activePerToken'],
				found: show(experts.activePerToken),
				expected: `at most count (${experts.count})`,
			});
		}
		const seen = new Set<number>();
		for (const [index, layer] of experts.denseLayers.entries()) {
			if (layer >= model.layers || seen.has(layer)) {
				throw new InputError({
					path: [...place, 'experts', 'denseLayers', index],
					found: show(layer),
					expected: `distinct layers from 0 to ${model.layers - 1}`,
				});
			}
			seen.add(layer);
		}
	}
	return model;
}

/** The name of the attention with so many query and key-value heads; a single head counts as multi-head. */
export function attentionKind(heads: number, kvHeads: number): StandardAttention['kind'] {
	if (kvHeads === heads) return 'multi-head';
	return kvHeads === 1 ? 'multi-query' : 'grouped-query';
}

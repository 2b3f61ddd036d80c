/** The shape of a ZAYA model, from the config.json of the transformers library or from the published restatement of ZAYA1's. */
import { InputError, parseOrExplain, show } from '@assay/contract';
import { z } from 'zod';

/** What counting and running a ZAYA model takes. */
export interface ZayaConfig {
	readonly layers: number;
	/** Width of the residual stream. */
	readonly hidden: number;
	readonly queryHeads: number;
	readonly kvHeads: number;
	readonly headDim: number;
	readonly experts: number;
	/** Inner width of an expert, after its gate. */
	readonly expertWidth: number;
	/** Width of the router's state and of its layers. */
	readonly routerWidth: number;
	readonly vocabulary: number;
	readonly contextTokens: number;
	/** Share of a head's channels that rotate with the position. */
	readonly rotaryShare: number;
	readonly ropeTheta: number;
	readonly normEpsilon: number;
}

/** ZAYA1 as pretrained at 4K context (theta 10,000; the released long-context checkpoint has 5,000,000). */
export const zaya1: ZayaConfig = {
	layers: 40,
	hidden: 2048,
	queryHeads: 8,
	kvHeads: 2,
	headDim: 128,
	experts: 16,
	expertWidth: 2048,
	routerWidth: 256,
	vocabulary: 262_272,
	contextTokens: 131_072,
	rotaryShare: 0.5,
	ropeTheta: 10_000,
	normEpsilon: 1e-5,
};

const size = z.int().min(1).max(10_000_000);
const common = {
	hidden_size: size,
	vocab_size: size,
	max_position_embeddings: size.default(zaya1.contextTokens),
	tie_word_embeddings: z.literal(true).default(true),
};

/** The transformers library's names. */
const librarySchema = z.looseObject({
	...common,
	num_hidden_layers: size.max(10_000),
	num_attention_heads: size,
	num_key_value_heads: size,
	head_dim: size,
	moe_intermediate_size: size,
	num_experts: size,
	router_hidden_size: size,
	top_k: z.literal(1).default(1),
	cca_time0: z.literal(2).default(2),
	cca_time1: z.literal(2).default(2),
	partial_rotary_factor: z.number().min(0).max(1).default(0.5),
	rope_theta: z.number().positive().default(zaya1.ropeTheta),
	rms_norm_eps: z.number().positive().max(1).default(1e-5),
});

/** The names of the published configuration. */
const publishedSchema = z.looseObject({
	...common,
	num_blocks: size.max(10_000),
	norm_eps: z.number().positive().max(1).default(1e-5),
	attention: z.looseObject({
		query_heads: size,
		kv_heads: size,
		head_dim: size,
		conv_kernel_depthwise: z.literal(2).default(2),
		conv_kernel_grouped: z.literal(2).default(2),
		partial_rotary_factor: z.number().min(0).max(1).default(0.5),
		rope_theta: z.number().positive().default(zaya1.ropeTheta),
	}),
	moe: z.looseObject({
		experts: size,
		top_k: z.literal(1).default(1),
		skip_expert: z.literal(true).default(true),
		ffn_post_activation: size,
		router_latent: size,
		router_mlp_layers: z.literal(3).default(3),
	}),
});

/** Whether a parsed config.json describes a ZAYA model. */
export function isZayaConfig(json: unknown): boolean {
	return typeof json === 'object' && json !== null && 'model_type' in json && json.model_type === 'zaya';
}

/** Reads a config in either spelling. Raises an `InputError` that names the file and the first wrong key. */
export function readZayaConfig(json: unknown, fileName: string): ZayaConfig {
	if (typeof json !== 'object' || json === null || Array.isArray(json))
		throw new InputError({ path: [fileName], found: show(json), expected: 'the content of a config.json' });
	const config = 'num_blocks' in json ? fromPublished(json, fileName) : fromLibrary(json, fileName);
	return checkZayaConfig(config, fileName);
}

function fromLibrary(json: object, fileName: string): ZayaConfig {
	const read = parseOrExplain(librarySchema, json, [fileName]);
	return {
		layers: read.num_hidden_layers,
		hidden: read.hidden_size,
		queryHeads: read.num_attention_heads,
		kvHeads: read.num_key_value_heads,
		headDim: read.head_dim,
		experts: read.num_experts,
		expertWidth: read.moe_intermediate_size,
		routerWidth: read.router_hidden_size,
		vocabulary: read.vocab_size,
		contextTokens: read.max_position_embeddings,
		rotaryShare: read.partial_rotary_factor,
		ropeTheta: read.rope_theta,
		normEpsilon: read.rms_norm_eps,
	};
}

function fromPublished(json: object, fileName: string): ZayaConfig {
	const read = parseOrExplain(publishedSchema, json, [fileName]);
	return {
		layers: read.num_blocks,
		hidden: read.hidden_size,
		queryHeads: read.attention.query_heads,
		kvHeads: read.attention.kv_heads,
		headDim: read.attention.head_dim,
		experts: read.moe.experts,
		expertWidth: read.moe.ffn_post_activation,
		routerWidth: read.moe.router_latent,
		vocabulary: read.vocab_size,
		contextTokens: read.max_position_embeddings,
		rotaryShare: read.attention.partial_rotary_factor,
		ropeTheta: read.attention.rope_theta,
		normEpsilon: read.norm_eps,
	};
}

function checkZayaConfig(config: ZayaConfig, fileName: string): ZayaConfig {
	if (config.queryHeads % config.kvHeads !== 0)
		throw new InputError({
			path: [fileName, 'key-value heads'],
			found: show(config.kvHeads),
			expected: `a divisor of the query heads (${config.queryHeads})`,
		});
	if ((config.kvHeads * config.headDim) % 2 !== 0)
		throw new InputError({
			path: [fileName, 'head_dim'],
			found: show(config.headDim),
			expected: 'an even width of all values, half of which come from the token before',
		});
	return config;
}

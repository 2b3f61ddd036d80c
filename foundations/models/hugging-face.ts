/**
 * Reads the `config.json` of a Hugging Face repository. Each supported `model_type` has a schema of the keys that matter,
 * with the defaults that the transformers library gives them; other keys are ignored.
 */
import { InputError, nearestName, type Path, parseOrExplain, show } from '@assay/contract';
import { z } from 'zod';
import type { NumberFormat } from './number-format.ts';
import {
	attentionKind,
	MAX_DIMENSION,
	MAX_LAYERS,
	parseTransformerModel,
	type TransformerModel,
	type TransformerModelInput,
} from './transformer.ts';

const dimension = z.int().min(1).max(MAX_DIMENSION);
const layers = z.int().min(1).max(MAX_LAYERS);
const optional = dimension.nullish();
const flag = (standard: boolean) =>
	z
		.boolean()
		.nullish()
		.transform((value) => value ?? standard);
const dimensionOr = (standard: number) => optional.transform((value) => value ?? standard);

/** What all readers return; name, source and format are added for all alike. */
type Architecture = Omit<TransformerModelInput, 'name' | 'family' | 'source' | 'parametersDtype'>;

/** Parses a part of the config, with all missing keys in one error. */
type Read = <S extends z.ZodObject>(schema: S) => z.output<S>;

/** A supported family: how it is called in `family`, and how its config is read. */
interface Family {
	readonly family: string;
	readonly read: (read: Read, place: Path) => Architecture;
}

/** Older or alternative spellings of keys, per `model_type`: the spelling found in some repositories, then the one read here. */
const RESPELT: Record<string, readonly (readonly [found: string, read: string])[]> = {
	bloom: [
		['n_embed', 'hidden_size'],
		['n_layer', 'num_hidden_layers'],
		['n_head', 'num_attention_heads'],
	],
	falcon: [
		['n_layer', 'num_hidden_layers'],
		['n_head', 'num_attention_heads'],
		['n_head_kv', 'num_kv_heads'],
	],
};

const FAMILIES: Record<string, Family> = {
	gpt2: { family: 'GPT-2', read: readGpt2 },
	gptj: { family: 'GPT-J', read: readGptJ },
	gpt_neox: { family: 'GPT-NeoX', read: readGptNeoX },
	opt: { family: 'OPT', read: readOpt },
	bloom: { family: 'BLOOM', read: readBloom },
	falcon: { family: 'Falcon', read: readFalcon },
	bert: { family: 'BERT', read: readBert },
	llama: { family: 'Llama', read: readLlama },
	mistral: { family: 'Mistral', read: readMistral },
	mixtral: { family: 'Mixtral', read: readMixtral },
	qwen2: { family: 'Qwen2', read: readQwen2 },
	qwen3: { family: 'Qwen3', read: readQwen3 },
	qwen2_moe: { family: 'Qwen2-MoE', read: readQwen2Moe },
	qwen3_moe: { family: 'Qwen3-MoE', read: readQwen3Moe },
	gemma: { family: 'Gemma', read: readGemma },
	gemma2: { family: 'Gemma 2', read: readGemma2 },
	gemma3_text: { family: 'Gemma 3', read: readGemma3 },
	phi: { family: 'Phi', read: readPhi },
	phi3: { family: 'Phi-3', read: readPhi3 },
	deepseek_v2: { family: 'DeepSeek-V2', read: (read, place) => readDeepSeek(read, place, false) },
	deepseek_v3: { family: 'DeepSeek-V3', read: (read, place) => readDeepSeek(read, place, true) },
};

/** The `model_type`s that {@link readHuggingFaceConfig} understands. */
export const HUGGING_FACE_MODEL_TYPES: readonly string[] = [...Object.keys(FAMILIES), 'gemma3'];

/**
 * Turns a parsed `config.json` into a description. `name` is what the model is called (the config's `_name_or_path`
 * unless told). A multimodal Gemma 3 config is read for its language model; DeepSeek-V3's multi-token prediction module is
 * left out, as in its published 671 B. Weights said to be quantised (`quantization_config`) set `parametersDtype`.
 *
 * Raises one `InputError` that names every missing key, or the first key with a value that cannot be: a wrong type, a
 * negative or absurd number, a width that its heads do not divide, an unknown `model_type` (with the nearest known).
 */
export function readHuggingFaceConfig(json: unknown, name?: string): TransformerModel {
	const config = asRecord(json, [name ?? 'config.json']);
	const namedInside = config['_name_or_path'];
	const called = name ?? (typeof namedInside === 'string' && namedInside !== '' ? namedInside.slice(0, 200) : 'config.json');
	const place: Path = [called];
	const type = config['model_type'];
	if (type === 'gemma3') {
		const inner = asRecord(config['text_config'], [...place, 'text_config']);
		return readText({ torch_dtype: config['torch_dtype'] ?? config['dtype'], ...inner }, 'gemma3_text', called, [
			...place,
			'text_config',
		]);
	}
	if (typeof type !== 'string' || !Object.hasOwn(FAMILIES, type)) {
		throw new InputError({
			path: [...place, 'model_type'],
			found: show(type),
			expected: `one of ${HUGGING_FACE_MODEL_TYPES.join(', ')}`,
			nearest: typeof type === 'string' ? nearestName(type, HUGGING_FACE_MODEL_TYPES) : undefined,
		});
	}
	return readText(config, type, called, place);
}

function readText(config: Record<string, unknown>, type: string, name: string, place: Path): TransformerModel {
	const family = FAMILIES[type];
	if (family === undefined) throw new Error(`no reader for ${type}`);
	const respelt: Record<string, unknown> = { ...config };
	for (const [found, read] of RESPELT[type] ?? []) respelt[read] ??= config[found];
	const read: Read = (schema) => parseComplete(schema, respelt, place);
	const architecture = family.read(read, place);
	return parseTransformerModel(
		{
			name: name.slice(0, 200) || 'config.json',
			family: family.family,
			source: `config.json of ${name.slice(0, 200)}`,
			...architecture,
			parametersDtype: readDtype(respelt, place),
		} satisfies TransformerModelInput,
		place,
	);
}

function asRecord(json: unknown, place: Path): Record<string, unknown> {
	if (typeof json !== 'object' || json === null || Array.isArray(json)) {
		throw new InputError({ path: place, found: show(json), expected: 'an object, the content of a config.json' });
	}
	return Object.fromEntries(Object.entries(json));
}

/** Parses, but first names all missing keys together: someone who forgot three should not have to try three times. */
function parseComplete<S extends z.ZodObject>(schema: S, config: Record<string, unknown>, place: Path): z.output<S> {
	const missing = Object.entries(schema.shape)
		.filter(([key, field]) => (config[key] === undefined || config[key] === null) && !accepts(field, config[key]))
		.map(([key]) => key);
	if (missing.length > 0) {
		throw new InputError({ path: place, found: `no ${missing.join(', no ')}`, expected: 'these keys to be given' });
	}
	return parseOrExplain(schema, config, place);
}

function accepts(field: z.core.$ZodType, value: unknown): boolean {
	return z.core.safeParse(field, value).success;
}

function readDtype(config: Record<string, unknown>, place: Path): NumberFormat {
	const quantization = z
		.object({ quant_method: z.string().optional(), bits: z.int().optional() })
		.nullish()
		.catch(undefined)
		.parse(config['quantization_config']);
	if (quantization?.quant_method === 'fp8') return 'fp8';
	if (quantization?.bits === 4) return 'int4';
	if (quantization?.bits === 8) return 'int8';
	const key = config['torch_dtype'] === undefined && config['dtype'] !== undefined ? 'dtype' : 'torch_dtype';
	const written = config[key];
	if (written === undefined || written === null) return 'fp32';
	const formats: Record<string, NumberFormat> = {
		float64: 'fp64',
		float32: 'fp32',
		bfloat16: 'bf16',
		float16: 'fp16',
		float8_e4m3fn: 'fp8',
	};
	const format = typeof written === 'string' && Object.hasOwn(formats, written) ? formats[written] : undefined;
	if (format === undefined) {
		throw new InputError({
			path: [...place, key],
			found: show(written),
			expected: `one of ${Object.keys(formats).join(', ')}`,
			nearest: typeof written === 'string' ? nearestName(written, Object.keys(formats)) : undefined,
		});
	}
	return format;
}

/** Width of a head where the config gives only the whole: raises an `InputError` if the heads do not divide it. */
function headWidth(place: Path, key: string, width: number, heads: number): number {
	if (width % heads !== 0) {
		throw new InputError({
			path: [...place, key],
			found: show(width),
			expected: `a multiple of the ${heads} attention heads`,
			nearest: String(Math.max(1, Math.round(width / heads)) * heads),
		});
	}
	return width / heads;
}

/** Checks that query heads share key-value heads evenly. */
function requireGroups(place: Path, heads: number, kvHeads: number, key = 'num_key_value_heads'): void {
	if (heads % kvHeads !== 0) {
		throw new InputError({
			path: [...place, key],
			found: show(kvHeads),
			expected: `a divisor of the ${heads} attention heads`,
		});
	}
}

function requireAtMost(place: Path, key: string, value: number, limitKey: string, limit: number): void {
	if (value > limit) {
		throw new InputError({ path: [...place, key], found: show(value), expected: `at most ${limitKey} (${limit})` });
	}
}

/** Attention whose biases are all present or all absent. */
function uniformAttention(heads: number, kvHeads: number, headDim: number, bias: boolean) {
	return { kind: attentionKind(heads, kvHeads), heads, kvHeads, headDim, queryKeyValueBias: bias, outputBias: bias };
}

const tied = (value: boolean): 'tied' | 'untied' => (value ? 'tied' : 'untied');

function readGpt2(read: Read, place: Path): Architecture {
	const c = read(
		z.object({
			vocab_size: dimension,
			n_positions: dimension,
			n_embd: dimension,
			n_layer: layers,
			n_head: dimension,
			n_inner: optional,
			tie_word_embeddings: flag(true),
		}),
	);
	return {
		layers: c.n_layer,
		hidden: c.n_embd,
		attention: uniformAttention(c.n_head, c.n_head, headWidth(place, 'n_embd', c.n_embd, c.n_head), true),
		feedForward: { kind: 'plain', width: c.n_inner ?? 4 * c.n_embd, bias: true },
		vocabulary: c.vocab_size,
		contextTokens: c.n_positions,
		outputHead: tied(c.tie_word_embeddings),
		position: { kind: 'learned', positions: c.n_positions },
		norms: { kind: 'layer-norm', perLayer: 2 },
	};
}

function readGptJ(read: Read, place: Path): Architecture {
	const c = read(
		z.object({
			vocab_size: dimension,
			n_positions: dimension,
			n_embd: dimension,
			n_layer: layers,
			n_head: dimension,
			n_inner: optional,
			tie_word_embeddings: flag(false),
		}),
	);
	return {
		layers: c.n_layer,
		hidden: c.n_embd,
		attention: uniformAttention(c.n_head, c.n_head, headWidth(place, 'n_embd', c.n_embd, c.n_head), false),
		feedForward: { kind: 'plain', width: c.n_inner ?? 4 * c.n_embd, bias: true },
		vocabulary: c.vocab_size,
		contextTokens: c.n_positions,
		outputHead: tied(c.tie_word_embeddings),
		outputHeadBias: true,
		position: { kind: 'rotary' },
		norms: { kind: 'layer-norm', perLayer: 1 },
	};
}

function readGptNeoX(read: Read, place: Path): Architecture {
	const c = read(
		z.object({
			vocab_size: dimension,
			max_position_embeddings: dimension,
			hidden_size: dimension,
			num_hidden_layers: layers,
			num_attention_heads: dimension,
			intermediate_size: dimension,
			attention_bias: flag(true),
			tie_word_embeddings: flag(false),
		}),
	);
	const headDim = headWidth(place, 'hidden_size', c.hidden_size, c.num_attention_heads);
	return {
		layers: c.num_hidden_layers,
		hidden: c.hidden_size,
		attention: uniformAttention(c.num_attention_heads, c.num_attention_heads, headDim, c.attention_bias),
		feedForward: { kind: 'plain', width: c.intermediate_size, bias: true },
		vocabulary: c.vocab_size,
		contextTokens: c.max_position_embeddings,
		outputHead: tied(c.tie_word_embeddings),
		position: { kind: 'rotary' },
		norms: { kind: 'layer-norm', perLayer: 2 },
	};
}

function readOpt(read: Read, place: Path): Architecture {
	const c = read(
		z.object({
			vocab_size: dimension,
			max_position_embeddings: dimension,
			hidden_size: dimension,
			num_hidden_layers: layers,
			num_attention_heads: dimension,
			ffn_dim: dimension,
			word_embed_proj_dim: optional,
			do_layer_norm_before: flag(true),
			_remove_final_layer_norm: flag(false),
			enable_bias: flag(true),
			tie_word_embeddings: flag(true),
		}),
	);
	const headDim = headWidth(place, 'hidden_size', c.hidden_size, c.num_attention_heads);
	const narrow = c.word_embed_proj_dim ?? c.hidden_size;
	return {
		layers: c.num_hidden_layers,
		hidden: c.hidden_size,
		attention: uniformAttention(c.num_attention_heads, c.num_attention_heads, headDim, c.enable_bias),
		feedForward: { kind: 'plain', width: c.ffn_dim, bias: c.enable_bias },
		vocabulary: c.vocab_size,
		embeddingWidth: narrow === c.hidden_size ? null : narrow,
		contextTokens: c.max_position_embeddings,
		outputHead: tied(c.tie_word_embeddings),
		// Its table keeps two rows before the first position.
		position: { kind: 'learned', positions: c.max_position_embeddings + 2 },
		norms: { kind: 'layer-norm', perLayer: 2, final: c.do_layer_norm_before && !c._remove_final_layer_norm },
	};
}

function readBloom(read: Read, place: Path): Architecture {
	const c = read(
		z.object({
			vocab_size: dimension,
			hidden_size: dimension,
			num_hidden_layers: layers,
			num_attention_heads: dimension,
			seq_length: dimensionOr(2048),
			tie_word_embeddings: flag(true),
		}),
	);
	const headDim = headWidth(place, 'hidden_size', c.hidden_size, c.num_attention_heads);
	return {
		layers: c.num_hidden_layers,
		hidden: c.hidden_size,
		attention: uniformAttention(c.num_attention_heads, c.num_attention_heads, headDim, true),
		feedForward: { kind: 'plain', width: 4 * c.hidden_size, bias: true },
		vocabulary: c.vocab_size,
		contextTokens: c.seq_length,
		outputHead: tied(c.tie_word_embeddings),
		position: { kind: 'alibi' },
		norms: { kind: 'layer-norm', perLayer: 2, embedding: true },
	};
}

function readFalcon(read: Read, place: Path): Architecture {
	const c = read(
		z.object({
			vocab_size: dimension,
			hidden_size: dimension,
			num_hidden_layers: layers,
			num_attention_heads: dimension,
			num_kv_heads: optional,
			num_ln_in_parallel_attn: z.int().min(1).max(2).nullish(),
			ffn_hidden_size: optional,
			max_position_embeddings: dimensionOr(2048),
			new_decoder_architecture: flag(false),
			multi_query: flag(true),
			parallel_attn: flag(true),
			bias: flag(false),
			alibi: flag(false),
			tie_word_embeddings: flag(true),
		}),
	);
	const heads = c.num_attention_heads;
	const kvHeads = c.new_decoder_architecture ? (c.num_kv_heads ?? heads) : c.multi_query ? 1 : heads;
	requireGroups(place, heads, kvHeads, 'num_kv_heads');
	const headDim = headWidth(place, 'hidden_size', c.hidden_size, heads);
	const sharedNorm = c.new_decoder_architecture ? c.num_ln_in_parallel_attn === 1 : c.parallel_attn;
	return {
		layers: c.num_hidden_layers,
		hidden: c.hidden_size,
		attention: uniformAttention(heads, kvHeads, headDim, c.bias),
		feedForward: { kind: 'plain', width: c.ffn_hidden_size ?? 4 * c.hidden_size, bias: c.bias },
		vocabulary: c.vocab_size,
		contextTokens: c.max_position_embeddings,
		outputHead: tied(c.tie_word_embeddings),
		position: { kind: c.alibi ? 'alibi' : 'rotary' },
		norms: { kind: 'layer-norm', perLayer: sharedNorm ? 1 : 2 },
	};
}

function readBert(read: Read, place: Path): Architecture {
	const c = read(
		z.object({
			vocab_size: dimension,
			max_position_embeddings: dimension,
			hidden_size: dimension,
			num_hidden_layers: layers,
			num_attention_heads: dimension,
			intermediate_size: dimension,
			type_vocab_size: dimensionOr(2),
		}),
	);
	const headDim = headWidth(place, 'hidden_size', c.hidden_size, c.num_attention_heads);
	return {
		layers: c.num_hidden_layers,
		hidden: c.hidden_size,
		attention: uniformAttention(c.num_attention_heads, c.num_attention_heads, headDim, true),
		causal: false,
		feedForward: { kind: 'plain', width: c.intermediate_size, bias: true },
		vocabulary: c.vocab_size,
		tokenTypes: c.type_vocab_size,
		contextTokens: c.max_position_embeddings,
		outputHead: 'pooler',
		position: { kind: 'learned', positions: c.max_position_embeddings },
		norms: { kind: 'layer-norm', perLayer: 2, final: false, embedding: true },
	};
}

/** The keys that all descendants of Llama share. */
const llamaShape = {
	vocab_size: dimension,
	max_position_embeddings: dimension,
	hidden_size: dimension,
	num_hidden_layers: layers,
	num_attention_heads: dimension,
	num_key_value_heads: optional,
	head_dim: optional,
	intermediate_size: dimension,
	tie_word_embeddings: flag(false),
};

type LlamaConfig = z.output<z.ZodObject<typeof llamaShape>>;

/** Rotary positions, RMS norms, gated feed-forward, no biases: what all descendants of Llama share. */
function llamaLike(place: Path, c: LlamaConfig) {
	const heads = c.num_attention_heads;
	const kvHeads = c.num_key_value_heads ?? heads;
	requireGroups(place, heads, kvHeads);
	const headDim = c.head_dim ?? headWidth(place, 'hidden_size', c.hidden_size, heads);
	return {
		layers: c.num_hidden_layers,
		hidden: c.hidden_size,
		attention: uniformAttention(heads, kvHeads, headDim, false),
		feedForward: { kind: 'gated', width: c.intermediate_size },
		vocabulary: c.vocab_size,
		contextTokens: c.max_position_embeddings,
		outputHead: tied(c.tie_word_embeddings),
		position: { kind: 'rotary' },
		norms: { kind: 'rms-norm', perLayer: 2 },
	} as const satisfies Architecture;
}

/** A sliding window over some layers, or none where the window is missing or no layer has it. */
function window(tokens: number | null | undefined, windowLayers: number) {
	return tokens === null || tokens === undefined || windowLayers <= 0 ? null : { tokens, layers: windowLayers };
}

function readLlama(read: Read, place: Path): Architecture {
	const c = read(z.object({ ...llamaShape, attention_bias: flag(false), mlp_bias: flag(false) }));
	const base = llamaLike(place, c);
	return {
		...base,
		attention: { ...base.attention, queryKeyValueBias: c.attention_bias, outputBias: c.attention_bias },
		feedForward: { ...base.feedForward, bias: c.mlp_bias },
	};
}

function readMistral(read: Read, place: Path): Architecture {
	const c = read(
		z.object({ ...llamaShape, num_key_value_heads: dimensionOr(8), sliding_window: dimension.nullable().default(4096) }),
	);
	const base = llamaLike(place, c);
	return { ...base, attention: { ...base.attention, slidingWindow: window(c.sliding_window, c.num_hidden_layers) } };
}

function readMixtral(read: Read, place: Path): Architecture {
	const c = read(
		z.object({
			...llamaShape,
			num_key_value_heads: dimensionOr(8),
			sliding_window: optional,
			num_local_experts: dimension,
			num_experts_per_tok: dimension,
		}),
	);
	const base = llamaLike(place, c);
	requireAtMost(place, 'num_experts_per_tok', c.num_experts_per_tok, 'num_local_experts', c.num_local_experts);
	return {
		...base,
		attention: { ...base.attention, slidingWindow: window(c.sliding_window, c.num_hidden_layers) },
		experts: { count: c.num_local_experts, activePerToken: c.num_experts_per_tok, width: c.intermediate_size },
	};
}

const qwenWindowShape = {
	use_sliding_window: flag(false),
	sliding_window: optional,
	max_window_layers: z.int().min(0).max(MAX_LAYERS).nullish(),
};

/** Qwen's window: off unless asked for, and only from layer `max_window_layers` on. */
function qwenWindow(c: z.output<z.ZodObject<typeof qwenWindowShape>>, layerCount: number) {
	return c.use_sliding_window ? window(c.sliding_window ?? 4096, layerCount - (c.max_window_layers ?? 28)) : null;
}

function readQwen2(read: Read, place: Path): Architecture {
	const c = read(z.object({ ...llamaShape, ...qwenWindowShape }));
	const base = llamaLike(place, c);
	return {
		...base,
		attention: { ...base.attention, queryKeyValueBias: true, slidingWindow: qwenWindow(c, c.num_hidden_layers) },
	};
}

function readQwen3(read: Read, place: Path): Architecture {
	const c = read(z.object({ ...llamaShape, ...qwenWindowShape, head_dim: dimensionOr(128), attention_bias: flag(false) }));
	const base = llamaLike(place, c);
	return {
		...base,
		attention: {
			...base.attention,
			queryKeyValueBias: c.attention_bias,
			outputBias: c.attention_bias,
			queryKeyNorm: true,
			slidingWindow: qwenWindow(c, c.num_hidden_layers),
		},
	};
}

const qwenExpertsShape = {
	num_experts: dimension,
	num_experts_per_tok: dimension,
	moe_intermediate_size: dimension,
	decoder_sparse_step: dimensionOr(1),
	mlp_only_layers: z
		.array(
			z
				.int()
				.min(0)
				.max(MAX_LAYERS - 1),
		)
		.max(MAX_LAYERS)
		.nullish(),
};

/** Layers without experts: those listed, and all but every `decoder_sparse_step`-th. */
function qwenDenseLayers(c: z.output<z.ZodObject<typeof qwenExpertsShape>>, layerCount: number): number[] {
	const listed = new Set(c.mlp_only_layers ?? []);
	return range(layerCount).filter((layer) => listed.has(layer) || (layer + 1) % c.decoder_sparse_step !== 0);
}

function readQwen2Moe(read: Read, place: Path): Architecture {
	const c = read(
		z.object({
			...llamaShape,
			...qwenWindowShape,
			...qwenExpertsShape,
			shared_expert_intermediate_size: dimension,
			qkv_bias: flag(true),
		}),
	);
	const base = llamaLike(place, c);
	requireAtMost(place, 'num_experts_per_tok', c.num_experts_per_tok, 'num_experts', c.num_experts);
	return {
		...base,
		attention: { ...base.attention, queryKeyValueBias: c.qkv_bias, slidingWindow: qwenWindow(c, c.num_hidden_layers) },
		experts: {
			count: c.num_experts,
			activePerToken: c.num_experts_per_tok,
			width: c.moe_intermediate_size,
			shared: { count: 1, width: c.shared_expert_intermediate_size, gated: true },
			denseLayers: qwenDenseLayers(c, c.num_hidden_layers),
		},
	};
}

function readQwen3Moe(read: Read, place: Path): Architecture {
	const c = read(
		z.object({
			...llamaShape,
			...qwenWindowShape,
			...qwenExpertsShape,
			num_key_value_heads: dimensionOr(4),
			attention_bias: flag(false),
		}),
	);
	const base = llamaLike(place, c);
	requireAtMost(place, 'num_experts_per_tok', c.num_experts_per_tok, 'num_experts', c.num_experts);
	return {
		...base,
		attention: {
			...base.attention,
			queryKeyValueBias: c.attention_bias,
			outputBias: c.attention_bias,
			queryKeyNorm: true,
			slidingWindow: qwenWindow(c, c.num_hidden_layers),
		},
		experts: {
			count: c.num_experts,
			activePerToken: c.num_experts_per_tok,
			width: c.moe_intermediate_size,
			denseLayers: qwenDenseLayers(c, c.num_hidden_layers),
		},
	};
}

const gemmaShape = { ...llamaShape, head_dim: dimensionOr(256), tie_word_embeddings: flag(true) };

function readGemma(read: Read, place: Path): Architecture {
	return llamaLike(place, read(z.object(gemmaShape)));
}

function readGemma2(read: Read, place: Path): Architecture {
	const c = read(z.object({ ...gemmaShape, sliding_window: dimensionOr(4096) }));
	const base = llamaLike(place, c);
	return {
		...base,
		// Every second layer, starting with the first.
		attention: { ...base.attention, slidingWindow: window(c.sliding_window, Math.ceil(c.num_hidden_layers / 2)) },
		norms: { kind: 'rms-norm', perLayer: 4 },
	};
}

function readGemma3(read: Read, place: Path): Architecture {
	const c = read(
		z.object({
			...gemmaShape,
			// Published Gemma 3 configs leave out whatever equals the library's default.
			vocab_size: dimensionOr(262208),
			max_position_embeddings: dimensionOr(131072),
			num_attention_heads: dimensionOr(8),
			num_key_value_heads: dimensionOr(4),
			sliding_window: dimensionOr(4096),
			sliding_window_pattern: dimensionOr(6),
			layer_types: z.array(z.string()).max(MAX_LAYERS).nullish(),
		}),
	);
	const base = llamaLike(place, c);
	const listed = c.layer_types?.filter((type) => type === 'sliding_attention').length;
	const windowLayers = listed ?? c.num_hidden_layers - Math.floor(c.num_hidden_layers / c.sliding_window_pattern);
	requireAtMost(place, 'layer_types', windowLayers, 'num_hidden_layers', c.num_hidden_layers);
	return {
		...base,
		attention: { ...base.attention, queryKeyNorm: true, slidingWindow: window(c.sliding_window, windowLayers) },
		norms: { kind: 'rms-norm', perLayer: 4 },
	};
}

function readPhi(read: Read, place: Path): Architecture {
	const { head_dim: _, ...shape } = llamaShape;
	const c = read(z.object({ ...shape, qk_layernorm: flag(false) }));
	const heads = c.num_attention_heads;
	const kvHeads = c.num_key_value_heads ?? heads;
	requireGroups(place, heads, kvHeads);
	const headDim = headWidth(place, 'hidden_size', c.hidden_size, heads);
	return {
		layers: c.num_hidden_layers,
		hidden: c.hidden_size,
		attention: { ...uniformAttention(heads, kvHeads, headDim, true), queryKeyNorm: c.qk_layernorm },
		feedForward: { kind: 'plain', width: c.intermediate_size, bias: true },
		vocabulary: c.vocab_size,
		contextTokens: c.max_position_embeddings,
		outputHead: tied(c.tie_word_embeddings),
		outputHeadBias: true,
		position: { kind: 'rotary' },
		norms: { kind: 'layer-norm', perLayer: 1 },
	};
}

function readPhi3(read: Read, place: Path): Architecture {
	const c = read(z.object({ ...llamaShape, sliding_window: optional }));
	const base = llamaLike(place, c);
	return { ...base, attention: { ...base.attention, slidingWindow: window(c.sliding_window, c.num_hidden_layers) } };
}

function readDeepSeek(read: Read, place: Path, routerBias: boolean): Architecture {
	const c = read(
		z.object({
			vocab_size: dimension,
			max_position_embeddings: dimension,
			hidden_size: dimension,
			num_hidden_layers: layers,
			num_attention_heads: dimension,
			intermediate_size: dimension,
			q_lora_rank: optional,
			kv_lora_rank: dimension,
			qk_nope_head_dim: dimension,
			qk_rope_head_dim: dimension,
			v_head_dim: dimension,
			attention_bias: flag(false),
			tie_word_embeddings: flag(false),
			n_routed_experts: optional,
			num_experts_per_tok: optional,
			n_shared_experts: optional,
			moe_intermediate_size: optional,
			first_k_dense_replace: z.int().min(0).max(MAX_LAYERS).nullish(),
			moe_layer_freq: dimensionOr(1),
		}),
	);
	const architecture: Architecture = {
		layers: c.num_hidden_layers,
		hidden: c.hidden_size,
		attention: {
			kind: 'latent',
			heads: c.num_attention_heads,
			kvRank: c.kv_lora_rank,
			queryRank: c.q_lora_rank ?? null,
			nopeHeadDim: c.qk_nope_head_dim,
			ropeHeadDim: c.qk_rope_head_dim,
			valueHeadDim: c.v_head_dim,
			queryKeyValueBias: c.attention_bias,
			outputBias: c.attention_bias,
		},
		feedForward: { kind: 'gated', width: c.intermediate_size },
		vocabulary: c.vocab_size,
		contextTokens: c.max_position_embeddings,
		outputHead: tied(c.tie_word_embeddings),
		position: { kind: 'rotary' },
		norms: { kind: 'rms-norm', perLayer: 2 },
	};
	if (c.n_routed_experts === null || c.n_routed_experts === undefined) return architecture;
	const { num_experts_per_tok: active, moe_intermediate_size: width } = read(
		z.object({ num_experts_per_tok: dimension, moe_intermediate_size: dimension }),
	);
	requireAtMost(place, 'num_experts_per_tok', active, 'n_routed_experts', c.n_routed_experts);
	const firstWithExperts = c.first_k_dense_replace ?? 0;
	return {
		...architecture,
		experts: {
			count: c.n_routed_experts,
			activePerToken: active,
			width,
			shared: c.n_shared_experts ? { count: c.n_shared_experts, width } : null,
			denseLayers: range(c.num_hidden_layers).filter((layer) => layer < firstWithExperts || layer % c.moe_layer_freq !== 0),
			routerBias,
		},
	};
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

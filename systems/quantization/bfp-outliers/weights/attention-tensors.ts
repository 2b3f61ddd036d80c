/**
 * Where queries, keys and values lie among a file's tensors, told by names: separate projections (Llama, Mistral, Qwen, Gemma, Phi), one
 * tensor of queries, keys and values below each other (Phi-3), or head by head (GPT-NeoX). Rows of a head always lie together.
 */
import { InputError } from '@assay/contract';
import type { TensorDescription } from '@assay/models';
import type { AttentionShape } from './attention-shape.ts';

export type Projection = 'query' | 'key' | 'value';

/** Rows of one head in a tensor. */
export interface HeadPlace {
	readonly tensor: string;
	readonly firstRow: number;
}

/** How a file names a layer's attention; names of tensors that it does not have are left out. */
export interface LayerTensors {
	readonly layer: number;
	readonly layout: 'separate' | 'stacked' | 'by-head';
	readonly weights: Readonly<Record<Projection, string>>;
	readonly biases: Readonly<Record<Projection, string>> | undefined;
	/** Gains of norms of queries and keys: of each head alike, or all heads' side by side. */
	readonly queryGain: string | undefined;
	readonly keyGain: string | undefined;
	/** Gain of the norm before the projections. */
	readonly inputGain: string | undefined;
}

const LLAMA = /^(.*layers\.(\d+)\.)self_attn\.k_proj\.weight$/;
const PHI3 = /^(.*layers\.(\d+)\.)self_attn\.qkv_proj\.weight$/;
const NEOX = /^(.*layers\.(\d+)\.)attention\.query_key_value\.weight$/;
const LATENT = /self_attn\.(kv_a_proj|kv_b_proj)/;
const SHARED = /(qk_proj|k_q_proj)\.weight$/;
const UNKNOWN_FUSED = /(c_attn|W_pack|Wqkv|wqkv|in_proj|query_key_value|qkv)\.(weight|qweight)$/;
const PACKED = /(k_proj|qkv_proj|query_key_value)\.(qweight|weight_packed|weight_scale)/;

/** Number formats whose rows can be read here. */
const READABLE = ['F32', 'F16', 'BF16'];

/**
 * All layers whose key projections are among the tensors. Raises an InputError that names the tensor for layouts that are not known, for
 * packed weights, and for shapes that do not fit the heads.
 */
export function findAttention(tensors: readonly TensorDescription[], shape: AttentionShape, fileName: string): LayerTensors[] {
	const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
	const refuse = (tensor: string, found: string, expected: string): never => {
		throw new InputError({ path: [fileName, tensor], found, expected });
	};
	const layers: LayerTensors[] = [];
	for (const { name } of tensors) {
		if (LATENT.test(name)) refuse(name, 'latent attention', 'keys of each head: sorting does not apply to a latent');
		if (SHARED.test(name))
			refuse(name, 'one projection for queries and keys', 'projections of their own: tied heads cannot be told apart');
		if (PACKED.test(name)) refuse(name, 'packed weights', 'bf16, f16 or f32: norms must be those of the float weights');
		const found = layerOf(name, byName);
		if (found !== undefined) layers.push(found);
		else if (UNKNOWN_FUSED.test(name) && /attn|attention|transformer/i.test(name))
			refuse(
				name,
				'a fused projection of a layout that is not known',
				'Phi-3’s qkv_proj, GPT-NeoX’s query_key_value, or separate projections',
			);
	}
	for (const layer of layers) checkShapes(layer, byName, shape, fileName);
	return layers.sort((a, b) => a.layer - b.layer);
}

function layerOf(name: string, tensors: ReadonlyMap<string, TensorDescription>): LayerTensors | undefined {
	const ifThere = (tensor: string): string | undefined => (tensors.has(tensor) ? tensor : undefined);
	const [, prefix = '', number = ''] = LLAMA.exec(name) ?? PHI3.exec(name) ?? NEOX.exec(name) ?? [];
	if (prefix === '') return undefined;
	const facts = {
		layer: Number(number),
		queryGain: ifThere(`${prefix}self_attn.q_norm.weight`),
		keyGain: ifThere(`${prefix}self_attn.k_norm.weight`),
		inputGain: ifThere(`${prefix}input_layernorm.weight`),
	};
	if (LLAMA.test(name)) {
		const of = (kind: string) => ({
			query: `${prefix}self_attn.q_proj.${kind}`,
			key: `${prefix}self_attn.k_proj.${kind}`,
			value: `${prefix}self_attn.v_proj.${kind}`,
		});
		const biases = of('bias');
		return { ...facts, layout: 'separate', weights: of('weight'), biases: tensors.has(biases.key) ? biases : undefined };
	}
	const same = (tensor: string) => ({ query: tensor, key: tensor, value: tensor });
	const bias = name.replace(/weight$/, 'bias');
	return {
		...facts,
		layout: PHI3.test(name) ? 'stacked' : 'by-head',
		weights: same(name),
		biases: tensors.has(bias) ? same(bias) : undefined,
	};
}

function checkShapes(
	layer: LayerTensors,
	tensors: ReadonlyMap<string, TensorDescription>,
	shape: AttentionShape,
	fileName: string,
): void {
	const { heads, keyValueHeads, headDim } = shape;
	const rowsOf: Record<Projection, number> = { query: heads, key: keyValueHeads, value: keyValueHeads };
	for (const kind of ['query', 'key', 'value'] as const) {
		const name = layer.weights[kind];
		const tensor = tensors.get(name);
		// A sharded checkpoint may keep it in another file; its values are missed when they are needed.
		if (tensor === undefined) continue;
		const rows = layer.layout === 'separate' ? (rowsOf[kind] as number) * headDim : (heads + 2 * keyValueHeads) * headDim;
		if (tensor.shape.length !== 2 || tensor.shape[0] !== rows)
			throw new InputError({
				path: [fileName, name],
				found: `shape [${tensor.shape.join(', ')}]`,
				expected: `${rows} rows for ${heads} query and ${keyValueHeads} key heads of ${headDim}: is it the right model or config.json?`,
			});
		if (!READABLE.includes(tensor.dtype))
			throw new InputError({ path: [fileName, name], found: tensor.dtype, expected: `one of ${READABLE.join(', ')}` });
	}
	if (layer.layout === 'by-head' && heads !== keyValueHeads)
		throw new InputError({
			path: [fileName, layer.weights.key],
			found: `${heads} query heads on ${keyValueHeads} key heads`,
			expected: 'as many: GPT-NeoX lays out each head’s query, key and value together',
		});
	for (const name of [...Object.values(layer.biases ?? {}), layer.queryGain, layer.keyGain, layer.inputGain]) {
		const tensor = name === undefined ? undefined : tensors.get(name);
		if (tensor !== undefined && !READABLE.includes(tensor.dtype))
			throw new InputError({ path: [fileName, tensor.name], found: tensor.dtype, expected: `one of ${READABLE.join(', ')}` });
	}
	for (const gain of [layer.queryGain, layer.keyGain]) {
		const tensor = gain === undefined ? undefined : tensors.get(gain);
		const whole = (gain === layer.queryGain ? heads : keyValueHeads) * headDim;
		if (tensor !== undefined && tensor.shape[0] !== headDim && tensor.shape[0] !== whole)
			throw new InputError({
				path: [fileName, tensor.name],
				found: `shape [${tensor.shape.join(', ')}]`,
				expected: `${headDim} or ${whole} gains`,
			});
	}
}

/** Where the rows of a head of queries, keys or values start. */
export function headPlace(
	tensors: LayerTensors,
	kind: Projection,
	head: number,
	shape: AttentionShape,
	part: 'weights' | 'biases',
): HeadPlace {
	const names = part === 'weights' ? tensors.weights : tensors.biases;
	if (names === undefined) throw new RangeError(`layer ${tensors.layer} has no ${part}`);
	const { heads, keyValueHeads, headDim } = shape;
	const third = { query: 0, key: 1, value: 2 }[kind];
	const before = { query: 0, key: heads, value: heads + keyValueHeads }[kind];
	const slot = { separate: head, stacked: before + head, 'by-head': 3 * head + third }[tensors.layout];
	return { tensor: names[kind], firstRow: slot * headDim };
}

/** A ZAYA model's weights as Float32Arrays, from a safetensors file with the transformers library's names. */
import { type DataFile, InputError, show } from '@assay/contract';
import { parseSafetensorsHeader, SAFETENSORS_PREFIX_BYTES, safetensorsHeaderLength, type TensorEntry } from '@assay/models';
import { type ZayaConfig, zaya1 } from './zaya-config.ts';

/** Most bytes of weights that are held in memory, as 32-bit floats. */
export const maxWeightBytes = 4 * 2 ** 30;

/** Weights of one layer. Matrices are `out x in`. */
export interface ZayaLayer {
	readonly inputNorm: Float32Array;
	readonly query: Float32Array;
	readonly key: Float32Array;
	readonly valueCurrent: Float32Array;
	readonly valueDelayed: Float32Array;
	readonly depthwise: Float32Array;
	readonly depthwiseBias: Float32Array;
	readonly grouped: Float32Array;
	readonly groupedBias: Float32Array;
	readonly temperature: Float32Array;
	readonly output: Float32Array;
	readonly attentionResidual: ResidualScale;
	readonly expertNorm: Float32Array;
	readonly routerDown: Float32Array;
	readonly routerDownBias: Float32Array;
	/** Absent in the first layer. */
	readonly routerStateScale: Float32Array | undefined;
	readonly routerNorm: Float32Array;
	readonly routerFirst: Float32Array;
	readonly routerFirstBias: Float32Array;
	readonly routerSecond: Float32Array;
	readonly routerSecondBias: Float32Array;
	readonly routerOut: Float32Array;
	readonly balance: Float32Array;
	/** `experts x 2·width x hidden`, the gate first. */
	readonly gateUp: Float32Array;
	/** `experts x hidden x width`. */
	readonly down: Float32Array;
	readonly expertResidual: ResidualScale;
}

/** x <- (out + outputBias) * outputScale + (x + streamBias) * streamScale. */
export interface ResidualScale {
	readonly outputBias: Float32Array;
	readonly outputScale: Float32Array;
	readonly streamBias: Float32Array;
	readonly streamScale: Float32Array;
}

export interface ZayaWeights {
	readonly config: ZayaConfig;
	readonly embedding: Float32Array;
	readonly inputBias: Float32Array;
	readonly inputScale: Float32Array;
	readonly layers: readonly ZayaLayer[];
	readonly finalNorm: Float32Array;
}

/** Reads all tensors of a file. Raises an `InputError` for a file that is no safetensors, is too large, or has other element types. */
export async function readFloatTensors(file: DataFile): Promise<Map<string, { shape: readonly number[]; values: Float32Array }>> {
	const buffer = new Uint8Array(await file.arrayBuffer(maxWeightBytes));
	const length = safetensorsHeaderLength(buffer.subarray(0, SAFETENSORS_PREFIX_BYTES), file.name, buffer.byteLength);
	const headerBytes = buffer.subarray(SAFETENSORS_PREFIX_BYTES, SAFETENSORS_PREFIX_BYTES + length);
	const header = parseSafetensorsHeader(headerBytes, file.name, buffer.byteLength);
	return new Map(header.tensors.map((entry) => [entry.name, { shape: entry.shape, values: toFloats(entry, buffer, file.name) }]));
}

function toFloats(entry: TensorEntry, buffer: Uint8Array, fileName: string): Float32Array {
	const bytes = buffer.slice(entry.fileOffset, entry.fileOffset + entry.bytes);
	switch (entry.dtype) {
		case 'F32':
			return new Float32Array(bytes.buffer);
		case 'BF16': {
			const halves = new Uint16Array(bytes.buffer);
			const words = new Uint32Array(halves.length);
			for (let i = 0; i < halves.length; i++) words[i] = (halves[i] as number) << 16;
			return new Float32Array(words.buffer);
		}
		case 'F16':
			return Float32Array.from(new Uint16Array(bytes.buffer), halfToNumber);
		default:
			throw new InputError({ path: [fileName, entry.name, 'dtype'], found: entry.dtype, expected: 'F32, BF16 or F16' });
	}
}

function halfToNumber(bits: number): number {
	const sign = bits & 0x8000 ? -1 : 1;
	const exponent = (bits >> 10) & 31;
	const fraction = bits & 1023;
	if (exponent === 0) return sign * fraction * 2 ** -24;
	if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
	return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/**
 * The shape of a model from its tensors; what they do not show (theta, share of rotated channels, epsilon, context) is
 * pretraining ZAYA1's.
 */
export function configOfTensors(tensors: ReadonlyMap<string, { shape: readonly number[] }>, fileName: string): ZayaConfig {
	const shape = (name: string): readonly number[] => {
		const found = tensors.get(name);
		if (found === undefined)
			throw new InputError({ path: [fileName], found: 'no tensor of that name', expected: `a ZAYA model with ${name}` });
		return found.shape;
	};
	const [vocabulary = 0, hidden = 0] = shape('model.embed_tokens.weight');
	const attention = 'model.layers.0.self_attn';
	const [, headDim = 0] = shape(`${attention}.qkv_proj.conv_qk_grouped.weight`);
	const [queryWidth = 0] = shape(`${attention}.qkv_proj.q_proj.weight`);
	const [kvHeads = 0] = shape(`${attention}.qk_norm.temp`);
	const [experts = 0, , expertWidth = 0] = shape('model.layers.0.mlp.experts.down_proj');
	const [routerWidth = 0] = shape('model.layers.0.mlp.gate.down_proj.weight');
	let layers = 1;
	while (tensors.has(`model.layers.${layers}.input_layernorm.weight`)) layers++;
	return {
		...zaya1,
		layers,
		hidden,
		queryHeads: headDim > 0 ? queryWidth / headDim : 0,
		kvHeads,
		headDim,
		experts,
		expertWidth,
		routerWidth,
		vocabulary,
	};
}

/** Gathers the tensors of a model and checks every shape. Raises an `InputError` that names the first tensor that is missing or wrong. */
export function zayaWeights(
	tensors: ReadonlyMap<string, { shape: readonly number[]; values: Float32Array }>,
	config: ZayaConfig,
	fileName: string,
): ZayaWeights {
	const take = (name: string, ...shape: number[]): Float32Array => {
		const found = tensors.get(name);
		const expected = `a tensor of shape [${shape.join(', ')}]`;
		if (found === undefined) throw new InputError({ path: [fileName, name], found: 'nothing', expected });
		if (found.shape.length !== shape.length || found.shape.some((length, d) => length !== shape[d]))
			throw new InputError({ path: [fileName, name, 'shape'], found: show(found.shape), expected });
		return found.values;
	};
	const { hidden, headDim, experts, expertWidth, routerWidth } = config;
	const queryWidth = config.queryHeads * headDim;
	const keyWidth = config.kvHeads * headDim;
	const mixed = queryWidth + keyWidth;
	const residual = (name: string): ResidualScale => ({
		outputBias: take(`${name}.hidden_states_bias`, hidden),
		outputScale: take(`${name}.hidden_states_scale`, hidden),
		streamBias: take(`${name}.residual_bias`, hidden),
		streamScale: take(`${name}.residual_scale`, hidden),
	});
	const layer = (index: number): ZayaLayer => {
		const at = `model.layers.${index}`;
		const attention = `${at}.self_attn`;
		const project = `${attention}.qkv_proj`;
		const gate = `${at}.mlp.gate`;
		return {
			inputNorm: take(`${at}.input_layernorm.weight`, hidden),
			query: take(`${project}.q_proj.weight`, queryWidth, hidden),
			key: take(`${project}.k_proj.weight`, keyWidth, hidden),
			valueCurrent: take(`${project}.v_proj_current.weight`, keyWidth / 2, hidden),
			valueDelayed: take(`${project}.v_proj_delayed.weight`, keyWidth / 2, hidden),
			depthwise: take(`${project}.conv_qk_depthwise.weight`, mixed, 1, 2),
			depthwiseBias: take(`${project}.conv_qk_depthwise.bias`, mixed),
			grouped: take(`${project}.conv_qk_grouped.weight`, mixed, headDim, 2),
			groupedBias: take(`${project}.conv_qk_grouped.bias`, mixed),
			temperature: take(`${attention}.qk_norm.temp`, config.kvHeads),
			output: take(`${attention}.o_proj.weight`, hidden, queryWidth),
			attentionResidual: residual(`${at}.post_attention_residual_scale`),
			expertNorm: take(`${at}.post_attention_layernorm.weight`, hidden),
			routerDown: take(`${gate}.down_proj.weight`, routerWidth, hidden),
			routerDownBias: take(`${gate}.down_proj.bias`, routerWidth),
			routerStateScale: index === 0 ? undefined : take(`${gate}.router_states_scale`, routerWidth),
			routerNorm: take(`${gate}.router_mlp.norm.weight`, routerWidth),
			routerFirst: take(`${gate}.router_mlp.fc1.weight`, routerWidth, routerWidth),
			routerFirstBias: take(`${gate}.router_mlp.fc1.bias`, routerWidth),
			routerSecond: take(`${gate}.router_mlp.fc2.weight`, routerWidth, routerWidth),
			routerSecondBias: take(`${gate}.router_mlp.fc2.bias`, routerWidth),
			routerOut: take(`${gate}.router_mlp.out_proj.weight`, experts + 1, routerWidth),
			balance: take(`${gate}.balancing_biases`, experts + 1),
			gateUp: take(`${at}.mlp.experts.gate_up_proj`, experts, 2 * expertWidth, hidden),
			down: take(`${at}.mlp.experts.down_proj`, experts, hidden, expertWidth),
			expertResidual: residual(`${at}.post_mlp_residual_scale`),
		};
	};
	return {
		config,
		embedding: take('model.embed_tokens.weight', config.vocabulary, hidden),
		inputBias: take('model.input_hidden_states_bias', hidden),
		inputScale: take('model.input_hidden_states_scale', hidden),
		layers: Array.from({ length: config.layers }, (_, index) => layer(index)),
		finalNorm: take('model.norm.weight', hidden),
	};
}

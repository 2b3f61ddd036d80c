/** Small checkpoints with random weights, for tests. */
import { createContext, type DataFile, memoryFile, type Random } from '@assay/contract';
import { encodeSafetensorsHeader, SAFETENSORS_BITS, type TensorDescription } from '@assay/models';
import {
	type OnnxNode,
	onnxNode,
	type TensorMessage,
	tensorMessage,
	type ValueInfoMessage,
	valueMessage,
	writeOnnxModel,
} from '@assay/models/onnx';
import { smallFloat } from '@assay/numerics';
import type { z } from 'zod';
import bfpOutliers from './index.ts';
import type { Outputs } from './outputs.ts';

export type Dtype = 'F32' | 'BF16' | 'F16';

/** A .safetensors file of tensors given as float32; values are rounded to the type. */
export function safetensorsFile(
	tensors: readonly { readonly name: string; readonly shape: readonly number[]; readonly values: Float32Array }[],
	dtype: Dtype = 'F32',
	name = 'model.safetensors',
): DataFile {
	const descriptions = tensors.map((tensor): TensorDescription => ({ name: tensor.name, shape: tensor.shape, dtype }));
	const { bytes, header } = encodeSafetensorsHeader(descriptions, { format: 'pt' });
	const file = new Uint8Array(header.fileBytes);
	file.set(bytes);
	const view = new DataView(file.buffer);
	const width = SAFETENSORS_BITS[dtype] / 8;
	const half = smallFloat(dtype === 'F16' ? 'fp16' : 'bf16');
	for (const [index, { values }] of tensors.entries()) {
		const start = header.tensors[index]?.fileOffset ?? 0;
		for (const [i, value] of values.entries()) {
			if (width === 4) view.setFloat32(start + 4 * i, value, true);
			else view.setUint16(start + 2 * i, half.encode(value), true);
		}
	}
	return memoryFile(name, file);
}

export function normals(random: Random, count: number, spread = 1): Float32Array {
	return Float32Array.from({ length: count }, () => spread * random.normal());
}

/** Attention tensors of one layer under Llama's names; rows of keys have spreads of their own. */
export function llamaTensors(
	random: Random,
	size: {
		readonly heads: number;
		readonly kvHeads: number;
		readonly headDim: number;
		readonly hidden: number;
		readonly bias?: boolean;
		readonly norms?: boolean;
	},
	layer = 0,
) {
	const { heads, kvHeads, headDim, hidden } = size;
	const prefix = `model.layers.${layer}.self_attn.`;
	const projection = (kind: string, rows: number) => {
		const values = normals(random, rows * hidden);
		for (let row = 0; row < rows; row++) {
			const scale = Math.exp(random.normal());
			for (let i = 0; i < hidden; i++) values[row * hidden + i] = (values[row * hidden + i] as number) * scale;
		}
		const weight = { name: `${prefix}${kind}.weight`, shape: [rows, hidden], values };
		return size.bias === true
			? [weight, { name: `${prefix}${kind}.bias`, shape: [rows], values: normals(random, rows) }]
			: [weight];
	};
	const gain = (kind: string) => ({ name: `${prefix}${kind}.weight`, shape: [headDim], values: normals(random, headDim) });
	return [
		{ name: `model.layers.${layer}.input_layernorm.weight`, shape: [hidden], values: normals(random, hidden) },
		...projection('k_proj', kvHeads * headDim),
		...projection('q_proj', heads * headDim),
		...projection('v_proj', kvHeads * headDim),
		...(size.norms === true ? [gain('q_norm'), gain('k_norm')] : []),
	];
}

/** The config.json of the models below, of one layer. */
export const modelConfig = (facts: Record<string, unknown> = {}) =>
	memoryFile(
		'config.json',
		JSON.stringify({
			model_type: 'llama',
			vocab_size: 100,
			max_position_embeddings: 64,
			hidden_size: 64,
			num_hidden_layers: 1,
			num_attention_heads: 4,
			num_key_value_heads: 2,
			intermediate_size: 64,
			...facts,
		}),
	);

/** Nodes and weights of an ONNX graph with one input `x` and one output `y`. */
export interface OnnxParts {
	readonly node: readonly OnnxNode[];
	readonly initializer: readonly TensorMessage[];
}

export function float32Tensor(name: string, dims: readonly number[], values: Float32Array): TensorMessage {
	return tensorMessage(name, 'float32', dims, new Uint8Array(values.slice().buffer));
}

export function wholeTensor(name: string, values: readonly number[], dims: readonly number[] = [values.length]): TensorMessage {
	return tensorMessage(name, 'int64', dims, new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
}

/** Values whose last axis has spreads of its own, so that sorting has something to do. */
export function spreadColumns(random: Random, dims: readonly number[]): Float32Array {
	const columns = dims.at(-1) as number;
	const spreads = Float64Array.from({ length: columns }, () => Math.exp(random.normal()));
	const count = dims.reduce((all, size) => all * size, 1);
	return Float32Array.from({ length: count }, (_, i) => (random.normal() * (spreads[i % columns] as number)) / 5);
}

type OnnxHeads = { readonly heads: number; readonly headDim: number };

/** Scores from `q` [., heads, tokens, headDim] and `kt` [., heads, headDim, tokens], softmax, values from `v`. */
export function onnxScores({ heads, headDim }: OnnxHeads): OnnxParts {
	return {
		node: [
			onnxNode('MatMul', ['q', 'kt'], ['scores']),
			onnxNode('Mul', ['scores', 'scale'], ['scaled']),
			onnxNode('Softmax', ['scaled'], ['shares'], { axis: -1 }),
			onnxNode('MatMul', ['shares', 'v'], ['context']),
			onnxNode('Transpose', ['context'], ['back'], { perm: [0, 2, 1, 3] }),
			onnxNode('Reshape', ['back', 'flat'], ['y']),
		],
		initializer: [wholeTensor('flat', [0, 0, heads * headDim]), float32Tensor('scale', [], Float32Array.of(headDim ** -0.5))],
	};
}

/** Attention as PyTorch exports BERT's: three projections with biases, heads by reshape and transpose. */
export function onnxAttention(random: Random, size: OnnxHeads): OnnxParts {
	const width = size.heads * size.headDim;
	const one = (name: string, out: string, perm: number[]) => [
		onnxNode('MatMul', ['x', `w${name}`], [`p${name}`]),
		onnxNode('Add', [`b${name}`, `p${name}`], [`a${name}`]),
		onnxNode('Reshape', [`a${name}`, 'by-heads'], [`h${name}`]),
		onnxNode('Transpose', [`h${name}`], [out], { perm }),
	];
	const scores = onnxScores(size);
	const weight = (name: string, dims: readonly number[]) => float32Tensor(name, dims, spreadColumns(random, dims));
	return {
		node: [...one('q', 'q', [0, 2, 1, 3]), ...one('k', 'kt', [0, 2, 3, 1]), ...one('v', 'v', [0, 2, 1, 3]), ...scores.node],
		initializer: [
			...scores.initializer,
			wholeTensor('by-heads', [0, 0, size.heads, size.headDim]),
			...['q', 'k', 'v'].flatMap((name) => [weight(`w${name}`, [width, width]), weight(`b${name}`, [width])]),
		],
	};
}

/** The bytes of an ONNX file whose input and output are named `x` and `y`. */
export function onnxFile(
	{ node, initializer }: OnnxParts,
	inputDims: readonly (number | string)[],
	more: { readonly inputs: readonly ValueInfoMessage[]; readonly outputs: readonly ValueInfoMessage[] } = {
		inputs: [],
		outputs: [],
	},
): Uint8Array {
	return writeOnnxModel({
		irVersion: 8,
		opsetImport: [
			{ domain: '', version: 17 },
			{ domain: 'com.microsoft', version: 1 },
		],
		graph: {
			name: 'attention',
			node: [...node],
			initializer: [...initializer],
			input: [valueMessage({ name: 'x', elementType: 'float32', dims: inputDims }), ...more.inputs],
			output: [valueMessage({ name: 'y', elementType: 'float32', dims: null }), ...more.outputs],
		},
	});
}

/** Runs the system with named files; keeps what it leaves. */
export async function runWith(
	raw: z.input<typeof bfpOutliers.inputs>,
	files: Readonly<Record<string, DataFile | undefined>> = {},
): Promise<{ outputs: Outputs; artifacts: Map<string, Uint8Array> }> {
	const artifacts = new Map<string, Uint8Array>();
	const context = createContext({
		seed: 1,
		onArtifact: (name, content) => void artifacts.set(name, content),
		open: async (reference) => {
			const file = files[reference];
			if (file === undefined) throw new Error(`no file ${reference}`);
			return file;
		},
	});
	return { outputs: await bfpOutliers.run(bfpOutliers.inputs.parse(raw), context), artifacts };
}

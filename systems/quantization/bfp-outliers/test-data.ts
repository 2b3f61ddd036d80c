/** Small checkpoints with random weights, for tests. */
import { createContext, type DataFile, memoryFile, type Random } from '@assay/contract';
import { encodeSafetensorsHeader, SAFETENSORS_BITS, type TensorDescription } from '@assay/models';
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

/** Runs the system with named files; keeps what it leaves. */
export async function runWith(
	raw: z.input<typeof bfpOutliers.inputs>,
	files: Readonly<Record<string, DataFile>> = {},
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

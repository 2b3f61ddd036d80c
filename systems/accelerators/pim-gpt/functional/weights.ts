/** Weights of a GPT-2: generated, or from the user's safetensors file. Matrices are [inputs, outputs] as GPT-2 stores them. */
import { InputError, type Random } from '@assay/contract';
import {
	encodeSafetensorsHeader,
	parseSafetensorsHeader,
	SAFETENSORS_PREFIX_BYTES,
	safetensorsHeaderLength,
	type TensorEntry,
} from '@assay/models';
import { fromBfloat16, roundToBfloat16, toBfloat16 } from './bfloat16.ts';

export interface LayerWeights {
	readonly norm1: { readonly gamma: Float32Array; readonly beta: Float32Array };
	readonly queryKeyValue: { readonly weight: Float32Array; readonly bias: Float32Array };
	readonly projection: { readonly weight: Float32Array; readonly bias: Float32Array };
	readonly norm2: { readonly gamma: Float32Array; readonly beta: Float32Array };
	readonly up: { readonly weight: Float32Array; readonly bias: Float32Array };
	readonly down: { readonly weight: Float32Array; readonly bias: Float32Array };
}

export interface GptWeights {
	readonly width: number;
	readonly heads: number;
	readonly vocabulary: number;
	readonly positions: number;
	readonly feedForwardWidth: number;
	/** [vocabulary, width], the head too. */
	readonly tokens: Float32Array;
	/** [positions, width]. */
	readonly positionTable: Float32Array;
	readonly layers: readonly LayerWeights[];
	readonly finalNorm: { readonly gamma: Float32Array; readonly beta: Float32Array };
}

export interface GptSize {
	readonly layers: number;
	readonly width: number;
	readonly heads: number;
	readonly vocabulary: number;
	readonly positions: number;
}

/** Values between two pauses. */
const CHUNK = 1 << 18;

/** A vector of `length` values, with pauses. */
async function fill(length: number, value: (i: number) => number, pause: () => Promise<void>): Promise<Float32Array> {
	const values = new Float32Array(length);
	for (let from = 0; from < length; from += CHUNK) {
		const to = Math.min(length, from + CHUNK);
		for (let i = from; i < to; i++) values[i] = value(i);
		await pause();
	}
	return values;
}

/** Random weights, BF16 values, large enough that the next token is not a coin's toss. */
export async function generateWeights(
	{ layers, width, heads, vocabulary, positions }: GptSize,
	random: Random,
	pause: () => Promise<void>,
): Promise<GptWeights> {
	const normal = (n: number, deviation: number, mean = 0): Promise<Float32Array> =>
		fill(n, () => roundToBfloat16(mean + deviation * random.normal()), pause);
	const matrix = async (inputs: number, outputs: number) => ({
		weight: await normal(inputs * outputs, 1 / Math.sqrt(inputs)),
		bias: await normal(outputs, 0.1),
	});
	const norm = async () => ({ gamma: await normal(width, 0.1, 1), beta: await normal(width, 0.1) });
	const tokens = await normal(vocabulary * width, 1);
	const positionTable = await normal(positions * width, 0.5);
	const blocks: LayerWeights[] = [];
	for (let layer = 0; layer < layers; layer++) {
		blocks.push({
			norm1: await norm(),
			queryKeyValue: await matrix(width, 3 * width),
			projection: await matrix(width, width),
			norm2: await norm(),
			up: await matrix(width, 4 * width),
			down: await matrix(4 * width, width),
		});
	}
	const finalNorm = await norm();
	return { width, heads, vocabulary, positions, feedForwardWidth: 4 * width, tokens, positionTable, layers: blocks, finalNorm };
}

/** Names of a layer's tensors in GPT-2's files, with their shapes in units of the width (f: the feed-forward's). */
const layerTensors = (layer: number, width: number, f: number) =>
	[
		[`h.${layer}.ln_1.weight`, [width]],
		[`h.${layer}.ln_1.bias`, [width]],
		[`h.${layer}.attn.c_attn.weight`, [width, 3 * width]],
		[`h.${layer}.attn.c_attn.bias`, [3 * width]],
		[`h.${layer}.attn.c_proj.weight`, [width, width]],
		[`h.${layer}.attn.c_proj.bias`, [width]],
		[`h.${layer}.ln_2.weight`, [width]],
		[`h.${layer}.ln_2.bias`, [width]],
		[`h.${layer}.mlp.c_fc.weight`, [width, f]],
		[`h.${layer}.mlp.c_fc.bias`, [f]],
		[`h.${layer}.mlp.c_proj.weight`, [f, width]],
		[`h.${layer}.mlp.c_proj.bias`, [width]],
	] as const;

/** The weights as a safetensors file in BF16, with GPT-2's names. */
export function encodeWeights(weights: GptWeights): Uint8Array {
	const { width, vocabulary, positions, feedForwardWidth } = weights;
	const tensors: { name: string; shape: readonly number[]; values: Float32Array }[] = [
		{ name: 'wte.weight', shape: [vocabulary, width], values: weights.tokens },
		{ name: 'wpe.weight', shape: [positions, width], values: weights.positionTable },
	];
	for (const [number, layer] of weights.layers.entries()) {
		const { norm1, queryKeyValue, projection, norm2, up, down } = layer;
		const values = [norm1.gamma, norm1.beta, queryKeyValue.weight, queryKeyValue.bias, projection.weight, projection.bias];
		values.push(norm2.gamma, norm2.beta, up.weight, up.bias, down.weight, down.bias);
		for (const [index, [name, shape]] of layerTensors(number, width, feedForwardWidth).entries())
			tensors.push({ name, shape, values: values[index] as Float32Array });
	}
	tensors.push({ name: 'ln_f.weight', shape: [width], values: weights.finalNorm.gamma });
	tensors.push({ name: 'ln_f.bias', shape: [width], values: weights.finalNorm.beta });
	const { bytes, header } = encodeSafetensorsHeader(tensors.map(({ name, shape }) => ({ name, shape, dtype: 'BF16' })));
	const file = new Uint8Array(header.fileBytes);
	file.set(bytes);
	const view = new DataView(file.buffer);
	let at = bytes.byteLength;
	for (const { values } of tensors)
		for (const value of values) {
			view.setUint16(at, toBfloat16(value), true);
			at += 2;
		}
	return file;
}

/**
 * Weights from a safetensors file with GPT-2's names (a leading `transformer.` is fine), F32, F16 or BF16. Heads of 64 unless `heads` says
 * otherwise. Raises an `InputError` that names the tensor that is missing or has another shape.
 */
export async function decodeWeights(
	file: ArrayBuffer,
	name: string,
	heads: number | undefined,
	pause: () => Promise<void>,
): Promise<GptWeights> {
	const bytes = new Uint8Array(file);
	const length = safetensorsHeaderLength(bytes.subarray(0, SAFETENSORS_PREFIX_BYTES), name, bytes.byteLength);
	const header = parseSafetensorsHeader(
		bytes.subarray(SAFETENSORS_PREFIX_BYTES, SAFETENSORS_PREFIX_BYTES + length),
		name,
		bytes.byteLength,
	);
	const byName = new Map(header.tensors.map((tensor) => [tensor.name.replace(/^transformer\./, ''), tensor]));
	const read = async (tensor: string, shape: readonly number[]): Promise<Float32Array> => {
		const entry = byName.get(tensor);
		const expected = `a tensor of shape [${shape.join(', ')}]`;
		if (entry === undefined) throw new InputError({ path: [name, tensor], found: 'nothing', expected });
		if (entry.shape.length !== shape.length || entry.shape.some((size, i) => size !== shape[i]))
			throw new InputError({ path: [name, tensor], found: `shape [${entry.shape.join(', ')}]`, expected });
		return values(file, entry, name, pause);
	};
	const table = (tensor: string): readonly [number, number] => {
		const shape = byName.get(tensor)?.shape;
		const [rows, columns] = shape ?? [];
		if (shape?.length !== 2 || rows === undefined || columns === undefined || rows < 1 || columns < 1)
			throw new InputError({
				path: [name, tensor],
				found: shape === undefined ? 'nothing' : `shape [${shape.join(', ')}]`,
				expected: 'a table with a row for each token or position, as GPT-2’s files have',
			});
		return [rows, columns];
	};
	const [vocabulary, width] = table('wte.weight');
	const [positions] = table('wpe.weight');
	const [, feedForwardWidth] = table('h.0.mlp.c_fc.weight');
	const headCount = heads ?? width / 64;
	if (!Number.isInteger(headCount) || width % headCount !== 0)
		throw new InputError({
			path: ['functional', 'heads'],
			found: heads === undefined ? 'nothing' : String(heads),
			expected: `a number of heads that divides the width of ${width}`,
		});
	const tokens = await read('wte.weight', [vocabulary, width]);
	const positionTable = await read('wpe.weight', [positions, width]);
	const layers: LayerWeights[] = [];
	// As many as the file names, so that a tensor that is missing is named and no layer is left out.
	const count =
		1 + [...byName.keys()].reduce((last, tensor) => Math.max(last, Number(/^h\.(\d{1,4})\./.exec(tensor)?.[1] ?? 0)), 0);
	while (layers.length < count) {
		const all: Float32Array[] = [];
		for (const [tensor, shape] of layerTensors(layers.length, width, feedForwardWidth)) all.push(await read(tensor, shape));
		const at = (index: number): Float32Array => all[index] as Float32Array;
		layers.push({
			norm1: { gamma: at(0), beta: at(1) },
			queryKeyValue: { weight: at(2), bias: at(3) },
			projection: { weight: at(4), bias: at(5) },
			norm2: { gamma: at(6), beta: at(7) },
			up: { weight: at(8), bias: at(9) },
			down: { weight: at(10), bias: at(11) },
		});
	}
	const finalNorm = { gamma: await read('ln_f.weight', [width]), beta: await read('ln_f.bias', [width]) };
	return { width, heads: headCount, vocabulary, positions, feedForwardWidth, tokens, positionTable, layers, finalNorm };
}

async function values(
	file: ArrayBuffer,
	{ name: tensor, dtype, fileOffset, bytes }: TensorEntry,
	name: string,
	pause: () => Promise<void>,
): Promise<Float32Array> {
	const view = new DataView(file, fileOffset, bytes);
	const finite = (value: number): number => {
		// Rounded to BF16 the largest of float32 are infinite too.
		if (Number.isFinite(roundToBfloat16(value))) return value;
		throw new InputError({ path: [name, tensor], found: String(value), expected: 'numbers that BF16 holds' });
	};
	switch (dtype) {
		case 'F32':
			return fill(bytes / 4, (i) => finite(view.getFloat32(4 * i, true)), pause);
		case 'BF16':
			return fill(bytes / 2, (i) => finite(fromBfloat16(view.getUint16(2 * i, true))), pause);
		case 'F16':
			return fill(bytes / 2, (i) => finite(fromFloat16(view.getUint16(2 * i, true))), pause);
		default:
			throw new InputError({ path: [name, tensor], found: dtype, expected: 'F32, F16 or BF16' });
	}
}

function fromFloat16(word: number): number {
	const sign = word & 0x8000 ? -1 : 1;
	const exponent = (word >> 10) & 31;
	const fraction = word & 1023;
	if (exponent === 0) return sign * fraction * 2 ** -24;
	if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
	return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

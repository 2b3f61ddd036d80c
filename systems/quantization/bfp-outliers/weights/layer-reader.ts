/** The attention weights of a checkpoint, layer by layer, from files read once from front to back. */
import { InputError } from '@assay/contract';
import type { TensorEntry } from '@assay/models';
import { Conversions } from '@assay/numerics';
import type { AttentionShape } from './attention-shape.ts';
import { findAttention, headPlace, type LayerTensors, type Projection } from './attention-tensors.ts';
import { type ByteStream, openSafetensors } from './safetensors-stream.ts';

/** One layer's values as float32, made when they are asked for. Each raises an InputError for values that are no finite numbers. */
export interface LayerWeights {
	/** From 0. */
	readonly layer: number;
	/** Width of the projections' inputs. */
	readonly inputs: number;
	/** [headDim, inputs] of one head. */
	rows(kind: Projection, head: number): Float32Array;
	/** [headDim] of one head; undefined without biases. */
	bias(kind: Projection, head: number): Float32Array | undefined;
	/** [headDim] of one head's norm of queries or keys; undefined without such norms. */
	gain(kind: 'query' | 'key', head: number): Float32Array | undefined;
	/** Whether all heads share one norm of keys, and so must share an order. */
	readonly isGainShared: boolean;
	/** [inputs]; undefined without a norm. */
	inputGain(): Float32Array | undefined;
}

/** A layer of safetensors files. */
export interface StoredLayer extends LayerWeights {
	readonly tensors: LayerTensors;
}

/** A tensor's bytes, and the file they are from. */
interface HeldTensor {
	readonly entry: TensorEntry;
	readonly bytes: Uint8Array;
	readonly fileName: string;
}

/**
 * Calls `visit` for each layer as soon as its tensors of these kinds are read, then forgets them. A layer's tensors may lie in several files.
 * Raises an InputError for files without attention and for layers whose tensors are missing.
 */
export async function readLayers(
	files: readonly ByteStream[],
	shape: AttentionShape,
	kinds: readonly Projection[],
	pause: () => Promise<void>,
	visit: (layer: StoredLayer) => Promise<void>,
): Promise<void> {
	const conversions = await Conversions.create();
	const needs = await layersOf(files, shape, kinds);
	const users = new Map([...needs].flatMap(([layer, names]) => [...names].map((name) => [name, layer] as const)));
	const held = new Map<string, HeldTensor>();
	for (const file of files) {
		const { header, reader } = await openSafetensors(file);
		for (const entry of header.tensors) {
			const layer = users.get(entry.name);
			if (layer === undefined) {
				await reader.skip(entry.bytes);
				await pause();
				continue;
			}
			held.set(entry.name, { entry, bytes: await reader.read(entry.bytes), fileName: file.name });
			await pause();
			const missing = needs.get(layer);
			missing?.delete(entry.name);
			if (missing?.size !== 0) continue;
			// What is visited keeps its own tensors, for as long as it is kept.
			const own = new Map<string, HeldTensor>();
			for (const name of needed(layer, kinds)) {
				const tensor = held.get(name);
				if (tensor !== undefined) own.set(name, tensor);
				held.delete(name);
			}
			await visit(layerWeights(layer, own, shape, conversions));
		}
		await reader.close();
	}
}

/** All layers, each with the names of its tensors. */
async function layersOf(
	files: readonly ByteStream[],
	shape: AttentionShape,
	kinds: readonly Projection[],
): Promise<Map<LayerTensors, Set<string>>> {
	const all: TensorEntry[] = [];
	for (const file of files) {
		const { header, reader } = await openSafetensors(file);
		await reader.close();
		all.push(...header.tensors);
	}
	const found = findAttention(all, shape, files[0]?.name ?? 'weights');
	if (found.length === 0)
		throw new InputError({
			path: files.map(({ name }) => name),
			found: `${all.length} tensors without a key projection`,
			expected: 'layers.N.self_attn.k_proj.weight, qkv_proj.weight or attention.query_key_value.weight',
		});
	const present = new Set(all.map(({ name }) => name));
	const layers = new Map<LayerTensors, Set<string>>();
	for (const layer of found) {
		const names = needed(layer, kinds);
		const missing = names.find((name) => !present.has(name));
		if (missing !== undefined)
			throw new InputError({ path: ['weights', 'files'], found: `no ${missing}`, expected: 'all files of the checkpoint' });
		layers.set(layer, new Set(names));
	}
	return layers;
}

function needed(layer: LayerTensors, kinds: readonly Projection[]): string[] {
	const names = kinds.flatMap((kind) => [layer.weights[kind], ...(layer.biases === undefined ? [] : [layer.biases[kind]])]);
	for (const gain of [layer.queryGain, layer.keyGain, layer.inputGain]) if (gain !== undefined) names.push(gain);
	return [...new Set(names)];
}

function layerWeights(
	tensors: LayerTensors,
	held: ReadonlyMap<string, HeldTensor>,
	shape: AttentionShape,
	conversions: Conversions,
): StoredLayer {
	const { headDim, gainOffset } = shape;
	const find = (name: string): HeldTensor => {
		const tensor = held.get(name);
		if (tensor === undefined) throw new Error(`${name} was not read`);
		return tensor;
	};
	const read = (name: string, first = 0, count = Number.POSITIVE_INFINITY): Float32Array =>
		decode(find(name), first, count, conversions);
	const inputs = find(tensors.weights.key).entry.shape[1] as number;
	const slice = (kind: Projection, head: number, part: 'weights' | 'biases', width: number): Float32Array => {
		const { tensor, firstRow } = headPlace(tensors, kind, head, shape, part);
		return read(tensor, firstRow * width, headDim * width);
	};
	const withOffset = (values: Float32Array): Float32Array => values.map((value) => value + gainOffset);
	const { keyGain, queryGain, inputGain } = tensors;
	const gainsOf = (name: string): number => find(name).entry.shape[0] as number;
	return {
		layer: tensors.layer,
		tensors,
		inputs,
		rows: (kind, head) => slice(kind, head, 'weights', inputs),
		bias: (kind, head) => (tensors.biases === undefined ? undefined : slice(kind, head, 'biases', 1)),
		gain: (kind, head) => {
			const name = kind === 'query' ? queryGain : keyGain;
			if (name === undefined) return undefined;
			return withOffset(read(name, gainsOf(name) === headDim ? 0 : head * headDim, headDim));
		},
		isGainShared: keyGain !== undefined && gainsOf(keyGain) === headDim,
		inputGain: () => (inputGain === undefined ? undefined : withOffset(read(inputGain))),
	};
}

/** `count` values from the `first` on, or those that there are. */
function decode({ entry, bytes, fileName }: HeldTensor, first: number, count: number, conversions: Conversions): Float32Array {
	const width = entry.dtype === 'F32' ? 4 : 2;
	// Copied, so that elements start where they may.
	const own = bytes.slice(first * width, (first + count) * width);
	const values = width === 4 ? new Float32Array(own.buffer) : new Float32Array(own.length / 2);
	if (entry.dtype === 'BF16') conversions.bfloat16ToFloat32(new Uint16Array(own.buffer), values);
	else if (entry.dtype === 'F16') conversions.float16ToFloat32(new Uint16Array(own.buffer), values);
	for (let i = 0; i < values.length; i++)
		if (!Number.isFinite(values[i]))
			throw new InputError({
				path: [fileName, entry.name],
				found: `${values[i]} at value ${first + i}`,
				expected: 'finite numbers',
			});
	return values;
}

/** The projections of attentions in an ONNX file as float32, and the file with their channels in other places. */
import { InputError } from '@assay/contract';
import {
	type ByteSource,
	elementBytes,
	initializerBytes,
	type OnnxGraph,
	type OnnxInitializer,
	type TensorMessage,
	tensorMessage,
	writeChangedGraph,
} from '@assay/models/onnx';
import type { Conversions } from '@assay/numerics';
import type { Projection } from '../weights/attention-tensors.ts';
import type { LayerWeights } from '../weights/layer-reader.ts';
import type { OnnxAttention } from './find-attentions.ts';
import { permuteTables } from './permute-tables.ts';
import type { TracedProjection } from './trace-projection.ts';

/** An ONNX file, its graph read; weights stay in the file. */
export interface OnnxFile {
	readonly graph: OnnxGraph;
	readonly source: ByteSource;
}

/** Values of one attention. Raises an InputError for weights that are no floats, not finite, or in another file. */
export async function onnxLayer(
	{ graph, source }: OnnxFile,
	attention: OnnxAttention,
	layer: number,
	conversions: Conversions,
): Promise<LayerWeights> {
	const held = new Map<string, { readonly values: Float32Array; readonly dims: readonly number[] }>();
	for (const { weight, biases } of [attention.query, attention.key, attention.value])
		for (const { name } of [weight, ...biases]) {
			const stored = initializer(graph, name, source);
			held.set(name, { values: await readFloats(stored, source, conversions), dims: stored.dims });
		}
	const { headDim } = attention;
	const tensorOf = (name: string) => held.get(name) as { readonly values: Float32Array; readonly dims: readonly number[] };
	const of = (kind: Projection): TracedProjection => attention[kind];
	const inputsOf = ({ weight, isRow }: TracedProjection): number => tensorOf(weight.name).dims[isRow ? 1 : 0] as number;
	return {
		layer,
		inputs: inputsOf(attention.key),
		rows: (kind, head) => {
			const { weight, isRow } = of(kind);
			const { values, dims } = tensorOf(weight.name);
			const inputs = inputsOf(of(kind));
			const first = weight.first + head * headDim;
			const columns = dims[1] as number;
			if (isRow) return values.slice(first * inputs, (first + headDim) * inputs);
			return Float32Array.from(
				{ length: headDim * inputs },
				(_, i) => values[(i % inputs) * columns + first + Math.floor(i / inputs)] as number,
			);
		},
		bias: (kind, head) => {
			const { biases } = of(kind);
			if (biases.length === 0) return undefined;
			const sum = new Float32Array(headDim);
			for (const { name, first } of biases)
				for (let i = 0; i < headDim; i++)
					sum[i] = (sum[i] as number) + (tensorOf(name).values[first + head * headDim + i] as number);
			return sum;
		},
		gain: () => undefined,
		isGainShared: false,
		inputGain: () => undefined,
	};
}

/**
 * The file with channel `order[j]` of each head at place j, in the weights and biases of queries and keys; `orders` by attention and key head.
 * Where heads turn, all that share a table have one order (`sharedOrders`), and the table's columns have it too.
 */
export async function rewriteOnnx(
	{ graph, source }: OnnxFile,
	attentions: readonly OnnxAttention[],
	orders: readonly (readonly Int32Array[])[],
): Promise<Uint8Array> {
	const changed = new Map<string, Uint8Array>();
	for (const [index, { query, key, headDim, keyHeads }] of attentions.entries())
		for (const { weight, isRow, biases, channels } of [query, key]) {
			const sharing = channels / headDim / keyHeads;
			// Query heads that share a key head follow its order.
			const heads = (orders[index] as readonly Int32Array[]).flatMap((order) => Array<Int32Array>(sharing).fill(order));
			for (const { name, first } of [weight, ...biases]) {
				const { elementType, dims } = initializer(graph, name, source);
				const bytes = changed.get(name) ?? (await initializerBytes(initializer(graph, name, source), source)).slice();
				const width = elementBytes(elementType, 1);
				// Rows of a weight and values of a bias lie one after the other, columns once in each row.
				const isColumn = dims.length === 2 && !isRow;
				const [rows, rowBytes] = isColumn ? [dims[0] as number, (dims[1] as number) * width] : [1, 0];
				const channelBytes = isColumn || dims.length === 1 ? width : (dims[1] as number) * width;
				for (const [head, order] of heads.entries())
					for (let row = 0; row < rows; row++)
						moveChannels(bytes, row * rowBytes + (first + head * headDim) * channelBytes, channelBytes, order);
				changed.set(name, bytes);
			}
		}
	const replaced = new Map<string, TensorMessage>();
	for (const [name, bytes] of changed) {
		const { elementType, dims } = initializer(graph, name, source);
		replaced.set(name, tensorMessage(name, elementType, dims, bytes));
	}
	const nodes = await permuteTables(graph, source, attentions, orders, replaced);
	return writeChangedGraph(graph, source, { producerName: 'assay bfp-outliers', replaced, nodes });
}

function moveChannels(bytes: Uint8Array, start: number, channelBytes: number, order: Int32Array): void {
	const before = bytes.slice(start, start + order.length * channelBytes);
	for (let place = 0; place < order.length; place++) {
		const from = (order[place] as number) * channelBytes;
		bytes.set(before.subarray(from, from + channelBytes), start + place * channelBytes);
	}
}

function initializer(graph: OnnxGraph, name: string, source: ByteSource): OnnxInitializer {
	const stored = graph.initializers.get(name);
	if (stored === undefined)
		throw new InputError({ path: [source.name, name], found: 'weights in a node', expected: 'weights among the initializers' });
	return stored;
}

async function readFloats(stored: OnnxInitializer, source: ByteSource, conversions: Conversions): Promise<Float32Array> {
	const { name, elementType } = stored;
	if (elementType !== 'float32' && elementType !== 'float16' && elementType !== 'bfloat16')
		throw new InputError({
			path: [source.name, name],
			found: elementType,
			expected: 'float32, float16 or bfloat16: norms must be those of the float weights',
		});
	// Copied, so that elements start where they may.
	const own = (await initializerBytes(stored, source)).slice();
	const values = elementType === 'float32' ? new Float32Array(own.buffer) : new Float32Array(own.length / 2);
	if (elementType === 'bfloat16') conversions.bfloat16ToFloat32(new Uint16Array(own.buffer), values);
	if (elementType === 'float16') conversions.float16ToFloat32(new Uint16Array(own.buffer), values);
	const broken = values.findIndex((value) => !Number.isFinite(value));
	if (broken >= 0)
		throw new InputError({
			path: [source.name, name],
			found: `${values[broken]} at value ${broken}`,
			expected: 'finite numbers',
		});
	return values;
}

/** ONNX files with their heads' channels sorted, and what onnxruntime makes of them. */
import { memorySource, readOnnxGraph } from '@assay/models/onnx';
import { Conversions } from '@assay/numerics';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect } from 'vitest';
import { headScores } from '../ksort/head-scores.ts';
import { findAttentions, type OnnxAttention } from '../onnx/find-attentions.ts';
import { onnxLayer, rewriteOnnx } from '../onnx/onnx-layers.ts';

/** The file rewritten in `ordersOf` its heads' scores (by attention and key head); scores of both files are norms of rows. */
export async function sortOnnx(
	file: Uint8Array,
	ordersOf: (scores: readonly (readonly Float64Array[])[], attentions: readonly OnnxAttention[]) => readonly Int32Array[][],
) {
	const conversions = await Conversions.create();
	const open = async (bytes: Uint8Array) => {
		const source = memorySource('x.onnx', bytes);
		return { source, graph: await readOnnxGraph(source) };
	};
	const onnx = await open(file);
	const attentions = findAttentions(onnx.graph, 'x.onnx');
	const [first] = attentions;
	const shape = {
		layers: attentions.length,
		heads: first?.heads ?? 0,
		keyValueHeads: first?.keyHeads ?? 0,
		headDim: first?.headDim ?? 0,
		rotary: { width: 0, convention: 'halves', base: 1 },
		gainOffset: 0,
	} as const;
	const scoresOf = async (from: typeof onnx) =>
		Promise.all(
			attentions.map(async (one, index) => headScores(await onnxLayer(from, one, index, conversions), shape, 'row-norm')),
		);
	const scores = await scoresOf(onnx);
	const orders = ordersOf(scores, attentions);
	const bytes = await rewriteOnnx(onnx, attentions, orders);
	const changed = await open(bytes);
	return { attentions, scores, orders, bytes, graph: changed.graph, after: await scoresOf(changed) };
}

/** An output of a graph with one input `x`. */
export async function onnxOutput(
	file: Uint8Array,
	input: Float32Array,
	dims: readonly number[],
	name = 'y',
): Promise<Float32Array> {
	const session = await InferenceSession.create(file);
	const found = await session.run({ x: new Tensor('float32', input, [...dims]) });
	return Float32Array.from(found[name]?.data as Float32Array);
}

/** Both files give the same for the same input, to 1e-5 of the largest value. */
export async function expectSameOutput(
	before: Uint8Array,
	after: Uint8Array,
	input: Float32Array,
	dims: readonly number[],
	name?: string,
): Promise<void> {
	const [first, second] = [await onnxOutput(before, input, dims, name), await onnxOutput(after, input, dims, name)];
	const largest = first.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
	expect(largest).toBeGreaterThan(0);
	first.forEach((value, i) => void expect(Math.abs((second[i] as number) - value) / largest).toBeLessThan(1e-5));
}

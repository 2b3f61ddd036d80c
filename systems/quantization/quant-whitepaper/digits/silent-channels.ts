/**
 * Adds a silent channel in front of each depthwise layer: nothing ever comes through it, so the network computes what it did, but the depthwise weights it
 * meets are 2^r times as large as all others. Batch norms make such channels where a channel's variance is next to nothing, and folding then
 * divides by it: the reason why one scale for a layer fails on MobileNets (Krishnamoorthi 2018).
 */
import { type OnnxNode, onnxAttribute } from '@assay/models/onnx';
import { type FloatModel, floatsOf, floatWeight, readersOf, shapeOf, type Weight } from '../model/float-model.ts';
import { planNetwork } from '../quantize/network-plan.ts';
import type { LayerUnit } from '../quantize/units.ts';

export interface SilencedModel {
	readonly model: FloatModel;
	/** Depthwise layers with a silent channel, which is their last. */
	readonly layers: readonly string[];
}

/** The model's norms must be folded. Depthwise layers count that stand between two whole convolutions, with rectifiers at most between. */
export function addSilentChannels(model: FloatModel, octaves: number): SilencedModel {
	const units = planNetwork(model).units.filter((unit) => unit.kind === 'layer');
	const readers = readersOf(model);
	const weights = new Map(model.weights);
	const shapes = new Map(model.shapes);
	const nodes = new Map<OnnxNode, OnnxNode>();
	const layers: string[] = [];
	const next = (unit: LayerUnit): LayerUnit | undefined =>
		readers.get(unit.output)?.length === 1 ? units.find(({ input }) => input === unit.output) : undefined;
	for (const before of units) {
		const depthwise = next(before);
		const after = depthwise === undefined ? undefined : next(depthwise);
		if (before.type !== 'convolution' || depthwise?.type !== 'depthwise' || after?.type !== 'convolution') continue;
		const largest = floatsOf(weightOf(depthwise.weights)).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
		append(before.weights, 0, 0);
		append(before.bias, 0, 0);
		append(depthwise.weights, 0, largest * 2 ** octaves);
		append(depthwise.bias, 0, 0);
		append(after.weights, 1, 0);
		for (const unit of [before, depthwise])
			for (const name of [unit.node.output[0] ?? '', unit.output]) {
				const [batch = 1, , ...image] = shapeOf(model, name);
				shapes.set(name, [batch, unit.outputs + 1, ...image]);
			}
		const attribute = depthwise.node.attribute.filter(({ name }) => name !== 'group');
		nodes.set(depthwise.node, { ...depthwise.node, attribute: [...attribute, onnxAttribute('group', depthwise.outputs + 1)] });
		layers.push(depthwise.name);
	}
	return { model: { ...model, nodes: model.nodes.map((node) => nodes.get(node) ?? node), weights, shapes }, layers };

	function weightOf(name: string): Weight {
		const weight = weights.get(name);
		if (weight === undefined) throw new Error(`no weights ${name}`);
		return weight;
	}

	/** One more index along an axis, of equal values. */
	function append(name: string | undefined, axis: number, value: number): void {
		if (name === undefined) return;
		const { dims } = weightOf(name);
		const values = floatsOf(weightOf(name));
		const inner = dims.slice(axis + 1).reduce((product, size) => product * size, 1);
		const size = dims[axis] as number;
		const longer = new Float32Array((values.length / size) * (size + 1)).fill(value);
		for (let start = 0, to = 0; start < values.length; start += size * inner, to += (size + 1) * inner)
			longer.set(values.subarray(start, start + size * inner), to);
		weights.set(
			name,
			floatWeight(
				name,
				dims.map((one, at) => (at === axis ? one + 1 : one)),
				longer,
			),
		);
	}
}

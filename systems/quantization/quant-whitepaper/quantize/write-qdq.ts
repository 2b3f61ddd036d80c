/**
 * A quantized network as an ONNX graph of float operators with a QuantizeLinear and a DequantizeLinear at each tensor in 8 bits ("QDQ"). onnxruntime joins
 * them into integer kernels; run as it stands, each operator computes in float on values of the grid.
 */
import { roundToInteger } from '@assay/numerics';
import type { Quantization } from '../integer/integer-network.ts';
import { type FloatModel, floatsOf, shapeOf, withoutDeadParts, writeModel } from '../model/float-model.ts';
import { GraphParts } from './graph-parts.ts';
import { type QuantizedNetwork, turnedWeights } from './quantized-network.ts';
import { type IntegerUnit, inputsOf, type LayerUnit, nodesOf, outputsOf, type Unit } from './units.ts';

export interface QdqOptions {
	/** Quantizes these units alone; all unless told. */
	readonly only?: ReadonlySet<Unit>;
	/** Tensors to give out besides, under `qdqName`. */
	readonly observe?: readonly string[];
	/** Tensors to give out besides as their operators make them. */
	readonly expose?: readonly string[];
}

/** Name under which a tensor's values on the grid are found. */
export function qdqName(tensor: string): string {
	return `${tensor}/grid`;
}

/** The file. */
export function writeQdq(network: QuantizedNetwork, options: QdqOptions = {}): Uint8Array {
	return writeModel(qdqModel(network, options));
}

/** The graph. */
export function qdqModel(network: QuantizedNetwork, { only, observe = [], expose = [] }: QdqOptions = {}): FloatModel {
	const { model, plan, parameters } = network;
	const parts = new GraphParts(model);
	const isQuantized = (unit: Unit): unit is IntegerUnit => unit.kind !== 'float' && (only === undefined || only.has(unit));
	const quantized = new Set<string>();
	/** Made by integer units: whoever reads them reads the grid. */
	const onGrid = new Set<string>();
	for (const unit of plan.units) {
		if (!isQuantized(unit)) continue;
		for (const name of inputsOf(unit)) quantized.add(name);
		for (const name of outputsOf(unit)) {
			quantized.add(name);
			onGrid.add(name);
		}
	}
	const outputs = new Set(model.outputs);
	/** What the operator that makes a tensor calls it: a graph output's own name goes to its values on the grid. */
	const made = (name: string) => (onGrid.has(name) && outputs.has(name) ? `${name}/exact` : name);
	const grid = (name: string) => (onGrid.has(name) && outputs.has(name) ? name : qdqName(name));
	const shapes = new Map(model.shapes);
	const toGrid = (name: string) => {
		const found = parameters.get(name) as Quantization;
		const weight = model.weights.get(name);
		const [scale, zero] = parts.quantization(found);
		const codes = weight === undefined ? parts.fresh() : parts.bytes('int8', weight.dims, codesOf(floatsOf(weight), found));
		if (weight === undefined) parts.add('QuantizeLinear', [made(name), scale, zero], [codes]);
		parts.add('DequantizeLinear', [codes, scale, zero], [grid(name)]);
		shapes.set(grid(name), shapeOf(model, name));
	};
	const done = new Set<string>();
	const need = (name: string) => {
		if (done.has(name)) return;
		done.add(name);
		toGrid(name);
	};
	for (const unit of plan.units) {
		const nodes = nodesOf(unit);
		if (!isQuantized(unit)) {
			for (const node of nodes)
				parts.nodes.push({ ...node, input: node.input.map((name) => (onGrid.has(name) ? grid(name) : name)) });
			continue;
		}
		const inputs = new Set(inputsOf(unit));
		for (const name of inputs) need(name);
		const outputsMade = new Set(outputsOf(unit));
		const rename = (name: string) => (inputs.has(name) ? grid(name) : name);
		// Clamping to the range of the output does what a fused activation does.
		const fused = unit.kind === 'layer' || unit.kind === 'addition' || unit.kind === 'product';
		for (const node of fused ? [{ ...unit.node, output: [unit.output] }] : nodes) {
			const input = unit.kind === 'layer' ? layerInputs(unit, network, parts, rename) : node.input.map(rename);
			parts.nodes.push({
				...node,
				input: [...input],
				output: node.output.map((name) => (outputsMade.has(name) ? made(name) : name)),
			});
		}
		for (const name of outputsMade) need(name);
	}
	return withoutDeadParts({ ...parts.whole(), shapes, outputs: [...model.outputs, ...observe.map(grid), ...expose] });
}

/** Input, weights and bias of a layer on their grids. */
function layerInputs(
	unit: LayerUnit,
	{ model, layers, parameters }: QuantizedNetwork,
	parts: GraphParts,
	rename: (name: string) => string,
): string[] {
	const integers = layers.get(unit.name);
	const input = parameters.get(unit.input);
	if (integers === undefined || input === undefined) throw new Error(`the layer ${unit.name} was not quantized`);
	const { weights, scale } = layerConstants(unit, { model, layers }, parts);
	const grid = parts.fresh();
	parts.add(
		'DequantizeLinear',
		[weights, scale.name, zeroOf(scale, parts)],
		[grid],
		scale.axis === undefined ? {} : { axis: scale.axis },
	);
	const inputs = [rename(unit.input), grid];
	if (unit.bias !== undefined) {
		const sums = parts.bytes('int32', [unit.outputs], integers.bias);
		const scales = parts.floats(
			[unit.outputs],
			integers.scales.map((one) => Math.fround(one * input.scale)),
		);
		const bias = parts.fresh();
		parts.add('DequantizeLinear', [sums, scales], [bias], { axis: 0 });
		inputs.push(bias);
	}
	return inputs;
}

/** Name of the scales of a layer's weights; the axis that they run along, if they are several. */
export interface WeightScale {
	readonly name: string;
	readonly count: number;
	readonly axis: number | undefined;
}

/** Zero points as many as scales: without them onnxruntime puts in a single one, and then refuses it. */
export function zeroOf({ count, axis }: WeightScale, parts: GraphParts): string {
	return parts.bytes('int8', axis === undefined ? [] : [count], new Int8Array(count));
}

/** A layer's integer weights in the file's order, and their scales. */
export function layerConstants(
	unit: LayerUnit,
	{ model, layers }: Pick<QuantizedNetwork, 'model' | 'layers'>,
	parts: GraphParts,
): { readonly weights: string; readonly scale: WeightScale } {
	const integers = layers.get(unit.name);
	if (integers === undefined) throw new Error(`the layer ${unit.name} was not quantized`);
	const weights = parts.bytes('int8', model.weights.get(unit.weights)?.dims ?? [], turnedWeights(unit, integers.weights, true));
	const isOne = integers.scales.every((scale) => scale === integers.scales[0]);
	const dims = isOne ? [] : [unit.outputs];
	const scales = isOne ? integers.scales.slice(0, 1) : integers.scales;
	return {
		weights,
		scale: {
			name: parts.floats(dims, scales),
			count: scales.length,
			axis: isOne ? undefined : unit.isTransposed ? 1 : 0,
		},
	};
}

/** Codes of constants, halves to even. */
export function codesOf(values: Float32Array, { scale, zeroPoint }: Quantization): Int8Array {
	return Int8Array.from(values, (value) =>
		Math.min(127, Math.max(-128, roundToInteger(Math.fround(value / scale), 'half-even', 0) + zeroPoint)),
	);
}

/** How to have a tensor given out by a quantized file: what to ask for, and the name to find it under. */
export function observation(
	{ model, plan }: Pick<QuantizedNetwork, 'model' | 'plan'>,
	tensor: string,
): { readonly name: string; readonly options: QdqOptions } {
	if (model.outputs.includes(tensor)) return { name: tensor, options: {} };
	const isInteger = plan.units.some((unit) => unit.kind !== 'float' && outputsOf(unit).includes(tensor));
	return isInteger ? { name: qdqName(tensor), options: { observe: [tensor] } } : { name: tensor, options: { expose: [tensor] } };
}

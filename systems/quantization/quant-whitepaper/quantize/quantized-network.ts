/** A float model with everything that its integers need: a scale and zero point for each tensor, integers for each layer. */
import { affineParameters, asymmetricCodes } from '@assay/numerics';
import type { ValueRange } from '../calibrate/value-range.ts';
import type { Quantization } from '../integer/integer-network.ts';
import { type FloatModel, floatsOf } from '../model/float-model.ts';
import { type FloatLayer, type IntegerWeights, quantizeLayer, type WeightOptions } from './layer-weights.ts';
import type { NetworkPlan } from './network-plan.ts';
import type { LayerUnit } from './units.ts';

export interface QuantizedNetwork {
	readonly model: FloatModel;
	readonly plan: NetworkPlan;
	/** Of each of the plan's tensors. */
	readonly parameters: ReadonlyMap<string, Quantization>;
	/** By the layer's name. */
	readonly layers: ReadonlyMap<string, IntegerWeights>;
	readonly options: WeightOptions;
}

/** Softmax lies between 0 and 1: 256 steps of 1/256 (TensorFlow Lite's rule). */
const SOFTMAX: Quantization = { scale: 1 / 256, zeroPoint: -128 };

/** Values of a tensor in 8 bits, asymmetric. */
export function quantizationOf({ minimum, maximum }: ValueRange, rounding: WeightOptions['rounding']): Quantization {
	const codes = asymmetricCodes(8, { signed: true });
	const ranges = { minima: Float64Array.of(minimum), maxima: Float64Array.of(maximum) };
	const { scales, zeroPoints } = affineParameters(codes, ranges, { float32: true, rounding });
	return { scale: scales[0] as number, zeroPoint: zeroPoints[0] as number };
}

/** `ranges`: of every tensor of the plan that is computed and has a scale of its own. */
export function quantizeNetwork(
	model: FloatModel,
	plan: NetworkPlan,
	ranges: ReadonlyMap<string, ValueRange>,
	options: WeightOptions,
): QuantizedNetwork {
	const parameters = new Map<string, Quantization>();
	const softmaxes = new Set(plan.units.flatMap((unit) => (unit.kind === 'softmax' ? unit.outputs : [])));
	/** TensorFlow Lite's mean keeps the scale of what it reads. */
	const keptScales = new Map(
		plan.units.flatMap((unit) =>
			unit.kind === 'average-pool' && options.rounding === 'half-away' ? [[unit.outputs[0], unit.inputs[0]] as const] : [],
		),
	);
	for (const name of plan.tensors) {
		const shared = plan.sharedScales.get(name) ?? keptScales.get(name);
		const weight = model.weights.get(name);
		const range = weight === undefined ? ranges.get(name) : rangeOfValues(floatsOf(weight));
		const known = softmaxes.has(name) ? SOFTMAX : shared === undefined ? undefined : parameters.get(shared);
		if (known !== undefined) parameters.set(name, known);
		else if (range !== undefined) parameters.set(name, quantizationOf(range, options.rounding));
		else throw new Error(`no range for ${name}`);
	}
	const layers = new Map<string, IntegerWeights>();
	for (const unit of plan.units) {
		if (unit.kind !== 'layer') continue;
		layers.set(unit.name, quantizeLayer(floatLayer(model, unit), (parameters.get(unit.input) as Quantization).scale, options));
	}
	return { model, plan, parameters, layers, options };
}

/** Weights as [outputs, taps] and the bias. */
export function floatLayer(model: FloatModel, unit: LayerUnit): FloatLayer {
	const weight = model.weights.get(unit.weights);
	if (weight === undefined) throw new Error(`no weights for ${unit.name}`);
	const bias = unit.bias === undefined ? undefined : model.weights.get(unit.bias);
	return {
		weights: turnedWeights(unit, floatsOf(weight)),
		bias: bias === undefined ? undefined : floatsOf(bias),
		outputs: unit.outputs,
	};
}

/** From the file's order to outputs first, or back. */
export function turnedWeights<T extends Float32Array | Int8Array>(
	{ isTransposed, outputs }: Pick<LayerUnit, 'isTransposed' | 'outputs'>,
	values: T,
	back = false,
): T {
	if (!isTransposed) return values;
	const inputs = values.length / outputs;
	const turned = values.slice() as T;
	const [rows, columns] = back ? [outputs, inputs] : [inputs, outputs];
	for (let row = 0; row < rows; row++)
		for (let column = 0; column < columns; column++) turned[column * rows + row] = values[row * columns + column] as number;
	return turned;
}

function rangeOfValues(values: Float32Array): ValueRange {
	let [minimum, maximum] = [0, 0];
	for (const value of values) {
		if (value < minimum) minimum = value;
		if (value > maximum) maximum = value;
	}
	return { minimum, maximum };
}

/**
 * Cross-layer equalisation: where a layer is followed by a rectifier or nothing, and then by one other layer, its channel i may be divided by s and the
 * next one's inputs from it multiplied, and the network stays what it was. s = sqrt(r1 / r2) makes both sides' ranges alike (Nagel et al.,
 * arXiv 1906.04721, section 4.1). An extension to the paper.
 */

import { channelMaxima } from '../diagnose/causes.ts';
import { integer } from '../model/attributes.ts';
import { type FloatModel, floatsOf, floatWeight, readersOf } from '../model/float-model.ts';
import type { NetworkPlan } from '../quantize/network-plan.ts';
import { turnedWeights } from '../quantize/quantized-network.ts';
import type { LayerUnit } from '../quantize/units.ts';

const MOST_ROUNDS = 50;
const STEADY = 1e-3;

interface Pair {
	readonly first: LayerUnit;
	readonly second: LayerUnit;
}

/** Layers with nothing but a rectifier between them. */
export function equalisablePairs(model: FloatModel, plan: NetworkPlan): Pair[] {
	const layers = plan.units.filter((unit) => unit.kind === 'layer');
	const readers = readersOf(model);
	const uses = new Map<string, number>();
	for (const { weights } of layers) uses.set(weights, (uses.get(weights) ?? 0) + 1);
	const pairs: Pair[] = [];
	for (const first of layers) {
		if (first.activation !== undefined && first.activation.opType !== 'Relu') continue;
		const all = readers.get(first.output) ?? [];
		const second = layers.find(({ input }) => input === first.output);
		if (all.length !== 1 || second === undefined || all[0] !== second.node) continue;
		const isGrouped = integer(second.node, 'group', 1) > 1 && second.type !== 'depthwise';
		if (isGrouped || (uses.get(first.weights) ?? 0) > 1 || (uses.get(second.weights) ?? 0) > 1) continue;
		pairs.push({ first, second });
	}
	return pairs;
}

/** The same function with evened ranges; `changed` names the tensors between two layers, the only ones whose values are others than before. */
export function equaliseLayers(
	model: FloatModel,
	plan: NetworkPlan,
): { readonly model: FloatModel; readonly changed: readonly string[] } {
	const pairs = equalisablePairs(model, plan);
	const weights = new Map<string, Float32Array>();
	const biases = new Map<string, Float32Array>();
	const own = (unit: LayerUnit) => {
		let values = weights.get(unit.weights);
		if (values === undefined) {
			const weight = model.weights.get(unit.weights);
			if (weight === undefined) throw new Error(`no weights for ${unit.name}`);
			values = turnedWeights(unit, floatsOf(weight)).slice();
			weights.set(unit.weights, values);
		}
		return values;
	};
	for (let round = 0; round < MOST_ROUNDS; round++) {
		let change = 0;
		for (const { first, second } of pairs) {
			const [a, b] = [own(first), own(second)];
			const before = channelMaxima({ weights: a, outputs: first.outputs });
			const after = inputMaxima(b, second, first.outputs);
			const biasWeight = model.weights.get(first.bias ?? '');
			const bias = biases.get(first.bias ?? '') ?? (biasWeight === undefined ? undefined : floatsOf(biasWeight).slice());
			if (bias !== undefined && first.bias !== undefined) biases.set(first.bias, bias);
			for (let channel = 0; channel < first.outputs; channel++) {
				const [r1, r2] = [before[channel] as number, after[channel] as number];
				// A channel that says nothing, or that nobody listens to, stays.
				if (!(r1 > 0 && r2 > 0)) continue;
				const scale = Math.sqrt(r1 / r2);
				change = Math.max(change, Math.abs(scale - 1));
				scaleOutput(a, first, channel, 1 / scale);
				if (bias !== undefined) bias[channel] = (bias[channel] as number) / scale;
				scaleInput(b, second, channel, scale, first.outputs);
			}
		}
		if (change < STEADY) break;
	}
	const replaced = new Map(model.weights);
	for (const unit of plan.units) {
		if (unit.kind !== 'layer') continue;
		const values = weights.get(unit.weights);
		const weight = model.weights.get(unit.weights);
		if (values !== undefined && weight !== undefined)
			replaced.set(unit.weights, floatWeight(unit.weights, weight.dims, turnedWeights(unit, values, true)));
	}
	for (const [name, values] of biases)
		replaced.set(name, floatWeight(name, model.weights.get(name)?.dims ?? [values.length], values));
	return {
		model: { ...model, weights: replaced },
		changed: pairs.flatMap(({ first }) => [first.node.output[0] ?? '', first.output]),
	};
}

function scaleOutput(weights: Float32Array, { outputs }: LayerUnit, channel: number, factor: number): void {
	const taps = weights.length / outputs;
	for (let i = channel * taps; i < (channel + 1) * taps; i++) weights[i] = (weights[i] as number) * factor;
}

/** Visits the weights that read a channel: [outputs, inputs, taps], or of a depthwise layer the outputs of its group. */
function eachReader(
	weights: Float32Array,
	{ outputs, type }: LayerUnit,
	channel: number,
	inputs: number,
	visit: (at: number) => void,
): void {
	if (type === 'depthwise') {
		const each = weights.length / inputs;
		for (let i = channel * each; i < (channel + 1) * each; i++) visit(i);
		return;
	}
	const taps = weights.length / outputs / inputs;
	for (let output = 0; output < outputs; output++)
		for (let tap = 0; tap < taps; tap++) visit((output * inputs + channel) * taps + tap);
}

function scaleInput(weights: Float32Array, unit: LayerUnit, channel: number, factor: number, inputs: number): void {
	eachReader(weights, unit, channel, inputs, (at) => {
		weights[at] = (weights[at] as number) * factor;
	});
}

function inputMaxima(weights: Float32Array, unit: LayerUnit, inputs: number): Float64Array {
	return Float64Array.from({ length: inputs }, (_, channel) => {
		let largest = 0;
		eachReader(weights, unit, channel, inputs, (at) => {
			largest = Math.max(largest, Math.abs(weights[at] as number));
		});
		return largest;
	});
}

/**
 * A quantized network that can be trained: every layer computes with weights on their grid, every tensor in 8 bits is rounded to its own, and gradients
 * pass straight through both. What is learnt are the float weights and biases behind.
 */
import { InputError } from '@assay/contract';
import type { ValueRange } from '../calibrate/value-range.ts';
import { QuantizedArithmetic } from '../digits/quantized-arithmetic.ts';
import type { Quantization } from '../integer/integer-network.ts';
import { integer } from '../model/attributes.ts';
import { elements, type FloatModel, floatsOf, floatWeight, scalarOf, shapeOf } from '../model/float-model.ts';
import { stretchedPlaces } from '../model/moved-values.ts';
import { windowOf } from '../model/window-of.ts';
import { floatLayer, type QuantizedNetwork, quantizeNetwork, turnedWeights } from '../quantize/quantized-network.ts';
import { inputsOf, type LayerUnit, outputsOf, type PairUnit } from '../quantize/units.ts';
import { ActivationGrid, gridStep } from './activation-grid.ts';
import { convolutionStep, denseStep, type LayerParameters } from './layer-step.ts';
import { clampStep, functionStep, pairStep } from './plain-steps.ts';
import { plainSteps } from './steps-of-plain-unit.ts';
import { type Tracked, type TrainedStep, tracked } from './tracked.ts';

interface LearntLayer extends LayerParameters {
	readonly unit: LayerUnit;
}

export class TrainableNetwork {
	/** Whether weights, and activations, are rounded. */
	roundsWeights = true;
	roundsActivations = true;
	readonly logits: Tracked;
	private readonly network: QuantizedNetwork;
	private readonly steps: TrainedStep[] = [];
	/** As operators make them, and as those that follow read them. */
	private readonly made = new Map<string, Tracked>();
	private readonly read = new Map<string, Tracked>();
	/** These, and those between a layer and its activation. */
	private readonly tensors: Tracked[] = [];
	private readonly layers = new Map<string, LearntLayer>();
	private readonly grids = new Map<string, ActivationGrid>();
	private readonly arithmetic: QuantizedArithmetic;

	/**
	 * `ranges`: of tensors with a range of their own. `tensor`: the logits. Raises an InputError that lists operators which stay float: gradients are
	 * known for those of the integer kernels.
	 */
	constructor(network: QuantizedNetwork, ranges: ReadonlyMap<string, ValueRange>, tensor: string) {
		const { model, plan, options } = network;
		const floats = plan.units.filter((unit) => unit.kind === 'float');
		if (floats.length > 0)
			throw new InputError({
				path: [model.name, 'operators'],
				found: `${floats.length} that stay float (${[...new Set(floats.map(({ node }) => node.opType))].join(', ')})`,
				expected: 'a network whose every operator runs in integers: only such can be trained on the grid',
			});
		this.network = network;
		this.arithmetic = new QuantizedArithmetic({
			weightBits: options.bits,
			rounding: 'half-even',
			granularity: options.granularity,
		});
		for (const [name, range] of ranges)
			if (!model.weights.has(name)) this.grids.set(name, new ActivationGrid(range, options.rounding));
		this.toGrid(model.input);
		for (const unit of plan.units) {
			if (unit.kind === 'float') continue;
			for (const name of inputsOf(unit)) if (model.weights.has(name)) this.holdConstant(name);
			switch (unit.kind) {
				case 'layer':
					this.addLayer(unit);
					break;
				case 'function':
					this.steps.push(functionStep(this.reading(unit.input), this.making(unit.output), unit.functions));
					break;
				case 'addition':
				case 'product':
					this.addPair(unit);
					break;
				default:
					this.steps.push(
						...plainSteps(
							unit,
							model,
							(name) => this.reading(name),
							(name) => this.making(name),
						),
					);
			}
			for (const name of outputsOf(unit)) if (name !== '') this.toGrid(name);
		}
		this.logits = this.reading(tensor);
	}

	/** Weights and biases, with their gradients. */
	get learnt(): readonly Tracked[] {
		return [...this.layers.values()].flatMap(({ weights, bias }) => (bias === undefined ? [weights] : [weights, bias]));
	}

	/** Rounds the weights to their grids: before the samples of a batch. */
	roundWeights(): void {
		for (const { weights, used, unit } of this.layers.values()) {
			used.set(weights.values);
			if (this.roundsWeights) this.arithmetic.roundWeights(used, unit.outputs);
		}
	}

	async forward(sample: Float32Array, pause: () => Promise<void>, observes = false): Promise<void> {
		this.making(this.network.model.input).values.set(sample);
		for (const step of this.steps) {
			step.forward();
			await pause();
		}
		if (observes) for (const [name, grid] of this.grids) grid.observe(this.making(name).values);
	}

	/** From the gradient of the logits to those of what is learnt, which it adds to. */
	async backward(gradient: Float32Array, pause: () => Promise<void>): Promise<void> {
		for (const { gradient: before } of this.tensors) before.fill(0);
		this.logits.gradient.set(gradient);
		for (const step of this.steps.toReversed()) {
			step.backward();
			await pause();
		}
	}

	/** Moves the ranges of activations by what the batch has shown. */
	moveRanges(): void {
		for (const grid of this.grids.values()) grid.move();
	}

	/** What was learnt, quantized. */
	trained(): QuantizedNetwork {
		const { model, plan, options } = this.network;
		const weights = new Map(model.weights);
		for (const { unit, weights: own, bias } of this.layers.values()) {
			const dims = shapeOf(model, unit.weights);
			weights.set(unit.weights, floatWeight(unit.weights, dims, turnedWeights(unit, own.values, true)));
			if (bias !== undefined && unit.bias !== undefined)
				weights.set(unit.bias, floatWeight(unit.bias, shapeOf(model, unit.bias), bias.values));
		}
		const learnt: FloatModel = { ...model, weights };
		const ranges = new Map([...this.grids].map(([name, { range }]) => [name, range]));
		return quantizeNetwork(learnt, plan, ranges, options);
	}

	private making(name: string): Tracked {
		return this.keep(this.made, name);
	}

	private reading(name: string): Tracked {
		return this.keep(this.read, name);
	}

	private keep(where: Map<string, Tracked>, name: string): Tracked {
		const known = where.get(name) ?? this.make(elements(shapeOf(this.network.model, name)));
		where.set(name, known);
		return known;
	}

	private make(length: number): Tracked {
		const made = tracked(length);
		this.tensors.push(made);
		return made;
	}

	private toGrid(name: string): void {
		const { plan, parameters } = this.network;
		const shared = plan.sharedScales.get(name) ?? name;
		const grid = () => this.grids.get(shared)?.quantization ?? (parameters.get(name) as Quantization);
		this.steps.push(gridStep(this.making(name), this.reading(name), grid, () => this.roundsActivations));
	}

	/** A constant operand stays as it is, on its grid. */
	private holdConstant(name: string): void {
		const { model, parameters } = this.network;
		const weight = model.weights.get(name);
		if (weight === undefined || this.made.has(name)) return;
		this.making(name).values.set(floatsOf(weight));
		const grid = () => parameters.get(name) as Quantization;
		this.steps.push(gridStep(this.making(name), this.reading(name), grid, () => this.roundsActivations));
	}

	private addLayer(unit: LayerUnit): void {
		const { model } = this.network;
		const learnt = this.layers.get(unit.weights) ?? this.learn(unit);
		this.layers.set(unit.weights, learnt);
		const input = this.reading(unit.input);
		const output = unit.activation === undefined ? this.making(unit.output) : this.make(this.making(unit.output).values.length);
		if (unit.type === 'dense') this.steps.push(denseStep(input, output, learnt, unit.outputs));
		else {
			const [from, to, dims] = [shapeOf(model, unit.input), shapeOf(model, unit.output), shapeOf(model, unit.weights)];
			const [, channels = 1, rows = 1, columns = 1] = from;
			const [, , outRows = 1, outColumns = 1] = to;
			this.steps.push(
				convolutionStep(input, output, learnt, {
					...windowOf(unit.node, dims.slice(2), from, to),
					channels,
					outputs: unit.outputs,
					groups: integer(unit.node, 'group', 1),
					from: [rows, columns],
					to: [outRows, outColumns],
				}),
			);
		}
		this.addActivation(unit, output);
	}

	private learn(unit: LayerUnit): LearntLayer {
		const float = floatLayer(this.network.model, unit);
		const weights = { values: float.weights.slice(), gradient: new Float32Array(float.weights.length) };
		const bias =
			float.bias === undefined ? undefined : { values: float.bias.slice(), gradient: new Float32Array(float.bias.length) };
		return { unit, weights, used: float.weights.slice(), bias };
	}

	private addActivation({ activation, output }: LayerUnit | PairUnit, before: Tracked): void {
		if (activation === undefined) return;
		const isRelu = activation.opType === 'Relu';
		const low = isRelu ? 0 : (scalarOf(this.network.model, activation.input[1]) ?? Number.NEGATIVE_INFINITY);
		const high = isRelu
			? Number.POSITIVE_INFINITY
			: (scalarOf(this.network.model, activation.input[2]) ?? Number.POSITIVE_INFINITY);
		this.steps.push(clampStep(before, this.making(output), low, high));
	}

	private addPair(unit: PairUnit): void {
		const { model } = this.network;
		const shape = shapeOf(model, unit.output);
		const [left, right] = unit.inputs;
		const output = unit.activation === undefined ? this.making(unit.output) : this.make(elements(shape));
		const placesOf = (name: string) => stretchedPlaces(shapeOf(model, name), shape);
		this.steps.push(pairStep(unit.kind, [this.reading(left), this.reading(right)], output, [placesOf(left), placesOf(right)]));
		this.addActivation(unit, output);
	}
}

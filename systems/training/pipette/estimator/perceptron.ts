/**
 * A multilayer perceptron with rectified linear units for regression, trained by Adam on squared errors in batches: the shape the
 * published code uses (11-64-48-24-12-1), on typed arrays. Inputs and target are standardised inside.
 */
import type { Random } from '@assay/contract';

/** How a network is trained. */
export interface TrainingOptions {
	readonly hidden: readonly number[];
	readonly epochs: number;
	readonly batch: number;
	/** Divided by ten after each fifth of the epochs. */
	readonly learningRate: number;
}

/** Means and deviations by which columns are standardised. */
interface Scale {
	readonly mean: Float64Array;
	readonly deviation: Float64Array;
}

interface Layer {
	readonly inputs: number;
	readonly outputs: number;
	readonly weights: Float64Array;
	readonly biases: Float64Array;
}

const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-8;

/** A trained network. */
export class Perceptron {
	private readonly layers: readonly Layer[];
	private readonly inputScale: Scale;
	private readonly targetMean: number;
	private readonly targetDeviation: number;
	private readonly activations: readonly Float64Array[];

	constructor(layers: readonly Layer[], inputScale: Scale, targetMean: number, targetDeviation: number) {
		this.layers = layers;
		this.inputScale = inputScale;
		this.targetMean = targetMean;
		this.targetDeviation = targetDeviation;
		const inputs = layers[0]?.inputs ?? 0;
		this.activations = [new Float64Array(inputs), ...layers.map(({ outputs }) => new Float64Array(outputs))];
	}

	/** The target for one row of features. */
	predict(features: ArrayLike<number>): number {
		const first = this.activations[0] as Float64Array;
		standardise(features, this.inputScale, first);
		const raw = forward(this.layers, this.activations);
		return this.targetMean + this.targetDeviation * raw;
	}

	/** Everything one needs to use the network elsewhere, as plain JSON. */
	toJSON(): unknown {
		return {
			features: { mean: [...this.inputScale.mean], deviation: [...this.inputScale.deviation] },
			target: { mean: this.targetMean, deviation: this.targetDeviation },
			layers: this.layers.map(({ inputs, outputs, weights, biases }) => ({
				inputs,
				outputs,
				weights: [...weights],
				biases: [...biases],
			})),
		};
	}
}

/** Trains a network on rows of features and their targets. Raises a RangeError without rows. */
export async function trainPerceptron(
	rows: readonly ArrayLike<number>[],
	targets: ArrayLike<number>,
	options: TrainingOptions,
	random: Random,
	pause: () => Promise<void>,
): Promise<Perceptron> {
	const first = rows[0];
	if (first === undefined || rows.length !== targets.length)
		throw new RangeError(`${rows.length} rows for ${targets.length} targets`);
	const inputs = first.length;
	const inputScale = scaleOf(rows, inputs);
	const targetScale = scaleOf(
		Array.from(targets, (target) => [target]),
		1,
	);
	const targetMean = targetScale.mean[0] as number;
	const targetDeviation = targetScale.deviation[0] as number;
	const data = rows.map((row) => {
		const into = new Float64Array(inputs);
		standardise(row, inputScale, into);
		return into;
	});
	const wanted = Float64Array.from(targets, (target) => (target - targetMean) / targetDeviation);

	const widths = [inputs, ...options.hidden, 1];
	const layers = widths.slice(1).map((outputs, index): Layer => {
		const fanIn = widths[index] as number;
		const spread = Math.sqrt(2 / fanIn);
		return {
			inputs: fanIn,
			outputs,
			weights: Float64Array.from({ length: fanIn * outputs }, () => spread * random.normal()),
			biases: new Float64Array(outputs),
		};
	});
	const activations = widths.map((width) => new Float64Array(width));
	const deltas = widths.map((width) => new Float64Array(width));
	const adam = layers.map(({ weights, biases }) => ({
		weights: new Moments(weights.length),
		biases: new Moments(biases.length),
	}));
	const order = Int32Array.from(data, (_, index) => index);
	let step = 0;
	for (let epoch = 0; epoch < options.epochs; epoch++) {
		const rate = options.learningRate * 10 ** -Math.floor((5 * epoch) / options.epochs);
		random.shuffle(order);
		for (let start = 0; start < order.length; start += options.batch) {
			const end = Math.min(order.length, start + options.batch);
			for (let k = start; k < end; k++) {
				const row = order[k] as number;
				(activations[0] as Float64Array).set(data[row] as Float64Array);
				const error = forward(layers, activations) - (wanted[row] as number);
				(deltas[widths.length - 1] as Float64Array)[0] = (2 * error) / (end - start);
				backward(layers, activations, deltas, adam);
			}
			step++;
			for (const [index, layer] of layers.entries()) {
				adam[index]?.weights.apply(layer.weights, rate, step);
				adam[index]?.biases.apply(layer.biases, rate, step);
			}
		}
		await pause();
	}
	return new Perceptron(layers, inputScale, targetMean, targetDeviation);
}

/** Adam's moments of one array of parameters, and the gradient that gathers in between. */
class Moments {
	readonly gradient: Float64Array;
	private readonly first: Float64Array;
	private readonly second: Float64Array;

	constructor(length: number) {
		this.gradient = new Float64Array(length);
		this.first = new Float64Array(length);
		this.second = new Float64Array(length);
	}

	/** One step of Adam; clears the gradient. */
	apply(parameters: Float64Array, rate: number, step: number): void {
		const { gradient, first, second } = this;
		const firstCorrection = 1 - BETA_1 ** step;
		const secondCorrection = 1 - BETA_2 ** step;
		for (let i = 0; i < parameters.length; i++) {
			const g = gradient[i] as number;
			const m = BETA_1 * (first[i] as number) + (1 - BETA_1) * g;
			const v = BETA_2 * (second[i] as number) + (1 - BETA_2) * g * g;
			first[i] = m;
			second[i] = v;
			parameters[i] = (parameters[i] as number) - (rate * (m / firstCorrection)) / (Math.sqrt(v / secondCorrection) + EPSILON);
			gradient[i] = 0;
		}
	}
}

/** Runs the layers over what is in the first activations; the last layer is linear. */
function forward(layers: readonly Layer[], activations: readonly Float64Array[]): number {
	for (let index = 0; index < layers.length; index++) {
		const { inputs, outputs, weights, biases } = layers[index] as Layer;
		const input = activations[index] as Float64Array;
		const output = activations[index + 1] as Float64Array;
		const last = index === layers.length - 1;
		for (let o = 0; o < outputs; o++) {
			let sum = biases[o] as number;
			const row = o * inputs;
			for (let i = 0; i < inputs; i++) sum += (weights[row + i] as number) * (input[i] as number);
			output[o] = last || sum > 0 ? sum : 0;
		}
	}
	return (activations[layers.length] as Float64Array)[0] as number;
}

/** Adds the gradients of one example. */
function backward(
	layers: readonly Layer[],
	activations: readonly Float64Array[],
	deltas: readonly Float64Array[],
	adam: readonly { readonly weights: Moments; readonly biases: Moments }[],
): void {
	for (let index = layers.length - 1; index >= 0; index--) {
		const { inputs, outputs, weights } = layers[index] as Layer;
		const moments = adam[index] as { weights: Moments; biases: Moments };
		const input = activations[index] as Float64Array;
		const above = deltas[index + 1] as Float64Array;
		const below = deltas[index] as Float64Array;
		below.fill(0);
		for (let o = 0; o < outputs; o++) {
			const delta = above[o] as number;
			if (delta === 0) continue;
			moments.biases.gradient[o] = (moments.biases.gradient[o] as number) + delta;
			const row = o * inputs;
			for (let i = 0; i < inputs; i++) {
				moments.weights.gradient[row + i] = (moments.weights.gradient[row + i] as number) + delta * (input[i] as number);
				below[i] = (below[i] as number) + delta * (weights[row + i] as number);
			}
		}
		if (index === 0) return;
		for (let i = 0; i < inputs; i++) if ((input[i] as number) <= 0) below[i] = 0;
	}
}

function scaleOf(rows: readonly ArrayLike<number>[], columns: number): Scale {
	const mean = new Float64Array(columns);
	const deviation = new Float64Array(columns);
	for (const row of rows) for (let c = 0; c < columns; c++) mean[c] = (mean[c] as number) + (row[c] as number) / rows.length;
	for (const row of rows) {
		for (let c = 0; c < columns; c++) {
			deviation[c] = (deviation[c] as number) + ((row[c] as number) - (mean[c] as number)) ** 2 / rows.length;
		}
	}
	// A column that never changes tells nothing; it is left at 0.
	for (let c = 0; c < columns; c++) deviation[c] = Math.sqrt(deviation[c] as number) || 1;
	return { mean, deviation };
}

function standardise(row: ArrayLike<number>, { mean, deviation }: Scale, into: Float64Array): void {
	for (let c = 0; c < into.length; c++) into[c] = ((row[c] as number) - (mean[c] as number)) / (deviation[c] as number);
}

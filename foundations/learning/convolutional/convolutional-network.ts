/**
 * A small network for images, trained on one thread: convolutions that are each followed by a batch norm and a rectifier, then the mean over positions
 * and a linear layer to the classes. Stochastic gradient descent with momentum and weight decay. The same seed gives the same bits.
 */
import type { Random } from '@assay/contract';
import type { Address, Kernels } from '../kernels/kernels.ts';
import { MATMUL_SCRATCH_BYTES } from '../kernels/matmul.ts';
import { Arena } from '../memory-layout.ts';
import {
	type ConvolutionArrays,
	type ConvolutionShape,
	convolveBackward,
	convolveForward,
	outputSide,
	weightCount,
	windowCount,
} from './convolution.ts';
import type { NetworkPlan } from './network-plan.ts';
import type { RoundedArithmetic } from './rounded-arithmetic.ts';
import type { TrainedConvolution, TrainedNetwork } from './trained-network.ts';
import { weightsInOrder, writeInOrder } from './weight-order.ts';

export interface StepOptions {
	readonly learningRate: number;
	readonly momentum: number;
	/** Of convolutions' and the last layer's weights. */
	readonly weightDecay: number;
}

/** Added to a variance before its root is taken. */
const EPSILON = 1e-5;
/** Share of the running moments that a batch replaces. */
const RUNNING_SHARE = 0.1;

interface Layer {
	readonly shape: ConvolutionShape;
	/** Rows of its output. */
	readonly positions: number;
	readonly arrays: ConvolutionArrays;
	/** Output after norm and rectifier, as the next layer reads it. */
	readonly activated: Address;
	/** The same before it was rounded; the same place where nothing rounds. */
	readonly rectified: Address;
	/** Per channel: gain and offset that are learnt, then the moments of a batch and the running ones. */
	readonly gain: Address;
	readonly offset: Address;
	readonly means: Float32Array;
	readonly deviations: Float32Array;
	readonly runningMeans: Float32Array;
	readonly runningVariances: Float32Array;
}

/** Everything that is learnt lies in one run of floats; gradients and velocities lie alike. */
export class ConvolutionalNetwork {
	readonly parameterCount: number;
	private readonly plan: NetworkPlan;
	private readonly rounded: RoundedArithmetic | undefined;
	private readonly exact: Float32Array | undefined;
	private normsAreFrozen = false;
	private readonly kernels: Kernels;
	private readonly arena: Arena;
	private readonly layers: readonly Layer[];
	private readonly parameters: Address;
	private readonly gradients: Address;
	private readonly velocities: Address;
	/** 1 where weights decay, 0 for gains, offsets and biases. */
	private readonly decays: Uint8Array;
	private readonly linear: Address;
	private readonly image: Address;
	private readonly pooled: Address;
	private readonly logits: Address;
	private readonly targets: Address;
	private readonly losses: Address;
	/** Gradients of activations, one being read while the other is written. */
	private readonly passing: readonly [Address, Address];
	/** Rows of channels for sums and coefficients. */
	private readonly rows: readonly [Address, Address, Address];

	/** Takes its memory from `kernels.memory`, which grows; nothing else may use that memory. */
	constructor(kernels: Kernels, plan: NetworkPlan, random: Random, rounded?: RoundedArithmetic) {
		this.rounded = rounded;
		this.kernels = kernels;
		this.plan = plan;
		this.arena = new Arena(kernels.memory);
		const { arena } = this;
		const shapes = shapesOf(plan);
		const last = shapes.at(-1) as ConvolutionShape;
		const learnt = shapes.map((shape) => weightCount(shape) + 2 * shape.outputs);
		this.parameterCount = learnt.reduce((sum, count) => sum + count, 0) + last.outputs * plan.classes + plan.classes;
		this.parameters = arena.floats(this.parameterCount);
		this.exact = rounded === undefined ? undefined : new Float32Array(this.parameterCount);
		this.gradients = arena.floats(this.parameterCount);
		this.velocities = arena.floats(this.parameterCount);
		const { batch, side, channels, classes } = plan;
		this.image = arena.floats(batch * side * side * channels);
		const scratch = arena.bytes(MATMUL_SCRATCH_BYTES);
		const windows = arena.floats(Math.max(1, ...shapes.map(windowCount)));
		let input = this.image;
		let parameter = 0;
		this.layers = shapes.map((shape): Layer => {
			const positions = batch * outputSide(shape) ** 2;
			const weights = this.parameters + 4 * parameter;
			const gain = weights + 4 * weightCount(shape);
			parameter += weightCount(shape) + 2 * shape.outputs;
			const activated = arena.floats(positions * shape.outputs);
			const layer = {
				shape,
				positions,
				arrays: { input, weights, output: arena.floats(positions * shape.outputs), windows, scratch },
				activated,
				rectified: rounded === undefined ? activated : arena.floats(positions * shape.outputs),
				gain,
				offset: gain + 4 * shape.outputs,
				means: new Float32Array(shape.outputs),
				deviations: new Float32Array(shape.outputs),
				runningMeans: new Float32Array(shape.outputs),
				runningVariances: new Float32Array(shape.outputs).fill(1),
			};
			input = layer.activated;
			return layer;
		});
		this.linear = this.parameters + 4 * parameter;
		this.pooled = arena.floats(batch * last.outputs);
		this.logits = arena.floats(batch * classes);
		this.targets = arena.floats(batch);
		this.losses = arena.floats(batch);
		const widest = Math.max(
			batch * side * side * channels,
			...this.layers.map(({ positions, shape }) => positions * shape.outputs),
		);
		this.passing = [arena.floats(widest), arena.floats(widest)];
		const channelsMost = Math.max(...shapes.map(({ outputs }) => outputs));
		this.rows = [arena.floats(channelsMost), arena.floats(channelsMost), arena.floats(channelsMost)];
		this.decays = new Uint8Array(this.parameterCount);
		this.initialise(random);
	}

	/** Weights by He's rule, gains of 1. */
	private initialise(random: Random): void {
		const values = this.floats(this.parameters, this.parameterCount);
		const draw = (start: Address, count: number, inputs: number): void => {
			const at = (start - this.parameters) / 4;
			for (let i = 0; i < count; i++) values[at + i] = random.normal() * Math.sqrt(2 / inputs);
			this.decays.fill(1, at, at + count);
		};
		for (const { shape, arrays, gain } of this.layers) {
			draw(arrays.weights, weightCount(shape), (shape.kernel * shape.kernel * shape.inputs) / shape.groups);
			values.fill(1, (gain - this.parameters) / 4, (gain - this.parameters) / 4 + shape.outputs);
		}
		const width = this.lastWidth();
		draw(this.linear, width * this.plan.classes, 2 * width);
	}

	/** One step on a batch of images, channels side by side; returns the mean loss. */
	trainStep(images: Float32Array, labels: Int32Array, options: StepOptions): number {
		const loss = this.gradientOf(images, labels);
		const { learningRate, momentum, weightDecay } = options;
		const values = this.floats(this.parameters, this.parameterCount);
		const gradients = this.floats(this.gradients, this.parameterCount);
		const velocities = this.floats(this.velocities, this.parameterCount);
		for (let i = 0; i < values.length; i++) {
			const value = values[i] as number;
			const gradient = (gradients[i] as number) + weightDecay * (this.decays[i] as number) * value;
			const velocity = momentum * (velocities[i] as number) + gradient;
			velocities[i] = velocity;
			values[i] = value - learningRate * velocity;
		}
		return loss;
	}

	/** Sets the gradient of the mean loss of a batch and returns that loss. Running moments move. */
	gradientOf(images: Float32Array, labels: Int32Array): number {
		this.floats(this.gradients, this.parameterCount).fill(0);
		this.roundWeights();
		this.forward(images, true);
		new Int32Array(this.kernels.memory.buffer, this.targets, labels.length).set(labels);
		const { batch, classes } = this.plan;
		this.kernels.crossEntropy(this.logits, this.targets, this.losses, batch, classes, 1 / batch);
		this.backward();
		this.restoreWeights();
		const losses = this.floats(this.losses, batch);
		return losses.reduce((sum, loss) => sum + loss, 0) / batch;
	}

	/** Class of each image of a batch, by the running moments. */
	classify(images: Float32Array): Int32Array {
		this.roundWeights();
		this.forward(images, false);
		this.restoreWeights();
		const { batch, classes } = this.plan;
		const logits = this.floats(this.logits, batch * classes);
		return Int32Array.from({ length: batch }, (_, image) => {
			const own = logits.subarray(image * classes, (image + 1) * classes);
			return own.indexOf(Math.max(...own));
		});
	}

	/** What is learnt, and its gradient: views that end when the memory grows. */
	learnt(): { readonly values: Float32Array; readonly gradients: Float32Array } {
		return {
			values: this.floats(this.parameters, this.parameterCount),
			gradients: this.floats(this.gradients, this.parameterCount),
		};
	}

	/** From now on norms use their running moments in training too, which stay as they are. */
	freezeNorms(): void {
		this.normsAreFrozen = true;
		for (const { means, deviations, runningMeans, runningVariances } of this.layers) {
			means.set(runningMeans);
			for (const [channel, variance] of runningVariances.entries()) deviations[channel] = Math.sqrt(variance + EPSILON);
		}
	}

	/** What was learnt, in the usual order, as copies. A grouped convolution's groups must have one input each. */
	trained(): TrainedNetwork {
		const width = this.lastWidth();
		const { classes } = this.plan;
		const linear = this.floats(this.linear, width * classes + classes);
		return {
			convolutions: this.layers.map(({ shape, arrays, gain, offset, runningMeans, runningVariances }) => ({
				outputs: shape.outputs,
				kernel: shape.kernel,
				stride: shape.stride,
				groups: shape.groups,
				weights: weightsInOrder(this.floats(arrays.weights, weightCount(shape)), shape),
				gain: this.floats(gain, shape.outputs).slice(),
				offset: this.floats(offset, shape.outputs).slice(),
				mean: runningMeans.slice(),
				variance: runningVariances.slice(),
			})),
			linear: Float32Array.from(
				{ length: width * classes },
				(_, at) => linear[(at % width) * classes + Math.floor(at / width)] as number,
			),
			bias: linear.slice(width * classes),
			epsilon: EPSILON,
		};
	}

	/** Takes on what {@link trained} gave of a network of the same plan. Raises a RangeError for another's. */
	take({ convolutions, linear, bias }: TrainedNetwork): void {
		const width = this.lastWidth();
		const { classes } = this.plan;
		if (convolutions.length !== this.layers.length || linear.length !== width * classes)
			throw new RangeError('what was learnt is of another network');
		for (const [index, { shape, arrays, gain, offset, runningMeans, runningVariances }] of this.layers.entries()) {
			const from = convolutions[index] as TrainedConvolution;
			writeInOrder(from.weights, shape, this.floats(arrays.weights, weightCount(shape)));
			this.floats(gain, shape.outputs).set(from.gain);
			this.floats(offset, shape.outputs).set(from.offset);
			runningMeans.set(from.mean);
			runningVariances.set(from.variance);
		}
		const values = this.floats(this.linear, width * classes + classes);
		for (const [at, value] of linear.entries()) values[(at % width) * classes + Math.floor(at / width)] = value;
		values.set(bias, width * classes);
	}

	private roundWeights(): void {
		const { rounded, exact } = this;
		if (rounded === undefined || exact === undefined) return;
		exact.set(this.floats(this.parameters, this.parameterCount));
		for (const [index, { shape, arrays }] of this.layers.entries()) {
			const place = this.floats(arrays.weights, weightCount(shape));
			const weights = weightsInOrder(place, shape);
			rounded.roundWeights(weights, shape.outputs, index);
			writeInOrder(weights, shape, place);
		}
		const width = this.lastWidth();
		const { classes } = this.plan;
		const place = this.floats(this.linear, width * classes);
		const linear = place.map((_, at) => place[(at % width) * classes + Math.floor(at / width)] as number);
		rounded.roundWeights(linear, classes, this.layers.length);
		for (const [at, value] of linear.entries()) place[(at % width) * classes + Math.floor(at / width)] = value;
	}

	private restoreWeights(): void {
		if (this.exact !== undefined) this.floats(this.parameters, this.parameterCount).set(this.exact);
	}

	private floats(start: Address, count: number): Float32Array {
		return this.arena.view(start, count);
	}

	private lastWidth(): number {
		return this.layers.at(-1)?.shape.outputs ?? 0;
	}

	private forward(images: Float32Array, isTraining: boolean): void {
		const { kernels, plan } = this;
		const image = this.floats(this.image, images.length);
		if (this.rounded === undefined) image.set(images);
		else this.rounded.roundActivations(images.slice(), image, -1);
		for (const [index, layer] of this.layers.entries()) {
			convolveForward(kernels, layer.shape, layer.arrays);
			if (isTraining && !this.normsAreFrozen) this.measureMoments(layer);
			const [scale, shift] = this.normCoefficients(layer, isTraining);
			kernels.scaleShiftRectify(layer.arrays.output, scale, shift, layer.rectified, layer.positions, layer.shape.outputs);
			const values = layer.positions * layer.shape.outputs;
			this.rounded?.roundActivations(this.floats(layer.rectified, values), this.floats(layer.activated, values), index);
		}
		const last = this.layers.at(-1) as Layer;
		const width = last.shape.outputs;
		const places = last.positions / plan.batch;
		this.floats(this.pooled, plan.batch * width).fill(0);
		for (let image = 0; image < plan.batch; image++)
			kernels.addColumnSums(last.activated + 4 * image * places * width, this.pooled + 4 * image * width, places, width);
		const pooled = this.floats(this.pooled, plan.batch * width);
		const weights = this.floats(this.linear, width * plan.classes + plan.classes);
		const logits = this.floats(this.logits, plan.batch * plan.classes);
		for (let image = 0; image < plan.batch; image++) {
			for (let channel = 0; channel < width; channel++)
				pooled[image * width + channel] = (pooled[image * width + channel] as number) / places;
			for (let of = 0; of < plan.classes; of++) {
				let sum = weights[width * plan.classes + of] as number;
				for (let channel = 0; channel < width; channel++)
					sum += (pooled[image * width + channel] as number) * (weights[channel * plan.classes + of] as number);
				logits[image * plan.classes + of] = sum;
			}
		}
	}

	/** Mean and deviation of every channel over a batch; the running ones follow. */
	private measureMoments(layer: Layer): void {
		const { positions, arrays } = layer;
		const width = layer.shape.outputs;
		const [sums, squares] = this.rows;
		this.floats(sums, width).fill(0);
		this.floats(squares, width).fill(0);
		this.kernels.addColumnSums(arrays.output, sums, positions, width);
		this.kernels.addRowProducts(squares, arrays.output, arrays.output, positions, 4 * width, 4 * width, width);
		const [total, square] = [this.floats(sums, width), this.floats(squares, width)];
		for (let channel = 0; channel < width; channel++) {
			const mean = (total[channel] as number) / positions;
			const variance = Math.max(0, (square[channel] as number) / positions - mean * mean);
			layer.means[channel] = mean;
			layer.deviations[channel] = Math.sqrt(variance + EPSILON);
			layer.runningMeans[channel] = (layer.runningMeans[channel] as number) * (1 - RUNNING_SHARE) + RUNNING_SHARE * mean;
			layer.runningVariances[channel] =
				(layer.runningVariances[channel] as number) * (1 - RUNNING_SHARE) + RUNNING_SHARE * variance;
		}
	}

	/** What norm and gain come to, as a factor and a summand for each channel. */
	private normCoefficients(layer: Layer, isTraining: boolean): readonly [Address, Address] {
		const width = layer.shape.outputs;
		const [scaleAt, shiftAt] = this.rows;
		const [scale, shift] = [this.floats(scaleAt, width), this.floats(shiftAt, width)];
		const [gain, offset] = [this.floats(layer.gain, width), this.floats(layer.offset, width)];
		for (let channel = 0; channel < width; channel++) {
			const mean = (isTraining ? layer.means : layer.runningMeans)[channel] as number;
			const deviation = isTraining
				? (layer.deviations[channel] as number)
				: Math.sqrt((layer.runningVariances[channel] as number) + EPSILON);
			scale[channel] = (gain[channel] as number) / deviation;
			shift[channel] = (offset[channel] as number) - mean * (scale[channel] as number);
		}
		return [scaleAt, shiftAt];
	}

	private backward(): void {
		const last = this.layers.at(-1) as Layer;
		this.linearBackward(last);
		let [incoming, outgoing] = this.passing;
		for (let index = this.layers.length - 1; index >= 0; index--) {
			const layer = this.layers[index] as Layer;
			this.normBackward(layer, incoming);
			const weights = this.gradients + (layer.arrays.weights - this.parameters);
			const gradients = { output: incoming, weights, input: index === 0 ? null : outgoing };
			convolveBackward(this.kernels, layer.shape, layer.arrays, gradients);
			[incoming, outgoing] = [outgoing, incoming];
		}
	}

	/** From the logits' gradient to that of the last activations. */
	private linearBackward({ positions, shape: { outputs: width } }: Layer): void {
		const { batch, classes } = this.plan;
		const places = positions / batch;
		const pooled = this.floats(this.pooled, batch * width);
		const dLogits = this.floats(this.logits, batch * classes);
		const weights = this.floats(this.linear, width * classes);
		const dWeights = this.floats(this.gradients + (this.linear - this.parameters), width * classes + classes);
		const dActivated = this.floats(this.passing[0], positions * width);
		for (let image = 0; image < batch; image++) {
			for (let of = 0; of < classes; of++) {
				const gradient = dLogits[image * classes + of] as number;
				dWeights[width * classes + of] = (dWeights[width * classes + of] as number) + gradient;
			}
			for (let channel = 0; channel < width; channel++) {
				let sum = 0;
				for (let of = 0; of < classes; of++) {
					const gradient = dLogits[image * classes + of] as number;
					const at = channel * classes + of;
					dWeights[at] = (dWeights[at] as number) + gradient * (pooled[image * width + channel] as number);
					sum += gradient * (weights[at] as number);
				}
				for (let place = 0; place < places; place++) dActivated[(image * places + place) * width + channel] = sum / places;
			}
		}
	}

	/** From the activations' gradient to that of the convolution's output, in place; adds to the gradients of gain and offset. */
	private normBackward(layer: Layer, gradient: Address): void {
		const { kernels } = this;
		const { positions, arrays, means, deviations } = layer;
		const width = layer.shape.outputs;
		kernels.rectifyBackward(layer.rectified, gradient, positions * width);
		const [sumAt, productAt, constantAt] = this.rows;
		this.floats(sumAt, width).fill(0);
		this.floats(productAt, width).fill(0);
		kernels.addColumnSums(gradient, sumAt, positions, width);
		kernels.addRowProducts(productAt, gradient, arrays.output, positions, 4 * width, 4 * width, width);
		const [sums, products, constants] = [
			this.floats(sumAt, width),
			this.floats(productAt, width),
			this.floats(constantAt, width),
		];
		const gain = this.floats(layer.gain, width);
		const dGain = this.floats(this.gradients + (layer.gain - this.parameters), width);
		const dOffset = this.floats(this.gradients + (layer.offset - this.parameters), width);
		for (let channel = 0; channel < width; channel++) {
			const [mean, deviation] = [means[channel] as number, deviations[channel] as number];
			const offset = sums[channel] as number;
			const ofGain = ((products[channel] as number) - mean * offset) / deviation;
			dGain[channel] = (dGain[channel] as number) + ofGain;
			dOffset[channel] = (dOffset[channel] as number) + offset;
			const scale = (gain[channel] as number) / deviation;
			// Moments that are frozen do not depend on the values.
			const slope = this.normsAreFrozen ? 0 : (-scale * ofGain) / (positions * deviation);
			sums[channel] = scale;
			products[channel] = slope;
			constants[channel] = this.normsAreFrozen ? 0 : (-scale * offset) / positions - slope * mean;
		}
		kernels.combineRows(gradient, arrays.output, sumAt, productAt, constantAt, gradient, positions, width);
	}
}

function shapesOf({ batch, side, channels, convolutions }: NetworkPlan): ConvolutionShape[] {
	let [height, inputs] = [side, channels];
	return convolutions.map((plan) => {
		const shape: ConvolutionShape = { batch, side: height, inputs, ...plan };
		[height, inputs] = [outputSide(shape), plan.outputs];
		return shape;
	});
}

/**
 * Trains a network of the user's own on the grid of its integers (quantization-aware training): from the float network, at a small rate along a cosine,
 * by plain gradient descent with momentum. Activations are rounded only after the first steps; their ranges move until half-way and then stay. With
 * labels it learns them, without them the float network's own shares. Files hold no batch norms to be trained along: they were folded.
 */
import type { RunContext } from '@assay/contract';
import type { ValueRange } from '../calibrate/value-range.ts';
import type { Reference } from '../diagnose/quality.ts';
import type { QuantizedNetwork } from '../quantize/quantized-network.ts';
import { crossEntropy, oneHot, sharesOf } from './soft-targets.ts';
import type { Tracked } from './tracked.ts';
import { TrainableNetwork } from './trainable-network.ts';

export interface GridTrainingOptions {
	/** Batches. */
	readonly steps: number;
	readonly batch: number;
	/** Of the first step. */
	readonly rate: number;
}

const MOMENTUM = 0.9;
/** Share of the steps before activations are rounded, and share after which their ranges stay. */
const DELAY = 0.1;
const FREEZE = 0.5;
/** Gradients longer than this are shortened: folded weights have scales of their own, and single channels would run away. */
const LONGEST = 1;

export interface GridTrained {
	readonly network: QuantizedNetwork;
	/** Mean loss of each step. */
	readonly losses: readonly number[];
}

/** `reference`: the float network's logits on the samples to learn from, and labels if known. Raises an InputError for operators that stay float. */
export async function trainOnGrid(
	network: QuantizedNetwork,
	ranges: ReadonlyMap<string, ValueRange>,
	{ samples, labels, logits, tensor, shape }: Reference,
	{ steps, batch, rate }: GridTrainingOptions,
	context: Pick<RunContext, 'pause' | 'random'>,
	progress: (fraction: number) => void,
): Promise<GridTrained> {
	const trained = new TrainableNetwork(network, ranges, tensor);
	const isLabelled = labels !== undefined && shape.length === 2;
	const targets = logits.map((one, index) => (isLabelled ? oneHot(labels[index] as number, one.length) : sharesOf(one, shape)));
	const velocities = trained.learnt.map(({ values }) => new Float32Array(values.length));
	const gradient = new Float32Array(trained.logits.values.length);
	const order = samples.map((_, index) => index);
	const random = context.random.fork('training on the grid');
	const losses: number[] = [];
	for (let step = 0, next = order.length; step < steps; step++) {
		const fraction = step / steps;
		trained.roundsActivations = fraction >= DELAY;
		trained.roundWeights();
		for (const one of trained.learnt) one.gradient.fill(0);
		let loss = 0;
		for (let i = 0; i < batch; i++, next++) {
			if (next >= order.length) {
				random.shuffle(order);
				next = 0;
			}
			const index = order[next] as number;
			await trained.forward(samples[index] as Float32Array, context.pause, fraction < FREEZE);
			gradient.fill(0);
			loss += crossEntropy(trained.logits.values, targets[index] as Float32Array, shape, gradient, 1 / batch) / batch;
			await trained.backward(gradient, context.pause);
		}
		descend(trained.learnt, velocities, 0.5 * rate * (1 + Math.cos(Math.PI * fraction)));
		if (fraction < FREEZE) trained.moveRanges();
		losses.push(loss);
		progress((step + 1) / steps);
	}
	return { network: trained.trained(), losses };
}

function descend(learnt: readonly Tracked[], velocities: readonly Float32Array[], rate: number): void {
	let squares = 0;
	for (const { gradient } of learnt) for (let i = 0; i < gradient.length; i++) squares += (gradient[i] as number) ** 2;
	const shorten = Math.min(1, LONGEST / Math.max(Math.sqrt(squares), 1e-30));
	for (const [index, { values, gradient }] of learnt.entries()) {
		const velocity = velocities[index] as Float32Array;
		for (let i = 0; i < values.length; i++) {
			velocity[i] = MOMENTUM * (velocity[i] as number) + shorten * (gradient[i] as number);
			values[i] = (values[i] as number) - rate * (velocity[i] as number);
		}
	}
}

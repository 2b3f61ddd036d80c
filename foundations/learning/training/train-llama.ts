/**
 * The training loop: batches, clipped gradients, AdamW at a scheduled rate, validation, early stop, checkpoints. Everything that a step
 * does follows from the plan and the step's number, so a training that goes on from a checkpoint ends in the same bits.
 */
import type { RunContext } from '@assay/contract';
import type { AdamOptions } from '../adam.ts';
import type { Llama } from '../llama/llama.ts';
import type { Observer } from '../llama/llama-block.ts';
import type { TokenWindows } from '../text/token-windows.ts';
import { encodeCheckpoint, restoreCheckpoint, type TrainingState } from './checkpoint.ts';
import { type OneCycle, oneCycleRate } from './learning-rate.ts';

export interface TrainingPlan {
	readonly data: TokenWindows;
	readonly rate: OneCycle;
	/** Everything of AdamW but its rate. */
	readonly adam: Omit<AdamOptions, 'learningRate'>;
	/** Gradients of a larger Euclidean norm are scaled down to it. */
	readonly clipNorm: number;
	readonly validation?: {
		readonly data: TokenWindows;
		/** Steps between validations; the last step is always followed by one. */
		readonly everySteps: number;
		/** Stops once so many validations in a row were no better than the best; never unless told. */
		readonly patience?: number;
	};
	/** Where states are kept; nowhere unless told. */
	readonly checkpoint?: { readonly store: CheckpointStore; readonly everySteps: number; readonly identity: string };
}

/** Keeps the latest checkpoint, whole or not at all. */
export interface CheckpointStore {
	readonly name: string;
	read(): Promise<Uint8Array | undefined>;
	write(bytes: Uint8Array): Promise<void>;
}

/** The recipe of Llama 2's training, scaled by whoever uses it. */
export const usualAdamW = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 } as const;

/**
 * Trains a freshly made model by the plan, from its checkpoint if there is one. Returns the last state. Raises an InputError for a
 * checkpoint that is broken or another training's, and an Error where the loss is no number any more.
 */
export async function trainLlama(
	model: Llama,
	plan: TrainingPlan,
	context: Pick<RunContext, 'pause' | 'progress'>,
): Promise<TrainingState> {
	const { rate, checkpoint, validation } = plan;
	const kept = await checkpoint?.store.read();
	const start: TrainingState =
		kept === undefined || checkpoint === undefined
			? { step: 0, losses: [], validations: [] }
			: restoreCheckpoint(kept, model, checkpoint.identity, checkpoint.store.name);
	const losses = [...start.losses];
	const validations = [...start.validations];
	for (let step = start.step; step < rate.steps && !hasStalled(validations, validation?.patience); step++) {
		await context.pause();
		const loss = trainingStep(model, plan, step);
		if (!Number.isFinite(loss)) throw new Error(`the loss of step ${step + 1} is ${loss}: the training has diverged`);
		losses.push(loss);
		const done = step + 1;
		const last = done === rate.steps;
		if (validation !== undefined && (last || done % validation.everySteps === 0))
			validations.push({ step: done, loss: await validationLoss(model, validation.data, context) });
		if (checkpoint !== undefined && (last || done % checkpoint.everySteps === 0))
			await checkpoint.store.write(encodeCheckpoint(model, { step: done, losses, validations }, checkpoint.identity));
		context.progress(done / rate.steps, `step ${done} of ${rate.steps}, loss ${loss.toFixed(3)}`);
	}
	return { step: losses.length, losses, validations };
}

/** Mean loss over all whole batches. */
export async function validationLoss(
	model: Llama,
	data: TokenWindows,
	context: Pick<RunContext, 'pause'>,
	observer?: Observer,
): Promise<number> {
	let sum = 0;
	for (const { tokens, targets } of data.inOrder()) {
		sum += model.measureLoss(tokens, targets, observer);
		await context.pause();
	}
	return sum / data.batchesPerEpoch;
}

function trainingStep(model: Llama, { data, rate, adam, clipNorm }: TrainingPlan, step: number): number {
	const { tokens, targets } = data.at(step);
	const loss = model.computeGradients(tokens, targets, step);
	const norm = model.gradientNorm();
	model.applyGradients({ ...adam, learningRate: oneCycleRate(rate, step) }, step + 1, norm > clipNorm ? clipNorm / norm : 1);
	return loss;
}

function hasStalled(validations: readonly { readonly loss: number }[], patience = Number.POSITIVE_INFINITY): boolean {
	let best = Number.POSITIVE_INFINITY;
	let since = 0;
	for (const { loss } of validations) {
		since = loss < best ? 0 : since + 1;
		best = Math.min(best, loss);
	}
	return since >= patience;
}

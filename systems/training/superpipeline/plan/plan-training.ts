/** All windows of a training step, with the memory each takes by class. */
import { meanIterationSeconds, simulateTraining, type TrainingOptions } from '../schedule/training.ts';
import type { UnitTimes } from '../schedule/units.ts';
import { type ModelUnits, STREAMED_TRAINING } from './model-units.ts';

/** Device bytes by class. */
export interface MemoryParts {
	readonly weightBytes: number;
	readonly gradientBytes: number;
	readonly optimizerBytes: number;
	readonly activationBytes: number;
}

export interface TrainingPlan {
	/** Units on the device; as many as there are: nothing is streamed. */
	readonly window: number;
	readonly memory: MemoryParts;
	readonly bytes: number;
	readonly stepSeconds: number;
}

export interface TrainingRequest {
	readonly units: ModelUnits;
	readonly times: UnitTimes;
	readonly recompute: boolean;
	readonly optimizer: 'host' | 'device';
	/** Host's update of one unit. */
	readonly optimizerSeconds: number;
	/** Moving each unit's optimizer state one way, s. */
	readonly stateSeconds: Float64Array;
}

/** Steps that are simulated; the first are not counted. */
const STEPS = 8;
const WARM_UP = 3;
/** Optimizer states on the device at once, if they are streamed: one that is used, one that comes or goes. */
const STATE_BUFFERS = 2;

/** The resident run first: everything on the device, updated there. Then every window. */
export async function trainingPlans(request: TrainingRequest, pause: () => Promise<void>): Promise<TrainingPlan[]> {
	const { units, times, optimizer } = request;
	const count = times.compute.length;
	const plans: TrainingPlan[] = [];
	const add = (window: number, memory: MemoryParts): void => {
		const run = simulateTraining(times, { ...trainingOptions(request, window), iterations: STEPS });
		plans.push({ window, memory, bytes: sumOf(memory), stepSeconds: meanIterationSeconds(run, WARM_UP) });
	};
	add(count, residentMemory(units));
	for (let window = 1; window < count; window++) {
		add(window, streamedMemory(units, window, optimizer));
		await pause();
	}
	return plans;
}

/** How a window is simulated; the resident run updates on the device. */
export function trainingOptions(request: TrainingRequest, window: number): Omit<TrainingOptions, 'iterations'> {
	const { units, recompute, stateSeconds } = request;
	const count = units.weightBytes.length;
	const optimizer = window === count ? 'device' : request.optimizer;
	return {
		window,
		backward: units.backwardSeconds,
		recompute,
		optimizer,
		optimizerSeconds: new Float64Array(count).fill(optimizer === 'host' ? request.optimizerSeconds : 0),
		streamedState: { buffers: STATE_BUFFERS, in: stateSeconds, out: stateSeconds },
	};
}

export function residentMemory(units: ModelUnits): MemoryParts {
	const { weight, gradient, optimizer } = STREAMED_TRAINING;
	const parameters = units.sharedParameters + units.layerParameters * units.weightBytes.length;
	return {
		weightBytes: weight * parameters,
		gradientBytes: gradient * parameters,
		optimizerBytes: optimizer * parameters,
		activationBytes: units.stateBytes + units.scratchBytes,
	};
}

/**
 * The shared part keeps its gradients, and with the optimizer on the device its state; activations are not made fewer by a window.
 * One unit's gradient is made beside its weights. It then takes their place until it has gone out, for they are old (or, on the device,
 * it is used up at once).
 */
function streamedMemory(units: ModelUnits, window: number, where: 'host' | 'device'): MemoryParts {
	const { weight, gradient, optimizer } = STREAMED_TRAINING;
	const { sharedParameters, layerParameters } = units;
	const statesOf = Math.min(STATE_BUFFERS, units.weightBytes.length) * layerParameters;
	return {
		weightBytes: weight * (sharedParameters + window * layerParameters),
		gradientBytes: gradient * (sharedParameters + layerParameters),
		optimizerBytes: where === 'device' ? optimizer * (sharedParameters + statesOf) : 0,
		activationBytes: units.stateBytes + units.scratchBytes,
	};
}

export function sumOf(memory: MemoryParts): number {
	return memory.weightBytes + memory.gradientBytes + memory.optimizerBytes + memory.activationBytes;
}

/** All windows of a training step, with the memory each takes by class. */
import { meanIterationSeconds, simulateTraining } from '../schedule/training.ts';
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
}

/** Steps that are simulated; the first are not counted. */
const STEPS = 8;
const WARM_UP = 3;
/** Gradients on the device at once: one that is made, one that goes out. With the optimizer on the device its state travels likewise. */
const TRAVELLING = 2;

/** The resident run first: everything on the device, updated there. Then every window. */
export async function trainingPlans(request: TrainingRequest, pause: () => Promise<void>): Promise<TrainingPlan[]> {
	const { units, times, recompute, optimizer } = request;
	const count = times.compute.length;
	const plans: TrainingPlan[] = [];
	const add = (window: number, where: 'host' | 'device', memory: MemoryParts): void => {
		const run = simulateTraining(times, {
			window,
			backward: units.backwardSeconds,
			recompute,
			optimizer: where,
			optimizerSeconds: new Float64Array(count).fill(where === 'host' ? request.optimizerSeconds : 0),
			iterations: STEPS,
		});
		plans.push({ window, memory, bytes: sumOf(memory), stepSeconds: meanIterationSeconds(run, WARM_UP) });
	};
	add(count, 'device', residentMemory(units));
	for (let window = 1; window < count; window++) {
		add(window, optimizer, streamedMemory(units, window, optimizer));
		await pause();
	}
	return plans;
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

/** The shared part keeps its gradients, and with the optimizer on the device its state; activations are not made fewer by a window. */
function streamedMemory(units: ModelUnits, window: number, where: 'host' | 'device'): MemoryParts {
	const { weight, gradient, optimizer } = STREAMED_TRAINING;
	const { sharedParameters, layerParameters } = units;
	const travelling = Math.min(TRAVELLING, units.weightBytes.length) * layerParameters;
	return {
		weightBytes: weight * (sharedParameters + window * layerParameters),
		gradientBytes: gradient * (sharedParameters + travelling),
		optimizerBytes: where === 'device' ? optimizer * (sharedParameters + travelling) : 0,
		activationBytes: units.stateBytes + units.scratchBytes,
	};
}

export function sumOf(memory: MemoryParts): number {
	return memory.weightBytes + memory.gradientBytes + memory.optimizerBytes + memory.activationBytes;
}

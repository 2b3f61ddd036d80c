/** Stride, TwinFlow ratio and sub-group size with the shortest step that fits. */
import type { UpdateRates } from '../rates/update-rates.ts';
import type { ComputeSeconds, StepWork } from './compute-time.ts';
import { type DeviceMemory, deviceMemory, hostBytes } from './device-memory.ts';
import { type StepSeconds, stepSeconds } from './step-time.ts';

/** What is chosen among. */
export interface ChoiceRequest {
	readonly work: StepWork;
	/** Parameters of the rank. */
	readonly parameters: number;
	readonly compute: ComputeSeconds;
	readonly rates: UpdateRates;
	readonly otherSeconds: number;
	readonly ratios: readonly number[];
	/** Strides beside the default update. */
	readonly strides: readonly number[];
	/** Wanted sizes and the largest sub-group that each gives. */
	readonly subGroups: readonly { readonly size: number; readonly largest: number }[];
	/** Usable bytes of a GPU, and of the host per rank; null where the latter is not known. */
	readonly deviceBytes: number;
	readonly hostBytes: number | null;
}

/** One setting. */
export interface Choice {
	readonly ratio: number;
	/** Null: the default update, with blocking flush. */
	readonly stride: number | null;
	readonly subGroupSize: number;
	readonly step: StepSeconds;
	readonly memory: DeviceMemory;
	readonly hostBytes: number;
	readonly isFeasible: boolean;
	/** Bytes missing on the GPU or on the host; 0 where it fits. */
	readonly missingBytes: number;
	readonly missingWhere: 'GPU' | 'host' | null;
}

/** All settings; the first is none in particular. */
export function evaluateChoices(request: ChoiceRequest): Choice[] {
	const { parameters, compute, rates, otherSeconds, work } = request;
	const choices: Choice[] = [];
	for (const ratio of request.ratios) {
		for (const stride of [null, ...request.strides]) {
			const step = stepSeconds(parameters, { ratio, stride, asynchronousFlush: stride !== null }, compute, rates, otherSeconds);
			for (const { size, largest } of request.subGroups) {
				const memory = deviceMemory({ work, parameters, ratio, stride, subGroup: largest });
				const host = hostBytes(parameters, ratio);
				const onDevice = memory.peakBytes - request.deviceBytes;
				const onHost = request.hostBytes === null ? 0 : host - request.hostBytes;
				const missingWhere = onDevice > 0 ? 'GPU' : onHost > 0 ? 'host' : null;
				choices.push({
					ratio,
					stride,
					subGroupSize: size,
					step,
					memory,
					hostBytes: host,
					isFeasible: missingWhere === null,
					missingBytes: Math.max(0, missingWhere === 'GPU' ? onDevice : onHost),
					missingWhere,
				});
			}
		}
	}
	return choices;
}

/** The feasible setting with the shortest step; of equals the one that takes less of the GPU. Undefined where none fits. */
export function bestChoice(choices: readonly Choice[]): Choice | undefined {
	let best: Choice | undefined;
	for (const choice of choices) {
		if (!choice.isFeasible) continue;
		const shorter = best === undefined || choice.step.total < best.step.total * (1 - 1e-12);
		const smaller = best !== undefined && choice.step.total <= best.step.total && choice.memory.peakBytes < best.memory.peakBytes;
		if (shorter || smaller) best = choice;
	}
	return best;
}

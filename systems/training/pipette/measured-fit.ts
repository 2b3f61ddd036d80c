/**
 * Fits the five constants of a machine to measured iteration times, where no data sheet says what a device attains: effective
 * arithmetic, bandwidth of a node's links, time to start a collective, time once an iteration, and the size of a product that reaches
 * half of the effective rate. Least squares of the logarithms.
 */
import { nelderMead } from './nelder-mead.ts';
import { linkLoad, modelledTimer, settingTime, stepSeconds } from './setting-time.ts';
import type { MachineRates } from './stage-times.ts';
import { megatronTiling } from './tiling.ts';
import type { Setting, TrainingJob } from './training-job.ts';

/** What is fitted. */
export interface MachineConstants {
	readonly flopsPerSecond: number;
	/** Of a node's port, and of the links between its devices. */
	readonly linkBytesPerSecond: number;
	readonly collectiveSeconds: number;
	/** Once an iteration. */
	readonly onceSeconds: number;
	/** Operations of one product that reach half of the rate. */
	readonly halfRateFlops: number;
}

/** What is known of the machine beforehand. */
export interface MachineFacts {
	readonly devicesPerNode: number;
	/** Attained by streaming kernels. */
	readonly memoryBytesPerSecond: number;
}

/** A setting whose iteration was measured. */
export interface MeasuredSetting {
	readonly setting: Setting;
	readonly seconds: number;
}

/** The rates that constants stand for: devices of a node share its port. */
export function ratesFromConstants(constants: MachineConstants, facts: MachineFacts): MachineRates {
	const { flopsPerSecond, linkBytesPerSecond, halfRateFlops } = constants;
	return {
		compute: {
			peakFlopsPerSecond: flopsPerSecond,
			efficiency: (flops) => flops / (flops + halfRateFlops),
			memoryBytesPerSecond: facts.memoryBytesPerSecond,
			kernelSeconds: 0,
		},
		intraNode: { hopSeconds: 0, bytesPerSecond: linkBytesPerSecond },
		interNode: { hopSeconds: 0, bytesPerSecond: linkBytesPerSecond / facts.devicesPerNode },
		collectiveSeconds: constants.collectiveSeconds,
	};
}

/** Predicted iteration under constants, workers in Megatron's order, links all alike. */
export function predictSeconds(job: TrainingJob, setting: Setting, constants: MachineConstants, facts: MachineFacts): number {
	const machine = ratesFromConstants(constants, facts);
	const tiling = megatronTiling(setting, facts.devicesPerNode);
	if (tiling === undefined) return Number.NaN;
	const load = linkLoad(job, setting, tiling, machine);
	const perByte = 1 / machine.interNode.bytesPerSecond;
	const placed = {
		pipelineSeconds: perByte * ((tiling.columns - 1) * load.hopBytes + load.wrapBytes),
		ringSeconds: perByte * load.ringBytes,
	};
	const once = constants.onceSeconds + stepSeconds(job, setting, machine);
	return settingTime(job, setting, load, placed, modelledTimer(job, machine)(setting, tiling), once).totalSeconds;
}

const KEYS = [
	'flopsPerSecond',
	'linkBytesPerSecond',
	'collectiveSeconds',
	'onceSeconds',
	'halfRateFlops',
] as const satisfies (keyof MachineConstants)[];

/** Where a search for constants starts: a wide grid of what machines attain. */
export function usualStarts(): MachineConstants[] {
	const starts: MachineConstants[] = [];
	for (const flopsPerSecond of [1e13, 4e13]) {
		for (const linkBytesPerSecond of [2e9, 8e9]) {
			for (const halfRateFlops of [1e8, 3e9]) {
				starts.push({ flopsPerSecond, linkBytesPerSecond, collectiveSeconds: 5e-4, onceSeconds: 0.05, halfRateFlops });
			}
		}
	}
	return starts;
}

/** The constants with the least squared error of the logarithms, searched from each start. */
export function fitConstants(
	job: TrainingJob,
	measured: readonly MeasuredSetting[],
	facts: MachineFacts,
	starts: readonly MachineConstants[],
	iterations: number,
): MachineConstants {
	const toConstants = (point: readonly number[]): MachineConstants => {
		const at = (index: number): number => Math.exp(point[index] as number);
		return {
			flopsPerSecond: at(0),
			linkBytesPerSecond: at(1),
			collectiveSeconds: at(2),
			onceSeconds: at(3),
			halfRateFlops: at(4),
		};
	};
	const error = (point: readonly number[]): number => {
		const constants = toConstants(point);
		let sum = 0;
		for (const { setting, seconds } of measured) sum += Math.log(predictSeconds(job, setting, constants, facts) / seconds) ** 2;
		return sum;
	};
	let best: { point: readonly number[]; value: number } | undefined;
	for (const start of starts) {
		const found = nelderMead(
			error,
			KEYS.map((key) => Math.log(start[key])),
			{ step: 0.3, iterations },
		);
		if (best === undefined || found.value < best.value) best = found;
	}
	if (best === undefined) throw new RangeError('a fit needs a start');
	return toConstants(best.point);
}

/** Saving and responding as policies with names: the usual practice, the chosen one, and those beside it. */
import type { Random } from '@assay/contract';
import { nodesPerUsualWriter, type StorageRates, saveSeconds } from '../plan/save-time.ts';
import { bestInterval, expectedGoodput, youngInterval } from './checkpoint-interval.ts';
import type { FailureClass } from './failure-classes.ts';
import { type Job, type JobRun, type ResponsePolicy, type SavePolicy, simulateJob } from './simulate-job.ts';

export interface PolicySetting {
	readonly nodes: number;
	readonly devicesPerNode: number;
	readonly classes: readonly FailureClass[];
	/** Seconds; infinite where nothing stops the job. */
	readonly mtbfSeconds: number;
	readonly restartSeconds: number;
	readonly response: ResponsePolicy;
	readonly detection: Job['detection'];
	readonly checkpointBytes: number;
	readonly storage: StorageRates;
	/** From one device to host memory. */
	readonly hostCopyBytesPerSecond: number;
	readonly localIntervalSeconds: number | undefined;
	/** No shorter interval is proposed. */
	readonly shortestIntervalSeconds: number;
}

export interface Policy {
	readonly name: string;
	readonly save: SavePolicy;
	/** Goodput by the closed form; null where it does not apply. */
	readonly closedForm: number | null;
}

/** Longest interval that is proposed: without failures every save is a loss, but nobody works without any. */
const longestIntervalSeconds = 24 * 3600;

/** One node in ten writes while everybody waits; at Young's interval for such a save unless told. */
export function usualPolicy(setting: PolicySetting, intervalSeconds?: number): Policy {
	const writers = Math.ceil(setting.nodes / nodesPerUsualWriter);
	const save = saveSeconds(setting.checkpointBytes, writers, setting.storage);
	const young = youngInterval({ mtbf: setting.mtbfSeconds, save, restart: setting.restartSeconds });
	const interval = intervalSeconds ?? capped(young, setting);
	return synchronousPolicy('usual practice: one node in ten writes, all wait', setting, interval, save);
}

/** All nodes write at once while everybody waits. */
export function distributedPolicy(setting: PolicySetting, intervalSeconds?: number): Policy {
	const save = saveSeconds(setting.checkpointBytes, setting.nodes, setting.storage);
	const interval =
		intervalSeconds ?? capped(bestInterval({ mtbf: setting.mtbfSeconds, save, restart: setting.restartSeconds }), setting);
	return synchronousPolicy('all nodes write, all wait', setting, interval, save);
}

/** A copy to host memory, and all nodes write from there while work goes on. */
export function asynchronousPolicy(setting: PolicySetting, intervalSeconds?: number): Policy {
	const background = saveSeconds(setting.checkpointBytes, setting.nodes, setting.storage);
	const copied = hostCopySeconds(setting);
	// The storage is left alone nine tenths of the time, however cheap a copy is.
	const best = bestInterval({ mtbf: setting.mtbfSeconds, save: copied, restart: setting.restartSeconds });
	const interval = intervalSeconds ?? capped(Math.max(best, 10 * background), setting);
	return {
		name: 'copy to host memory, all nodes write behind',
		save: { intervalSeconds: interval, blockingSeconds: copied, backgroundSeconds: background, local: localCopies(setting) },
		closedForm: null,
	};
}

/** Devices of a node copy at once, each its share of the whole. */
export function hostCopySeconds({ checkpointBytes, nodes, devicesPerNode, hostCopyBytesPerSecond }: PolicySetting): number {
	return checkpointBytes / nodes / devicesPerNode / hostCopyBytesPerSecond;
}

function synchronousPolicy(name: string, setting: PolicySetting, intervalSeconds: number, save: number): Policy {
	const { mtbfSeconds, restartSeconds, response, classes } = setting;
	const local = localCopies(setting);
	// The closed form knows random failures that stop the job, one kind of save and a node that is there again.
	const poisson = classes.every(({ weibullShape, effect }) => weibullShape === 1 && effect === 'stop');
	const applies = Number.isFinite(mtbfSeconds) && poisson && response.kind === 'restart' && local === null;
	return {
		name,
		save: { intervalSeconds, blockingSeconds: save, backgroundSeconds: 0, local },
		closedForm: applies ? expectedGoodput({ mtbf: mtbfSeconds, save, restart: restartSeconds }, intervalSeconds) : null,
	};
}

function localCopies(setting: PolicySetting): SavePolicy['local'] {
	if (setting.localIntervalSeconds === undefined) return null;
	return { intervalSeconds: setting.localIntervalSeconds, blockingSeconds: hostCopySeconds(setting) };
}

function capped(seconds: number, { shortestIntervalSeconds }: PolicySetting): number {
	return Math.max(shortestIntervalSeconds, Math.min(longestIntervalSeconds, seconds));
}

/** Most saves that a simulation goes through. */
const mostSaves = 1_000_000;

/** Simulates a policy for about so many failures. All policies of a run meet the same failures: `random` is forked alike. */
export async function runPolicy(
	policy: Policy,
	setting: PolicySetting,
	options: {
		readonly failures: number;
		readonly random: Random;
		readonly pause: () => Promise<void>;
		readonly recordSeconds?: number;
	},
): Promise<JobRun> {
	const shortest = Math.min(policy.save.intervalSeconds, policy.save.local?.intervalSeconds ?? Number.POSITIVE_INFINITY);
	const wanted = Number.isFinite(setting.mtbfSeconds)
		? options.failures * setting.mtbfSeconds
		: 1000 * policy.save.intervalSeconds;
	const wallSeconds = options.recordSeconds ?? Math.min(wanted, mostSaves * shortest);
	return simulateJob(
		{
			nodes: setting.nodes,
			classes: setting.classes,
			save: policy.save,
			response: setting.response,
			restartSeconds: setting.restartSeconds,
			detection: setting.detection,
		},
		{
			wallSeconds,
			random: options.random.fork('policy'),
			pause: options.pause,
			...(options.recordSeconds !== undefined && { recordSeconds: options.recordSeconds }),
		},
	);
}

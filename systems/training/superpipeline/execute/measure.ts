/** Runs one model in several ways, each in a process of its own, and sets what is measured beside what was predicted. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { quantileSorted, sortedCopy } from '@assay/contract';
import type { MeasuredRun } from '../outputs.ts';
import type { UnitTimes } from '../schedule/units.ts';
import { type ChildOptions, executeModel } from './child.ts';
import type { ExecuteAnswer, ExecuteJob, Policy } from './job.ts';
import { heldBytes, predictedPassSeconds, predictedPeakBytes, unitsOf } from './predict.ts';
import type { PreparedModel } from './prepared-model.ts';

export interface Way {
	readonly name: string;
	readonly policy: Policy;
}

export interface MeasuredWay {
	readonly run: MeasuredRun;
	readonly answer: ExecuteAnswer;
}

/** The three resident runs: as the runtime would by default, and set up as each streamed way is. */
export const RESIDENT: readonly Way[] = [
	{ name: 'resident, default session', policy: { kind: 'resident', like: 'default' } },
	{ name: 'resident, set up as streamed', policy: { kind: 'resident', like: 'streamed' } },
	{ name: 'resident, set up as per unit', policy: { kind: 'resident', like: 'session-per-unit' } },
];

export async function measureWays(
	folder: string,
	model: PreparedModel,
	ways: readonly Way[],
	options: { readonly passes: number; readonly link: ExecuteJob['link']; readonly times: UnitTimes; readonly workBytes: number },
	child: ChildOptions,
): Promise<MeasuredWay[]> {
	const answers: ExecuteAnswer[] = [];
	const differences: number[] = [];
	let byDefault: Float64Array | undefined;
	const all = [...RESIDENT, ...ways];
	for (const [index, { policy, name }] of all.entries()) {
		child.onProgress?.(index / all.length, name);
		const resultFile = join(folder, `result-${index}.bin`);
		const { passes } = options;
		answers.push(await executeModel({ folder, policy, passes, link: options.link, resultFile }, { signal: child.signal }));
		const numbers = await readNumbers(resultFile);
		byDefault ??= numbers;
		differences.push(relativeDifference(numbers, byDefault));
		await rm(resultFile);
	}
	const beyond = answers.map(({ peakBytes, bareBytes }) => peakBytes - bareBytes);
	return all.map(({ name, policy }, index) => {
		const answer = answers[index] as ExecuteAnswer;
		const alike = policy.kind === 'resident' ? index : policy.kind === 'session-per-unit' ? 2 : 1;
		const reference = answers[alike] as ExecuteAnswer;
		const passes = answer.passSeconds.length;
		return {
			answer,
			run: {
				way: name,
				bitsLike: policy.kind === 'resident' ? '' : (RESIDENT[alike]?.name ?? ''),
				window:
					policy.kind === 'resident'
						? unitsOf(model).length
						: policy.kind === 'window'
							? policy.window
							: policy.kind === 'session-per-unit'
								? 1
								: policy.pinned.length + policy.slots,
				peakBytes: beyond[index] as number,
				predictedBytes: predictedPeakBytes(model, policy, options.workBytes),
				savedShare: 1 - (beyond[index] as number) / (beyond[1] as number),
				medianSeconds: quantileSorted(sortedCopy(answer.passSeconds), 0.5),
				predictedSeconds: predictedPassSeconds(options.times, policy),
				waitSeconds: answer.waitSeconds / passes,
				sessionSeconds: answer.sessionSeconds / passes,
				bytesPerPass: answer.bytesRead / passes,
				sameBits:
					policy.kind === 'resident'
						? null
						: [...answer.hashes, ...reference.hashes].every((hash) => hash === reference.hashes[0]),
				largestDifference: differences[index] as number,
			},
		};
	});
}

/** What a run with a single slot tells: nothing is read while a unit is computed, and little is held. */
export interface Profile {
	/** Median time of each part. */
	readonly partSeconds: readonly number[];
	/** Memory beside weights and what is handed on: the runtime, sessions without weights, results inside a part. */
	readonly workBytes: number;
}

export async function profileModel(folder: string, model: PreparedModel, passes: number, child: ChildOptions): Promise<Profile> {
	const policy = { kind: 'window', window: 1, group: 1, mode: 'sequential' } as const;
	const answer = await executeModel({ folder, policy, passes, link: null, resultFile: null }, child);
	const held = (heldBytes(model, policy) ?? 0) + model.sharedBytes + model.activationBytes;
	return { partSeconds: answer.partSeconds, workBytes: Math.max(0, answer.peakBytes - answer.bareBytes - held) };
}

/** Largest difference over the reference's largest magnitude. */
function relativeDifference(values: Float64Array, reference: Float64Array): number {
	let difference = 0;
	let largest = 0;
	for (let i = 0; i < reference.length; i++) {
		difference = Math.max(difference, Math.abs((values[i] as number) - (reference[i] as number)));
		largest = Math.max(largest, Math.abs(reference[i] as number));
	}
	return largest === 0 ? difference : difference / largest;
}

async function readNumbers(path: string): Promise<Float64Array> {
	const bytes = await readFile(path);
	return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

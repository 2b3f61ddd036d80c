/**
 * The update phase as jobs on lanes. The same jobs are simulated with estimated durations and executed for real by the engine.
 *
 * The main thread walks through the sub-groups in order: it updates on the CPU, and where a sub-group is the GPU's it waits for that
 * sub-group's state, for the last of the 16-bit weights on their way, and for the update. The slot on the GPU holds one sub-group: its
 * state must be out before the next comes in. The conversion of CPU-updated weights to 16 bits, and their copy to the GPU, happen
 * beside on a thread of their own, through k-1 buffers; the default update does both in line.
 */
import type { UpdatePlan } from './update-plan.ts';

/**
 * Lanes, each serial. 16-bit weights have a copy stream of their own and do not queue behind state; what they take of the link is in
 * the bandwidth that is left for state.
 */
export const LANES = ['CPU update', '16-bit conversion', '16-bit weights in', 'state in', 'state out', 'GPU update'] as const;
const LANE = { cpu: 0, conversion: 1, weightsIn: 2, stateIn: 3, stateOut: 4, device: 5 } as const;

/** What a job does. */
export const JOB_KINDS = ['update', 'inline update', 'convert', 'weights in', 'state in', 'state out', 'GPU update'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

export interface UpdateJob {
	/** Position in {@link LANES}. */
	readonly lane: number;
	readonly kind: JobKind;
	/** Position of the sub-group. */
	readonly group: number;
	/** 16-bit buffer that `convert` fills and `weights in` empties; 0 elsewhere. */
	readonly buffer: number;
	/** Earlier jobs that must have ended. */
	readonly after: readonly number[];
}

/** The jobs of an update, in the order they are issued. */
export function updateJobs({ places, stride }: UpdatePlan): UpdateJob[] {
	const jobs: UpdateJob[] = [];
	const add = (lane: number, kind: JobKind, group: number, after: readonly number[], buffer = 0): number =>
		jobs.push({ lane, kind, group, after, buffer }) - 1;

	/** What the main thread waits for before its next step. */
	let step: readonly number[] = [];
	let incoming: number | undefined;
	/** A GPU sub-group that has been updated and not yet sent back. */
	let held: { readonly group: number; readonly job: number } | undefined;
	let collected: { readonly group: number; readonly job: number }[] = [];
	/** The job that emptied each 16-bit buffer last. */
	const emptied: (number | undefined)[] = [];

	/** Converts and copies what the CPU has updated since; returns the last copy, for which the main thread waits. */
	const convertCollected = (): number[] => {
		let last: number[] = [];
		for (const [buffer, { group, job }] of collected.entries()) {
			const free = emptied[buffer];
			const converted = add(LANE.conversion, 'convert', group, free === undefined ? [job] : [job, free], buffer);
			last = [add(LANE.weightsIn, 'weights in', group, [converted], buffer)];
			emptied[buffer] = last[0];
		}
		collected = [];
		return last;
	};
	const sendBack = (): readonly number[] => {
		if (held === undefined) return [];
		const { group, job } = held;
		held = undefined;
		return [add(LANE.stateOut, 'state out', group, [job])];
	};

	for (const [group, place] of places.entries()) {
		if (place === 'resident') {
			step = [add(LANE.device, 'GPU update', group, step)];
		} else if (place === 'gpu') {
			const fetched = convertCollected();
			const updated = add(LANE.device, 'GPU update', group, [...step, ...fetched, ...(incoming === undefined ? [] : [incoming])]);
			held = { group, job: updated };
			step = [updated];
		} else if (stride === null) {
			step = [add(LANE.cpu, 'inline update', group, step)];
		} else {
			if (place === 'prefetch') {
				const out = sendBack();
				const next = group + stride - 1;
				if (places[next] === 'gpu') incoming = add(LANE.stateIn, 'state in', next, [...step, ...out]);
			}
			const updated = add(LANE.cpu, 'update', group, step);
			collected.push({ group, job: updated });
			step = [updated];
		}
	}
	convertCollected();
	sendBack();
	return jobs;
}

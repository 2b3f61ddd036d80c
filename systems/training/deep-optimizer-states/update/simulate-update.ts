/** Simulates an update phase job by job; the reference that the closed form is tested against. */
import { type Schedule, TaskGraph } from '@assay/events';
import { stateBytes, type UpdateRates } from '../rates/update-rates.ts';
import { JOB_KINDS, type JobKind, LANES, type UpdateJob, updateJobs } from './update-jobs.ts';
import type { UpdatePlan } from './update-plan.ts';

export interface SimulatedUpdate {
	readonly jobs: readonly UpdateJob[];
	readonly schedule: Schedule;
}

export function simulateUpdate(plan: UpdatePlan, rates: UpdateRates): SimulatedUpdate {
	const jobs = updateJobs(plan);
	const graph = new TaskGraph(LANES);
	for (const { lane, kind, group, after } of jobs) {
		graph.add(lane, jobSeconds(kind, plan.sizes[group] as number, rates), after, JOB_KINDS.indexOf(kind));
	}
	return { jobs, schedule: graph.run() };
}

/** How long a job on `size` parameters takes. */
function jobSeconds(kind: JobKind, size: number, rates: UpdateRates): number {
	switch (kind) {
		case 'update':
			return size / rates.cpuPerSecond;
		case 'inline update':
			return size / rates.inlineCpuPerSecond;
		case 'convert':
			return conversionSeconds(size, rates);
		case 'weights in':
			return (2 * size) / rates.linkBytesPerSecond;
		case 'state in':
		case 'state out':
			return (stateBytes * size) / rates.linkBytesPerSecond;
		case 'GPU update':
			return size / rates.gpuPerSecond;
	}
}

/** The in-line update is slower than the plain one by the conversion and the copy of 16-bit weights; this is the conversion. */
function conversionSeconds(size: number, rates: UpdateRates): number {
	const both = size / rates.inlineCpuPerSecond - size / rates.cpuPerSecond;
	return Math.max(0, both - (2 * size) / rates.linkBytesPerSecond);
}

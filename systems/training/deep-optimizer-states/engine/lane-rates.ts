/**
 * How fast this computer's lanes do their jobs, each in the company it will have: default updates give the rate with conversion and copy in
 * line, the smallest stride the link's, since all waits for copies there, and a large stride the processor's, since all waits for it there.
 */
import type { AdamOptions } from '@assay/learning';
import { stateBytes, type UpdateRates } from '../rates/update-rates.ts';
import type { JobKind } from '../update/update-jobs.ts';
import { planUpdate } from '../update/update-plan.ts';
import { UpdateEngine } from './update-engine.ts';

export interface LaneRates {
	/** Of default updates. */
	readonly inline: UpdateRates;
	/** Of updates with a stride. */
	readonly interleaved: UpdateRates;
}

const SMALLEST_STRIDE = 2;

/** `sizes`: of equal sub-groups, as many as `largestStride` or more. */
export async function measureLaneRates(
	sizes: readonly number[],
	options: {
		readonly adam: AdamOptions;
		readonly linkBytesPerSecond: number;
		readonly steps: number;
		readonly largestStride: number;
	},
	signal: AbortSignal,
): Promise<LaneRates> {
	const size = sizes[0] as number;
	/** Mean seconds of each kind of job in the fastest of several updates. */
	const seconds = async (stride: number | null): Promise<(kind: JobKind) => number> => {
		const engine = await UpdateEngine.create({ plan: planUpdate(sizes, 1, stride), clipNorm: null, ...options });
		try {
			await engine.step(signal);
			let best = await engine.step(signal);
			for (let step = 1; step < options.steps; step++) {
				const next = await engine.step(signal);
				if (next.seconds < best.seconds) best = next;
			}
			return (kind) => {
				const ofKind = best.reports.filter(({ job }) => engine.jobs[job]?.kind === kind);
				return ofKind.reduce((sum, { startSeconds, endSeconds }) => sum + (endSeconds - startSeconds), 0) / ofKind.length;
			};
		} finally {
			await engine.close();
		}
	};
	const inDefault = await seconds(null);
	const inSmallest = await seconds(SMALLEST_STRIDE);
	const inLargest = await seconds(options.largestStride);
	const linkBytesPerSecond = (stateBytes * size) / inSmallest('state in');
	const inlineCpuPerSecond = size / inDefault('inline update');
	const update = inLargest('update');
	const shared = { linkBytesPerSecond, flushPerSecond: inlineCpuPerSecond, gpuPerSecond: size / inLargest('GPU update') };
	return {
		inline: { ...shared, inlineCpuPerSecond, cpuPerSecond: inlineCpuPerSecond },
		interleaved: {
			...shared,
			inlineCpuPerSecond: size / (update + inLargest('convert') + (2 * size) / linkBytesPerSecond),
			cpuPerSecond: size / update,
		},
	};
}

/** The fastest of several: whatever else the computer does only ever adds. */
export const undisturbed = (seconds: readonly number[]): number => Math.min(...seconds);

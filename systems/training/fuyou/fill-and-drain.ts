/**
 * A step in closed form with the filling and draining of its pipelines.
 *
 * A phase is a pipeline: a layer passes one stage after the other, then its sub-group is updated and written. The stage with the most work
 * cannot begin before the first item has come through the stages before it, and the phase does not end before the last item has gone
 * through those behind it. With W_s seconds of work in stage s, cut into n_s items:
 *
 *   T = max(all work of the drives, max over s of (W_s + sum over r != s of W_r / n_r))
 *
 * Without the sum this is the published closed form (`iteration-time.ts`), which claims and calibration use: its constants were fitted to whole
 * steps, and so hold what filling and draining took on that server. The sum matters where several servers have about as much to do,
 * which is where the chosen activations put them.
 */
import { type Buffers, subGroups } from './buffers.ts';
import type { IterationTime, Phase } from './iteration-time.ts';
import type { Policy } from './policies/policy.ts';
import { type Resources, readRate, transferSeconds } from './resources.ts';
import type { Workload } from './workload.ts';

interface Stage {
	/** Of all items. */
	readonly workSeconds: number;
	readonly items: number;
}

/** Seconds of a step whose closed form is `time`; never less than that. */
export function secondsWithFilling(
	{ optimizer }: Policy,
	workload: Workload,
	resources: Resources,
	time: IterationTime,
	buffers: Buffers,
): number {
	const { forward, backward } = time;
	const groups = subGroups(workload, buffers).count;
	const layer = (workSeconds: number): Stage => ({ workSeconds, items: workload.layers });
	const group = (workSeconds: number): Stage => ({ workSeconds, items: groups });
	const through = [
		layer(forward.driveReadSeconds),
		layer(forward.upSeconds),
		layer(forward.gpuSeconds),
		layer(forward.downSeconds),
		layer(forward.driveWriteSeconds),
	];
	// Weights of the first layers are read ahead in forward; activations cannot be.
	const back = [
		layer(transferSeconds(time.driveActivationBytes, readRate(resources))),
		layer(backward.upSeconds),
		layer(backward.gpuSeconds),
		layer(backward.downSeconds),
		group(backward.processorSeconds),
		group(backward.driveWriteSeconds),
	];
	const passes = pipelineSeconds(forward, through) + pipelineSeconds(backward, back);
	if (optimizer === 'one-step-late') return Math.max(passes, time.optimizer.seconds);
	if (optimizer !== 'gpu-after-backward') return passes + time.optimizer.seconds;
	const { driveReadSeconds, upSeconds, gpuSeconds, downSeconds, driveWriteSeconds } = time.optimizer;
	const update = [driveReadSeconds, upSeconds, gpuSeconds, downSeconds, driveWriteSeconds].map(group);
	return passes + pipelineSeconds(time.optimizer, update);
}

function pipelineSeconds({ driveSeconds }: Phase, stages: readonly Stage[]): number {
	const passage = stages.reduce((sum, { workSeconds, items }) => sum + workSeconds / items, 0);
	return Math.max(driveSeconds, ...stages.map(({ workSeconds, items }) => workSeconds + passage - workSeconds / items));
}

/**
 * How much of the activations to keep. Items are taken in the order of their benefit, all layers of one before the next: 4 l + 1 candidates
 * between the checkpoints alone (A_min) and everything (A_all). The time of a step is convex in the kept bytes, since operations
 * saved per byte fall along the order and every server's time is linear or a maximum of lines.
 */
import { type IterationTime, iterationTime } from './iteration-time.ts';
import type { Policy } from './policies/policy.ts';
import type { Resources } from './resources.ts';
import type { Kept } from './swap-items.ts';
import type { Workload } from './workload.ts';

export interface Choice {
	readonly kept: Kept;
	readonly time: IterationTime;
	/** Layers whose item is kept, in the order of the workload's items. */
	readonly keptLayers: readonly number[];
}

/** The first `count` item-layers kept, by their order. `count` may be a fraction, for plots. */
export function keptPrefix({ items, layers, checkpointBytes }: Workload, count: number): Kept {
	let bytes = checkpointBytes;
	let savedFlops = 0;
	let left = count;
	for (const item of items) {
		const taken = Math.min(layers, Math.max(0, left));
		bytes += taken * item.bytes;
		savedFlops += taken * item.flops;
		left -= layers;
	}
	return { bytes, savedFlops };
}

/** So many kept bytes, between A_min and A_all; a part of an item counts in proportion. */
export function keptBytes({ items, layers, checkpointBytes }: Workload, bytes: number): Kept {
	let left = bytes - checkpointBytes;
	let savedFlops = 0;
	for (const item of items) {
		const taken = Math.min(layers * item.bytes, Math.max(0, left));
		savedFlops += (taken / item.bytes) * item.flops;
		left -= taken;
	}
	return { bytes, savedFlops };
}

/** A step that keeps the first `count` item-layers. */
export function choiceAt(policy: Policy, workload: Workload, resources: Resources, count: number): Choice {
	const { layers, items } = workload;
	const kept = keptPrefix(workload, count);
	const keptLayers = items.map((_, index) => Math.min(layers, Math.max(0, count - index * layers)));
	return { kept, time: iterationTime(policy, workload, resources, kept), keptLayers };
}

/** What a policy keeps, and the time of its step: for Fuyou the fastest of all candidates, the fewest bytes where several are. */
export function chooseActivations(policy: Policy, workload: Workload, resources: Resources): Choice {
	const { layers, items } = workload;
	if (policy.swap === 'everything') {
		const kept = { bytes: workload.everyTensorBytes, savedFlops: workload.layerForwardFlops };
		return { kept, time: iterationTime(policy, workload, resources, kept), keptLayers: items.map(() => layers) };
	}
	if (policy.swap === 'nothing') return choiceAt(policy, workload, resources, 0);
	return choiceAt(policy, workload, resources, fastestPrefix(policy, workload, resources, layers * items.length));
}

/** Smallest minimiser of a convex sequence, by bisection on its slope; plateaus before the minimum do not occur in a convex function. */
function fastestPrefix(policy: Policy, workload: Workload, resources: Resources, most: number): number {
	const seconds = (count: number): number => iterationTime(policy, workload, resources, keptPrefix(workload, count)).seconds;
	let low = 0;
	let high = most;
	while (low < high) {
		const middle = (low + high) >> 1;
		// Differences within rounding are a plateau: the minimum, whose left end is wanted.
		if (seconds(middle + 1) < seconds(middle) * (1 - 1e-12)) low = middle + 1;
		else high = middle;
	}
	return low;
}

/**
 * The rule of the released code: swapping may take `swapRatio` of forward's time. Checkpoints cost their bytes at 18 GiB/s, each
 * item of a layer its bytes at 20 GiB/s, in the order of benefit, until the budget is used up.
 */
export function releasedRule(policy: Policy, workload: Workload, resources: Resources, swapRatio: number): Choice {
	const gibibytes = 1024 ** 3;
	const budget = (swapRatio * workload.forwardFlops) / resources.gpuFlopsPerSecond;
	let used = workload.checkpointBytes / (18 * gibibytes);
	let count = 0;
	for (const { bytes } of workload.items) {
		for (let layer = 0; layer < workload.layers && used < budget; layer++) {
			used += bytes / (20 * gibibytes);
			count++;
		}
	}
	return choiceAt(policy, workload, resources, count);
}

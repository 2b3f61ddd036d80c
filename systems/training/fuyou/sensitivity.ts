/** What one more of each part would bring: the same step on a machine with that part changed. */
import { type Plan, type PlanOptions, planStep } from './plan.ts';
import type { Resources } from './resources.ts';

export interface Change {
	readonly part: string;
	readonly resources: Resources;
}

/** The changes that people can buy. */
export function changes(resources: Resources): Change[] {
	const change = (part: string, changed: Partial<Resources>): Change => ({ part, resources: { ...resources, ...changed } });
	return [
		change('one more drive', { drives: resources.drives + 1 }),
		change('twice the drives', { drives: 2 * resources.drives }),
		change('drives of the next PCIe generation', {
			driveReadBytesPerSecond: 2 * resources.driveReadBytesPerSecond,
			driveWriteBytesPerSecond: 2 * resources.driveWriteBytesPerSecond,
		}),
		change('an array twice as fast', {
			arrayReadBytesPerSecond: 2 * resources.arrayReadBytesPerSecond,
			arrayWriteBytesPerSecond: 2 * resources.arrayWriteBytesPerSecond,
		}),
		change('twice the host memory', {
			hostMemoryBytes: 2 * resources.hostMemoryBytes,
			hostActivationBytes: 2 * resources.hostActivationBytes,
		}),
		change('the next PCIe generation for the GPU', { linkBytesPerSecond: 2 * resources.linkBytesPerSecond }),
		change('twice the memory bandwidth', { adamBytesPerSecond: 2 * resources.adamBytesPerSecond }),
		change('a GPU twice as fast', { gpuFlopsPerSecond: 2 * resources.gpuFlopsPerSecond }),
		change('twice the GPU memory', { gpuMemoryBytes: 2 * resources.gpuMemoryBytes }),
	];
}

/** Speed-up of each change over a plan on the unchanged machine; null where the changed one does not fit either. */
export function sensitivity(
	plan: Plan,
	base: Resources,
	options: PlanOptions,
): (Change & { speedup: number | null; fits: boolean })[] {
	return changes(base).map(({ part, resources }) => {
		const changed = planStep(plan.policy, plan.workload, resources, options);
		const comparable = changed.fit.fits && plan.fit.fits;
		return {
			part,
			resources,
			fits: changed.fit.fits,
			speedup: comparable ? plan.choice.time.seconds / changed.choice.time.seconds : null,
		};
	});
}

/** Refuses limits that no design of a space can meet, before anything is searched. */
import { InputError } from '@assay/contract';
import { chipArea } from '../cost/area.ts';
import { layerMacs, layerSizes } from '../cost/convolution-layer.ts';
import { LOCAL_ACCESS_ENERGY, SHARED_ACCESS_ENERGY } from '../cost/layer-cost.ts';
import { leastElements } from '../cost/loop-nest.ts';
import type { TaskNetwork } from '../networks/task-network.ts';
import { type DesignSpace, ELEMENT_STEP } from './design-space.ts';
import type { Limits } from './evaluate-design.ts';

/** Costs that every design of a space has at least. */
export function leastCosts(space: DesignSpace): Limits {
	const layers = space.tasks.flatMap(
		(task) =>
			smallest(
				task.decisions.map(({ options }) => options.length),
				(options) => task.network(options),
			).layers,
	);
	const macs = layers.reduce((sum, layer) => sum + layerMacs(layer), 0);
	// Each layer needs one cluster of some dataflow, on one chip for all.
	const elements = Math.max(
		...layers.map((layer) => Math.min(...space.mappings.map((mapping) => leastElements(mapping, layerSizes(layer))))),
	);
	const stepped = Math.ceil(elements / ELEMENT_STEP) * ELEMENT_STEP;
	return {
		latency: macs / space.mostElements,
		// A multiply-accumulate makes four accesses to the element's memory; results go to the buffer and are read from it once.
		energy: layers.reduce(
			(sum, layer) =>
				sum +
				layerMacs(layer) * (1 + 4 * LOCAL_ACCESS_ENERGY) +
				2 * SHARED_ACCESS_ENERGY * layer.outputRows * layer.outputColumns * layer.repeats,
			0,
		),
		area: chipArea([{ elements: stepped }]),
	};
}

/** The network of fewest multiply-accumulates: searched ones grow with every decision, tables are looked through. */
function smallest(sizes: readonly number[], network: (options: readonly number[]) => TaskNetwork): TaskNetwork {
	if (sizes.length !== 1) return network(sizes.map(() => 0));
	const macs = ({ layers }: TaskNetwork): number => layers.reduce((sum, layer) => sum + layerMacs(layer), 0);
	return Array.from({ length: sizes[0] as number }, (_, row) => network([row])).reduce((a, b) => (macs(b) < macs(a) ? b : a));
}

/** Raises an `InputError` that names the limit and the least that any design takes. */
export function refuseLimits(space: DesignSpace, limits: Limits): void {
	const least = leastCosts(space);
	for (const name of ['area', 'energy', 'latency'] as const) {
		if (limits[name] >= least[name]) continue;
		const bound = Math.ceil(least[name]);
		throw new InputError({
			path: ['limits', name],
			found: `${limits[name]}: no design can meet ${name}`,
			expected: `at least ${bound}, what the smallest networks on the ${name === 'area' ? 'smallest' : 'best'} chip take`,
			nearest: String(bound),
		});
	}
}

/** The paper's workloads and limits, for the claims that search them. */
import type { ParallelTask } from '@assay/contract';
import { createPause, createRandom } from '@assay/contract';
import { BUILT_IN_MAPPINGS } from './cost/built-in-mappings.ts';
import { createDesignSpace, type Organisation } from './search/design-space.ts';
import { createEvaluator, type Limits } from './search/evaluate-design.ts';
import { allOpen, policySearch, worstCosts } from './search/policy-search.ts';
import { networkThenHardware } from './search/rival-searches.ts';
import type { SeenDesign } from './search/search-record.ts';
import { type BuiltInTask, builtInTask } from './search/task.ts';

/** Two tasks and limits in cycles, multiply-accumulates and square micrometres. */
export const WORKLOADS = {
	W1: { tasks: ['cifar-10', 'nuclei'], limits: { latency: 8e5, energy: 2e9, area: 4e9 } },
	W2: { tasks: ['cifar-10', 'stl-10'], limits: { latency: 1e6, energy: 3.5e9, area: 4e9 } },
	W3: { tasks: ['cifar-10', 'cifar-10'], limits: { latency: 4e5, energy: 1e9, area: 4e9 } },
} as const satisfies Record<string, { tasks: readonly BuiltInTask[]; limits: Limits }>;

export interface SeededSearch {
	readonly workload: keyof typeof WORKLOADS;
	readonly method: 'together' | 'network, then hardware';
	readonly accelerators: number;
	readonly organisation: Organisation;
	readonly seed: number;
	readonly episodes: number;
}

export type FoundDesign = Limits & { readonly accuracy: number; readonly isWithin: boolean };

/** One search from one seed, ten chips an episode; a task for threads. */
export const seededSearch: ParallelTask<SeededSearch, FoundDesign> = {
	module: import.meta.url,
	name: 'seededSearch',
	async run({ workload, method, accelerators, organisation, seed, episodes }, pause = createPause(new AbortController().signal)) {
		const { tasks, limits } = WORKLOADS[workload];
		const space = createDesignSpace({
			tasks: tasks.map((name) => builtInTask(name, 1)),
			mappings: [BUILT_IN_MAPPINGS.shi, BUILT_IN_MAPPINGS.dla, BUILT_IN_MAPPINGS.rs],
			accelerators,
			organisation,
			mostElements: 4096,
			mostBandwidth: 64,
		});
		const evaluator = createEvaluator(space, limits, 'maestro');
		const random = createRandom(`${workload}/${seed}`);
		const worst = worstCosts(evaluator, random.fork('worst'));
		const effort = { episodes, tries: 10 };
		const { best }: { best: SeenDesign } =
			method === 'together'
				? await policySearch(evaluator, allOpen(space), worst, effort, random.fork(method), () => pause())
				: await networkThenHardware(evaluator, worst, effort, random.fork(method), () => pause());
		const { latency, energy, area } = best.cost;
		return { latency, energy, area, accuracy: best.accuracy, isWithin: best.isWithin };
	},
};

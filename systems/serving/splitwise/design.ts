/** The six cluster designs of the paper, how many machines a budget buys of each, and the splits its figures use. */
import type { PolicyName } from './cluster-scheduler/policies.ts';

export const designNames = [
	'baseline-a100',
	'baseline-h100',
	'splitwise-aa',
	'splitwise-hh',
	'splitwise-ha',
	'splitwise-hhcap',
] as const;
export type DesignName = (typeof designNames)[number];

/** What machines a cluster is made of and how it schedules. */
export interface Design {
	readonly promptType: string;
	/** Undefined where every machine does both phases. */
	readonly tokenType: string | undefined;
	readonly policy: PolicyName;
}

export const designs: Readonly<Record<DesignName, Design>> = {
	'baseline-a100': { promptType: 'dgx-a100', tokenType: undefined, policy: 'token-jsq' },
	'baseline-h100': { promptType: 'dgx-h100', tokenType: undefined, policy: 'token-jsq' },
	'splitwise-aa': { promptType: 'dgx-a100', tokenType: 'dgx-a100', policy: 'mixed-pool' },
	'splitwise-hh': { promptType: 'dgx-h100', tokenType: 'dgx-h100', policy: 'mixed-pool' },
	'splitwise-ha': { promptType: 'dgx-h100', tokenType: 'dgx-a100', policy: 'mixed-pool' },
	'splitwise-hhcap': { promptType: 'dgx-h100', tokenType: 'dgx-h100-pcap', policy: 'mixed-pool' },
};

export type Workload = 'coding' | 'conversation';
export type Budget = 'iso-power' | 'iso-cost';
/** Machines for prompts (or for both phases, in a baseline) and for tokens. */
export type Split = readonly [prompts: number, tokens: number];

/** Splits behind the paper's figures for a budget of 40 DGX-H100 (splitwise-sim, result plots). */
const publishedSplits: Readonly<Record<Budget, Readonly<Record<Workload, Readonly<Record<DesignName, Split>>>>>> = {
	'iso-power': {
		conversation: {
			'baseline-a100': [70, 0],
			'baseline-h100': [40, 0],
			'splitwise-aa': [45, 25],
			'splitwise-hh': [25, 15],
			'splitwise-ha': [25, 26],
			'splitwise-hhcap': [25, 21],
		},
		coding: {
			'baseline-a100': [70, 0],
			'baseline-h100': [40, 0],
			'splitwise-aa': [55, 15],
			'splitwise-hh': [35, 5],
			'splitwise-ha': [35, 8],
			'splitwise-hhcap': [35, 7],
		},
	},
	'iso-cost': {
		conversation: {
			'baseline-a100': [86, 0],
			'baseline-h100': [40, 0],
			'splitwise-aa': [51, 35],
			'splitwise-hh': [25, 15],
			'splitwise-ha': [30, 21],
			'splitwise-hhcap': [30, 10],
		},
		coding: {
			'baseline-a100': [86, 0],
			'baseline-h100': [40, 0],
			'splitwise-aa': [66, 20],
			'splitwise-hh': [35, 5],
			'splitwise-ha': [35, 10],
			'splitwise-hhcap': [35, 7],
		},
	},
};

/** H100 machines that the published splits are worth. */
export const publishedBudgetMachines = 40;

/** The published split, scaled to a budget of another number of DGX-H100 (rounded down, at least one machine a pool). */
export function splitFor(
	design: DesignName,
	budget: Budget,
	workload: Workload,
	budgetMachines = publishedBudgetMachines,
): Split {
	const [prompts, tokens] = publishedSplits[budget][workload][design];
	const scale = (machines: number): number =>
		machines === 0 ? 0 : Math.max(1, Math.floor((machines * budgetMachines) / publishedBudgetMachines + 1e-9));
	return [scale(prompts), scale(tokens)];
}

/** Machines of a type that fit beside `spentUnits` into `budgetUnits`, both in units of one reference machine, at `unitsEach`. */
export function machinesWithin(budgetUnits: number, spentUnits: number, unitsEach: number): number {
	return Math.max(0, Math.floor((budgetUnits - spentUnits) / unitsEach + 1e-9));
}

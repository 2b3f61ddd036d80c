/** A task of the workload: networks to choose from, or one that is given. */

import type { AccuracyRow } from '../accuracy/accuracy-table.ts';
import { type AccuracyAnchors, surrogateAccuracy } from '../accuracy/surrogate-accuracy.ts';
import type { Backbone, Decision } from '../networks/backbone.ts';
import { resnet9 } from '../networks/resnet9.ts';
import type { TaskNetwork } from '../networks/task-network.ts';
import { uNet } from '../networks/u-net.ts';

export interface Task {
	readonly name: string;
	/** Share in the weighted accuracy; 0 for a given network. */
	readonly weight: number;
	readonly decisions: readonly Decision[];
	/** Network for an option (not a value) of each decision. */
	network(options: ArrayLike<number>): TaskNetwork;
	/** What the network is built with; null for a given network. */
	values(options: ArrayLike<number>): readonly number[] | null;
	/** In per cent; null for a given network. */
	accuracy(options: ArrayLike<number>): number | null;
}

export const BUILT_IN_TASKS = ['cifar-10', 'stl-10', 'nuclei'] as const;
export type BuiltInTask = (typeof BUILT_IN_TASKS)[number];

/** Accuracies of the smallest and the best network of each task in the paper's tables; of nuclei in hundredths of intersection over union. */
export const ANCHORS: Readonly<Record<BuiltInTask, AccuracyAnchors>> = {
	'cifar-10': { smallest: 78.93, best: 94.17 },
	'stl-10': { smallest: 71.57, best: 76.5 },
	nuclei: { smallest: 64.2, best: 83.94 },
};

export function backboneOf(name: BuiltInTask): Backbone {
	return name === 'nuclei' ? uNet : resnet9;
}

/** A task whose accuracy the surrogate tells. */
export function builtInTask(name: BuiltInTask, weight: number): Task {
	const backbone = backboneOf(name);
	const accuracy = surrogateAccuracy(backbone, ANCHORS[name]);
	const values = (options: ArrayLike<number>): number[] =>
		backbone.decisions.map((decision, i) => decision.options[options[i] as number] as number);
	return {
		name,
		weight,
		decisions: backbone.decisions,
		network: (options) => backbone.build(values(options)),
		values,
		accuracy: (options) => accuracy(values(options)),
	};
}

/** A task that chooses among the networks of the user's table. */
export function tableTask(name: BuiltInTask, weight: number, rows: readonly AccuracyRow[]): Task {
	const backbone = backboneOf(name);
	const row = (options: ArrayLike<number>): AccuracyRow => rows[options[0] as number] as AccuracyRow;
	return {
		name,
		weight,
		decisions: [{ name: 'row', options: rows.map((_, i) => i) }],
		network: (options) => backbone.build(row(options).values),
		values: (options) => row(options).values,
		accuracy: (options) => row(options).accuracy,
	};
}

export function fixedTask(network: TaskNetwork): Task {
	return { name: network.name, weight: 0, decisions: [], network: () => network, values: () => null, accuracy: () => null };
}

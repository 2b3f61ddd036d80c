/** Parallel work: many cells of a sweep with the same scores, and the same system with freshly sampled scores. */
import { createRandom, InputError, type ParallelTask } from '@assay/contract';
import { type EvaluateOptions, evaluate } from './evaluate.ts';
import { createGraph, type SystemDescription } from './graph.ts';
import { type Metrics, metricsOf } from './metrics.ts';
import { graphWithSettings, type Setting } from './parameters.ts';
import { classifiers, type ScoreTable, sampleSkills, scoreTable } from './skills.ts';
import type { Trigger } from './trigger.ts';

/** Figures of one cell; null where no threshold meets a ratio. */
export type Cell = Metrics | null;

/** One system, varied. */
export interface Variation {
	readonly description: SystemDescription;
	/** For each cell, the numbers that differ. */
	readonly cells: readonly (readonly Setting[])[];
}

export interface CellsItem extends EvaluateOptions {
	readonly variations: readonly Variation[];
	readonly scores: ScoreTable;
	readonly technologyFactor: number;
}

/** Evaluates cells one by one. Every cell depends on the item alone. */
export const cellsTask: ParallelTask<CellsItem, Cell[]> = {
	module: import.meta.url,
	name: 'cellsTask',
	run: async (item, pause) => {
		const classifierOf = classifiers(item.scores, item.mode);
		const results: Cell[] = [];
		for (const { description, cells } of item.variations) {
			const graph = createGraph(description);
			for (const settings of cells) {
				results.push(evaluateCell(() => evaluate(graphWithSettings(graph, settings), classifierOf, item), item.technologyFactor));
				if (results.length % 64 === 0) await pause();
			}
		}
		return results;
	},
};

function evaluateCell(run: () => ReturnType<typeof evaluate>, technologyFactor: number): Cell {
	try {
		return metricsOf(run(), technologyFactor);
	} catch (error) {
		if (error instanceof InputError) return null;
		throw error;
	}
}

export interface SeedItem extends EvaluateOptions {
	readonly description: SystemDescription;
	readonly triggers: readonly Trigger[];
	readonly samples: number;
	readonly technologyFactor: number;
	readonly seed: number;
	/** Which of the run's repetitions this is. */
	readonly repetition: number;
}

/** Samples all triggers anew and evaluates the system. */
export const seedTask: ParallelTask<SeedItem, Cell> = {
	module: import.meta.url,
	name: 'seedTask',
	run: async (item, pause) => {
		const random = createRandom(item.seed).fork(`repetition ${item.repetition}`);
		const skills = await sampleSkills(item.triggers, item.samples, random, pause);
		const graph = createGraph(item.description);
		return evaluateCell(() => evaluate(graph, classifiers(scoreTable(skills), item.mode), item), item.technologyFactor);
	},
};

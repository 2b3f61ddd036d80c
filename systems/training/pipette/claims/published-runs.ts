/**
 * Memory and iteration times that Korthikanti et al. (arXiv:2205.05198, figure 1 and table 5) measured with four Megatron models
 * on A100-80GB, as transcribed in Calculon's validation module (github.com/calculon-ai/calculon, Apache-2.0).
 */
import type { RecomputePolicy } from '@assay/models';

/** One published run. Memory in GiB per device, time in seconds; null where it was not published. */
export interface PublishedRun {
	readonly model: string;
	readonly hidden: number;
	readonly layers: number;
	readonly heads: number;
	readonly tensorParallel: number;
	readonly pipelineParallel: number;
	readonly microBatch: number;
	readonly globalBatch: number;
	readonly virtualStages: number;
	readonly recompute: RecomputePolicy;
	readonly sequenceParallel: boolean;
	readonly parametersGibibytes: number | null;
	readonly activationsGibibytes: number | null;
	readonly iterationSeconds: number | null;
}

type Shape = readonly [
	model: string,
	hidden: number,
	layers: number,
	heads: number,
	pp: number,
	b: number,
	batch: number,
	v: number,
];
type Figures = readonly [parameters: number | null, activations: number | null, seconds: number | null];

const shapes: readonly (readonly [Shape, none: Figures, selective: Figures, full: Figures])[] = [
	[
		['megatron-22B', 6144, 48, 64, 1, 4, 4, 1],
		[45.5625, 59.25, null],
		[45.5625, 9.5625, 1.1],
		[null, null, 1.42],
	],
	[
		['gpt3-175B', 12288, 96, 96, 8, 1, 64, 3],
		[45.5625, 66.84375, null],
		[45.5625, 12.3515625, 13.75],
		[null, null, 18.13],
	],
	[
		['turing-530B', 20480, 105, 128, 35, 1, 280, 3],
		[31.640625, 114.0234375, null],
		[31.640625, 23.076171875, 37.83],
		[null, null, 49.05],
	],
	[
		['megatron-1T', 25600, 128, 160, 64, 1, 512, 1],
		[32.958984375, 131.25, null],
		[32.958984375, 26.5625, 71.49],
		[null, null, 94.42],
	],
];

/** All twelve runs: each model without recomputation, with selective recomputation and sequence parallelism, and with full recomputation. */
export const PUBLISHED_RUNS: readonly PublishedRun[] = shapes.flatMap(
	([[model, hidden, layers, heads, pipelineParallel, microBatch, globalBatch, virtualStages], ...policies]) =>
		(['none', 'selective', 'full'] as const).map((recompute, index): PublishedRun => {
			const [parametersGibibytes, activationsGibibytes, iterationSeconds] = policies[index] as Figures;
			return {
				model,
				hidden,
				layers,
				heads,
				tensorParallel: 8,
				pipelineParallel,
				microBatch,
				globalBatch,
				virtualStages,
				recompute,
				sequenceParallel: recompute === 'selective',
				parametersGibibytes,
				activationsGibibytes,
				iterationSeconds,
			};
		}),
);

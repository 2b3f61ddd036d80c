/** What a run answers, as plain JSON. */
import { result } from '@assay/contract';
import { RECOMPUTE_POLICIES } from '@assay/models';
import { z } from 'zod';

const seconds = (help: string) => result({ unit: 's', help });
const bytes = (help: string) => result({ unit: 'B', help });
const number = (help: string) => result({ unit: '1', help });
const tally = (unit: string, help: string) => z.int().min(0).meta({ unit, description: help });

const setting = {
	label: z.string(),
	pipelineParallel: tally('1', 'Pipeline-parallel degree.'),
	tensorParallel: tally('1', 'Tensor-parallel degree.'),
	dataParallel: tally('1', 'Data-parallel degree.'),
	expertParallel: tally('1', 'Expert-parallel degree.'),
	microBatch: tally('sequences', 'Micro-batch.'),
	virtualStages: tally('1', 'Interleaved stages per device.'),
	recompute: z.enum(RECOMPUTE_POLICIES),
	stagesPerNode: tally('1', 'Consecutive stages on one node.'),
	idleDevices: tally('devices', 'Devices that stay idle.'),
};

const time = z.strictObject({
	totalSeconds: seconds('Predicted iteration.'),
	computeSeconds: seconds('Arithmetic and memory traffic of the slowest stage.'),
	tensorParallelSeconds: seconds('Tensor- and expert-parallel communication.'),
	bubbleSeconds: seconds('Stages waiting at the start and the end.'),
	pipelineSeconds: seconds('Messages between stages that nothing hides.'),
	dataParallelSeconds: seconds('Gradients between replicas.'),
	stepSeconds: seconds('The optimizer’s step.'),
});

const memory = z.strictObject({
	stage: z.enum(['first', 'last']),
	weightBytes: bytes('Weights.'),
	gradientBytes: bytes('Gradients.'),
	optimizerBytes: bytes('Optimizer state.'),
	activationBytes: bytes('Activations kept for backward.'),
	logitBytes: bytes('Logits, softmax and their gradient.'),
	workingBytes: bytes('The layer at work.'),
	totalBytes: bytes('All classes.'),
});

const evaluated = z.strictObject({
	...setting,
	time,
	memory,
	neededBytes: bytes('What decides whether it fits: by formula, or as learned.'),
	fits: z.boolean(),
	tokensPerSecond: result({ unit: 'tokens/s', help: 'Tokens of an iteration over its time.' }),
	modelFlopsUtilisation: number('Operations of the model without recomputation, over what all devices could do.'),
});

const ranked = evaluated.extend({
	unplacedSeconds: seconds('The same setting with its ranks in the order of the nodes.'),
	worstSeconds: seconds('The same setting in the worst placement met; null where none was drawn.').nullable(),
});

const rival = z.strictObject({
	rival: z.string(),
	how: z.string(),
	/** Null where the rival finds no setting. */
	choice: evaluated.nullable(),
});

const placement = z.strictObject({
	exact: z.boolean(),
	/** Hosts (or groups of devices) by pipeline, one entry a grid column. */
	rows: z.array(z.array(z.string())),
	idle: z.array(z.string()),
	trace: z.array(
		z.strictObject({
			restart: tally('1', 'Annealing run.'),
			step: tally('steps', 'Steps done.'),
			seconds: seconds('Least cost of the links so far.'),
		}),
	),
});

const simulation = z.strictObject({
	makespanSeconds: seconds('Iteration by the event-driven schedule, without the optimizer’s step.'),
	closedFormSeconds: seconds('The same by the closed form.'),
	meanBusyShare: number('Share of the iteration that a stage computes, mean.'),
	gantt: z.array(
		z.strictObject({
			stage: z.string(),
			kind: z.enum(['forward', 'backward', 'gradients']),
			start: seconds('Start.'),
			end: seconds('End.'),
		}),
	),
});

export const outputs = z.strictObject({
	recommendation: z.string(),
	model: z.strictObject({
		name: z.string(),
		parameters: number('Parameters.'),
		hasExperts: z.boolean(),
		sequenceTokens: tally('tokens', 'Length of a sequence.'),
		globalBatch: tally('sequences', 'Sequences in an iteration.'),
	}),
	cluster: z.strictObject({
		name: z.string(),
		device: z.string(),
		nodes: tally('nodes', 'Nodes.'),
		devicesPerNode: tally('devices', 'Devices of a node.'),
		limitBytes: bytes('Most memory that a setting may need on a device.'),
		/** What nobody said of its links, a sentence each. */
		assumptions: z.array(z.string()),
	}),
	links: z.strictObject({
		source: z.string(),
		hosts: z.array(z.string()),
		/** Null for a single node. */
		statistics: z
			.strictObject({
				mean: result({ unit: 'B/s', help: 'Mean bandwidth between different hosts.' }),
				standardDeviation: result({ unit: 'B/s', help: 'Its standard deviation.' }),
				min: result({ unit: 'B/s', help: 'Slowest link.' }),
				max: result({ unit: 'B/s', help: 'Fastest link.' }),
				asymmetry: number('Mean difference of a pair’s directions over the mean.'),
			})
			.nullable(),
		/** Cells of the map; hosts are averaged in groups where there are many. */
		cells: z.array(
			z.strictObject({ from: z.string(), to: z.string(), bytesPerSecond: result({ unit: 'B/s', help: 'Bandwidth.' }) }),
		),
		/** Links that the chosen placement uses: from and to as in the cells. */
		used: z.array(z.strictObject({ from: z.string(), to: z.string(), use: z.enum(['between stages', 'between replicas']) })),
	}),
	estimator: z.strictObject({
		kind: z.enum(['formula', 'learned']),
		source: z.string(),
		rows: tally('rows', 'Profiling rows.'),
		memoryErrorAgainstFormula: number(
			'Mean relative difference of the learned memory from the formula’s over settings that fit by formula.',
		).nullable(),
		spread: number('Mean disagreement of the networks.').nullable(),
	}),
	counts: z.strictObject({
		settings: tally('settings', 'Settings that divide.'),
		fitting: tally('settings', 'Of these, settings that fit into memory.'),
		placed: tally('settings', 'Of these, settings that were placed.'),
	}),
	misfits: z.array(z.strictObject({ reason: z.string(), combinations: tally('1', 'Combinations left out for it.') })),
	ranking: z.array(ranked),
	/** Least memory of any setting; what is lacking where none fits. */
	leanest: z
		.strictObject({
			label: z.string(),
			neededBytes: bytes('What it needs.'),
			missingBytes: bytes('Beyond the limit; 0 where it fits.'),
		})
		.nullable(),
	rivals: z.array(rival),
	ampRanking: z.array(
		z.strictObject({
			label: z.string(),
			ampSeconds: seconds('By AMP’s cost model.'),
			totalSeconds: seconds('By ours, on the same links, in the order of the nodes.'),
			fits: z.boolean(),
			neededBytes: bytes('What it needs.'),
		}),
	),
	whyNot: z.array(z.string()),
	placement: placement.nullable(),
	simulation: simulation.nullable(),
});

export type Outputs = z.output<typeof outputs>;
export type EvaluatedOutput = z.output<typeof evaluated>;
export type RankedOutput = z.output<typeof ranked>;

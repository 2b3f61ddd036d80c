/** What a run answers, as plain JSON. */
import { result } from '@assay/contract';
import { z } from 'zod';
import { tiers } from './capacity.ts';
import { jobKinds, lanes } from './event-simulation.ts';
import { policyNames } from './policies/policy.ts';
import { itemNames } from './swap-items.ts';

const seconds = (help: string) => result({ unit: 's', help });
const bytes = (help: string) => result({ unit: 'B', help });
const share = (help: string) => result({ unit: '1', help });

const tier = z.strictObject({
	tier: z.enum(tiers),
	bytes: bytes('Held at most.'),
	capacityBytes: bytes('There is.'),
	parts: z.array(z.strictObject({ what: z.string(), bytes: bytes('Of this class.') })),
});

const policy = z.strictObject({
	policy: z.enum(policyNames),
	title: z.string(),
	says: z.string(),
	fits: z.boolean(),
	binding: z.enum(tiers).nullable(),
	needed: bytes('Held by the tier that overflows; 0 where all fit.'),
	available: bytes('What that tier has; 0 where all fit.'),
	seconds: seconds('Time of a step, were there room.'),
	teraflops: result({ unit: 'TFLOP/s', help: 'Model operations per second, were there room.' }),
	tokensPerSecond: result({ unit: 'tokens/s', help: 'Throughput, were there room.' }),
	largestBatch: z.int().min(0).meta({ unit: 'sequences', description: 'Largest batch that fits; 0: none.' }),
	largestBatchTokensPerSecond: result({
		unit: 'tokens/s',
		help: 'Throughput at the largest batch that fits; null: none does.',
	}).nullable(),
	recomputeShare: share('Operations done again, of forward’s.'),
	keptBytes: bytes('Activations kept until backward.'),
	driveActivationBytes: bytes('Of them on the drives.'),
	forwardSeconds: seconds('Forward.'),
	backwardSeconds: seconds('Backward.'),
	optimizerSeconds: seconds('Optimizer beside backward; 0 where it works inside.'),
});

const plan = z.strictObject({
	verdict: z.enum(['runs', 'runs with a smaller batch', 'does not fit']),
	model: z.strictObject({
		name: z.string(),
		parameters: result({ unit: 'parameters', help: 'All.' }),
		trainedParameters: result({ unit: 'parameters', help: 'With gradients.' }),
		layers: z.int().min(0).meta({ unit: 'layers', description: 'Blocks.' }),
	}),
	machine: z.strictObject({
		name: z.string(),
		gpus: z.int().min(1).meta({ unit: 'GPUs', description: 'In the machine; one of them is planned for.' }),
		gpuFlopsPerSecond: result({ unit: 'FLOP/s', help: 'Reached on large products.' }),
		linkBytesPerSecond: result({ unit: 'B/s', help: 'To the GPU and back, each.' }),
		hostMemoryBytes: bytes('Host memory.'),
		drives: z.int().min(0).meta({ unit: 'drives', description: 'Drives.' }),
		readBytesPerSecond: result({ unit: 'B/s', help: 'All drives together.' }),
		writeBytesPerSecond: result({ unit: 'B/s', help: 'All drives together.' }),
		hostActivationBytes: bytes('Host memory for activations.'),
		assumptions: z.array(z.string()),
	}),
	batch: z.int().min(1).meta({ unit: 'sequences', description: 'Sequences in a step.' }),
	tiers: z.array(tier),
	buffers: z.strictObject({
		parameters: z.int().min(0).meta({ unit: 'buffers', description: 'For weights, a layer each.' }),
		optimizer: z.int().min(0).meta({ unit: 'buffers', description: 'For optimizer state, a sub-group each.' }),
		activations: z.int().min(0).meta({ unit: 'buffers', description: 'For activations, a layer each.' }),
		subGroupParameters: result({ unit: 'parameters', help: 'Of one sub-group.' }),
	}),
	kept: z.array(
		z.strictObject({
			item: z.enum(itemNames),
			bytesPerLayer: bytes('Of one layer.'),
			flopsPerByte: result({ unit: 'FLOP/B', help: 'Operations saved per byte kept.' }),
			layers: z.int().min(0).meta({ unit: 'layers', description: 'Layers that keep it.' }),
		}),
	),
	policies: z.array(policy),
	curve: z.array(
		z.strictObject({
			keptBytes: bytes('Activations kept.'),
			seconds: seconds('Time of a step.'),
			gpuSeconds: seconds('Work of the GPU.'),
			driveSeconds: seconds('Work of the drives.'),
			linkSeconds: seconds('Work of the busier direction of the link.'),
		}),
	),
	simulation: z.strictObject({
		seconds: seconds('Time of a step job by job.'),
		secondsWithFilling: seconds('In closed form with the filling and draining of the pipelines.'),
		backwardEndSeconds: seconds('When the last gradient was there.'),
		busyShares: z.array(z.strictObject({ lane: z.enum(lanes), share: share('Of the step.') })),
		withoutReordering: seconds('The same with writes as they come.'),
		separateStage: seconds('The same with the optimizer after backward.'),
		jobs: z.array(
			z.strictObject({
				kind: z.enum(jobKinds),
				lane: z.enum(lanes),
				startSeconds: seconds('Start.'),
				endSeconds: seconds('End.'),
			}),
		),
	}),
	sensitivity: z.array(
		z.strictObject({
			part: z.string(),
			fits: z.boolean(),
			speedup: share('Time of a step before over after; null where either does not fit.').nullable(),
			largestBatch: z.int().min(0).meta({ unit: 'sequences', description: 'Largest batch that fits then.' }),
		}),
	),
	map: z.array(
		z.strictObject({
			batch: z.int().min(1).meta({ unit: 'sequences', description: 'Batch.' }),
			drives: z.int().min(1).meta({ unit: 'drives', description: 'Drives.' }),
			teraflops: result({ unit: 'TFLOP/s', help: 'Model operations per second; null where it does not fit.' }).nullable(),
			tokensPerSecond: result({ unit: 'tokens/s', help: 'Throughput; null where it does not fit.' }).nullable(),
		}),
	),
	largestModels: z.array(
		z.strictObject({
			policy: z.enum(policyNames),
			hostMemoryBytes: bytes('Host memory.'),
			parameters: result({ unit: 'parameters', help: 'Of the largest GPT that fits.' }),
		}),
	),
	adapters: z.array(
		z.strictObject({
			name: z.string(),
			gpuBytes: bytes('GPU memory needed.'),
			fits: z.boolean(),
			seconds: seconds('Least time of a step.'),
			trainedParameters: result({ unit: 'parameters', help: 'With gradients.' }),
		}),
	),
	cost: z.strictObject({
		epochHours: result({ unit: 'h', help: 'An epoch.' }).nullable(),
		epochJoules: result({ unit: 'J', help: 'Energy of an epoch.' }).nullable(),
		epochDollars: result({ unit: '$', help: 'Electricity of an epoch.' }).nullable(),
		machineDollars: result({ unit: '$', help: 'Price of the machine.' }),
		gigaflopsPerDollar: result({ unit: 'GFLOP/s/$', help: 'Model operations per second and dollar.' }).nullable(),
		nodes: z.int().min(1).meta({ unit: 'nodes', description: 'Nodes of data-centre GPUs that hold all state.' }),
		nodeGigaflopsPerDollar: result({ unit: 'GFLOP/s/$', help: 'The same of those nodes.' }),
	}),
});

const trainedRun = z.strictObject({
	way: z.enum(['in memory', 'optimizer after backward', 'optimizer inside backward', 'inside backward, writes as they come']),
	measured: z.literal(true),
	steps: z.int().min(0).meta({ unit: 'steps', description: 'Steps done, those before a resumed run included.' }),
	medianSeconds: seconds('Median time of a step, the first left out.'),
	fastestSeconds: seconds('Shortest step, the first left out.'),
	losses: z.array(result({ unit: 'nats', help: 'Mean loss of a step.' })),
	stateBytes: bytes('Model state in memory at most.'),
	memoryBytes: bytes('Memory of the kernels: state, activations and workspace.'),
	residentGrowthBytes: bytes('Growth of the process’s resident set while training, measured.'),
	parametersSha256: z.string(),
	busy: z.array(z.strictObject({ lane: z.string(), kind: z.string(), seconds: seconds('In the median step.') })),
	timeline: z.array(
		z.strictObject({
			lane: z.string(),
			kind: z.string(),
			startSeconds: seconds('Since the start of the last step.'),
			endSeconds: seconds('Since the start of the last step.'),
		}),
	),
});

const training = z.strictObject({
	parameters: result({ unit: 'parameters', help: 'Of the model trained.' }),
	totalStateBytes: bytes('Weights, gradients and both moments.'),
	stateCapBytes: bytes('Most of it in memory at a time.'),
	runs: z.array(trainedRun),
	sameBits: z.boolean(),
	speedup: share(
		'Median step with the optimizer after backward over the one inside backward; null where only one was run.',
	).nullable(),
	optimizerIoShare: share('Reads and writes of state, of the step with the optimizer after backward; null likewise.').nullable(),
	resumedAtStep: z.int().min(0).meta({ unit: 'steps', description: 'Complete steps found in the folder; 0: none.' }),
});

const drive = z.strictObject({
	measured: z.literal(true),
	readBytesPerSecond: result({ unit: 'B/s', help: 'Sequential reads.' }),
	writeBytesPerSecond: result({ unit: 'B/s', help: 'Sequential writes.' }),
	mixedBytesPerSecond: result({ unit: 'B/s', help: 'Reads and writes at once, together; null where not measured.' }).nullable(),
});

export const outputs = z.strictObject({
	answer: z.string(),
	plan: plan.nullable(),
	training: training.nullable(),
	drive: drive.nullable(),
});
export type Outputs = z.output<typeof outputs>;
export type PlanOutput = z.output<typeof plan>;
export type TrainingOutput = z.output<typeof training>;
export type DriveOutput = z.output<typeof drive>;
export type TrainedRun = z.output<typeof trainedRun>;

/** What a user brings. Every number carries its unit, bounds, default and a sentence of help. */
import {
	choice,
	count,
	dataReference,
	flag,
	optionalCount,
	optionalQuantity,
	quantity,
	requiredQuantity,
	text,
} from '@assay/contract';
import { COLLECTIVES, machineInput } from '@assay/machines';
import { RECOMPUTE_POLICIES } from '@assay/models';
import { z } from 'zod';
import { MATRIX_FORMATS } from './device/device-rates.ts';
import { FAILURE_PRESETS } from './failures/failure-classes.ts';

export const MODES = ['plan', 'collectives', 'sizing', 'ledger', 'goodput', 'reshape', 'generate'] as const;

const logs = ['text/plain', 'text/csv'];

const model = z
	.strictObject({
		name: text({ default: 'zaya1', help: 'zaya1, or a model that Assay knows (`assay models`).' }),
		config: dataReference({
			help: 'Your own model: a config.json of a ZAYA model or of any other that Assay reads. Wins over the name.',
			mediaTypes: ['application/json'],
		}).optional(),
	})
	.prefault({});

const device = z
	.strictObject({
		format: choice(MATRIX_FORMATS, { default: 'bf16', help: 'Format of the matrix products.' }),
		achievableTeraflops: optionalQuantity({
			unit: 'TFLOP/s',
			min: 0.01,
			max: 1e6,
			help: 'What large matrix products reach. Left out: published for MI300X and MI325X, else 70 % of the peak.',
		}),
		streamGigabytesPerSecond: optionalQuantity({
			unit: 'GB/s',
			min: 1,
			max: 1e6,
			help: 'What streaming memory reaches. Left out: published for MI300X and H100, else 81.7 % of the peak.',
		}),
		computeUnits: optionalCount({
			unit: 'units',
			min: 1,
			max: 100_000,
			help: 'Compute units (AMD) or streaming multiprocessors (NVIDIA). Left out: the vendor’s figure where it is known.',
		}),
		launchMicroseconds: quantity({ unit: 'us', min: 0, max: 1000, default: 5, help: 'Time to start a kernel.' }),
	})
	.prefault({});

const network = z
	.strictObject({
		log: dataReference({
			help: 'Output of nccl-tests or rccl-tests inside one node, as text or CSV. Left out: published for nodes of eight MI300X.',
			mediaTypes: logs,
		}).optional(),
		matrix: dataReference({
			help: 'Bandwidths between the devices of a node: TransferBench, or CSV with a row and a column per device.',
			mediaTypes: logs,
		}).optional(),
		collective: choice(COLLECTIVES, { default: 'all-reduce', help: 'What the log measured, where it does not say so itself.' }),
		ranks: optionalCount({
			unit: 'ranks',
			min: 2,
			max: 1_000_000,
			help: 'Ranks of the log. Left out: as the log says, or the devices of a node.',
		}),
		placement: choice(['out-of-place', 'in-place'], { default: 'out-of-place', help: 'Which times of the log are fitted.' }),
		lines: count({ unit: 'lines', min: 1, max: 4, default: 3, help: 'Protocols to tell apart in the log.' }),
		nodeShare: quantity({
			unit: '1',
			min: 0.01,
			max: 1,
			default: 0.8,
			help: 'Share of a switched node’s nominal bandwidth that collectives reach, where nothing was measured.',
		}),
		networkShare: quantity({
			unit: '1',
			min: 0.01,
			max: 1,
			default: 0.96,
			help: 'Share of a network port’s nominal bandwidth that collectives reach; 48 of 50 GB/s in AMD’s thresholds.',
		}),
	})
	.prefault({});

const training = z
	.strictObject({
		tokens: quantity({ unit: 'tokens', min: 1e6, max: 1e15, default: 12e12, help: 'Tokens to train on.' }),
		sequenceTokens: count({ unit: 'tokens', min: 1, max: 10_000_000, default: 4096, help: 'Tokens of a sequence.' }),
		microBatch: count({
			unit: 'sequences',
			min: 1,
			max: 100_000,
			default: 4,
			help: 'Sequences that a data-parallel rank works on at once.',
		}),
		globalBatch: optionalCount({
			unit: 'sequences',
			min: 1,
			max: 10_000_000,
			help: 'Sequences in a step. Left out: one micro-batch a rank, and four times that per pipeline stage beyond the first.',
		}),
		tensorParallel: count({ unit: 'ranks', min: 1, max: 4096, default: 1, help: 'Devices that share every matrix.' }),
		pipelineParallel: count({ unit: 'stages', min: 1, max: 4096, default: 1, help: 'Stages that the layers are dealt to.' }),
		expertParallel: count({ unit: 'ranks', min: 1, max: 4096, default: 1, help: 'Data-parallel ranks that share the experts.' }),
		contextParallel: count({
			unit: 'ranks',
			min: 1,
			max: 4096,
			default: 1,
			help: 'Devices that share a sequence: 2 at 32K and 8 at 131K in the paper.',
		}),
		shardOptimizer: flag({ default: true, help: 'Optimizer states are split over data-parallel ranks (ZeRO-1).' }),
		recompute: choice(RECOMPUTE_POLICIES, {
			default: 'none',
			help: 'What of a layer is computed again in backward to save memory.',
		}),
		overlap: quantity({
			unit: '1',
			min: 0,
			max: 1,
			default: 0.8,
			help: 'Share of the traffic of gradients and parameters that hides behind arithmetic.',
		}),
		attentionShare: quantity({
			unit: '1',
			min: 0.01,
			max: 1,
			default: 0.5,
			help: 'Share of the achievable rate that fused attention gets (assumed).',
		}),
		memoryPasses: quantity({
			unit: '1',
			min: 0,
			max: 1000,
			default: 24,
			help: 'Reads and writes of the residual stream per layer by norms, activations and scales, forward and backward (assumed).',
		}),
		achievedShare: optionalQuantity({
			unit: '1',
			min: 0.001,
			max: 1,
			help: 'Share of the achievable rate that all arithmetic takes, if you know it. Left out: worked out product by product.',
		}),
	})
	.prefault({});

const failures = z
	.strictObject({
		preset: choice(FAILURE_PRESETS, {
			default: 'llama-3-2024',
			help: 'Published rates of failure by class, or one failure a day on 128 nodes.',
		}),
		nodeMtbfHours: optionalQuantity({
			unit: 'h',
			min: 1,
			max: 1e8,
			help: 'Mean time between failures of one node, if you know it: one class takes the place of the preset’s.',
		}),
		weibullShape: quantity({
			unit: '1',
			min: 0.3,
			max: 5,
			default: 1,
			help: 'Shape of the gaps: 1 is random, 0.7 comes in clusters.',
		}),
		log: dataReference({
			help: 'Your failures as CSV with time, node and class: rates and shapes are estimated from it.',
			mediaTypes: ['text/csv'],
		}).optional(),
		logNodes: optionalCount({
			unit: 'nodes',
			min: 1,
			max: 1_000_000,
			help: 'Nodes that the log is about. Left out: those of the machine.',
		}),
		response: choice(['restart', 'spares', 'shrink'], {
			default: 'restart',
			help: 'A lost node is there again at the restart, is replaced from spares, or is done without.',
		}),
		restartMinutes: quantity({
			unit: 'min',
			min: 0,
			max: 10_000,
			default: 10,
			help: 'Detecting a failure, rescheduling and reloading.',
		}),
		spares: count({ unit: 'nodes', min: 0, max: 100_000, default: 2, help: 'Nodes in reserve (response spares).' }),
		swapMinutes: quantity({
			unit: 'min',
			min: 0,
			max: 10_000,
			default: 2,
			help: 'Bringing a spare in: a minute or two if it runs already (hot), a boot if not (cold).',
		}),
		repairHours: quantity({ unit: 'h', min: 0, max: 10_000, default: 24, help: 'Until a broken node is back.' }),
		slowMtbfHours: optionalQuantity({
			unit: 'h',
			min: 1,
			max: 1e8,
			help: 'Mean time between slow spells of one node (throttling, flapping ports). Left out: none.',
		}),
		slowdown: quantity({ unit: '1', min: 1, max: 100, default: 1.5, help: 'Step time over the usual one in a slow spell.' }),
		slowHours: quantity({ unit: 'h', min: 0.001, max: 10_000, default: 12, help: 'How long a slow spell lasts if nobody acts.' }),
		detect: flag({ default: true, help: 'Steps are timed, and a slow node is excluded.' }),
		detectDeviations: quantity({
			unit: '1',
			min: 1,
			max: 100,
			default: 5,
			help: 'Median absolute deviations above the median that a step may take.',
		}),
		detectSteps: count({
			unit: 'steps',
			min: 1,
			max: 10_000,
			default: 20,
			help: 'Steps in a row above that until a node counts as slow.',
		}),
		stepNoise: quantity({ unit: '1', min: 0, max: 1, default: 0.01, help: 'Standard deviation of step times over their mean.' }),
		simulatedFailures: count({ unit: '1', min: 10, max: 100_000, default: 1500, help: 'Failures to simulate for each policy.' }),
	})
	.prefault({});

const saving = z
	.strictObject({
		mode: choice(['synchronous', 'asynchronous'], {
			default: 'asynchronous',
			help: 'The job stands still until a save is written, or only while it is copied to host memory.',
		}),
		intervalMinutes: optionalQuantity({
			unit: 'min',
			min: 0.01,
			max: 1e6,
			help: 'Useful work between saves. Left out: the best interval.',
		}),
		writerGigabytesPerSecond: quantity({
			unit: 'GB/s',
			min: 0.001,
			max: 1e5,
			default: 2,
			help: 'What one node writes to the storage (assumed).',
		}),
		storageGigabytesPerSecond: quantity({
			unit: 'GB/s',
			min: 0.001,
			max: 1e6,
			default: 500,
			help: 'What the storage takes from all nodes (assumed).',
		}),
		hostCopyGigabytesPerSecond: quantity({
			unit: 'GB/s',
			min: 0.001,
			max: 1e5,
			default: 20,
			help: 'Copying from one device to host memory.',
		}),
		localIntervalMinutes: optionalQuantity({
			unit: 'min',
			min: 0.01,
			max: 1e6,
			help: 'Copies to the nodes themselves in between, this often. Left out: none.',
		}),
		shortestIntervalMinutes: quantity({
			unit: 'min',
			min: 0,
			max: 1e6,
			default: 5,
			help: 'No shorter interval is proposed: what listing, keeping and deleting many checkpoints costs is not modelled.',
		}),
		usualIntervalMinutes: optionalQuantity({
			unit: 'min',
			min: 0.01,
			max: 1e6,
			help: 'The usual practice compared with: one node in ten writes while all wait, this often. Left out: at Young’s interval.',
		}),
	})
	.prefault({});

const sizing = z
	.strictObject({
		budget: choice(['parameters', 'operations'], {
			default: 'parameters',
			help: 'What other widths must have about as much of: parameters (in all, and met by a token), or operations per token.',
		}),
		tolerancePercent: quantity({ unit: '%', min: 0.1, max: 50, default: 3, help: 'How far they may miss it.' }),
		keep: count({ unit: 'shapes', min: 1, max: 200, default: 12, help: 'Widths to list.' }),
		gemmLog: dataReference({
			help: 'Output of hipblaslt-bench: measured products beside predicted ones.',
			mediaTypes: logs,
		}).optional(),
	})
	.prefault({});

const generateInputs = z
	.strictObject({
		weights: dataReference({
			help: 'Weights of a small ZAYA model as safetensors under the transformers library’s names, for example zaya-tiny-weights.',
			mediaTypes: ['application/octet-stream'],
		}).optional(),
		config: dataReference({
			help: 'Its config.json. Left out: the shape is read off the tensors, theta is 10,000.',
			mediaTypes: ['application/json'],
		}).optional(),
		prompt: z
			.array(requiredQuantity({ unit: '1', min: 0, max: 10_000_000, help: 'Number of a token.' }).int())
			.min(1)
			.max(4096)
			.default([1, 2, 3])
			.meta({ description: 'Tokens to continue, by number.' }),
		newTokens: count({ unit: 'tokens', min: 1, max: 4096, default: 16, help: 'Tokens to generate.' }),
		temperature: quantity({
			unit: '1',
			min: 0,
			max: 100,
			default: 0,
			help: '0 takes the likeliest token, 1 draws as the model says.',
		}),
		topK: count({ unit: 'tokens', min: 0, max: 1_000_000, default: 0, help: 'Draws among the likeliest so many; 0: all.' }),
	})
	.prefault({});

const reshapeInputs = z
	.strictObject({
		files: z
			.array(dataReference({ help: 'A shard.', mediaTypes: ['application/octet-stream'] }))
			.max(4096)
			.default([])
			.meta({ description: 'All safetensors files of the checkpoint.' }),
		sourceLayout: dataReference({
			help: 'Layout of those files as JSON. Left out: an unsplit checkpoint under the transformers library’s names.',
			mediaTypes: ['application/json'],
		}).optional(),
		targetLayout: dataReference({ help: 'Layout wanted, as JSON.', mediaTypes: ['application/json'] }).optional(),
		limitGibibytes: quantity({
			unit: 'GiB',
			min: 0.001,
			max: 1024,
			default: 8,
			help: 'Most that is read and written in memory; larger checkpoints go through reshape-command.ts.',
		}),
	})
	.prefault({});

export const inputs = z.strictObject({
	mode: choice(MODES, {
		default: 'plan',
		help: 'plan a training run; fit collectives; advise widths (sizing); count a model (ledger); failures and saves (goodput); reshape a checkpoint; generate text.',
	}),
	model,
	machine: machineInput('1024xmi300x'),
	device,
	network,
	training,
	failures,
	saving,
	sizing,
	generate: generateInputs,
	reshape: reshapeInputs,
	dollarsPerDeviceHour: optionalQuantity({
		unit: '$/h',
		min: 0,
		max: 10_000,
		help: 'Rent of a device. Left out: the catalogue’s, where there is one.',
	}),
	wattsPerDevice: optionalQuantity({
		unit: 'W',
		min: 1,
		max: 1e6,
		help: 'Power of a device with its share of the node. Left out: the node’s rating, or the device’s design power.',
	}),
});

export type Inputs = z.output<typeof inputs>;

/** What a user brings. Every number carries its unit, bounds, default and a sentence of help. */
import { choice, count, dataReference, flag, optionalCount, optionalQuantity, quantity } from '@assay/contract';
import { machineInput } from '@assay/machines';
import { modelInput, RECOMPUTE_POLICIES } from '@assay/models';
import { z } from 'zod';
import { KERNELS, PRECISIONS } from './training-job.ts';

/** Most sequences of an iteration. */
export const MOST_SEQUENCES = 1_000_000;

const degrees = (help: string, standard: number[]) =>
	z
		.array(z.int().min(1).max(1024).meta({ unit: '1', description: 'One to try.' }))
		.min(1)
		.max(16)
		.default(standard)
		.meta({ description: help });

const memory = z
	.strictObject({
		usableShare: quantity({
			unit: '1',
			min: 0.1,
			max: 1,
			default: 0.92,
			help: 'Share of a device’s memory that a setting may need; the rest is for the driver, communication buffers and fragmentation.',
		}),
		limitGigabytes: optionalQuantity({
			unit: 'GB',
			min: 0.1,
			max: 10_000,
			help: 'Most memory of a device that a setting may need. Left out: the usable share of the device’s own.',
		}),
	})
	.prefault({});

const training = z
	.strictObject({
		globalBatch: count({ unit: 'sequences', min: 1, max: MOST_SEQUENCES, default: 256, help: 'Sequences in one iteration.' }),
		sequenceTokens: optionalCount({
			unit: 'tokens',
			min: 1,
			max: 10_000_000,
			help: 'Length of a sequence. Left out: the context the model was made for, at most 4096.',
		}),
		precision: choice(PRECISIONS, {
			default: 'bf16',
			help: 'Format of forward and backward; 16 bits imply fp32 master weights.',
		}),
		kernels: choice(KERNELS, {
			default: 'flash',
			help: 'flash: fused attention; fused: Megatron-LM’s fused softmax; unfused: a kernel for every step.',
		}),
		dropout: flag({ default: false, help: 'Train with dropout, whose masks take time and memory.' }),
		sequenceParallel: flag({ default: true, help: 'Split norms and layer inputs over the tensor-parallel ranks as well.' }),
		shardedOptimizer: flag({ default: true, help: 'Split optimizer state over the replicas (ZeRO-1, distributed optimizer).' }),
	})
	.prefault({});

const search = z
	.strictObject({
		tensorParallel: degrees('Tensor-parallel degrees to try; those beyond a node are left out.', [1, 2, 4, 8]),
		microBatches: degrees('Micro-batch sizes to try, sequences.', [1, 2, 4, 8]),
		maxVirtualStages: count({
			unit: '1',
			min: 1,
			max: 128,
			default: 12,
			help: 'Most interleaved stages per device; 1: no interleaving.',
		}),
		recompute: z
			.array(z.enum(RECOMPUTE_POLICIES).meta({ description: 'One to try.' }))
			.min(1)
			.max(3)
			.default(['none', 'selective', 'full'])
			.meta({ description: 'Recomputation of activations to try: none, selective (the attention), full.' }),
		idleShare: quantity({
			unit: '1',
			min: 0,
			max: 0.9,
			default: 0.05,
			help: 'Share of the nodes that may stay idle where the batch or the stages do not divide all of them.',
		}),
		top: count({ unit: 'settings', min: 1, max: 50, default: 10, help: 'Settings to rank and place.' }),
	})
	.prefault({});

const links = z
	.strictObject({
		file: dataReference({
			help: 'Measured bandwidths between your hosts: nccl-tests or mpiGraph logs, JSON {gpus, bandwidth} or a square CSV in GB/s. Left out: links are generated.',
			mediaTypes: ['text/plain', 'text/csv', 'application/json'],
		}).optional(),
		measuredPer: choice(['device', 'node'], {
			default: 'device',
			help: 'What the file measured: what one device sends while all do, or a node’s whole port (then its devices share it).',
		}),
		deviation: quantity({
			unit: '1',
			min: 0,
			max: 0.3,
			default: 0.03,
			help: 'Generated links: standard deviation over the mean.',
		}),
		asymmetry: quantity({
			unit: '1',
			min: 0,
			max: 0.3,
			default: 0.04,
			help: 'Generated links: mean difference of a pair’s directions over the mean.',
		}),
		slowHosts: quantity({ unit: '1', min: 0, max: 1, default: 0.05, help: 'Generated links: share of hosts with a slow port.' }),
		slowdown: quantity({ unit: '1', min: 0, max: 0.9, default: 0.1, help: 'Generated links: how much slower such a port is.' }),
	})
	.prefault({});

const placement = z
	.strictObject({
		iterations: count({ unit: 'steps', min: 0, max: 5_000_000, default: 20_000, help: 'Steps of one annealing run.' }),
		restarts: count({ unit: 'runs', min: 1, max: 64, default: 2, help: 'Annealing runs for each setting placed.' }),
		rings: choice(['all stages', 'first stage'], {
			default: 'all stages',
			help: 'Whose ring of replicas counts: the slowest of all stages’, or the first’s alone as in the published code.',
		}),
	})
	.prefault({});

const estimator = z
	.strictObject({
		kind: choice(['formula', 'learned'], {
			default: 'formula',
			help: 'formula: memory and times from the model’s own products and tensors; learned: from profiling rows, as the paper does.',
		}),
		profile: dataReference({
			help: 'Profiling rows as CSV: gpus, layers, hidden, heads, tp, pp, micro_batch, global_batch, memory_mb, forward_ms, backward_ms. Left out: rows on up to four nodes are made up from the formula with 3 % of noise.',
			mediaTypes: ['text/csv'],
		}).optional(),
		epochs: count({ unit: 'epochs', min: 1, max: 5000, default: 60, help: 'Passes over the profiling rows.' }),
		networks: count({
			unit: '1',
			min: 1,
			max: 9,
			default: 2,
			help: 'Networks that vote; their disagreement is the uncertainty.',
		}),
	})
	.prefault({});

const own = z
	.strictObject({
		pipelineParallel: count({ unit: '1', min: 1, max: 10_000, default: 1, help: 'Your pipeline-parallel degree.' }),
		tensorParallel: count({ unit: '1', min: 1, max: 1024, default: 8, help: 'Your tensor-parallel degree.' }),
		expertParallel: count({ unit: '1', min: 1, max: 1024, default: 1, help: 'Your expert-parallel degree.' }),
		microBatch: count({ unit: 'sequences', min: 1, max: 1024, default: 1, help: 'Your micro-batch.' }),
		virtualStages: count({ unit: '1', min: 1, max: 128, default: 1, help: 'Your interleaved stages per device.' }),
		recompute: choice(RECOMPUTE_POLICIES, { default: 'full', help: 'Your recomputation.' }),
	})
	.optional()
	.meta({ description: 'The setting you run today, to be compared with.' });

export const inputs = z.strictObject({
	model: modelInput('gpt3-175b'),
	machine: machineInput('128xa100-80gb'),
	memory,
	training,
	search,
	links,
	placement,
	estimator,
	own,
});

export type Inputs = z.output<typeof inputs>;

/** What a user brings. Every number carries its unit, bounds, default and a sentence of help. */
import { choice, count, dataReference, optionalCount, optionalQuantity, quantity, requiredQuantity } from '@assay/contract';
import { machineInput } from '@assay/machines';
import { modelInput } from '@assay/models';
import { z } from 'zod';

const measurement = z.strictObject({
	ratio: requiredQuantity({ unit: '1', min: 0, max: 1, help: 'Share of the optimizer state that was offloaded.' }),
	stride: requiredQuantity({
		unit: 'sub-groups',
		min: 0,
		max: 1000,
		help: 'Stride of the update; 0 is the default update.',
	}).int(),
	milliseconds: requiredQuantity({ unit: 'ms', min: 0.001, max: 1e9, help: 'Time of the update phase.' }),
});

const rates = z
	.strictObject({
		cpu: optionalQuantity({
			unit: '1e9 parameters/s',
			min: 1e-6,
			max: 1e6,
			help: 'Adam on the CPU, per GPU. Left out: fitted or estimated from the host’s memory.',
		}),
		inlineCpu: optionalQuantity({
			unit: '1e9 parameters/s',
			min: 1e-6,
			max: 1e6,
			help: 'Adam on the CPU with conversion and copy in line, per GPU. Left out: fitted, from the log, or estimated.',
		}),
		link: optionalQuantity({
			unit: 'GB/s',
			min: 1e-6,
			max: 1e6,
			help: 'Between host and one GPU, each direction. Left out: fitted, or a share of the PCIe link.',
		}),
		gpu: optionalQuantity({
			unit: '1e9 parameters/s',
			min: 1e-6,
			max: 1e6,
			help: 'Adam on the GPU. Left out: fitted, or estimated from its memory.',
		}),
		flush: optionalQuantity({
			unit: '1e9 parameters/s',
			min: 1e-6,
			max: 1e6,
			help: 'Blocking copy of gradients to the host. Left out: fitted, or estimated from the host’s memory.',
		}),
	})
	.prefault({});

const here = z
	.strictObject({
		subGroups: count({ unit: 'sub-groups', min: 2, max: 200, default: 24, help: 'Sub-groups of the real update.' }),
		subGroupSize: count({
			unit: 'parameters',
			min: 64,
			max: 20_000_000,
			default: 1_000_000,
			help: 'Parameters of each.',
		}),
		link: quantity({
			unit: 'GB/s',
			min: 0.01,
			max: 100,
			default: 2,
			help: 'Bandwidth that copies between the two memories are held to.',
		}),
		steps: count({
			unit: 'steps',
			min: 1,
			max: 1000,
			default: 5,
			help: 'Updates of each stride; the fastest is reported, for other work only ever adds.',
		}),
		largestStride: count({ unit: 'sub-groups', min: 2, max: 64, default: 8, help: 'Strides from 2 to this are run.' }),
	})
	.prefault({});

export const inputs = z.strictObject({
	mode: choice(['plan', 'measure-here'], {
		default: 'plan',
		help: 'plan: predict the step on your machine. measure-here: run real updates on this computer, with two memories and a slow link between them.',
	}),
	model: modelInput('dos-20b'),
	machine: machineInput('4xh100'),
	microBatch: count({ unit: 'sequences', min: 1, max: 4096, default: 1, help: 'Sequences of a micro-batch.' }),
	accumulation: count({ unit: 'micro-batches', min: 1, max: 100_000, default: 1, help: 'Micro-batches before an update.' }),
	sequenceTokens: count({ unit: 'tokens', min: 1, max: 10_000_000, default: 2048, help: 'Tokens of a sequence.' }),
	ratio: quantity({
		unit: '1',
		min: 0,
		max: 1,
		default: 1,
		help: 'Share of the optimizer state that is offloaded (TwinFlow); the rest stays on the GPUs.',
	}),
	subGroupSize: quantity({
		unit: 'parameters',
		min: 1,
		max: 1e13,
		default: 1e8,
		help: 'DeepSpeed’s sub_group_size.',
	}),
	largestStride: count({ unit: 'sub-groups', min: 2, max: 1000, default: 10, help: 'Strides from 2 to this are tried.' }),
	config: dataReference({
		help: 'Your DeepSpeed JSON: micro-batch, accumulation, sub_group_size and ratio are taken from it.',
		mediaTypes: ['application/json'],
	}).optional(),
	log: dataReference({
		help: 'A DeepSpeed log with wall_clock_breakdown, of the default update: forward, backward and the CPU’s rate are taken from it.',
		mediaTypes: ['text/plain'],
	}).optional(),
	measurements: z
		.array(measurement)
		.max(10_000)
		.default([])
		.meta({ description: 'Measured update phases of your machine with this model: the rates are fitted to them.' }),
	rates,
	hostGigabytes: optionalQuantity({
		unit: 'GB',
		min: 0.1,
		max: 1e9,
		help: 'Memory of one node’s processors. Left out: that of the machine, or not checked where none is known.',
	}),
	labelBillions: optionalCount({
		unit: '1e9 parameters',
		min: 1,
		max: 1_000_000,
		help: 'Size that the model’s name claims, for updates per second as the paper counts them. Left out: the label of its models.',
	}),
	here,
});

export type Inputs = z.output<typeof inputs>;

/** What a user brings. */
import { choice, count, dataReference, flag, optionalQuantity, quantity, text } from '@assay/contract';
import { machineInput } from '@assay/machines';
import { modelInput } from '@assay/models';
import { z } from 'zod';
import { MODEL_FAMILIES } from './generate-model.ts';

const work = z
	.strictObject({
		use: choice(['prompt', 'generate', 'train'], {
			default: 'prompt',
			help: 'A pass reads a prompt of each sequence, generates one token for each, or is a training step.',
		}),
		batch: count({ unit: 'sequences', min: 1, max: 100_000, default: 8, help: 'Sequences in a pass.' }),
		tokens: count({
			unit: 'tokens',
			min: 1,
			max: 1_000_000,
			default: 1024,
			help: 'Length of each: of the prompt, of the context a token is generated for, or of a training sequence.',
		}),
	})
	.prefault({});

const goal = z
	.strictObject({
		kind: choice(['fastest', 'smallest'], {
			default: 'fastest',
			help: 'fastest: the fastest schedule under the cap. smallest: the least memory at which a pass is not much slower than resident.',
		}),
		capGigabytes: optionalQuantity({
			unit: 'GB',
			min: 0.001,
			max: 1e6,
			help: 'Device memory that may be used, everything included. Left out: that of the device.',
		}),
		slowdown: quantity({
			unit: '1',
			min: 1,
			max: 100,
			default: 1.05,
			help: 'smallest: a pass may take this many times the resident one.',
		}),
	})
	.prefault({});

const schedule = z
	.strictObject({
		policies: choice(['all', 'window'], {
			default: 'all',
			help: 'all: the paper’s window, and pins with a ring (ours, faster in the same memory). window: the paper’s alone.',
		}),
		writeback: choice(['drop', 'copy'], {
			default: 'drop',
			help: 'Weights that leave are dropped, for the host has a copy, or copied back although unchanged, as in the paper. Inference only.',
		}),
		optimizer: choice(['host', 'device'], {
			default: 'host',
			help: 'Training: who updates the weights. On the host only gradients travel; on the device Adam’s state travels too.',
		}),
		recompute: flag({
			default: true,
			help: 'Training: layers are computed again in backward and only their inputs are kept. A window makes no activation fewer.',
		}),
	})
	.prefault({});

const link = z
	.strictObject({
		gigabytesPerSecond: optionalQuantity({
			unit: 'GB/s',
			min: 0.001,
			max: 100_000,
			help: 'Between host memory and the device, each direction, as reached. Left out: 0.8 of the machine’s link, or 25 where none is known.',
		}),
		latencyMicroseconds: quantity({
			unit: 'µs',
			min: 0,
			max: 1e6,
			default: 20,
			help: 'Time that each transfer takes beside its bytes.',
		}),
		hostMemory: choice(['pinned', 'pageable'], {
			default: 'pinned',
			help: 'Pageable memory halves the bandwidth, and nothing is computed during a transfer.',
		}),
	})
	.prefault({});

const rates = z
	.strictObject({
		computeShare: quantity({
			unit: '1',
			min: 0.01,
			max: 1,
			default: 0.5,
			help: 'Share of the peak arithmetic rate that layers reach.',
		}),
		memoryShare: quantity({
			unit: '1',
			min: 0.01,
			max: 1,
			default: 0.8,
			help: 'Share of the memory bandwidth that layers reach.',
		}),
		hostUpdateGigabytesPerSecond: optionalQuantity({
			unit: 'GB/s',
			min: 0.1,
			max: 100_000,
			help: 'Memory traffic of the host’s optimizer. Left out: half of the host’s memory bandwidth, or 50 where it is not known.',
		}),
	})
	.prefault({});

const realRun = z
	.strictObject({
		graph: dataReference({
			help: 'run-here: your ONNX model. Left out: one is generated.',
			mediaTypes: ['application/octet-stream'],
		}).optional(),
		weightFiles: z
			.array(dataReference({ help: 'A file that the graph refers to.', mediaTypes: ['application/octet-stream'] }))
			.max(1000)
			.default([])
			.meta({ description: 'run-here: files with weights that the graph refers to.' }),
		dimensions: text({
			default: '',
			maxLength: 2000,
			help: 'run-here: numbers for the named dimensions of the graph’s inputs, such as batch=1, sequence=128.',
		}),
		units: count({
			unit: 'units',
			min: 2,
			max: 1000,
			default: 12,
			help: 'run-here: units to cut into where nothing in the graph repeats.',
		}),
		crossingTensors: count({
			unit: 'tensors',
			min: 1,
			max: 64,
			default: 2,
			help: 'run-here: results that may cross a cut. More let networks with many side branches be cut finer.',
		}),
		family: choice(MODEL_FAMILIES, { default: 'language', help: 'run-here: kind of the generated model.' }),
		blocks: count({
			unit: 'blocks',
			min: 2,
			max: 200,
			default: 12,
			help: 'run-here: transformer blocks of the generated model.',
		}),
		width: count({
			unit: '1',
			min: 64,
			max: 8192,
			default: 384,
			help: 'run-here: width of the generated model; a multiple of 64.',
		}),
		tokens: count({ unit: 'tokens', min: 1, max: 4096, default: 128, help: 'run-here: text tokens or image patches of a pass.' }),
		capMegabytes: optionalQuantity({
			unit: 'MB',
			min: 0.1,
			max: 1e6,
			help: 'run-here: memory for weights. Left out: a third of the model’s.',
		}),
		passes: count({ unit: 'passes', min: 1, max: 1000, default: 5, help: 'run-here: measured passes of each way to run.' }),
		linkMegabytesPerSecond: optionalQuantity({
			unit: 'MB/s',
			min: 1,
			max: 1e6,
			help: 'run-here: holds reads back to this rate, to stand for a slower link. Left out: as fast as files are read.',
		}),
	})
	.prefault({});

const training = z
	.strictObject({
		blocks: count({ unit: 'blocks', min: 1, max: 64, default: 6, help: 'train-here: transformer blocks.' }),
		width: count({ unit: '1', min: 16, max: 1024, default: 64, help: 'train-here: width; a multiple of 16.' }),
		tokens: count({ unit: 'tokens', min: 2, max: 1024, default: 32, help: 'train-here: length of a sequence.' }),
		batch: count({ unit: 'sequences', min: 1, max: 64, default: 4, help: 'train-here: sequences of a step.' }),
		steps: count({ unit: 'steps', min: 1, max: 10_000, default: 20, help: 'train-here: steps.' }),
		window: count({ unit: 'blocks', min: 1, max: 64, default: 2, help: 'train-here: blocks on the device.' }),
	})
	.prefault({});

export const inputs = z.strictObject({
	mode: choice(['plan', 'run-here', 'train-here'], {
		default: 'plan',
		help: 'plan: schedules for a model on a device, simulated. run-here: streams an ONNX model on this computer and measures. train-here: trains a small model through a window and compares every bit.',
	}),
	model: modelInput('llama-2-7b'),
	machine: machineInput('rtx-4090'),
	work,
	goal,
	schedule,
	link,
	rates,
	run: realRun,
	train: training,
});

export type Inputs = z.output<typeof inputs>;

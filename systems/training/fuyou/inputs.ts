/** What a user brings. Every number carries its unit, bounds, default and a sentence of help. */
import { choice, count, dataReference, flag, optionalCount, optionalQuantity, quantity, text } from '@assay/contract';
import { savedItems } from '@assay/learning';
import { machineInput } from '@assay/machines';
import { modelInput } from '@assay/models';
import { z } from 'zod';
import { optimizerNames } from './optimizer.ts';
import { activationRules } from './plan.ts';

const gigabytes = (help: string, min = 0.001) => optionalQuantity({ unit: 'GB', min, max: 1e6, help });
const rate = (help: string) => optionalQuantity({ unit: 'GB/s', min: 0.001, max: 1e5, help });

const workstation = z
	.strictObject({
		gpuTeraflops: optionalQuantity({
			unit: 'TFLOP/s',
			min: 0.001,
			max: 1e5,
			help: 'What the GPU reaches on large 16-bit products. Left out: 161.3 for an RTX 4090 (fitted to published runs), 70 % of the peak for others.',
		}),
		gpuMemoryGigabytes: gigabytes('Memory of the GPU. Left out: the device’s.'),
		linkGigabytesPerSecond: rate(
			'Between host memory and GPU, each direction, as measured. Left out: 72 % of the nominal PCIe rate.',
		),
		memoryGigabytes: gigabytes('Host memory. Left out: the machine’s, or 128 GB.'),
		activationGigabytes: optionalQuantity({
			unit: 'GB',
			min: 0,
			max: 1e6,
			help: 'Host memory that may hold activations. Left out: 52 GB as on the published server, or what buffers leave.',
		}),
		adamGigabytesPerSecond: rate(
			'Memory traffic that the processor’s optimizer step reaches. Left out: 70 % of the memory’s peak, at most 100 GB/s.',
		),
		drives: optionalCount({ unit: 'drives', min: 1, max: 1000, help: 'NVMe drives, striped. Left out: the machine’s, or 2.' }),
		terabytesPerDrive: optionalQuantity({
			unit: 'TB',
			min: 0.001,
			max: 1000,
			help: 'Free space on each. Left out: the drive’s size, or 2.',
		}),
		readGigabytesPerSecondPerDrive: rate('Sequential reads of one drive. Left out: fio’s figure, the machine’s, or 7.'),
		writeGigabytesPerSecondPerDrive: rate('Sequential writes of one drive. Left out: fio’s figure, the machine’s, or 6.'),
		arrayReadGigabytesPerSecond: rate('Most that all drives together read. Left out: 29.3, the published server’s.'),
		arrayWriteGigabytesPerSecond: rate('Most that all drives together write. Left out: 28.9, the published server’s.'),
		fio: dataReference({
			help: 'Output of fio (--output-format=json) on one of your drives: sequential reads and writes of 1 MiB. Wins over the drive’s data sheet.',
			mediaTypes: ['application/json'],
		}).optional(),
	})
	.prefault({});

const prices = z
	.strictObject({
		gpuDollars: optionalQuantity({
			unit: '$',
			min: 0,
			max: 1e7,
			help: 'Price of the GPU. Left out: its launch price where known, or 2,000.',
		}),
		driveDollars: optionalQuantity({ unit: '$', min: 0, max: 1e6, help: 'Price of one drive. Left out: the machine’s, or 400.' }),
		hostDollars: quantity({ unit: '$', min: 0, max: 1e7, default: 2000, help: 'Price of everything else in the machine.' }),
		dollarsPerKilowattHour: quantity({ unit: '$/kWh', min: 0, max: 100, default: 0.15, help: 'Electricity.' }),
		gpuWatts: optionalQuantity({
			unit: 'W',
			min: 1,
			max: 1e5,
			help: 'Power of the GPU at work. Left out: its rated power, or 350.',
		}),
		hostWatts: quantity({ unit: 'W', min: 1, max: 1e5, default: 250, help: 'Power of the rest of the machine.' }),
		nodeDollars: quantity({
			unit: '$',
			min: 1,
			max: 1e8,
			default: 199_000,
			help: 'Price of a node of eight data-centre GPUs to compare with; a DGX A100 was announced at 199,000.',
		}),
		nodeTeraflops: quantity({
			unit: 'TFLOP/s',
			min: 1,
			max: 1e6,
			default: 1120,
			help: 'Model TFLOP/s that node reaches: 45 % of eight A100s’ peak, as large published runs do.',
		}),
		nodeMemoryGigabytes: quantity({ unit: 'GB', min: 1, max: 1e5, default: 640, help: 'GPU memory of that node.' }),
	})
	.prefault({});

const search = z
	.strictObject({
		mostDrives: count({
			unit: 'drives',
			min: 1,
			max: 64,
			default: 12,
			help: 'The map of batch sizes and drives goes up to so many drives.',
		}),
		mostBatch: count({
			unit: 'sequences',
			min: 1,
			max: 4096,
			default: 128,
			help: 'And up to this batch size, in powers of two and halves between.',
		}),
		memorySizes: z
			.array(z.number().min(1).max(1e5).meta({ unit: 'GB', description: 'Size of host memory.' }))
			.min(1)
			.max(64)
			.default([32, 64, 128, 256, 512, 768, 1024])
			.meta({ description: 'Host memory sizes for the curve of the largest trainable model.' }),
	})
	.prefault({});

const train = z
	.strictObject({
		layers: count({ unit: 'layers', min: 1, max: 200, default: 12, help: 'Blocks of the GPT that is trained here.' }),
		width: count({ unit: '1', min: 4, max: 4096, default: 256, help: 'Its width.' }),
		heads: count({ unit: 'heads', min: 1, max: 256, default: 4, help: 'Its attention heads; they must divide the width.' }),
		batch: count({ unit: 'sequences', min: 1, max: 1024, default: 2, help: 'Sequences in a step.' }),
		sequenceTokens: count({ unit: 'tokens', min: 1, max: 4096, default: 64, help: 'Tokens in a sequence.' }),
		steps: count({
			unit: 'steps',
			min: 1,
			max: 10_000,
			default: 8,
			help: 'Steps of each way of training; the first is not timed.',
		}),
		learningRate: quantity({ unit: '1', min: 0, max: 1, default: 0.001, help: 'Adam’s step size.' }),
		stateCapMegabytes: optionalQuantity({
			unit: 'MB',
			min: 0.01,
			max: 3000,
			help: 'Most model state (weights, gradients, moments) in memory at a time. Left out: a quarter of all state.',
		}),
		activationCapMegabytes: quantity({
			unit: 'MB',
			min: 0.01,
			max: 3000,
			default: 64,
			help: 'Most activations in memory; what is beyond goes to the drive.',
		}),
		keptItems: z
			.array(z.enum(savedItems).meta({ description: 'An intermediate result of a block.' }))
			.max(4)
			.default(['middle'])
			.meta({ description: 'Results kept until backward beside each block’s input; the others are computed again.' }),
		driveThreads: count({ unit: 'threads', min: 1, max: 16, default: 2, help: 'Threads that read and write.' }),
		throttleMegabytesPerSecond: quantity({
			unit: 'MB/s',
			min: 0,
			max: 1e5,
			default: 0,
			help: 'Slows each of them down to this rate, to see what a slower drive would do; 0 does not.',
		}),
		text: dataReference({
			help: 'A text to learn, byte by byte. Left out: a walk over the vocabulary.',
			mediaTypes: ['text/plain'],
		}).optional(),
		folder: text({
			default: '',
			maxLength: 1000,
			help: 'An existing folder on the drive to train from. Left out: the system’s folder for temporary files. A folder of its own is made in it and removed at the end.',
		}),
		keep: flag({
			default: false,
			help: 'Train one way only (optimizer inside backward) in <folder>/fuyou-training and keep it: started again, it goes on after the last complete step.',
		}),
	})
	.prefault({});

export const inputs = z.strictObject({
	mode: choice(['plan', 'train-here', 'measure-drive'], {
		default: 'plan',
		help: 'plan a fine-tuning on the machine described; train a small GPT from the files of this computer and measure; or measure the drive under train.folder with fio.',
	}),
	model: modelInput('opt-13b'),
	machine: machineInput('rtx-4090'),
	batch: count({ unit: 'sequences', min: 1, max: 4096, default: 32, help: 'Sequences in a step.' }),
	sequenceTokens: count({ unit: 'tokens', min: 1, max: 1_000_000, default: 1024, help: 'Tokens in a sequence.' }),
	precision: choice(['fp16', 'bf16'], {
		default: 'fp16',
		help: 'Of weights, gradients and activations; master weights and moments are fp32.',
	}),
	optimizer: choice(optimizerNames, { default: 'adam', help: 'What keeps 12, 6, 8 or 8 bytes of state per parameter.' }),
	loraRank: count({
		unit: '1',
		min: 0,
		max: 4096,
		default: 0,
		help: 'Rank of low-rank adapters on a frozen model; 0 trains everything.',
	}),
	activations: choice(activationRules, {
		default: 'fastest',
		help: 'What Fuyou keeps until backward: as much as makes a step shortest, what the released code’s rule gives, checkpoints alone, or everything.',
	}),
	swapRatio: quantity({
		unit: '1',
		min: 0,
		max: 10,
		default: 0.2,
		help: 'Of the released rule: swapping may take this share of forward’s time.',
	}),
	reorderTraffic: flag({ default: true, help: 'Write a sub-group’s state only once the next one’s has been read.' }),
	epochTokens: quantity({
		unit: 'tokens',
		min: 1,
		max: 1e15,
		default: 1e8,
		help: 'Tokens of an epoch, for time, energy and money.',
	}),
	workstation,
	prices,
	search,
	train,
});

export type Inputs = z.output<typeof inputs>;

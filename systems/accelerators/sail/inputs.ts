/** What a user can say. */
import { choice, count, dataReference, flag, optionalQuantity, quantity } from '@assay/contract';
import { modelInput } from '@assay/models';
import { z } from 'zod';
import { DISTRIBUTIONS } from './patterns/activations.ts';
import { SCALE_KINDS } from './plan/scale-kind.ts';

const weights = z
	.strictObject({
		bits: count({ unit: 'bit', min: 1, max: 8, default: 4, help: 'Width of a weight; a GGUF file says it by itself.' }),
		storedBits: optionalQuantity({
			unit: 'bit',
			min: 1,
			max: 64,
			help: 'Bits of a weight in memory with its scales; left out, half a bit more than its width.',
		}),
		activationBits: count({ unit: 'bit', min: 1, max: 8, default: 8, help: 'Width of an activation.' }),
		scaleGroup: count({ unit: 'weights', min: 8, max: 1024, default: 128, help: 'Weights that share a scale.' }),
		scales: choice(SCALE_KINDS, { default: 'any', help: 'Scales that are powers of two only add to an exponent.' }),
	})
	.prefault({});

const cache = z
	.strictObject({
		megabytes: quantity({ unit: 'MiB', min: 0.1, max: 4096, default: 32, help: 'Size of the last-level cache.' }),
		computing: quantity({ unit: '1', min: 0.01, max: 1, default: 0.5, help: 'Share of it whose arrays compute.' }),
		slices: count({ unit: 'slices', min: 1, max: 1024, default: 16, help: 'Slices, each with a transposing unit.' }),
		rows: count({ unit: 'rows', min: 16, max: 4096, default: 256, help: 'Word lines of an array.' }),
		lanes: count({ unit: 'lanes', min: 32, max: 4096, default: 256, help: 'Bit lines of an array.' }),
		clock: quantity({ unit: 'GHz', min: 0.01, max: 10, default: 1.5, help: 'Clock of the arrays.' }),
	})
	.prefault({});

const processor = z
	.strictObject({
		cores: count({
			unit: 'cores',
			min: 1,
			max: 1024,
			default: 16,
			help: 'Cores, which do attention and all that is no product with weights.',
		}),
		vectorLanes: count({ unit: '1', min: 1, max: 256, default: 16, help: 'Multiply-adds of a core in a cycle.' }),
		clock: quantity({ unit: 'GHz', min: 0.1, max: 10, default: 2.6, help: 'Clock of the cores.' }),
		bandwidth: quantity({
			unit: 'GB/s',
			min: 0.1,
			max: 20_000,
			default: 204.8,
			help: 'Memory bandwidth; eight channels of DDR4-3200 give 204.8.',
		}),
	})
	.prefault({});

const patterns = z
	.strictObject({
		mergeSigns: flag({ default: true, help: 'Repeated sign planes are looked up once.' }),
		skipZeros: flag({ default: true, help: 'Planes of zeros are passed over.' }),
		distribution: choice(DISTRIBUTIONS, { default: 'gaussian', help: 'Activations that are drawn where no file is given.' }),
		activations: dataReference({
			help: 'Your own activations, tokens by width: a .npy file, or numbers as text. They win over the distribution.',
			mediaTypes: ['application/octet-stream'],
		}).optional(),
		tokens: count({ unit: 'tokens', min: 1, max: 1024, default: 16, help: 'Tokens that are drawn.' }),
	})
	.prefault({});

const prices = z
	.strictObject({
		cache: quantity({
			unit: '$/h',
			min: 0.0001,
			max: 1000,
			default: 0.555,
			help: 'An hour of the processor whose cache computes: the baseline’s and 2 % for the area.',
		}),
		baseline: quantity({
			unit: '$/h',
			min: 0.0001,
			max: 1000,
			default: 0.544,
			help: 'An hour of 16 Neoverse N1 cores (AWS c6g.4xlarge, US East, on demand, 2025).',
		}),
		gpu: quantity({
			unit: '$/h',
			min: 0.0001,
			max: 1000,
			default: 3.06,
			help: 'An hour of a V100 (AWS p3.2xlarge, US East, on demand, 2025).',
		}),
	})
	.prefault({});

const here = z
	.strictObject({
		depth: count({
			unit: 'weights',
			min: 256,
			max: 16_384,
			default: 4096,
			help: 'Inner dimension, rounded up to scale groups of 128.',
		}),
		columns: count({ unit: 'columns', min: 16, max: 16_384, default: 4096, help: 'Outputs, rounded up to 16.' }),
		repeats: count({ unit: 'runs', min: 1, max: 10_000, default: 50, help: 'Runs of each kernel; the fastest counts.' }),
		threads: count({
			unit: 'threads',
			min: 1,
			max: 64,
			default: 2,
			help: 'Tables are also run on one, two, four ... threads up to so many, as far as the run has them.',
		}),
	})
	.prefault({});

export const inputs = z.strictObject({
	mode: choice(['plan', 'measure-here'], {
		default: 'plan',
		help: 'Plan a model on a cache that computes, or measure tables against other kernels on this computer.',
	}),
	model: modelInput('llama-2-7b'),
	gguf: dataReference({
		help: 'Your own quantised model: a GGUF file. Its shapes and formats win over the model and the width.',
		mediaTypes: ['application/octet-stream'],
	}).optional(),
	batch: count({ unit: 'sequences', min: 1, max: 1024, default: 1, help: 'Sequences that get a token at once.' }),
	context: count({ unit: 'tokens', min: 1, max: 1_000_000, default: 512, help: 'Tokens that each attends to.' }),
	weights,
	cache,
	processor,
	patterns,
	prices,
	here,
});

export type Inputs = z.output<typeof inputs>;

/** What a user brings. Every number carries its unit, bounds, default and a sentence of help. */
import { choice, count, dataReference, flag, optionalCount, optionalQuantity, quantity, text } from '@assay/contract';
import { modelInput } from '@assay/models';
import { z } from 'zod';
import { scaleRoundings } from './quantizers/quantizer.ts';
import { schemeNames } from './training/scheme.ts';

const size = z
	.strictObject({
		parameters: optionalQuantity({
			unit: 'parameters',
			min: 1e5,
			max: 1e14,
			help: 'Parameters without embedding and head. Given, they win over shape and model.',
		}),
		layers: optionalCount({
			unit: 'layers',
			min: 1,
			max: 10_000,
			help: 'Blocks of a Llama-2-style model; with width it wins over the model.',
		}),
		width: optionalCount({
			unit: '1',
			min: 32,
			max: 1_000_000,
			help: 'Width of the same; the feed-forward is 8/3 of it, up to a multiple of 256.',
		}),
	})
	.prefault({});

const speeds = z
	.strictObject({
		source: choice(['ideal', 'rtx-5090', 'given'], {
			default: 'ideal',
			help: 'Speed of FP4 over FP8 products: ideal (2, 2), measured on an RTX 5090 by the authors, or given below.',
		}),
		forward: quantity({ unit: 'x', min: 0.01, max: 100, default: 2, help: 'With source given: forward products.' }),
		backward: quantity({ unit: 'x', min: 0.01, max: 100, default: 2, help: 'With source given: backward products.' }),
		latencies: dataReference({
			help: 'Your own measurements, a CSV with columns parameters, fp8_forward_ms, fp8_backward_ms, fp4_forward_ms, fp4_backward_ms. Wins over the source.',
			mediaTypes: ['text/csv'],
		}).optional(),
	})
	.prefault({});

const law = z
	.strictObject({
		runs: dataReference({
			help: 'Your own trainings, a CSV with columns parameters, tokens, loss (or N, D, loss), and forward, backward for those with 4-bit products. Left out: the published ones.',
			mediaTypes: ['text/csv'],
		}).optional(),
		bootstrap: count({
			unit: 'rounds',
			min: 0,
			max: 1000,
			default: 30,
			help: 'Rounds of the bootstrap that the intervals come from; 0 for none.',
		}),
	})
	.prefault({});

const tensor = z
	.strictObject({
		file: dataReference({
			help: 'A tensor to quantise: .npy, .safetensors or numbers as text (CSV). Left out: normal deviates with a few outliers.',
			mediaTypes: ['application/octet-stream', 'text/csv'],
		}).optional(),
		name: text({ default: '', help: 'Which tensor of a .safetensors file; needed where it holds several.' }),
		quantizer: choice(['quest', 'sr-absmax', 'rtn-absmax', 'pma', 'ocp-absmax'], {
			default: 'quest',
			help: 'What the file of the run is quantised with; all are compared.',
		}),
		scaleRounding: choice(scaleRoundings, {
			default: 'round',
			help: 'How QuEST’s scale becomes a power of two: floor as in the released code, round as the published errors need it.',
		}),
		hadamard: flag({ default: true, help: 'Rotate groups before they are quantised, in the file of the run.' }),
	})
	.prefault({});

const train = z
	.strictObject({
		corpus: choice(['readmes', 'markov', 'file'], {
			default: 'readmes',
			help: 'Text to learn: the README files installed beside this program, a generated language of known entropy (16 to 32 tokens are learnt soon), or a file.',
		}),
		file: dataReference({
			help: 'Your own text, with corpus file: UTF-8, at least some hundred kilobytes.',
			mediaTypes: ['text/plain'],
		}).optional(),
		vocabulary: count({
			unit: 'tokens',
			min: 8,
			max: 8192,
			default: 1024,
			help: 'Tokens of the generated language, or of the tokenizer that is learnt (at least 257 then).',
		}),
		layers: count({ unit: 'layers', min: 1, max: 24, default: 2, help: 'Blocks.' }),
		width: count({ unit: '1', min: 32, max: 1024, default: 128, help: 'Width, a multiple of 32.' }),
		heads: count({ unit: 'heads', min: 1, max: 64, default: 4, help: 'Attention heads; width / heads must be even.' }),
		hiddenWidth: optionalCount({
			unit: '1',
			min: 32,
			max: 8192,
			help: 'Inner width of the feed-forward, a multiple of 32. Left out: 8/3 of the width, up to a multiple of 256.',
		}),
		batch: count({
			unit: 'sequences',
			min: 1,
			max: 256,
			default: 8,
			help: 'Sequences in a step; times their length a multiple of 32.',
		}),
		sequenceTokens: count({ unit: 'tokens', min: 8, max: 1024, default: 128, help: 'Length of a sequence.' }),
		steps: count({ unit: 'steps', min: 2, max: 100_000, default: 300, help: 'Steps of each training.' }),
		peakRate: quantity({ unit: '1', min: 1e-6, max: 1, default: 3e-3, help: 'Highest learning rate of AdamW.' }),
		seeds: count({
			unit: 'trainings',
			min: 1,
			max: 20,
			default: 1,
			help: 'Trainings of each scheme, with first values and batches of their own.',
		}),
		schemes: z
			.array(z.enum(schemeNames).meta({ description: 'What is quantised in the linear layers.' }))
			.min(1)
			.max(schemeNames.length)
			.default(['float32', 'quartet', 'rtn-no-hadamard'])
			.meta({ description: `Schemes to train with: ${schemeNames.join(', ')}.` }),
		scaleRounding: choice(scaleRoundings, {
			default: 'floor',
			help: 'Of QuEST’s scales in training; floor as in the released code.',
		}),
		gradients: flag({
			default: true,
			help: 'After the first training, compare quantised backward passes with the exact one, block by block.',
		}),
		keep: text({
			default: '',
			maxLength: 500,
			help: 'A folder of this computer to keep checkpoints in: a training that was stopped goes on from there. Empty: nothing is kept.',
		}),
	})
	.prefault({});

export const inputs = z.strictObject({
	mode: choice(['plan', 'tensor', 'train'], {
		default: 'plan',
		help: 'plan: predict losses and the best precision; tensor: quantise a tensor; train: train small models here with chosen schemes.',
	}),
	model: modelInput('llama-3-70b'),
	size,
	tokens: quantity({
		unit: 'tokens',
		min: 1e6,
		max: 9e15,
		default: 15e12,
		help: 'Tokens that the 8-bit model would be trained on.',
	}),
	speeds,
	law,
	tensor,
	train,
});

export type Inputs = z.output<typeof inputs>;

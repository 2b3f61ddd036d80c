/** What a run answers, as plain JSON. */
import { result } from '@assay/contract';
import { z } from 'zod';
import { lawForms } from './law/fit-law.ts';
import { quantizerNames } from './quantizers/quantizer.ts';
import { precisionPairs } from './regions/precision-map.ts';

const pure = (help: string) => result({ unit: '1', help });
const nats = (help: string) => result({ unit: 'nats', help });
const parameters = (help: string) => result({ unit: 'parameters', help });
const tokens = (help: string) => result({ unit: 'tokens', help });
const times = (help: string) => result({ unit: 'x', help });
const bytes = (help: string) => result({ unit: 'B', help });
const whole = (unit: string, help: string, min = 0) => z.int().min(min).meta({ unit, description: help });

const estimated = (help: string) =>
	z.strictObject({
		value: pure(help),
		low: pure('5 % of the bootstrap lie below; null without one.').nullable(),
		high: pure('5 % of the bootstrap lie above; null without one.').nullable(),
	});

const pair = z.strictObject({
	pair: z.enum(precisionPairs),
	parameters: parameters('At the same cost to serve.'),
	tokens: tokens('At the same cost to train.'),
	loss: nats('Predicted; null where no speed of 4-bit products is known.').nullable(),
	low: nats('5 % of the bootstrap lie below.').nullable(),
	high: nats('5 % of the bootstrap lie above.').nullable(),
	equalLossSpeed: times(
		'Training of all in FP8 over training with this pair to the loss of FP8, at the same cost to serve; null where it is never reached.',
	).nullable(),
});

const plan = z.strictObject({
	subject: z.strictObject({
		name: z.string(),
		parameters: parameters('Without embedding and head.'),
		tokens: tokens('Of the 8-bit training.'),
	}),
	lawSource: z.string(),
	law: z.strictObject({
		A: estimated('A of the law.'),
		alpha: estimated('Exponent of the parameters.'),
		B: estimated('B of the law.'),
		beta: estimated('Exponent of the tokens.'),
		E: estimated('Loss that nothing gets below.'),
		gamma: estimated('Outer exponent.'),
		cost: pure('Half the sum of Huber’s losses of log residuals, delta 1e-4.'),
		worstResidual: pure('Largest relative residual.'),
	}),
	forms: z.array(z.strictObject({ form: z.enum(lawForms), cost: pure('Least cost of the form.') })),
	efficiency: z.strictObject({
		parameters: estimated('Share of the parameters that counts with 4-bit forward products.'),
		tokens: estimated('Share of the tokens that counts with 4-bit backward products.'),
		source: z.string(),
		jointParameters: pure('The same, fitted to trainings with both at once.').nullable(),
		jointTokens: pure('The same, fitted to trainings with both at once.').nullable(),
	}),
	points: z.array(
		z.strictObject({
			precision: z.string(),
			parameters: parameters('Of the training.'),
			tokens: tokens('Of the training.'),
			loss: nats('Observed.'),
			predicted: nats('By the law.'),
		}),
	),
	speeds: z.strictObject({
		source: z.string(),
		forward: times('Forward products over FP8; 0: none known at this size.'),
		backward: times('Backward products over FP8; 0: none known at this size.'),
		training: times('Training with both over FP8; 0: none known at this size.'),
	}),
	pairs: z.array(pair),
	best: z.enum(precisionPairs),
	/** Share of bootstrap rounds in which the best pair is the best. */
	bestShare: pure('Share of bootstrap rounds that agree; null without any.').nullable(),
	breakEven: result({
		unit: 'tokens/parameter',
		help: 'From so many tokens for each parameter on all in FP4 is the best at this size; null: never up to 1e5.',
	}).nullable(),
	gaps: z.array(
		z.strictObject({
			ratio: result({ unit: 'tokens/parameter', help: 'Of the 8-bit training.' }),
			pair: z.enum(precisionPairs),
			gap: nats('Predicted loss less that of FP8 at the same costs; below 0 is better.'),
		}),
	),
	map: z.array(
		z.strictObject({
			parameters: parameters('Of the 8-bit model.'),
			ratio: result({ unit: 'tokens/parameter', help: 'Of the 8-bit training.' }),
			best: z.enum(precisionPairs),
		}),
	),
	references: z.array(
		z.strictObject({
			name: z.string(),
			parameters: parameters('Nominal.'),
			tokens: tokens('As stated by the makers.'),
			best: z.enum(precisionPairs),
			losses: z.array(nats('In the order of the pairs; null where no speed is known.').nullable()),
		}),
	),
	memory: z.array(
		z.strictObject({
			what: z.string(),
			bf16: bytes('With 16-bit products.'),
			fp8: bytes('With 8-bit products.'),
			mxfp4: bytes('With 4-bit products.'),
		}),
	),
});

const tensorRow = z.strictObject({
	quantizer: z.enum(quantizerNames),
	hadamard: z.boolean(),
	relativeError: pure('Squared error over squared length; null for a tensor of zeros.').nullable(),
	signalToNoise: result({ unit: 'dB', help: 'The same in decibels; null where nothing is lost.' }).nullable(),
	alignment: pure('<x, q> / <x, x>; null for a tensor of zeros.').nullable(),
	keptShare: pure('Share of values within the grid.'),
	zeroShare: pure('Share of values other than 0 that became 0.'),
	gaussianError: pure('Squared error of normal deviates whose spread is drawn evenly over a binade.'),
	gaussianAlignment: pure('<x, q> / <x, x> of the same.'),
});

const tensor = z.strictObject({
	source: z.string(),
	shape: z.array(whole('1', 'Size of an axis.')),
	values: whole('values', 'In the tensor.', 1),
	bytesBefore: bytes('As float32.'),
	bytesAfter: bytes('Codes and scales.'),
	quantizer: z.string(),
	hadamard: z.boolean(),
	rows: z.array(tensorRow),
	grid: z.array(pure('A value of E2M1.')),
	/** Share of the file's codes that are each value of the grid. */
	used: z.array(pure('Share of values stored as the grid’s value at this place.')),
	byMagnitude: z.array(
		z.strictObject({
			quantizer: z.string(),
			magnitude: pure('Middle of a binary order of magnitude.'),
			error: pure('Root mean square error of values of that order over their own root mean square.'),
		}),
	),
	scales: z.array(
		z.strictObject({ exponent: z.int().meta({ unit: '1', description: 'Scale 2^exponent.' }), share: pure('Of the groups.') }),
	),
});

const training = z.strictObject({
	corpus: z.string(),
	/** Nats per token of the generated language; null where the text's entropy is unknown. */
	entropy: nats('Least loss that there is; null where unknown.').nullable(),
	parameters: parameters('With embedding and head.'),
	blockParameters: parameters('Without embedding and head.'),
	tokensPerStep: whole('tokens', 'In a step.', 1),
	runs: z.array(
		z.strictObject({
			scheme: z.string(),
			seed: whole('1', 'Of first values and batches.'),
			losses: z.array(nats('Training loss, means of so many steps that there are at most 200.')),
			lossEverySteps: whole('steps', 'Steps that each of these is the mean of.', 1),
			validations: z.array(z.strictObject({ step: whole('steps', 'Steps done.', 1), loss: nats('On text held out.') })),
			finalLoss: nats('On text held out, after the last step.'),
		}),
	),
	summary: z.array(
		z.strictObject({
			scheme: z.string(),
			mean: nats('Mean final loss over the seeds.'),
			spread: nats('Standard deviation over the seeds; 0 for one.'),
			gap: nats('To the first scheme.'),
			gapSpread: nats('Standard deviation of that difference, seed by seed; 0 for one.'),
		}),
	),
	gradients: z.array(
		z.strictObject({
			quantizer: z.string(),
			depth: whole('blocks', 'Blocks that the gradient came back through.', 1),
			cosine: pure('Of quantised and exact gradient of the block’s input; null for a gradient of 0.').nullable(),
			alignment: pure('<quantised, exact> / <exact, exact>; null for a gradient of 0.').nullable(),
		}),
	),
});

export const outputs = z.strictObject({
	answer: z.string(),
	notes: z.array(z.string()),
	plan: plan.nullable(),
	tensor: tensor.nullable(),
	training: training.nullable(),
});

export type Outputs = z.output<typeof outputs>;
export type PlanOutput = z.output<typeof plan>;
export type TensorOutput = z.output<typeof tensor>;
export type TrainingOutput = z.output<typeof training>;

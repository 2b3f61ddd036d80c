/** What can be measured here: on a network for digits (10,000 of MNIST), on the text classifier of PP-OCR, and on arithmetic alone. */
import type { ClaimContext, MeasuredClaim } from '@assay/contract';
import { createRandom, mean } from '@assay/contract';
import { DigitStudy } from '../digits/digit-study.ts';
import { addSilentChannels } from '../digits/silent-channels.ts';
import { stretchChannels } from '../digits/stretch-channels.ts';
import { builtInModel } from '../model/built-in-models.ts';
import { writeModel } from '../model/float-model.ts';
import { prepareModel } from '../model/prepare-model.ts';
import { planNetwork } from '../quantize/network-plan.ts';
import { writeWeightsOnly } from '../quantize/write-weights-only.ts';
import { plainRecipe } from '../study/recipe.ts';
import { measureNetwork } from './measure-network.ts';
import { measureProducts } from './measure-products.ts';

const SEEDS = [1, 2, 3];
const OCTAVES = 8;

/** Accuracy lost, in points, as the mean of three seeds. */
async function lossOf(
	context: ClaimContext,
	kind: 'ptq8' | 'ptq4' | 'qat8' | 'qat4' | 'stochastic4' | 'averaged4',
): Promise<number> {
	return context.once(kind, async () => {
		const study = await DigitStudy.open(context);
		const bits = kind.endsWith('8') ? 8 : 4;
		const losses: number[] = [];
		for (const seed of SEEDS) {
			const float = await study.floatModel(seed);
			const recipe = { ...plainRecipe, bits };
			const before = (await study.accuracies(float, recipe)).float;
			const model = kind.startsWith('ptq')
				? float
				: await study.gridModel(seed, {
						grid: { weightBits: bits, rounding: kind === 'stochastic4' ? 'stochastic' : 'half-even', granularity: 'channel' },
						averagesWeights: kind === 'averaged4',
					});
			const { quantized } = await study.accuracies(model, recipe);
			losses.push(100 * (before - (quantized.accuracy ?? 0)));
		}
		return mean(losses);
	});
}

async function silenced(
	context: ClaimContext,
	granularity: 'channel' | 'tensor',
): Promise<{ readonly float: number; readonly quantized: number }> {
	return context.once(`silenced ${granularity}`, async () => {
		const study = await DigitStudy.open(context);
		const { model } = addSilentChannels(await study.floatModel(1), OCTAVES);
		const { float, quantized } = await study.accuracies(model, { ...plainRecipe, granularity });
		return { float: 100 * float, quantized: 100 * (quantized.accuracy ?? 0) };
	});
}

const ours = 'the published figure is of ImageNet; the statement is held against the network here';

export const measuredClaims: readonly MeasuredClaim[] = [
	{
		id: 'W1',
		says: 'Weights (a scale a channel) and activations in 8 bits without training again: accuracy within 2 % of float.',
		published: { value: 2, unit: 'points lost', where: 'abstract' },
		evidence: 'measured',
		tolerance: { bound: 'at most', because: ours },
		effort: 'minutes',
		comment: 'A small MobileNet for digits, mean of three seeds, 2,000 test images.',
		measure: (context) => lossOf(context, 'ptq8'),
	},
	{
		id: 'W2',
		says: 'Weights in 8 bits make models 4 times smaller.',
		published: { value: 4, unit: 'x', where: 'abstract' },
		evidence: 'measured',
		tolerance: {
			relative: 0.08,
			because: 'scales, biases and the graph stay as they were, some per cent of a file of millions of weights',
		},
		effort: 'seconds',
		comment: 'The text recogniser of PP-OCR, 2.6 million weights: float file over exported file with weights in 8 bits.',
		measure: async (context) => {
			const model = prepareModel((await builtInModel('text-recogniser', context)).model);
			const options = { granularity: 'channel', bits: 8, rounding: 'half-even' } as const;
			const file = writeWeightsOnly(model, planNetwork(model), options, { isDynamic: false });
			return writeModel(model).byteLength / file.byteLength;
		},
	},
	{
		id: 'W3',
		says: '8-bit kernels on a CPU are 2 to 3 times as fast as float.',
		published: { value: 2, unit: 'x', where: 'abstract' },
		evidence: 'measured',
		tolerance: {
			bound: 'at least',
			because:
				'the lower end of the published range; both sides are Assay’s kernels in WebAssembly, of four lanes of float or eight of 16 bits',
		},
		effort: 'minutes',
		comment:
			'A product of 256 x 256 matrices. The paper’s CPU is an ARM core with wider integer lanes; WebAssembly’s widest integer product is of 16 bits.',
		measure: (context) => measureProducts(context),
	},
	{
		id: 'W3a',
		says: 'The same of a whole network, PP-OCR’s classifier of text direction.',
		published: { value: 2, unit: 'x', where: 'abstract' },
		evidence: 'measured',
		tolerance: {
			bound: 'at least',
			because: 'the lower end of the published range, which is of whole networks; both sides are Assay’s kernels in WebAssembly',
		},
		effort: 'minutes',
		comment:
			'Both run the same operators in the same order and layout. Depthwise layers, tables and padding gain less from 8 bits than products do.',
		measure: (context) => measureNetwork(context),
	},
	{
		id: 'W5',
		says: 'Trained on the grid in 8 bits: within 1 % of float.',
		published: { value: 1, unit: 'points lost', where: 'abstract' },
		evidence: 'measured',
		tolerance: { bound: 'at most', because: ours },
		effort: 'minutes',
		comment: 'Digits, mean of three seeds.',
		measure: (context) => lossOf(context, 'qat8'),
	},
	{
		id: 'W6',
		says: 'Trained on the grid with 4-bit weights: 2 % to 10 % lost, more in smaller networks.',
		published: { value: 10, unit: 'points lost', where: 'abstract' },
		evidence: 'measured',
		tolerance: { bound: 'at most', because: 'the upper end of the published range; digits are easier than ImageNet' },
		effort: 'minutes',
		comment: 'Digits, mean of three seeds.',
		measure: (context) => lossOf(context, 'qat4'),
	},
	{
		id: 'W6a',
		says: 'With 4-bit weights, training on the grid loses less than rounding alone (difference of the losses).',
		published: { value: 0, unit: 'points gained', where: 'on quantization-aware training' },
		evidence: 'measured',
		tolerance: { bound: 'at least', because: 'the paper gives an order, not a figure for digits' },
		effort: 'minutes',
		measure: async (context) => (await lossOf(context, 'ptq4')) - (await lossOf(context, 'qat4')),
	},
	{
		id: 'W6b',
		says: 'Stochastic rounding in training on the grid does not win over deterministic rounding (difference of the losses, 4 bits).',
		published: { value: -0.5, unit: 'points lost more', where: 'on quantization-aware training' },
		evidence: 'measured',
		tolerance: {
			bound: 'at least',
			because: 'half a point is about the standard error of the mean of three seeds on 2,000 images',
		},
		effort: 'minutes',
		measure: async (context) => (await lossOf(context, 'stochastic4')) - (await lossOf(context, 'qat4')),
	},
	{
		id: 'W6c',
		says: 'Averaging weights in training on the grid does not win (difference of the losses, 4 bits).',
		published: { value: -0.5, unit: 'points lost more', where: 'on quantization-aware training' },
		evidence: 'measured',
		tolerance: {
			bound: 'at least',
			because: 'half a point is about the standard error of the mean of three seeds on 2,000 images',
		},
		effort: 'minutes',
		measure: async (context) => (await lossOf(context, 'averaged4')) - (await lossOf(context, 'qat4')),
	},
	{
		id: 'D1',
		says: 'Depthwise layers with one channel 256 times as large as the others collapse with one scale a layer, as MobileNetV1 does (0.1 %).',
		published: { value: 30, unit: '% right', where: 'table of networks quantized after training, in mechanism' },
		evidence: 'measured',
		tolerance: {
			bound: 'at most',
			because: 'chance is 10 % with ten classes and 0.1 % with ImageNet’s thousand: 30 % is far from what the network reaches',
		},
		effort: 'minutes',
		comment:
			'A silent channel is added to each depthwise layer of the network for digits; what the network computes stays the same.',
		measure: async (context) => (await silenced(context, 'tensor')).quantized,
	},
	{
		id: 'D2',
		says: 'A scale for each channel brings it back (points below float).',
		published: { value: 1, unit: 'points lost', where: 'table of networks quantized after training, in mechanism' },
		evidence: 'measured',
		tolerance: { bound: 'at most', because: 'the weights of the other channels are rounded as if the silent one were not there' },
		effort: 'minutes',
		measure: async (context) => {
			const { float, quantized } = await silenced(context, 'channel');
			return float - quantized;
		},
	},
	{
		id: 'D3',
		says: 'Where the spread lies between neighbouring layers, evening them out brings one scale a layer back (points below float).',
		published: { value: 1, unit: 'points lost', where: 'an extension: Nagel et al., arXiv 1906.04721' },
		evidence: 'measured',
		tolerance: { bound: 'at most', because: 'the spread is made by exact factors that equalisation takes out again' },
		effort: 'minutes',
		comment:
			'Channels of each depthwise layer times 2^u, u from -8 to 8, and divided again by the next layer. A scale a channel does not help here: activations, and the next layer’s inputs, are spread too.',
		measure: async (context) => {
			const study = await DigitStudy.open(context);
			const { model } = stretchChannels(await study.floatModel(1), OCTAVES, createRandom(OCTAVES));
			const { float, quantized } = await study.accuracies(model, { ...plainRecipe, granularity: 'tensor', equalise: true });
			return 100 * (float - (quantized.accuracy ?? 0));
		},
	},
];

/** What a run says. */
import { result } from '@assay/contract';
import { z } from 'zod';
import { CAUSES } from './diagnose/causes.ts';

const bytes = (help: string) => result({ unit: 'B', help });
const decibels = (help: string) => result({ unit: 'dB', help }).nullable();
const share = (help: string) => result({ unit: '1', help });
const tally = (unit: string, help: string) => result({ unit, help });

const quality = z.strictObject({
	logitDecibels: decibels('Power of the logits over that of their error; null where nothing differs.'),
	agreement: share('Share of decisions that are the float network’s.'),
	decisions: z.strictObject({
		count: tally('decisions', 'One a sample, or one for each pixel or place.'),
		changed: tally('decisions', 'That the quantized network makes otherwise.'),
		low: share('Low end of the 95 % interval of the agreement.'),
		high: share('High end of it.'),
		margin: share('Median margin in float: best logit over the second.').nullable(),
		changedMargin: share('Of the decisions that changed; null where none did.').nullable(),
		noise: share('Root mean square error of the logits.'),
	}),
	accuracy: share('Share of samples classified as labelled; null without labels.').nullable(),
});

const layer = z.strictObject({
	name: z.string(),
	type: z.enum(['convolution', 'depthwise', 'dense']),
	weights: tally('weights', 'Of the layer.'),
	channelRatio: share('Largest over smallest size of its channels’ weights, dead ones left out.'),
	deadChannels: tally('channels', 'With weights of nearly nothing, or beside their bias.'),
	weightDecibels: decibels('Power of the weights over that of their rounding.'),
	localDecibels: decibels('Of its output with exact inputs.'),
	accumulatedDecibels: decibels('Of its output in the quantized network.'),
	logitDecibels: decibels('Of the logits with this layer alone quantized.'),
	lossShare: share('Of the noise at the logits, layers quantized one at a time.'),
	clippedShare: share('Of its exact outputs beyond the range of its codes.'),
	causes: z.array(
		z.strictObject({
			kind: z.enum(CAUSES),
			says: z.string(),
			channels: z.array(z.int().meta({ unit: '1', description: 'Number of a channel, from 0.' })),
		}),
	),
});

const histogram = z.strictObject({
	of: z.string(),
	kind: z.enum(['weights', 'activations']),
	low: result({ unit: '1', help: 'Start of the first bin.' }),
	high: result({ unit: '1', help: 'End of the last bin.' }),
	counts: z.array(tally('values', 'Values in a bin.')),
	gridLow: result({ unit: '1', help: 'Value of the lowest code.' }),
	gridHigh: result({ unit: '1', help: 'Value of the highest code.' }),
	step: result({ unit: '1', help: 'Distance of neighbouring codes.' }),
});

export const outputs = z.strictObject({
	answer: z.string(),
	notes: z.array(z.string()),
	network: z.strictObject({
		name: z.string(),
		operators: tally('operators', 'After folding.'),
		layers: tally('layers', 'With weights, that run in integers.'),
		weights: tally('weights', 'Of those layers.'),
	}),
	samples: z.strictObject({
		origin: z.string(),
		calibration: tally('samples', 'That gave the ranges.'),
		evaluation: tally('samples', 'That measured.'),
		isShared: z.boolean(),
	}),
	sizes: z.strictObject({
		given: bytes('The file as it was brought.'),
		float: bytes('The float network, folded.'),
		quantized: bytes('The exported file with quantizers around float operators.'),
		integer: bytes('The exported file of integer operators; null for schemes that have none.').nullable(),
		packed: bytes('Weights packed to their bits, with scales and biases, graph left out.'),
	}),
	floatAccuracy: share('Of the float network; null without labels.').nullable(),
	quantized: quality,
	training: z
		.strictObject({
			steps: tally('batches', 'That were trained.'),
			before: quality.meta({ description: 'Without training: rounded after the fact.' }),
			losses: z.array(result({ unit: 'nat', help: 'Mean loss of some batches in turn.' })),
		})
		.nullable(),
	layers: z.array(layer),
	floatOperators: z.array(z.strictObject({ operator: z.string(), name: z.string(), reason: z.string() })),
	repairs: z.array(
		z.strictObject({ name: z.string(), says: z.string(), quality, gainDecibels: decibels('Logits gained over no repair.') }),
	),
	search: z
		.strictObject({
			target: share('Of decisions that should stay as in float.'),
			isReached: z.boolean(),
			kept: z.array(z.string()).meta({ description: 'Layers that it keeps in float.' }),
			tried: z.array(
				z.strictObject({
					layers: tally('layers', 'Kept in float.'),
					floatShare: share('Of the weights, in float.'),
					agreement: share('Of decisions on the samples that give the ranges.'),
				}),
			),
		})
		.nullable()
		.meta({ description: 'How layers were chosen that stay float; null where no target was set.' }),
	bits: z.array(z.strictObject({ bits: tally('bits', 'Of weights.'), granularity: z.enum(['channel', 'tensor']), quality })),
	histograms: z.array(histogram),
	integerRun: z.strictObject({
		withinOneStep: share('Share of outputs within one step of the exported file’s; null where it cannot run.').nullable(),
		says: z.string(),
	}),
	speed: z.array(
		z.strictObject({
			what: z.string(),
			seconds: result({ unit: 's', help: 'Median of one sample.' }),
			agreement: share(
				'Of its decisions with the float network’s, on this processor; null where that is not compared.',
			).nullable(),
		}),
	),
});

export type Outputs = z.output<typeof outputs>;
export type LayerOutput = z.output<typeof layer>;
export type HistogramOutput = z.output<typeof histogram>;

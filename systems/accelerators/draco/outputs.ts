/** What a run says. */
import { result } from '@assay/contract';
import { HIERARCHY_LEVELS } from '@assay/machines';
import { z } from 'zod';

const tally = (unit: string, help: string) => result({ unit, help });
const share = (help: string) => result({ unit: '1', help });

const networkFigures = z.strictObject({
	macs: tally('MAC', 'Multiply-accumulates.'),
	weights: tally('weights', 'Weights of the layers.'),
	arrayCycles: tally('cycles', 'Of the array, memory aside.'),
	cycles: tally('cycles', 'With waiting for DRAM.'),
	seconds: result({ unit: 's', help: 'At the clock of the array.' }),
	meanUtilisation: share('Plain mean over layers.'),
	overallUtilisation: share('Of the whole run.'),
	arithmeticIntensity: result({ unit: 'MAC/value', help: 'Multiply-accumulates over weights, inputs and outputs.' }),
	weightedIntensity: result({ unit: 'MAC/value', help: 'The same, activations counting 0.8 and weights 0.2.' }),
	energy: result({ unit: '1', help: 'In multiply-accumulates.' }),
	energyByLevel: z.array(
		z.strictObject({ level: z.enum(HIERARCHY_LEVELS), energy: result({ unit: '1', help: 'In multiply-accumulates.' }) }),
	),
	memoryBoundLayers: tally('layers', 'Layers whose intensity is below the machine’s balance.'),
});

const layerFigures = z.strictObject({
	macs: tally('MAC', 'Multiply-accumulates.'),
	arithmeticIntensity: result({ unit: 'MAC/value', help: 'Multiply-accumulates over weights, inputs and outputs.' }),
	weightedIntensity: result({ unit: 'MAC/value', help: 'The same, activations counting 0.8 and weights 0.2.' }),
	utilisation: share('Of the array while it works.'),
	cycles: tally('cycles', 'With waiting for DRAM.'),
	stallCycles: tally('cycles', 'Of them, waiting.'),
	energy: result({ unit: '1', help: 'In multiply-accumulates.' }),
	traffic: tally('values', 'From and to DRAM.'),
	isMemoryBound: z.boolean(),
});

const evaluation = z.strictObject({
	network: z.string(),
	array: z.strictObject({
		rows: tally('elements', 'Rows.'),
		columns: tally('elements', 'Columns.'),
		dataflow: z.string(),
		clockHertz: result({ unit: 'Hz', help: 'Clock.' }),
		dramBytesPerSecond: result({ unit: 'B/s', help: 'Of DRAM; null where it is not a limit.' }).nullable(),
		valueBytes: result({ unit: 'B', help: 'Of a value.' }),
	}),
	before: networkFigures,
	after: networkFigures,
	channelFactor: share('Factor on all channels, below 1 where a budget asked for it.'),
	layers: z.array(
		z.strictObject({
			name: z.string(),
			kind: z.enum(['depthwise', 'grouped', 'pointwise', 'convolution']),
			width: tally('channels', 'Channels per group after the change; 1 leaves a depthwise layer as it is.'),
			before: layerFigures,
			after: layerFigures,
		}),
	),
	tradeOffs: z.array(
		z.strictObject({
			objective: z.string(),
			macs: tally('MAC', 'Multiply-accumulates.'),
			weights: tally('weights', 'Weights.'),
			cycles: tally('cycles', 'With waiting for DRAM.'),
			meanUtilisation: share('Plain mean over layers.'),
			energy: result({ unit: '1', help: 'In multiply-accumulates.' }),
			isOnFront: z.boolean(),
		}),
	),
	acrossGroupsCycles: tally('cycles', 'If copies could work on other groups; null for systolic dataflows.').nullable(),
	oneDimensional: z.strictObject({
		macs: tally('MAC', 'Multiply-accumulates with one-dimensional kernels in place of depthwise ones.'),
		sameArrayCycles: tally('cycles', 'On the same array.'),
		linesCycles: tally('cycles', 'On an array whose rows each slide a kernel along a line.'),
	}),
	isRewritten: z.boolean(),
});

const training = z.strictObject({
	images: tally('images', 'Images that were learnt from.'),
	epochs: tally('epochs', 'Times that each was seen.'),
	points: z.array(
		z.strictObject({
			width: tally('channels', 'Channels per group.'),
			parameters: tally('parameters', 'Of the network.'),
			accuracies: z.array(share('Of test images, one network.')),
			accuracy: share('Mean.'),
			spread: share('Half of the 95 % interval of the mean; null for a single network.').nullable(),
			loss: result({ unit: '1', help: 'Mean over the last epoch.' }),
		}),
	),
});

export const outputs = z.strictObject({ answer: z.string(), evaluation: evaluation.nullable(), training: training.nullable() });

export type Outputs = z.output<typeof outputs>;
export type Evaluation = z.output<typeof evaluation>;
export type TrainingOutput = z.output<typeof training>;

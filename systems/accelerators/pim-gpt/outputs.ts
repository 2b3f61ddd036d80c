/** What a run answers, as plain JSON. */
import { result } from '@assay/contract';
import { z } from 'zod';
import { energyParts } from './energy/energy.ts';
import { operations, products } from './simulation/operations.ts';

const seconds = (help: string) => result({ unit: 's', help });
const joules = (help: string) => result({ unit: 'J', help });
const bytes = (help: string) => result({ unit: 'B', help });
const share = (help: string) => result({ unit: '1', help });
const whole = (unit: string, help: string) => z.int().min(0).meta({ unit, description: help });

const legality = z.strictObject({
	commands: whole('commands', 'Commands of channel 0 that were judged.'),
	violations: whole('commands', 'Of them too early, or with the wrong row open.'),
	first: z.array(z.string()),
});

const layout = z.strictObject({
	what: z.string(),
	inputs: whole('1', 'Inputs of the product.'),
	outputs: whole('1', 'Outputs.'),
	outputsPerBank: whole('1', 'Most outputs a bank owns.'),
	slices: whole('slices', 'Slices of the vector that the buffer holds one at a time.'),
	order: z.string(),
	firstRow: whole('1', 'First of its rows.'),
	rows: whole('rows', 'Rows in every bank.'),
	filled: share('Weights, of the words of these rows in all banks.'),
});

const simulation = z.strictObject({
	model: z.strictObject({
		name: z.string(),
		parameters: result({ unit: 'parameters', help: 'All.' }),
		layers: whole('layers', 'Layers.'),
	}),
	machine: z.strictObject({
		timing: z.string(),
		channels: whole('channels', 'Channels.'),
		banks: whole('banks', 'Banks of a channel.'),
		internalBytesPerSecond: result({ unit: 'B/s', help: 'What all banks multiply while rows stay open.' }),
		busBytesPerSecond: result({ unit: 'B/s', help: 'Of all channels’ buses.' }),
	}),
	memory: z.strictObject({
		bytes: bytes('All banks.'),
		usedBytes: bytes('Rows that are taken.'),
		cacheBytes: bytes('Of them for keys and values.'),
		tokens: whole('tokens', 'Longest sequence there is room kept for.'),
		longest: whole('tokens', 'Longest sequence that would fit.'),
		layouts: z.array(layout),
	}),
	token: z.strictObject({
		context: whole('tokens', 'Tokens attended to.'),
		seconds: seconds('The whole token.'),
		tokensPerSecond: result({ unit: 'tokens/s', help: 'One over that.' }),
		joules: joules('The whole token.'),
		watts: result({ unit: 'W', help: 'Mean power.' }),
		productSeconds: seconds('Multiplies and changes of rows alone.'),
		idealSeconds: seconds('Weights, keys and values at the banks’ full rate.'),
		rowHitRate: share('Multiplied columns whose row was open already.'),
		multiplyingShare: share('Time in which a channel multiplies, mean over channels.'),
		operations: z.array(
			z.strictObject({ operation: z.enum(operations), seconds: seconds('On the token’s way.'), share: share('Of the token.') }),
		),
		products: z.array(
			z.strictObject({
				operation: z.enum(products),
				seconds: seconds('Multiplies and changes of rows alone, all layers.'),
				rowHitRate: share('Multiplied columns whose row was open already; null where there are none.').nullable(),
			}),
		),
		channel: z.array(
			z.strictObject({ what: z.string(), seconds: seconds('Mean over channels.'), share: share('Of the token.') }),
		),
		energy: z.array(z.strictObject({ part: z.enum(energyParts), joules: joules('Of the token.'), share: share('Of all.') })),
	}),
	movement: z.strictObject({
		busBytes: bytes('Over all buses for the token.'),
		modelBytes: bytes('All weights, which a machine without computing memory reads.'),
		reduction: share('The latter over the former.'),
	}),
	generation: z.strictObject({
		firstContext: whole('tokens', 'Context of the first token.'),
		lastContext: whole('tokens', 'Context of the last.'),
		simulated: whole('tokens', 'Tokens simulated.'),
		meanSeconds: seconds('Mean time of a token.'),
		tokensPerSecond: result({ unit: 'tokens/s', help: 'One over that.' }),
		meanJoules: joules('Mean energy of a token.'),
		meanProductSeconds: seconds('Mean of multiplies and changes of rows alone.'),
		curve: z.array(
			z.strictObject({
				context: whole('tokens', 'Tokens attended to.'),
				seconds: seconds('Of this token.'),
				productSeconds: seconds('Multiplies and changes of rows alone.'),
				joules: joules('Of this token.'),
			}),
		),
	}),
	utilisation: z.array(
		z.strictObject({
			channel: whole('1', 'Channel.'),
			fromSeconds: seconds('Start of the interval.'),
			toSeconds: seconds('Its end.'),
			share: share('Time in which its banks multiply.'),
		}),
	),
	timeline: z.array(
		z.strictObject({
			lane: z.string(),
			operation: z.enum(operations),
			startSeconds: seconds('Since the start of the layer.'),
			endSeconds: seconds('Since the start of the layer.'),
		}),
	),
	sensitivity: z.array(
		z.strictObject({
			parameter: z.string(),
			value: result({ unit: '1', help: 'In the parameter’s unit.' }),
			relative: share('That over this run’s value.'),
			seconds: seconds('Of the token.'),
			slowdown: share('Against this run’s.'),
		}),
	),
	comparison: z.array(
		z.strictObject({
			against: z.string(),
			basis: z.enum(['bound from bandwidth', 'measured by you']),
			fits: z.boolean(),
			seconds: seconds('Of its token.'),
			speedup: share('Its time over ours.'),
			joules: joules('Of its token; null where no power is known.').nullable(),
			energyRatio: share('Its energy over ours; null likewise.').nullable(),
		}),
	),
	legality,
});

const functional = z.strictObject({
	says: z.string(),
	layers: whole('layers', 'Layers.'),
	width: whole('1', 'Width.'),
	rows: whole('rows', 'Rows taken in every bank.'),
	tokens: z.array(whole('1', 'Token.')),
	sameLogits: z.boolean(),
	differingLogits: whole('logits', 'Logits that are not the BF16 reference’s, bit by bit, in all steps.'),
	sameTokens: whole('tokens', 'Steps in which float64 would have picked the same token.'),
	worstError: share('Largest distance of a step’s logits from float64’s, over their length.'),
	errors: z.array(
		z.strictObject({ step: whole('1', 'Step.'), error: share('Distance from float64’s logits, over their length.') }),
	),
});

const replay = z.strictObject({
	instructions: whole('instructions', 'In the trace.'),
	seconds: seconds('Until all is done.'),
	cycles: result({ unit: 'cycles', help: 'The same in cycles of the timing.' }),
	rowHitRate: share('Multiplied columns whose row was open already; null where nothing is multiplied.').nullable(),
	joules: joules('All channels.'),
	counts: z.array(z.strictObject({ what: z.string(), count: whole('1', 'All channels together.') })),
	legality,
});

export const outputs = z.strictObject({
	answer: z.string(),
	simulation: simulation.nullable(),
	functional: functional.nullable(),
	replay: replay.nullable(),
});
export type Outputs = z.output<typeof outputs>;
export type SimulationOutput = z.output<typeof simulation>;
export type FunctionalOutput = z.output<typeof functional>;
export type ReplayOutput = z.output<typeof replay>;
export type LegalityOutput = z.output<typeof legality>;

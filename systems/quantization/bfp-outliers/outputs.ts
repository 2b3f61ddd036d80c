/** What a run answers, as plain JSON. */
import { result } from '@assay/contract';
import { z } from 'zod';
import { CHANNEL_ORDERS, HEAD_ORDERS } from './ksort/channel-order.ts';

const ratio = (help: string) => result({ unit: '1', help });
const whole = (unit: string, help: string, min = 0) => z.int().min(min).meta({ unit, description: help });

const errors = z.strictObject({
	energyError: ratio('Squared errors of keys over their squares.'),
	channelError: ratio('Mean over channels of error energy over channel energy.'),
	scoreError: ratio('Squared errors of scores over their squares.'),
	totalVariation: ratio('Mean total variation distance of attention weights.'),
	outputError: ratio('Squared errors of attention’s output over its squares; null: no values.').nullable(),
});

const head = z.strictObject({
	layer: whole('1', 'Layer, from 0.'),
	head: whole('1', 'Key head, from 0.'),
	outlierRatio: ratio('Largest score of a channel over the median.'),
	blocksBefore: whole('blocks', 'Blocks with an outlier, unsorted.'),
	blocksAfter: whole('blocks', 'Blocks with an outlier, sorted.'),
	unsorted: errors,
	sorted: errors,
	gain: ratio('Mean error per channel, unsorted over sorted.'),
	isUnsafe: z.boolean(),
});

const bySize = z.strictObject({
	blockSize: whole('channels', 'Channels in a block.', 1),
	order: z.enum(HEAD_ORDERS),
	bitsPerValue: result({ unit: 'bits', help: 'Of a key, with its share of exponents.' }),
	mean: errors,
	worstScoreError: ratio('The worst head’s.'),
});

const rival = z.strictObject({
	name: z.string(),
	blockSize: whole('channels', 'Channels in a block; null: the method has a block of its own.', 1).nullable(),
	bitsPerValue: result({ unit: 'bits', help: 'Of a key.' }),
	energyError: ratio('Squared errors of keys over their squares.'),
	channelError: ratio('Mean over channels of error energy over channel energy.'),
	spread: ratio('Standard deviation of the latter over random orders; null: one order.').nullable(),
	scoreError: ratio('Squared errors of scores over their squares; null: not measured.').nullable(),
});

const layer = z.strictObject({
	layer: whole('1', 'Layer, from 0.'),
	heads: whole('heads', 'Key heads.'),
	gaining: whole('heads', 'Heads that sorting helps.'),
	unsafe: whole('heads', 'Heads that are unsafe even sorted.'),
	worstScoreError: ratio('The worst head’s, sorted.'),
	verdict: z.string(),
});

const memory = z.strictObject({
	plan: z.string(),
	bitsPerValue: result({ unit: 'bits', help: 'Mean over keys and values.' }),
	bytesPerToken: result({ unit: 'B', help: 'Of all layers and heads.' }),
	cacheBytes: result({ unit: 'B', help: 'Of one sequence.' }),
	overSixteenBits: ratio('16-bit cache over this one.'),
});

const perplexity = z.strictObject({
	outlierFactor: ratio('1: as trained.'),
	keys: z.string(),
	blockSize: whole('channels', 'Channels in a block; null: not quantised.', 1).nullable(),
	order: z.enum(CHANNEL_ORDERS),
	perplexity: ratio('Of held-out text.'),
});

const detail = z.strictObject({
	layer: whole('1', 'Layer.'),
	head: whole('1', 'Key head.'),
	scores: z.array(ratio('What channels are sorted by, channel by channel.')),
	order: z.array(whole('1', 'Channel that each place holds, sorted.')),
	/** [tokens][places], in the model's order. */
	magnitudes: z.array(z.array(ratio('|K| of a token’s channel.'))),
	exponents: z.array(
		z.strictObject({
			exponent: z
				.int()
				.meta({ unit: '1', description: 'Exponent of a block’s largest magnitude; blocks of zeros are left out.' }),
			unsorted: whole('blocks', 'Blocks with it.'),
			sorted: whole('blocks', 'Blocks with it.'),
		}),
	),
	groupingCostUnsorted: ratio('Expected squared error of the grouping by scores, unsorted.'),
	groupingCostSorted: ratio('The same, sorted.'),
	packedBytes: whole('B', 'Of the head’s packed keys as kept with the run.'),
	keyTokens: whole('tokens', 'Keys packed.'),
});

export const outputs = z.strictObject({
	answer: z.string(),
	subject: z.strictObject({
		name: z.string(),
		headDim: whole('channels', 'Of a head.', 1),
		layers: whole('layers', 'Looked at.'),
		keyHeads: whole('heads', 'Key heads looked at, over all layers.'),
		rotaryWidth: whole('channels', 'Channels that turn.'),
		sortedBy: z.string(),
		inputs: z.string(),
	}),
	format: z.strictObject({
		mantissaBits: whole('bits', 'Of a mantissa.', 1),
		order: z.enum(HEAD_ORDERS),
		blockSize: whole('channels', 'The suggested block.', 1),
		queryBits: whole('bits', 'Of a query’s mantissa; null: float32.', 1).nullable(),
	}),
	isWorthIt: z.boolean(),
	gainingHeads: whole('heads', 'Heads that sorting helps.'),
	unsafeHeads: whole('heads', 'Heads that are unsafe even sorted.'),
	worstScoreError: ratio('Of all heads, sorted, at the suggested block.'),
	heads: z.array(head),
	bySize: z.array(bySize),
	layers: z.array(layer),
	rivals: z.array(rival),
	memory: z.array(memory),
	perplexity: z.array(perplexity),
	detail: detail.nullable(),
	files: z.array(z.strictObject({ name: z.string(), bytes: whole('B', 'Length.'), says: z.string() })),
	rotation: z.strictObject({
		operationsBefore: whole('1', 'Multiplications and additions that turning one key takes.'),
		operationsAfter: whole('1', 'The same with permuted tables.'),
	}),
	notes: z.array(z.string()),
});

export type Outputs = z.output<typeof outputs>;

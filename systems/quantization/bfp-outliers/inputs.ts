/** What a user brings. */
import { choice, count, dataReference, flag, optionalCount, optionalQuantity, quantity, requiredQuantity } from '@assay/contract';
import { modelInput } from '@assay/models';
import { z } from 'zod';
import { SORT_KEYS } from './ksort/channel-scores.ts';

const SOURCES = ['generated', 'weights', 'captured', 'trained'] as const;

const tensorTypes = ['application/octet-stream', 'text/plain'];
const tensor = (help: string) => dataReference({ help, mediaTypes: tensorTypes }).optional();

const format = z
	.strictObject({
		mantissaBits: count({
			unit: 'bits',
			min: 2,
			max: 25,
			default: 4,
			help: 'Bits of a key’s mantissa with its sign: 4 is BFP12.',
		}),
		blockSizes: z
			.array(requiredQuantity({ unit: 'channels', min: 1, max: 65_536, help: 'Channels that share an exponent.' }).int())
			.max(12)
			.default([])
			.meta({
				description: 'Block sizes to compare; each divides the head. Empty: the head, a half, a quarter and an eighth of it.',
			}),
		arithmetic: choice(['exact', 'dmx-compatible'], {
			default: 'exact',
			help: 'Rounded once, or with the float32 rounding of d-Matrix’s library.',
		}),
		queryBits: optionalCount({
			unit: 'bits',
			min: 2,
			max: 25,
			help: 'Bits of a query’s mantissa, in blocks as large as the keys’: 8 is BFP16, the paper’s. Left out: queries are float32.',
		}),
		symmetric: flag({ default: true, help: 'The lowest mantissa, which has no positive counterpart, is not used.' }),
	})
	.prefault({});

const sort = z
	.strictObject({
		key: choice(SORT_KEYS, {
			default: 'auto',
			help: 'row-norm: the paper’s; folded: with the norm’s gain and biases; calibrated: over the keys themselves. auto: row-norm where there are weights.',
		}),
		order: choice(['free', 'pair', 'rising'], {
			default: 'free',
			help: 'Channels one by one (the paper’s), rotary pairs that stay side by side, or outliers first and then the quietest (ours).',
		}),
	})
	.prefault({});

const rotary = z
	.strictObject({
		convention: choice(['auto', 'halves', 'interleaved'], {
			default: 'auto',
			help: 'Which channels turn together: i and i + width / 2 (files at Hugging Face), or 2 i and 2 i + 1.',
		}),
		width: optionalCount({
			unit: 'channels',
			min: 0,
			max: 65_536,
			help: 'Channels that turn. Left out: by the config.json, else all of a model with rotary positions.',
		}),
		base: optionalQuantity({
			unit: '1',
			min: 1,
			max: 1e12,
			help: 'Base of the angles. Left out: by the config.json, else 10,000.',
		}),
	})
	.prefault({});

const sample = z
	.strictObject({
		tokens: count({ unit: 'tokens', min: 2, max: 65_536, default: 128, help: 'Keys of a head that errors are measured on.' }),
		queries: count({ unit: 'queries', min: 1, max: 4096, default: 16, help: 'Queries of each query head that look at them.' }),
		randomOrders: count({ unit: 'orders', min: 0, max: 1000, default: 100, help: 'Random orders to compare sorting with.' }),
	})
	.prefault({});

const generated = z
	.strictObject({
		headDim: count({ unit: 'channels', min: 4, max: 4096, default: 128, help: 'Channels of a head.' }),
		heads: count({ unit: 'heads', min: 1, max: 1000, default: 8, help: 'Heads to draw.' }),
		scaleSpread: quantity({ unit: '1', min: 0, max: 3, default: 0.3, help: 'Spread of the logarithm of channels’ scales.' }),
		outlierPairs: count({ unit: 'pairs', min: 0, max: 2048, default: 3, help: 'Rotary pairs of a head that are outliers.' }),
		outlierFactor: quantity({ unit: '1', min: 1, max: 1e4, default: 12, help: 'How much larger they are.' }),
		queries: choice(['quiet', 'flat'], {
			default: 'quiet',
			help: 'Queries that weigh all channels alike in the scores, or queries of one spread, which see the outliers alone.',
		}),
	})
	.prefault({});

const weights = z
	.strictObject({
		files: z
			.array(dataReference({ help: 'A shard, or a graph.', mediaTypes: ['application/octet-stream'] }))
			.max(1024)
			.default([])
			.meta({
				description: 'All .safetensors files of the model, with its config.json as model.config; or one .onnx file.',
			}),
		rewrite: flag({ default: true, help: 'Keep the rewritten files with the run.' }),
	})
	.prefault({});

const captured = z
	.strictObject({
		keys: tensor('Keys as .npy, .safetensors or text: [tokens, channels], [heads, tokens, channels] or with layers in front.'),
		queries: tensor('Queries of the same tokens, or of the last of them.'),
		values: tensor('Values, for the error of attention’s output. Left out: not measured.'),
		turned: flag({ default: true, help: 'Rotary embedding was applied before they were captured.' }),
	})
	.prefault({});

const trained = z
	.strictObject({
		text: dataReference({
			help: 'Text to train on. Left out: the README files of the packages installed beside this program.',
			mediaTypes: ['text/plain'],
		}).optional(),
		headDim: count({ unit: 'channels', min: 8, max: 256, default: 128, help: 'Channels of a head.' }),
		heads: count({ unit: 'heads', min: 1, max: 16, default: 1, help: 'Query heads.' }),
		keyValueHeads: count({ unit: 'heads', min: 1, max: 16, default: 1, help: 'Key heads, a divisor of the query heads.' }),
		layers: count({ unit: 'layers', min: 1, max: 12, default: 2, help: 'Layers.' }),
		steps: count({ unit: 'steps', min: 1, max: 100_000, default: 300, help: 'Steps of training, of 8 sequences of 128 tokens.' }),
		outlierPairs: count({
			unit: 'pairs',
			min: 0,
			max: 64,
			default: 3,
			help: 'Rotary pairs of each key head that are made outliers.',
		}),
		outlierFactor: choice(['1', '2', '4', '8', '16', '32', '64'], {
			default: '16',
			help: 'How much larger: key rows times this, query rows over it, which leaves the model’s function as it was. 1: none.',
		}),
		batches: count({ unit: 'batches', min: 1, max: 10_000, default: 8, help: 'Batches of held-out text for the perplexity.' }),
	})
	.prefault({});

export const inputs = z.strictObject({
	source: choice(SOURCES, {
		default: 'generated',
		help: 'Where keys come from: drawn with known outliers; your model’s weights; keys you captured; a small model trained now.',
	}),
	model: modelInput('llama-2-7b'),
	contextTokens: count({
		unit: 'tokens',
		min: 1,
		max: 100_000_000,
		default: 4096,
		help: 'Length of a sequence in the table of memory.',
	}),
	format,
	sort,
	rotary,
	sample,
	generated,
	weights,
	captured,
	trained,
});

export type Inputs = z.output<typeof inputs>;

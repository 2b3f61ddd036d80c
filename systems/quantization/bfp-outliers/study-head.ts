/** One head looked at closely: rivals, random orders, the keys themselves. */
import { mean, type Random, type RunContext, standardDeviation } from '@assay/contract';
import type { Conversions } from '@assay/numerics';
import { blockCodec } from './bfp/key-codec.ts';
import { rivalCodecs } from './bfp/rival-codecs.ts';
import { codecsOf, type KeyFormat, packKeys, storedQueries } from './heads/analyze-head.ts';
import { type HeadSample, headOrder } from './heads/head-sample.ts';
import { channelOrder, type HeadOrder } from './ksort/channel-order.ts';
import { groupingCost } from './ksort/grouping-cost.ts';
import { cachedKeys, channelErrors, keyErrors } from './metrics/key-errors.ts';
import type { Outputs } from './outputs.ts';

export interface Study {
	readonly format: KeyFormat;
	readonly queryBits: number | undefined;
	readonly blockSizes: readonly number[];
	/** The size that everything but the comparison of sizes is shown for. */
	readonly blockSize: number;
	readonly order: HeadOrder;
	readonly randomOrders: number;
}

/** Tokens in the heat map. */
const SHOWN_TOKENS = 24;

type Detail = NonNullable<Outputs['detail']>;
type Rival = Outputs['rivals'][number];

export async function studyHead(
	sample: HeadSample,
	study: Study,
	conversions: Conversions,
	context: Pick<RunContext, 'pause' | 'random'>,
): Promise<{ readonly detail: Detail; readonly rivals: Rival[]; readonly packed: Uint8Array }> {
	const rivals: Rival[] = [];
	const own = new Int32Array(sample.headDim).map((_, i) => i);
	const sorted = headOrder(sample, study.order);
	for (const [blockSize, codec] of codecsOf(study.format, study.queryBits, study.blockSizes, conversions)) {
		for (const [name, order] of [
			['unsorted', own],
			['K-sort', sorted],
			['outliers, then the quietest', channelOrder(sample.scores, sample.rotary, 'rising')],
		] as const) {
			const cached = cachedKeys(sample.keys, order, codec.keys);
			const { energyError, channelError, scoreError } = keyErrors(sample, cached, storedQueries(sample, order, codec));
			rivals.push({
				name,
				blockSize,
				bitsPerValue: codec.keys.bitsPerValue,
				energyError,
				channelError,
				spread: null,
				scoreError,
			});
		}
		if (study.randomOrders > 0) rivals.push(await randomOrders(sample, blockSize, study, conversions, context));
		if (study.format.mantissaBits <= 8) {
			for (const rival of rivalCodecs(sample.headDim, { mantissaBits: study.format.mantissaBits, blockSize }, conversions)) {
				// Rivals with blocks of their own appear once.
				const isSized = rival.name.includes('bfp');
				if (!isSized && rivals.some(({ name }) => name === rival.name)) continue;
				const queries = storedQueries(sample, own, codec);
				const { energyError, channelError, scoreError } = keyErrors(sample, cachedKeys(sample.keys, own, rival), queries);
				const { name, bitsPerValue } = rival;
				const shown = name.replace(/, bfp.*$/, '');
				rivals.push({
					name: shown,
					blockSize: isSized ? blockSize : null,
					bitsPerValue,
					energyError,
					channelError,
					spread: null,
					scoreError,
				});
				await context.pause();
			}
		}
	}
	const options = { ...study.format, blockSize: study.blockSize };
	const [unsortedKeys, sortedKeys] = [packKeys(sample, own, options), packKeys(sample, sorted, options)];
	const { mantissaBits } = study.format;
	const tokens = sample.keys.length / sample.headDim;
	return {
		rivals,
		packed: sortedKeys.bytes,
		detail: {
			layer: sample.layer,
			head: sample.head,
			scores: [...sample.scores],
			order: [...sorted],
			magnitudes: Array.from({ length: Math.min(SHOWN_TOKENS, tokens) }, (_, token) =>
				Array.from(sample.keys.subarray(token * sample.headDim, (token + 1) * sample.headDim), Math.abs),
			),
			exponents: exponentCounts(unsortedKeys.exponents, sortedKeys.exponents),
			groupingCostUnsorted: groupingCost(sample.scores, own, study.blockSize, mantissaBits),
			groupingCostSorted: groupingCost(sample.scores, sorted, study.blockSize, mantissaBits),
			packedBytes: sortedKeys.bytes.length,
			keyTokens: tokens,
		},
	};
}

async function randomOrders(
	sample: HeadSample,
	blockSize: number,
	{ format, randomOrders: count }: Study,
	conversions: Conversions,
	context: Pick<RunContext, 'pause' | 'random'>,
): Promise<Rival> {
	const codec = blockCodec({ ...format, blockSize }, conversions);
	const random: Random = context.random.fork(`orders of ${blockSize}`);
	const errors = [];
	for (let i = 0; i < count; i++) {
		const order = random.shuffle(new Int32Array(sample.headDim).map((_, channel) => channel));
		errors.push(channelErrors(sample.keys, cachedKeys(sample.keys, order, codec), sample.headDim));
		await context.pause();
	}
	const perChannel = errors.map(({ channelError }) => channelError);
	return {
		name: 'random orders',
		blockSize,
		bitsPerValue: codec.bitsPerValue,
		energyError: mean(errors.map(({ energyError }) => energyError)),
		channelError: mean(perChannel),
		spread: standardDeviation(perChannel),
		scoreError: null,
	};
}

/** Stored exponents, less their bias. */
function exponentCounts(unsorted: Uint8Array, sorted: Uint8Array): Detail['exponents'] {
	const counts = new Map<number, { unsorted: number; sorted: number }>();
	for (const [kind, exponents] of [
		['unsorted', unsorted],
		['sorted', sorted],
	] as const)
		for (const stored of exponents) {
			if (stored === 0) continue;
			const at = counts.get(stored - 127) ?? { unsorted: 0, sorted: 0 };
			at[kind]++;
			counts.set(stored - 127, at);
		}
	return [...counts].sort(([a], [b]) => a - b).map(([exponent, found]) => ({ exponent, ...found }));
}

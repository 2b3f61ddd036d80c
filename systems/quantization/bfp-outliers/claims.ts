/** What the paper says, measured again; and the bounds that this reproduction set itself. */
import { type Claim, type ClaimContext, createRandom, mean } from '@assay/contract';
import { Conversions } from '@assay/numerics';
import { blockCodec, type KeyCodec } from './bfp/key-codec.ts';
import { generateHead } from './heads/generated-heads.ts';
import { inputs } from './inputs.ts';
import { channelOrder } from './ksort/channel-order.ts';
import { permuteTable, type Rotary, rotaryTable, rotationOperations } from './ksort/rotary.ts';
import { rowBytes } from './memory/cache-plans.ts';
import { cachedKeys, channelErrors } from './metrics/key-errors.ts';
import type { Outputs } from './outputs.ts';
import { run } from './run.ts';

const HEAD = 128;
const rotary: Rotary = { width: HEAD, convention: 'halves', base: 10_000 };
const drawn = { headDim: HEAD, tokens: 192, scaleSpread: 0.3, outlierPairs: 3, outlierFactor: 12, queries: 'quiet' } as const;

/** Keys of `count` drawn heads, unsorted and sorted, as a cache of blocks of `blockSize` gives them back. */
async function eachDrawn(
	context: ClaimContext,
	count: number,
	blockSize: number,
	visit: (keys: Float32Array, unsorted: Float32Array, sorted: Float32Array) => void,
): Promise<void> {
	const codec = blockCodec({ mantissaBits: 4, blockSize }, await Conversions.create());
	for (let seed = 0; seed < count; seed++) {
		const size = { ...drawn, tokens: count > 100 ? 4 : drawn.tokens };
		const { keys, scores } = generateHead(size, rotary, createRandom(seed), { layer: 0, head: 0, queries: 1 });
		visit(
			keys,
			cachedKeys(keys, channelOrder(scores, rotary, 'none'), codec),
			cachedKeys(keys, channelOrder(scores, rotary, 'free'), codec),
		);
		await context.pause();
	}
}

/** Mean error per channel of 40 heads, unsorted over sorted. */
async function drawnGain(context: ClaimContext, blockSize: number): Promise<number> {
	const [before, after]: [number[], number[]] = [[], []];
	await eachDrawn(context, 40, blockSize, (keys, unsorted, sorted) => {
		before.push(channelErrors(keys, unsorted, HEAD).channelError);
		after.push(channelErrors(keys, sorted, HEAD).channelError);
	});
	return mean(before) / mean(after);
}

/** A model trained here on heads of 128 channels, as it is and with outliers 16 times larger. */
function trainedRun(context: ClaimContext): Promise<Outputs> {
	return context.once('trained', () =>
		run(inputs.parse({ source: 'trained', sample: { randomOrders: 0 } }), { ...context, progress: () => undefined }),
	);
}

/** What quantised keys add to the perplexity of float32 keys. */
function gap({ perplexity }: Outputs, factor: number, blockSize: number, order: string): number {
	const of = (size: number | null, kind: string): number => {
		const row = perplexity.find(
			(one) => (factor === 1) === (one.outlierFactor === 1) && one.blockSize === size && one.order === kind,
		);
		if (row === undefined) throw new Error(`no perplexity of blocks of ${size}, ${kind}`);
		return row.perplexity;
	};
	return of(blockSize, order) - of(null, 'none');
}

const abstract = 'abstract';
const text = 'results as told by a summary of the paper';
const recalled = 'table of Llama-2-7B on wikitext-2, as remembered';
const warning = 'From memory and not verified: neither the weights nor the text is at hand here. Shown for orientation only.';
const trainedComment =
	'A model of 2 layers with one head of 128 channels each, trained here in minutes, 3 rotary pairs made 16 times larger without changing its function. Sorted in descending order, the 26 channels that share the outliers’ block of 32 are the largest of the others, and vanish in 4 bits: they carry 53 and 60 % of the energy of the scores of this model’s two heads, 20 % in heads that are drawn. 2,000 steps in place of 300 do not change that (0.88). The paper’s model has other outliers, and 32 heads a layer. Outliers first and then the quietest channels, an addition of ours, is shown in the run.';

export const claims: readonly Claim[] = [
	{
		id: 'B1',
		says: 'Keys in BFP12 take about half of the memory of keys in BFP16.',
		published: { value: 2, unit: 'x', where: abstract },
		evidence: 'simulated',
		tolerance: { relative: 0.05, because: 'the paper says "about"; shared exponents take a few per cent of either format' },
		effort: 'seconds',
		measure: async () => rowBytes(HEAD, 8, 32) / rowBytes(HEAD, 4, 32),
		comment: 'With blocks of 32, exponents included. Values stay in BFP16, so the whole cache shrinks 1.3 times by this.',
	},
	{
		id: 'B2',
		says: 'With one block for a whole head sorting changes nothing: of 1,000 heads so many differ in any bit.',
		published: { value: 0, unit: 'heads', where: text },
		evidence: 'measured',
		tolerance: { absolute: 0.5, because: 'a head differs or it does not' },
		effort: 'seconds',
		measure: async (context) => {
			let different = 0;
			await eachDrawn(context, 1000, HEAD, (_, unsorted, sorted) => {
				const bits = (values: Float32Array) => new Uint32Array(values.buffer, values.byteOffset, values.length);
				const other = bits(sorted);
				if (bits(unsorted).some((word, i) => word !== other[i])) different++;
			});
			return different;
		},
	},
	...[64, 32].map(
		(blockSize): Claim => ({
			id: `B3-drawn-${blockSize}`,
			says: `In blocks of ${blockSize} of 128 channels sorting gains: mean error per channel unsorted over sorted, heads with known outliers.`,
			published: { value: 1, unit: 'x', where: text },
			evidence: 'simulated',
			tolerance: { bound: 'at least', because: 'the paper says that there is a gain and no more; 1 is none' },
			effort: 'seconds',
			measure: (context) => drawnGain(context, blockSize),
		}),
	),
	...[64, 32].map(
		(blockSize): Claim => ({
			id: `B3-trained-${blockSize}`,
			says: `In blocks of ${blockSize} of 128 channels sorting gains: what 4-bit keys add to a trained model’s perplexity, sorted over unsorted.`,
			published: { value: 1, unit: 'x', where: text },
			evidence: 'measured',
			tolerance: { bound: 'at most', because: 'the paper says that there is a gain and no more; 1 is none' },
			effort: 'minutes',
			measure: async (context) => {
				const found = await trainedRun(context);
				return gap(found, 16, blockSize, 'free') / gap(found, 16, blockSize, 'none');
			},
			comment: trainedComment,
		}),
	),
	{
		id: 'B3-third',
		says: 'In BFP12_32 sorting leaves at most a third of what 4-bit keys add to the perplexity of a model with known outliers.',
		published: { value: 1 / 3, unit: 'x', where: 'a bound set for this reproduction; B4’s figures have it at 0.09' },
		evidence: 'measured',
		tolerance: { bound: 'at most', because: 'set before measuring, well above what B4’s figures say' },
		effort: 'minutes',
		measure: async (context) => {
			const found = await trainedRun(context);
			return gap(found, 16, 32, 'free') / gap(found, 16, 32, 'none');
		},
		comment: trainedComment,
	},
	{
		id: 'B3-rising',
		says: 'An addition of ours: the same third, with outliers first and then the quietest channels.',
		published: { value: 1 / 3, unit: 'x', where: 'the bound of B3-third' },
		evidence: 'measured',
		tolerance: { bound: 'at most', because: 'the bound of B3-third, which was set before either order was measured' },
		effort: 'minutes',
		measure: async (context) => {
			const found = await trainedRun(context);
			return gap(found, 16, 32, 'rising') / gap(found, 16, 32, 'none');
		},
		comment:
			'The order was added after the descending one had been seen to fail on this model, so it may suit this model; it costs nothing more to try it on another.',
	},
	{
		id: 'B3-harmless',
		says: 'Without outliers sorting does no harm: perplexity with sorted keys in BFP12_32 above that with float32 keys.',
		published: { value: 1, unit: '%', where: 'a bound set for this reproduction' },
		evidence: 'measured',
		tolerance: { bound: 'at most', because: 'set before measuring: 1 % is what people accept from a quantised cache' },
		effort: 'minutes',
		measure: async (context) => {
			const found = await trainedRun(context);
			const exact = found.perplexity[0]?.perplexity ?? Number.NaN;
			return (100 * gap(found, 1, 32, 'free')) / exact;
		},
	},
	...(
		[
			['fp16 keys', 9.4881],
			['BFP12_128 keys, unsorted and sorted', 10.0861],
			['BFP12_64 keys, unsorted', 9.9999],
			['BFP12_64 keys, sorted', 9.6061],
			['BFP12_32 keys, unsorted', 9.83],
			['BFP12_32 keys, sorted', 9.5196],
		] as const
	).map(
		([keys, value], index): Claim => ({
			id: `B4-${index + 1}`,
			says: `Perplexity of Llama-2-7B on wikitext-2 with ${keys}.`,
			published: { value, unit: 'perplexity', where: recalled },
			evidence: 'quoted',
			comment: warning,
		}),
	),
	{
		id: 'B5',
		says: 'Sorting adds no latency: multiplications and additions of turning a key, sorted less unsorted, most of 40 heads.',
		published: { value: 0, unit: 'operations', where: abstract },
		evidence: 'measured',
		tolerance: { absolute: 0.5, because: 'operations are counted' },
		effort: 'seconds',
		measure: async ({ pause }) => {
			const table = rotaryTable(HEAD, rotary);
			let most = 0;
			for (let seed = 0; seed < 40; seed++) {
				const { scores } = generateHead({ ...drawn, tokens: 1 }, rotary, createRandom(seed), { layer: 0, head: 0, queries: 1 });
				const sorted = permuteTable(table, channelOrder(scores, rotary, 'free'));
				most = Math.max(most, rotationOperations(sorted) - rotationOperations(table));
				await pause();
			}
			return most;
		},
		comment:
			'With tables permuted beforehand. Each head then has tables of its own, which take memory and cache; without a runtime that takes them, keys and queries are gathered, which does cost.',
	},
	{
		id: 'dmx',
		says: 'The arithmetic of d-Matrix’s library differs from rounding once, so many of 10^7 normal values in BFP12_32.',
		published: { value: 1e-4, unit: '1', where: 'a bound set for this reproduction, from the double rounding' },
		evidence: 'measured',
		tolerance: { bound: 'at most', because: 'double rounding meets a tie in about one of 10^5 values' },
		effort: 'minutes',
		measure: async ({ pause, random }) => {
			const conversions = await Conversions.create();
			const codecs: KeyCodec[] = (['exact', 'dmx-compatible'] as const).map((arithmetic) =>
				blockCodec({ mantissaBits: 4, blockSize: 32, arithmetic }, conversions),
			);
			const source = random.fork('dmx');
			const [pieces, length] = [1000, 10_000 - (10_000 % 32)];
			let different = 0;
			for (let piece = 0; piece < pieces; piece++) {
				const values = Float32Array.from({ length }, () => source.normal());
				const [exact, dmx] = codecs.map((codec) => {
					const out = new Float32Array(length);
					codec.quantize(values, out);
					return out;
				});
				for (let i = 0; i < length; i++) if (exact?.[i] !== dmx?.[i]) different++;
				await pause();
			}
			return different / (pieces * length);
		},
	},
];

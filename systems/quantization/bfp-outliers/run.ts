/** A run: heads of any source, analysed one by one, then decided on. */
import { mean, type RunContext } from '@assay/contract';
import { kvCacheBytes } from '@assay/models';
import { Conversions } from '@assay/numerics';
import { answerOf, betterOrder, keptBySharing, layerVerdicts } from './answer.ts';
import { checkBlocks } from './bfp/key-codec.ts';
import { isUnsafe, isWorthIt, sortingGain, suggestedBlock, WORTH_RATIO } from './decision.ts';
import { analyzeHead, codecsOf, type HeadCodecs, type KeyFormat, type SizedErrors } from './heads/analyze-head.ts';
import { type HeadSample, headOrder } from './heads/head-sample.ts';
import type { KeySource } from './heads/key-source.ts';
import { openSource, readSubject } from './heads/open-source.ts';
import { perplexities } from './heads/perplexities.ts';
import type { Inputs } from './inputs.ts';
import { type ChannelOrder, channelOrder, HEAD_ORDERS, type HeadOrder } from './ksort/channel-order.ts';
import { blocksWithOutliers, outlierRatio } from './ksort/channel-scores.ts';
import { permuteTable, rotaryTable, rotationOperations } from './ksort/rotary.ts';
import { cachePlans } from './memory/cache-plans.ts';
import type { KeyErrors } from './metrics/key-errors.ts';
import type { Outputs } from './outputs.ts';
import { studyHead } from './study-head.ts';
import { keepRewritten } from './weights/keep-rewritten.ts';

interface Found {
	readonly row: Outputs['heads'][number];
	readonly errors: readonly SizedErrors[];
}

export async function run(inputs: Inputs, context: RunContext): Promise<Outputs> {
	context.progress(0, 'reading');
	await context.pause();
	const conversions = await Conversions.create();
	await context.pause();
	const { model, shape } = await readSubject(inputs, context);
	// Before a long training, what can be refused is.
	if (inputs.source === 'generated' || inputs.source === 'trained') sizesFor(inputs, inputs[inputs.source].headDim);
	const source = await openSource(inputs, model.name, shape, context);
	const blockSizes = sizesFor(inputs, source.headDim);
	const blockSize = chosenSize(blockSizes, source.headDim);
	const ownOrder = orderOf(inputs, source);
	const order: HeadOrder = source.isOrderShared === true ? 'shared' : ownOrder;
	const { mantissaBits, arithmetic, symmetric } = inputs.format;
	const format: KeyFormat = { mantissaBits, arithmetic, isSymmetric: symmetric };
	const codecs = codecsOf(format, inputs.format.queryBits, blockSizes, conversions);
	const began = source.trained === undefined ? 0.02 : 0.85;

	const measured: Outputs['perplexity'] = [];
	if (source.trained !== undefined) {
		measured.push(...(await perplexities(source, 1, ownOrder, codecs, inputs, context)));
		source.trained.inject();
		const factor = Number(inputs.trained.outlierFactor);
		context.progress(0.8, 'perplexity');
		if (factor > 1) measured.push(...(await perplexities(source, factor, ownOrder, codecs, inputs, context)));
	}

	const found: Found[] = [];
	let closest: { readonly sample: HeadSample; readonly gain: number } | undefined;
	const last = 0.9;
	await source.each(async (sample) => {
		const errors = await analyzeHead(sample, codecs, context.pause);
		const row = headRow(sample, errors, blockSize, order);
		found.push({ row, errors });
		if (closest === undefined || row.gain > closest.gain) closest = { sample, gain: row.gain };
		const done = found.length / Math.max(found.length, source.keyHeads);
		context.progress(began + done * (last - began), `head ${found.length} of ${source.keyHeads}`);
	});
	found.sort((a, b) => a.row.layer - b.row.layer || a.row.head - b.row.head);

	context.progress(last, 'rivals');
	const study =
		closest === undefined
			? undefined
			: await studyHead(
					closest.sample,
					{ format, queryBits: inputs.format.queryBits, blockSizes, blockSize, order, randomOrders: inputs.sample.randomOrders },
					conversions,
					context,
				);
	const files: Outputs['files'] = [];
	if (study !== undefined) {
		await context.artifact('keys.bfp', study.packed, 'application/octet-stream');
		files.push({ name: 'keys.bfp', bytes: study.packed.length, says: 'The keys of one head as a cache holds them, sorted.' });
	}
	if (source.weights !== undefined) files.push(...(await keepRewritten(source, order, inputs.weights, context)));

	const heads = found.map(({ row }) => row);
	const unsafe = heads.filter((head) => head.isUnsafe).length;
	const {
		name: cacheName,
		headDim: cacheDim,
		bytesPerToken: sixteenToken,
	} = source.ownCache ?? {
		name: model.name,
		headDim: shape.headDim,
		bytesPerToken: kvCacheBytes(model, 1, 'fp16'),
	};
	const memoryBlock = chosenSize(sizesFor(inputs, cacheDim, true), cacheDim);
	const sixteen =
		source.ownCache === undefined
			? kvCacheBytes(model, inputs.contextTokens, 'fp16')
			: inputs.contextTokens * source.ownCache.bytesPerToken;
	const memory = cachePlans(cacheDim, mantissaBits, memoryBlock, heads.length === 0 ? 0 : unsafe / heads.length).map((plan) => {
		const share = (plan.keyBytes + plan.valueBytes) / (4 * cacheDim);
		return {
			plan: plan.name,
			bitsPerValue: 16 * share,
			bytesPerToken: sixteenToken * share,
			cacheBytes: sixteen * share,
			overSixteenBits: 1 / share,
		};
	});
	const table = rotaryTable(source.headDim, source.rotary);
	const sortedTable = study === undefined ? table : permuteTable(table, Int32Array.from(study.detail.order));
	const outputs: Outputs = {
		answer: '',
		subject: {
			name: source.name,
			headDim: source.headDim,
			layers: source.layers,
			keyHeads: heads.length,
			rotaryWidth: source.rotary.width,
			sortedBy: source.sortedBy,
			inputs: source.inputs,
		},
		format: { mantissaBits, order, blockSize, queryBits: inputs.format.queryBits ?? null },
		isWorthIt: isWorthIt(heads),
		gainingHeads: heads.filter(({ gain }) => gain > WORTH_RATIO).length,
		unsafeHeads: unsafe,
		worstScoreError: Math.max(0, ...heads.map(({ sorted }) => sorted.scoreError)),
		heads,
		bySize: bySize(found, codecs),
		layers: layerVerdicts(heads, mantissaBits, blockSize),
		rivals: study?.rivals ?? [],
		memory,
		perplexity: measured,
		detail: study?.detail ?? null,
		files,
		rotation: { operationsBefore: rotationOperations(table), operationsAfter: rotationOperations(sortedTable) },
		notes: [],
	};
	const remark = order === 'shared' ? keptBySharing(outputs) : betterOrder(outputs);
	await context.pause();
	context.progress(1, 'done');
	return { ...outputs, answer: answerOf(outputs, cacheName), notes: [...(remark === null ? [] : [remark]), ...source.notes] };
}

/** The user's sizes, checked; or the head, a half, a quarter and an eighth of it. For another model's head, those that fit it. */
function sizesFor({ format }: Inputs, headDim: number, lenient = false): number[] {
	const given = [...new Set(format.blockSizes)];
	if (given.length === 0 || (lenient && !given.some((size) => headDim % size === 0)))
		return [1, 2, 4, 8].map((part) => headDim / part).filter((size) => Number.isInteger(size) && size > 1);
	if (lenient) return given.filter((size) => headDim % size === 0);
	for (const [index, size] of given.entries()) checkBlocks(headDim, size, ['format', 'blockSizes', index]);
	return given.sort((a, b) => b - a);
}

/** The suggested size, or of the user's the largest below it. */
function chosenSize(sizes: readonly number[], headDim: number): number {
	const wanted = suggestedBlock(headDim);
	const below = sizes.filter((size) => size <= wanted);
	return below.length > 0 ? Math.max(...below) : Math.min(...sizes);
}

/** Pairs where there are none are channels one by one. Raises an InputError for an odd number of pairs. */
function orderOf({ sort }: Inputs, { rotary, headDim, isOrderShared }: KeySource): ChannelOrder {
	if (isOrderShared === true) return 'free';
	if (sort.order !== 'pair') return sort.order;
	if (rotary.width === 0) return 'free';
	channelOrder(new Float64Array(headDim), rotary, 'pair');
	return 'pair';
}

function headRow(sample: HeadSample, errors: readonly SizedErrors[], blockSize: number, order: HeadOrder): Found['row'] {
	const of = (kind: HeadOrder): KeyErrors => {
		const one = errors.find((each) => each.blockSize === blockSize && each.order === kind);
		if (one === undefined) throw new Error(`no errors of blocks of ${blockSize}, ${kind}`);
		return one.errors;
	};
	const change = { unsorted: of('none'), sorted: of(order) };
	const channels = (kind: HeadOrder) => headOrder(sample, kind);
	return {
		layer: sample.layer,
		head: sample.head,
		outlierRatio: outlierRatio(sample.scores),
		blocksBefore: blocksWithOutliers(sample.scores, channels('none'), blockSize),
		blocksAfter: blocksWithOutliers(sample.scores, channels(order), blockSize),
		...change,
		gain: sortingGain(change),
		isUnsafe: isUnsafe(change),
	};
}

function bySize(found: readonly Found[], codecs: ReadonlyMap<number, HeadCodecs>): Outputs['bySize'] {
	const rows: Outputs['bySize'] = [];
	for (const [blockSize, codec] of codecs)
		for (const order of HEAD_ORDERS) {
			const errors = found.flatMap((head) => head.errors.filter((one) => one.blockSize === blockSize && one.order === order));
			if (errors.length === 0) continue;
			const of = (key: keyof KeyErrors): number[] => errors.flatMap(({ errors: one }) => one[key] ?? []);
			rows.push({
				blockSize,
				order,
				bitsPerValue: codec.keys.bitsPerValue,
				mean: {
					energyError: mean(of('energyError')),
					channelError: mean(of('channelError')),
					scoreError: mean(of('scoreError')),
					totalVariation: mean(of('totalVariation')),
					outputError: of('outputError').length === 0 ? null : mean(of('outputError')),
				},
				worstScoreError: Math.max(...of('scoreError')),
			});
		}
	return rows;
}

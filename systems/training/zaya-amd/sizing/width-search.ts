/**
 * Other widths with about as many parameters, or operations, that the device runs faster. Widths are enumerated around the model's own in steps
 * that rules allow; each candidate is timed product by product like the model itself.
 */
import { attentionKind, type TransformerModel } from '@assay/models';
import type { ZayaConfig } from '../architecture/zaya-config.ts';
import type { DeviceRates } from '../device/device-rates.ts';
import { type DeviceBatch, productTimes } from './product-times.ts';
import { type SizedModel, sizedTransformer, sizedZaya } from './sized-model.ts';

/** What the widths are searched for. */
export type SearchModel =
	| { readonly kind: 'transformer'; readonly model: TransformerModel }
	| { readonly kind: 'zaya'; readonly config: ZayaConfig };

/** A shape, and how fast it is. */
export interface WidthCandidate {
	readonly layers: number;
	readonly hidden: number;
	readonly heads: number;
	readonly kvHeads: number;
	readonly headDim: number;
	readonly feedForward: number;
	readonly experts: number | null;
	readonly activeExperts: number | null;
	readonly totalParameters: number;
	readonly activeParameters: number;
	readonly flopsPerToken: number;
	/** Matrix products and attention, forward and backward, per token on one device. */
	readonly trainingSecondsPerToken: number;
	/** Reading weights and cache for one token of one sequence at half the context. */
	readonly decodeSecondsPerToken: number;
	/** Operations per second over what the device achieves at best. */
	readonly efficiency: number;
}

export interface WidthSearchOptions {
	readonly budget: 'parameters' | 'operations';
	/** How far the budget may be missed, as a share. */
	readonly tolerance: number;
	readonly batch: DeviceBatch;
	readonly rates: DeviceRates;
	readonly attentionShare: number;
	readonly keep: number;
	readonly pause: () => Promise<void>;
}

export interface WidthSearch {
	readonly own: WidthCandidate;
	/** By training time over the budget used, the fastest first: a shape does not win by being smaller. */
	readonly best: readonly WidthCandidate[];
	readonly tried: number;
	readonly withinBudget: number;
}

/** Searches widths. The budget is parameters, in all and met by a token, or training operations per token. */
export async function searchWidths(model: SearchModel, options: WidthSearchOptions): Promise<WidthSearch> {
	const own = evaluate(model, options);
	const of = ({ totalParameters, flopsPerToken }: WidthCandidate): number =>
		options.budget === 'parameters' ? totalParameters : flopsPerToken;
	const candidates: WidthCandidate[] = [];
	let tried = 0;
	for (const varied of variations(model)) {
		tried++;
		if ((tried & 31) === 0) await options.pause();
		const sized = sizedOf(varied);
		const budget =
			options.budget === 'parameters' ? sized.parameters.total : sized.trainingFlopsPerToken(options.batch.sequenceTokens);
		if (Math.abs(budget / of(own) - 1) > options.tolerance) continue;
		// With experts, equal parameters in all can be much or little work: what a token meets is held as well.
		const active = sized.parameters.activePerToken / own.activeParameters;
		if (options.budget === 'parameters' && Math.abs(active - 1) > options.tolerance) continue;
		candidates.push(evaluate(varied, options));
	}
	const withinBudget = candidates.length;
	const cost = (one: WidthCandidate): number => one.trainingSecondsPerToken / of(one);
	candidates.sort((a, b) => cost(a) - cost(b) || a.decodeSecondsPerToken - b.decodeSecondsPerToken);
	return { own, best: candidates.slice(0, options.keep), tried, withinBudget };
}

/** Times one shape. */
export function evaluate(
	model: SearchModel,
	options: Omit<WidthSearchOptions, 'budget' | 'tolerance' | 'keep' | 'pause'>,
): WidthCandidate {
	const sized = sizedOf(model);
	const { batch, rates } = options;
	const products = productTimes(sized, batch, rates).reduce((sum, { totalSeconds }) => sum + totalSeconds, 0);
	const attention = attentionSeconds(sized, batch, rates, options.attentionShare);
	const flopsPerToken = sized.trainingFlopsPerToken(batch.sequenceTokens);
	const seconds = (products + attention) / batch.tokens;
	const decodeBytes = 2 * sized.parameters.activePerToken + (sized.cacheBytesPerToken * batch.sequenceTokens) / 2;
	return {
		layers: sized.layers,
		hidden: sized.hidden,
		heads: sized.heads,
		kvHeads: sized.kvHeads,
		headDim: sized.headDim,
		feedForward: sized.experts?.width ?? sized.products.find(({ name }) => name === 'feed-forward out')?.inputs ?? 0,
		experts: sized.experts?.count ?? null,
		activeExperts: sized.experts?.activePerToken ?? null,
		totalParameters: sized.parameters.total,
		activeParameters: sized.parameters.activePerToken,
		flopsPerToken,
		trainingSecondsPerToken: seconds,
		decodeSecondsPerToken: decodeBytes / batch.tensorParallel / rates.streamBytesPerSecond,
		efficiency: flopsPerToken / batch.tensorParallel / seconds / rates.achievableFlopsPerSecond,
	};
}

/** Forward and backward of scores and weighted values over the causal half, at a share of the achievable rate. */
export function attentionSeconds(model: SizedModel, batch: DeviceBatch, rates: DeviceRates, share: number): number {
	const flops = (3 * model.attentionFlopsPerPair * batch.tokens * (batch.sequenceTokens / 2)) / batch.tensorParallel;
	return flops / (share * rates.achievableFlopsPerSecond);
}

function sizedOf(model: SearchModel): SizedModel {
	return model.kind === 'zaya' ? sizedZaya(model.config) : sizedTransformer(model.model);
}

/** Shapes around a model: hidden widths in steps of 128, layers, inner widths, heads and experts near its own. */
function* variations(model: SearchModel): Generator<SearchModel> {
	if (model.kind === 'zaya') {
		const { config } = model;
		for (const hidden of steps(config.hidden, 128)) {
			for (const layers of near(config.layers)) {
				for (const expertWidth of steps(config.expertWidth, 128)) {
					for (const experts of expertCounts(config.experts)) {
						yield { kind: 'zaya', config: { ...config, hidden, layers, expertWidth, experts } };
					}
				}
			}
		}
		return;
	}
	const base = model.model;
	const { attention, experts } = base;
	for (const hidden of steps(base.hidden, 128)) {
		for (const layers of near(base.layers)) {
			for (const shaped of attentions(attention, hidden, base.hidden)) {
				const outer = { ...base, hidden, layers, attention: shaped, embeddingWidth: base.embeddingWidth };
				if (experts === null) {
					for (const width of steps(base.feedForward.width, 256)) {
						yield { kind: 'transformer', model: { ...outer, feedForward: { ...base.feedForward, width } } };
					}
					continue;
				}
				for (const width of steps(experts.width, 128)) {
					for (const count of expertCounts(experts.count)) {
						if (count < experts.activePerToken) continue;
						yield {
							kind: 'transformer',
							model: {
								...outer,
								experts: { ...experts, width, count, denseLayers: experts.denseLayers.filter((layer) => layer < layers) },
							},
						};
					}
				}
			}
		}
	}
}

/** Attention with heads of 128, as many as the width holds, and the same share of key-value heads; latent attention stays. */
function attentions(
	attention: TransformerModel['attention'],
	hidden: number,
	ownHidden: number,
): TransformerModel['attention'][] {
	if (attention.kind === 'latent') return [attention];
	const heads = Math.max(1, Math.round((attention.heads * attention.headDim * hidden) / ownHidden / 128));
	const ratio = attention.heads / attention.kvHeads;
	const kvHeads = Math.max(1, Math.round(heads / ratio));
	const rounded = kvHeads * Math.max(1, Math.round(heads / kvHeads));
	return [{ ...attention, kind: attentionKind(rounded, kvHeads), heads: rounded, kvHeads, headDim: 128, slidingWindow: null }];
}

/** Multiples of a step within a quarter of a width, at most a dozen. */
function steps(width: number, step: number): number[] {
	const stride = step * Math.max(1, Math.round(width / 2 / 12 / step));
	const found: number[] = [];
	for (let at = Math.ceil((0.75 * width) / stride) * stride; at <= 1.25 * width; at += stride) found.push(at);
	return [...new Set([...found, width])];
}

function near(layers: number): number[] {
	const stride = Math.max(1, Math.round(layers / 16));
	return [-3, -2, -1, 0, 1, 2, 3].map((i) => layers + i * stride).filter((count) => count >= 1);
}

function expertCounts(count: number): number[] {
	return [...new Set([Math.max(1, count / 2), count, count * 2].map(Math.round))];
}

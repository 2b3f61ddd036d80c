/**
 * What one tensor-parallel rank does in the forward pass of one layer for one micro-batch: matrix products, and bytes that
 * everything else streams through memory. Bytes are counted operation by operation: each element read or written once per kernel.
 */
import { expertLayers, type TransformerModel } from '@assay/models';
import type { Product } from './compute-rates.ts';
import { elementBytes, type Setting, type TrainingJob } from './training-job.ts';

/** Products and traffic of one forward pass. */
export interface Work {
	readonly products: readonly Product[];
	readonly streamedBytes: number;
	/** Kernels beside the products. */
	readonly kernels: number;
}

/** One layer's forward pass on one rank. */
export interface LayerWork {
	/** Projections, feed-forward or experts, norms, dropouts, residuals. */
	readonly linear: Work;
	/** Queries with keys, softmax, scores with values: what selective recomputation repeats. */
	readonly attention: Work;
	/** Bytes of the tensor that tensor-parallel ranks reduce after attention and after the feed-forward. */
	readonly reducedBytes: number;
	/** Bytes that expert-parallel ranks exchange on the way to the experts, and again on the way back; 0 without. */
	readonly exchangedBytes: number;
}

const product = (m: number, n: number, k: number, batch = 1, calls = 1): Product => ({ m, n, k, batch, calls, onChip: false });

/** Work of the mean layer: where only some layers have experts, dense and expert layers by their shares. */
export function layerWork(
	job: TrainingJob,
	setting: Pick<Setting, 'tensorParallel' | 'expertParallel' | 'microBatch'>,
): LayerWork {
	const { model, sequenceTokens, precision, dropout } = job;
	const { tensorParallel: t } = setting;
	const { hidden } = model;
	const bytes = elementBytes(precision);
	const tokens = sequenceTokens * setting.microBatch;
	const expertShare = expertLayers(model) / model.layers;

	// Norms read and write. Then bias, dropout (with its mask) and residual, twice: in one kernel, or in one each.
	const wholeTokens = job.sequenceParallel ? tokens / t : tokens;
	const mask = dropout ? 1 : 0;
	const fused = job.kernels !== 'unfused';
	const residual = fused ? 3 * bytes + mask : 2 * bytes + (dropout ? 2 * bytes + mask : 0) + 3 * bytes;
	const elementwise = wholeTokens * hidden * (model.norms.perLayer * 2 * bytes + 2 * residual);
	const { products, activationBytes } = feedForward(job, setting, tokens, expertShare);
	return {
		linear: {
			products: [...projections(model, tokens, t), ...products],
			streamedBytes: elementwise + activationBytes,
			kernels: fused ? 6 : 16,
		},
		attention: attentionCore(job, setting, tokens),
		reducedBytes: tokens * hidden * bytes,
		exchangedBytes:
			setting.expertParallel > 1 && model.experts !== null
				? expertShare * model.experts.activePerToken * wholeTokens * hidden * bytes
				: 0,
	};
}

/** Work of the output head and the loss, on the last stage. */
export function headWork(job: TrainingJob, setting: Pick<Setting, 'tensorParallel' | 'microBatch'>): Work {
	const { model, precision } = job;
	const tokens = job.sequenceTokens * setting.microBatch;
	if (model.outputHead === 'pooler') {
		return { products: [product(setting.microBatch, model.hidden, model.hidden)], streamedBytes: 0, kernels: 1 };
	}
	const columns = Math.ceil(model.vocabulary / setting.tensorParallel);
	// Logits are written, turned into fp32 (read, write), and normalised (read, write).
	const perLogit = 2 * elementBytes(precision) + 4 + 8;
	return {
		products: [product(tokens, columns, model.embeddingWidth ?? model.hidden)],
		streamedBytes: tokens * columns * perLogit,
		kernels: 4,
	};
}

function projections(model: TransformerModel, tokens: number, t: number): Product[] {
	const { hidden, attention } = model;
	if (attention.kind !== 'latent') {
		const { heads, kvHeads, headDim } = attention;
		return [product(tokens, ((heads + 2 * kvHeads) * headDim) / t, hidden), product(tokens, hidden, (heads * headDim) / t)];
	}
	const { heads, kvRank, queryRank, nopeHeadDim, ropeHeadDim, valueHeadDim } = attention;
	const queryWidth = (heads * (nopeHeadDim + ropeHeadDim)) / t;
	const queries =
		queryRank === null
			? [product(tokens, queryWidth, hidden)]
			: [product(tokens, queryRank, hidden), product(tokens, queryWidth, queryRank)];
	return [
		...queries,
		product(tokens, kvRank + ropeHeadDim, hidden),
		product(tokens, (heads * (nopeHeadDim + valueHeadDim)) / t, kvRank),
		product(tokens, hidden, (heads * valueHeadDim) / t),
	];
}

/** Bytes per score that the kernels between the two products stream (forward), scores in 16 bits. */
function streamedBytesPerScore(job: TrainingJob): number {
	// Dropout reads, writes and writes a mask of one byte.
	const dropout = job.dropout ? 5 : 0;
	// One fused kernel reads and writes.
	if (job.kernels === 'fused') return 4 + dropout;
	// Scaled in 16 bits (4), widened (6), masked (8) and normalised (8) in 32, narrowed (6): each step reads and writes.
	return 32 + dropout;
}

function attentionCore(job: TrainingJob, setting: Pick<Setting, 'tensorParallel' | 'microBatch'>, tokens: number): Work {
	const { model, sequenceTokens, precision } = job;
	const { attention } = model;
	const batch = (setting.microBatch * attention.heads) / setting.tensorParallel;
	const keyWidth = attention.kind === 'latent' ? attention.nopeHeadDim + attention.ropeHeadDim : attention.headDim;
	const valueWidth = attention.kind === 'latent' ? attention.valueHeadDim : attention.headDim;
	const window = attention.kind === 'latent' ? null : attention.slidingWindow;
	if (job.kernels !== 'flash') {
		const scale = elementBytes(precision) / 2;
		return {
			products: [
				product(sequenceTokens, sequenceTokens, keyWidth, batch),
				product(sequenceTokens, valueWidth, sequenceTokens, batch),
			],
			streamedBytes: batch * sequenceTokens ** 2 * streamedBytesPerScore(job) * scale,
			kernels: job.kernels === 'fused' ? 2 : 6,
		};
	}
	// Fused kernels compute the lower triangle only, and of a window only its band.
	const full = model.causal ? (sequenceTokens + 1) / 2 : sequenceTokens;
	const windowShare = window === null ? 0 : window.layers / model.layers;
	const band = Math.min(full, window?.tokens ?? full);
	const keys = (1 - windowShare) * full + windowShare * band;
	return {
		products: [product(sequenceTokens, keys, keyWidth, batch), product(sequenceTokens, valueWidth, keys, batch)].map((one) => ({
			...one,
			onChip: true,
		})),
		streamedBytes: (tokens * 2 * (keyWidth + valueWidth) * attention.heads * elementBytes(precision)) / setting.tensorParallel,
		kernels: 1,
	};
}

function feedForward(
	job: TrainingJob,
	setting: Pick<Setting, 'tensorParallel' | 'expertParallel'>,
	tokens: number,
	expertShare: number,
): { products: Product[]; activationBytes: number } {
	const { model } = job;
	const { tensorParallel: t, expertParallel: ep } = setting;
	const bytes = elementBytes(job.precision);
	const gated = model.feedForward.kind === 'gated';
	const block = (rows: number, width: number, calls: number): Product[] =>
		rows <= 0 || calls <= 0
			? []
			: [product(rows, ((gated ? 2 : 1) * width) / t, model.hidden, 1, calls), product(rows, model.hidden, width / t, 1, calls)];
	// The activation reads one or two of the widths and writes one; a bias takes a kernel of its own unless fused.
	const passes = (gated ? 3 : 2) + (job.kernels === 'unfused' && model.feedForward.bias ? 2 : 0);
	const activated = (rows: number, width: number): number => (rows * width * passes * bytes) / t;
	const dense = 1 - expertShare;
	const products = dense > 0 ? block(tokens, model.feedForward.width, dense) : [];
	let activationBytes = dense * activated(tokens, model.feedForward.width);
	const { experts } = model;
	if (experts !== null && expertShare > 0) {
		const visits = tokens * experts.activePerToken;
		const local = experts.count / ep;
		products.push(product(tokens, experts.count, model.hidden, 1, expertShare));
		products.push(...block((visits * ep) / experts.count, experts.width, expertShare * local));
		activationBytes += expertShare * activated(visits, experts.width);
		// Tokens are gathered by expert and scattered back.
		activationBytes += expertShare * visits * model.hidden * 4 * bytes;
		if (experts.shared !== null) {
			products.push(...block(tokens, experts.shared.width, expertShare * experts.shared.count));
			activationBytes += expertShare * activated(tokens, experts.shared.count * experts.shared.width);
		}
	}
	return { products, activationBytes };
}

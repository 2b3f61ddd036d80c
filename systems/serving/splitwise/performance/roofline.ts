/**
 * Iteration times where nobody has profiled: the larger of arithmetic and memory time at fixed shares of the peaks, plus a
 * fixed cost per layer. The three constants were set by eye to the published medians of BLOOM-176B and Llama2-70B on both
 * DGX machines, which they meet within a factor of 1.6; they are an estimate and labelled as one wherever they are used.
 */
import { decodeBytes, decodeFlops, prefillFlops, type TransformerModel, weightBytesRead } from '@assay/models';
import type { PhaseProfile } from './phase-curves.ts';

/** Share of the peak arithmetic that prompts reach. */
const computeShare = 0.45;
/** Share of the memory bandwidth that token generation reaches. */
const bandwidthShare = 0.8;
/** Launches and all-reduces of one layer under tensor parallelism, s. */
const secondsPerLayer = 0.35e-3;

const knots = [1, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768];

/** Peaks of all GPUs of one machine together. */
export interface MachinePeak {
	readonly flopsPerSecond: number;
	readonly bytesPerSecond: number;
}

/** Estimated curves. `contextTokens` is the context that a generating request attends to on average. */
export function rooflineProfile(model: TransformerModel, peak: MachinePeak, contextTokens: number): PhaseProfile {
	const flops = peak.flopsPerSecond * computeShare;
	const bytes = peak.bytesPerSecond * bandwidthShare;
	const fixed = model.layers * secondsPerLayer;
	const context = Math.max(1, Math.round(contextTokens));
	return {
		batchTokens: knots,
		promptSeconds: knots.map(
			(tokens) => fixed + Math.max(prefillFlops(model, tokens) / flops, weightBytesRead(model, tokens) / bytes),
		),
		tokenSeconds: knots.map(
			(tokens) =>
				fixed + Math.max((tokens * decodeFlops(model, context)) / flops, decodeBytes(model, context, tokens).totalBytes / bytes),
		),
	};
}

/** Generates traces: random gaps between arrivals, lengths drawn independently from a trace or from stated distributions. */
import type { Random } from '@assay/contract';
import { drawLength, type WorkloadLengths } from './length-distribution.ts';
import type { RequestTrace } from './request-trace.ts';

export interface GeneratorOptions {
	/** Mean arrival rate, requests per second. */
	readonly requestsPerSecond: number;
	/** Arrivals stop at this time. */
	readonly durationSeconds: number;
	/**
	 * Shape of the gamma-distributed gaps. 1 gives exponential gaps (a Poisson process), as the published generator has; below 1
	 * arrivals come in bursts. Bursts are Assay's addition, not the paper's.
	 */
	readonly burstShape: number;
	/** Where lengths come from: a trace (prompt and output drawn independently, with replacement) or distributions. */
	readonly lengths: RequestTrace | WorkloadLengths;
}

/** A generated trace; the first arrival is after time 0. */
export function generateTrace(options: GeneratorOptions, random: Random): RequestTrace {
	const { requestsPerSecond, durationSeconds, burstShape, lengths } = options;
	const gaps = random.fork('gaps');
	const draws = random.fork('lengths');
	const arrivals: number[] = [];
	const mean = 1 / requestsPerSecond;
	const nextGap = () => (burstShape === 1 ? gaps.exponential(mean) : gaps.gamma(burstShape, mean / burstShape));
	for (let time = nextGap(); time < durationSeconds; time += nextGap()) arrivals.push(time);
	const promptTokens = new Int32Array(arrivals.length);
	const outputTokens = new Int32Array(arrivals.length);
	for (let i = 0; i < arrivals.length; i++) {
		if ('arrivalSeconds' in lengths) {
			promptTokens[i] = lengths.promptTokens[draws.integer(lengths.promptTokens.length)] as number;
			outputTokens[i] = lengths.outputTokens[draws.integer(lengths.outputTokens.length)] as number;
		} else {
			promptTokens[i] = drawLength(lengths.prompt, draws);
			outputTokens[i] = drawLength(lengths.output, draws);
		}
	}
	return { arrivalSeconds: Float64Array.from(arrivals), promptTokens, outputTokens, identifiers: undefined };
}

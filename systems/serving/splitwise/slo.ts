/**
 * Latencies of requests, their slowdowns against an uncontended reference machine, and the nine service-level objectives
 * (three latencies by three percentiles) that a cluster must all meet.
 */
import { quantileSorted } from '@assay/contract';
import type { PhaseCurves } from './performance/phase-curves.ts';
import type { RequestTable } from './request-table.ts';

export const latencyNames = ['ttft', 'tbt', 'e2e'] as const;
export type LatencyName = (typeof latencyNames)[number];
export const percentileNames = ['p50', 'p90', 'p99'] as const;
export type PercentileName = (typeof percentileNames)[number];
const share: Readonly<Record<PercentileName, number>> = { p50: 0.5, p90: 0.9, p99: 0.99 };

/** Slowdowns that a cluster must stay below. */
export type Objectives = Readonly<Record<LatencyName, Readonly<Record<PercentileName, number>>>>;

/** The paper's nine objectives. */
export const publishedObjectives: Objectives = {
	ttft: { p50: 2, p90: 3, p99: 6 },
	tbt: { p50: 1.25, p90: 1.5, p99: 5 },
	e2e: { p50: 1.25, p90: 1.5, p99: 5 },
};

/** Time to the first token, s. NaN if there was none. */
export function ttftSeconds(requests: RequestTable, request: number): number {
	return (requests.promptEnd[request] as number) - (requests.arrivalSeconds[request] as number);
}

/** Arrival to last token, s. */
export function e2eSeconds(requests: RequestTable, request: number): number {
	return (requests.end[request] as number) - (requests.arrivalSeconds[request] as number);
}

/** Mean time between tokens, s: (E2E - TTFT) / T, divided by T and not T - 1 as in the published simulator. */
export function tbtSeconds(requests: RequestTable, request: number): number {
	return (e2eSeconds(requests, request) - ttftSeconds(requests, request)) / (requests.outputTokens[request] as number);
}

/** Arrival to the start of the prompt, s. */
export function queueSeconds(requests: RequestTable, request: number): number {
	return (requests.promptStart[request] as number) - (requests.arrivalSeconds[request] as number);
}

/** Latencies on the reference machine with nothing else to do. */
export interface Reference {
	readonly curves: PhaseCurves;
	/**
	 * The published simulator looks the reference time between tokens up at the prompt's length instead of at one token. True does the
	 * same, false looks at one token.
	 */
	readonly tbtAtPromptLength: boolean;
}

export function referenceSeconds(reference: Reference, promptTokens: number, outputTokens: number): Record<LatencyName, number> {
	const ttft = reference.curves.promptSeconds(promptTokens);
	const tbt = reference.curves.tokenSeconds(reference.tbtAtPromptLength ? promptTokens : 1);
	return { ttft, tbt, e2e: ttft + tbt * (outputTokens - 1) };
}

/** Slowdowns of all requests by latency; a request that was turned away or never ended is infinitely slow. */
export function slowdowns(requests: RequestTable, reference: Reference): Record<LatencyName, Float64Array> {
	const columns = {
		ttft: new Float64Array(requests.count),
		tbt: new Float64Array(requests.count),
		e2e: new Float64Array(requests.count),
	};
	for (let request = 0; request < requests.count; request++) {
		const base = referenceSeconds(reference, requests.promptTokens[request] as number, requests.outputTokens[request] as number);
		const ended = !Number.isNaN(requests.end[request] as number);
		columns.ttft[request] = ended ? ttftSeconds(requests, request) / base.ttft : Number.POSITIVE_INFINITY;
		columns.tbt[request] = ended ? tbtSeconds(requests, request) / base.tbt : Number.POSITIVE_INFINITY;
		columns.e2e[request] = ended ? e2eSeconds(requests, request) / base.e2e : Number.POSITIVE_INFINITY;
	}
	return columns;
}

/** One objective and what was found. A quantile among requests that never ended is infinite. */
export interface ObjectiveResult {
	readonly latency: LatencyName;
	readonly percentile: PercentileName;
	readonly slowdown: number;
	readonly limit: number;
	readonly met: boolean;
}

/** All nine objectives, by linear interpolation between order statistics. */
export function checkObjectives(columns: Readonly<Record<LatencyName, Float64Array>>, objectives: Objectives): ObjectiveResult[] {
	return latencyNames.flatMap((latency) => {
		const sorted = columns[latency].slice().sort();
		return percentileNames.map((percentile) => {
			const found = quantileSorted(sorted, share[percentile]);
			// Between two infinite order statistics the interpolation has no value; the quantile is infinite.
			const slowdown = Number.isNaN(found) && sorted.length > 0 ? Number.POSITIVE_INFINITY : found;
			const limit = objectives[latency][percentile];
			return { latency, percentile, slowdown, limit, met: slowdown < limit };
		});
	});
}

/**
 * Watches a running simulation and knows as soon as an objective is lost: when so many requests have reached its limit that
 * the quantile of the whole trace must too, whatever the others do. Its verdict is that of the whole run.
 */
export class ObjectiveWatch {
	private readonly requests: RequestTable;
	private readonly reference: Reference;
	private readonly limits: { readonly latency: LatencyName; readonly limit: number; left: number }[];

	constructor(requests: RequestTable, reference: Reference, objectives: Objectives) {
		this.requests = requests;
		this.reference = reference;
		const count = requests.count;
		this.limits = latencyNames.flatMap((latency) =>
			percentileNames.map((percentile) => ({
				latency,
				limit: objectives[latency][percentile],
				left: count - Math.floor(share[percentile] * (count - 1)),
			})),
		);
	}

	/** A first token is out. True if an objective is now lost. */
	firstToken(request: number): boolean {
		const base = this.reference.curves.promptSeconds(this.requests.promptTokens[request] as number);
		return this.count('ttft', ttftSeconds(this.requests, request) / base);
	}

	/** A request has ended. True if an objective is now lost. */
	end(request: number): boolean {
		const { requests } = this;
		const base = referenceSeconds(
			this.reference,
			requests.promptTokens[request] as number,
			requests.outputTokens[request] as number,
		);
		const tbt = this.count('tbt', tbtSeconds(requests, request) / base.tbt);
		return this.count('e2e', e2eSeconds(requests, request) / base.e2e) || tbt;
	}

	private count(latency: LatencyName, slowdown: number): boolean {
		let lost = false;
		for (const one of this.limits) {
			if (one.latency === latency && slowdown >= one.limit && --one.left <= 0) lost = true;
		}
		return lost;
	}
}

/** What was in, computed and out when, for charts. */
export const LANES = ['in', 'state in', 'compute', 'out', 'update'] as const;

export interface Span {
	/** `state in` is on the same engine as `in`; `update` is the host's optimizer. */
	readonly lane: (typeof LANES)[number];
	readonly unit: number;
	readonly start: number;
	readonly end: number;
}

/** Keeps spans up to a number, or none. */
export class SpanLog {
	readonly spans: Span[] = [];
	private readonly limit: number;

	constructor(limit: number) {
		this.limit = limit;
	}

	add(lane: Span['lane'], unit: number, start: number, end: number): void {
		if (this.spans.length < this.limit && end > start) this.spans.push({ lane, unit, start, end });
	}
}

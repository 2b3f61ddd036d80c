/** What is noted while a model runs. */
import type { ExecuteAnswer } from './job.ts';
import type { UnitStream } from './unit-stream.ts';

/** Times and memory of a run. Measuring starts after the first pass. */
export class RunLog {
	keepSpans = false;
	sessionMillis = 0;
	/** Resident set once sessions without weights were there; 0 where there are none. */
	sessionBytes = 0;
	stream: UnitStream | undefined;
	private readonly partMillis: number[][];
	private readonly samples: { seconds: number; bytes: number }[] = [];
	private readonly spans: ExecuteAnswer['spans'] = [];
	private startMillis = performance.now();
	private spansFrom = 0;

	constructor(parts: number) {
		this.partMillis = Array.from({ length: parts }, () => []);
	}

	start(): void {
		this.startMillis = performance.now();
		this.sessionMillis = 0;
		for (const one of this.partMillis) one.length = 0;
		if (this.stream === undefined) return;
		this.stream.waitMillis = 0;
		this.stream.bytesRead = 0;
		this.stream.unitsRead = 0;
	}

	async compute<T>(part: number, unit: number | null, work: () => Promise<T>): Promise<T> {
		const before = performance.now();
		if (this.keepSpans && this.spans.length === 0) this.spansFrom = before;
		const result = await work();
		const after = performance.now();
		this.partMillis[part]?.push(after - before);
		if (this.keepSpans) this.spans.push(this.span('compute', unit ?? -1, before, after));
		this.sample();
		return result;
	}

	sample(): void {
		this.samples.push({ seconds: (performance.now() - this.startMillis) / 1000, bytes: process.memoryUsage.rss() });
	}

	figures(): Omit<ExecuteAnswer, 'bareBytes' | 'peakBytes' | 'passSeconds' | 'hashes'> {
		const transfers = (this.stream?.transfers ?? [])
			.filter(({ endMillis }) => endMillis > this.spansFrom)
			.map(({ unit, startMillis, endMillis }) => this.span('in', unit, Math.max(startMillis, this.spansFrom), endMillis));
		return {
			partSeconds: this.partMillis.every(({ length }) => length > 0) ? this.partMillis.map((one) => median(one) / 1000) : [],
			waitSeconds: (this.stream?.waitMillis ?? 0) / 1000,
			sessionSeconds: this.sessionMillis / 1000,
			sessionBytes: this.sessionBytes,
			bytesRead: this.stream?.bytesRead ?? 0,
			unitsRead: this.stream?.unitsRead ?? 0,
			resident: this.samples.filter(({ seconds }) => seconds >= 0),
			spans: this.keepSpans ? [...this.spans, ...transfers] : [],
		};
	}

	private span(lane: 'in' | 'compute', unit: number, start: number, end: number): ExecuteAnswer['spans'][number] {
		return { lane, unit, start: (start - this.spansFrom) / 1000, end: (end - this.spansFrom) / 1000 };
	}
}

function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

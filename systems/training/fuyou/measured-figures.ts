/** Figures out of measured steps. */
import { createHash } from 'node:crypto';
import { quantileSorted, sortedCopy } from '@assay/contract';
import type { TrainedRun } from './outputs.ts';
import type { Span } from './trainer/lane.ts';

/** Median and least of all but the first; of the first where it is the only one, and 0 where there was none. */
export function times(seconds: readonly number[]): { medianSeconds: number; fastestSeconds: number } {
	const counted = sortedCopy(seconds.length > 1 ? seconds.slice(1) : seconds);
	if (counted.length === 0) return { medianSeconds: 0, fastestSeconds: 0 };
	return { medianSeconds: quantileSorted(counted, 0.5), fastestSeconds: counted[0] ?? 0 };
}

/** SHA-256 of the parameters' bytes. */
export function digest(parameters: Float32Array): string {
	return createHash('sha256')
		.update(new Uint8Array(parameters.buffer, parameters.byteOffset, parameters.byteLength))
		.digest('hex');
}

/** Spans with times from the first one's start. */
export function timelineOf(spans: readonly Span[]): TrainedRun['timeline'] {
	const start = Math.min(...spans.map(({ startMillis }) => startMillis));
	return spans.map(({ lane, kind, startMillis, endMillis }) => ({
		lane,
		kind,
		startSeconds: (startMillis - start) / 1000,
		endSeconds: (endMillis - start) / 1000,
	}));
}

/** Time by server and kind of work. */
export function busyOf(spans: readonly Span[]): TrainedRun['busy'] {
	const sums = new Map<string, { lane: string; kind: string; seconds: number }>();
	for (const { lane, kind, startMillis, endMillis } of spans) {
		const sum = sums.get(`${lane}/${kind}`) ?? { lane, kind, seconds: 0 };
		sum.seconds += (endMillis - startMillis) / 1000;
		sums.set(`${lane}/${kind}`, sum);
	}
	return [...sums.values()];
}

/**
 * What happened when: spans (something busy from one time to another, on a track) and counters (a level that changes).
 * Both are columns of numbers, so that recording costs a few stores per row and a Gantt chart or a time line reads them
 * without conversion.
 */
import { Integers, Reals } from './columns.ts';

/** Spans on tracks: a Gantt chart's rows. */
export class Spans {
	readonly track = new Integers();
	/** What kind of work filled the span; the simulation's own numbering. */
	readonly kind = new Integers();
	readonly start = new Reals();
	readonly end = new Reals();
	/** A size the span carries (batch size, bytes, ...). */
	readonly value = new Reals();

	get length(): number {
		return this.track.length;
	}

	record(track: number, kind: number, start: number, end: number, value: number): void {
		this.track.push(track);
		this.kind.push(kind);
		this.start.push(start);
		this.end.push(end);
		this.value.push(value);
	}
}

/** A level over time: constant between changes. */
export class Level {
	readonly time = new Reals();
	readonly value = new Reals();
	private last = Number.NaN;

	/** Notes the level from this time on; a level that did not change takes no row. */
	record(time: number, value: number): void {
		if (value === this.last) return;
		this.last = value;
		this.time.push(time);
		this.value.push(value);
	}

	/** Mean level over [start, end), weighted by time; the level before the first record counts as 0. */
	average(start: number, end: number): number {
		if (!(end > start)) return Number.NaN;
		const times = this.time.view();
		const values = this.value.view();
		let area = 0;
		for (let i = 0; i < times.length; i++) {
			const from = Math.max(start, times[i] as number);
			const to = Math.min(end, i + 1 < times.length ? (times[i + 1] as number) : end);
			if (to > from) area += (to - from) * (values[i] as number);
		}
		return area / (end - start);
	}
}

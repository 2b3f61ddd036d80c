/**
 * Jobs on serial lanes with dependencies: GPU streams, copy engines, a drive, a CPU that runs the optimizer.
 *
 * A job starts when everything it waits for has ended and its lane is free. A lane serves jobs first come first served by
 * the time they became ready, ties in the order they were added. A pool of n buffers needs no notion of its own: the job that
 * takes its i-th buffer waits for the job that gives back the (i - n)-th. A strict order on a lane is a dependency as well.
 */
import { Integers, Reals } from './columns.ts';
import { EventQueue } from './event-queue.ts';

/** The lane of a job that takes no lane: it ends as soon as what it waits for has ended, plus its duration. */
export const noLane = -1;

/** When everything happened, by job number. */
export interface Schedule {
	readonly startSeconds: Float64Array;
	readonly endSeconds: Float64Array;
	/** End of the last job; 0 without jobs. */
	readonly makespanSeconds: number;
	/** Time each lane worked. */
	readonly busySeconds: Float64Array;
}

export class TaskGraph {
	readonly lanes: readonly string[];
	/** Lane of each job. */
	readonly lane = new Integers();
	/** The caller's own kind of each job, for reports. */
	readonly kind = new Integers();
	private readonly seconds = new Reals();
	private readonly before = new Integers();
	private readonly after = new Integers();

	/** `lanes` are names; jobs refer to them by position. */
	constructor(lanes: readonly string[]) {
		this.lanes = lanes;
	}

	/** Number of jobs. */
	get length(): number {
		return this.lane.length;
	}

	/** Adds a job and returns its number. `after` are jobs that must have ended, numbers of jobs added already. */
	add(lane: number, seconds: number, after: readonly number[] = [], kind = 0): number {
		if (!(seconds >= 0 && seconds < Number.POSITIVE_INFINITY)) throw new RangeError(`a job cannot take ${seconds} s`);
		if (!Number.isInteger(lane) || lane < noLane || lane >= this.lanes.length) throw new RangeError(`there is no lane ${lane}`);
		const job = this.lane.length;
		this.lane.push(lane);
		this.kind.push(kind);
		this.seconds.push(seconds);
		for (const earlier of after) this.require(job, earlier);
		return job;
	}

	/** Lets `job` wait for the end of `earlier`, both added already. */
	require(job: number, earlier: number): void {
		if (!this.has(job) || !this.has(earlier)) throw new RangeError(`no jobs ${job} and ${earlier} among ${this.length}`);
		this.before.push(earlier);
		this.after.push(job);
	}

	/** Runs all jobs; O((jobs + dependencies) log jobs). Raises a RangeError if jobs wait for each other. */
	run(): Schedule {
		const jobs = this.length;
		const seconds = this.seconds.view();
		const laneOf = this.lane.view();
		const { first, followers, waitsFor } = this.adjacency();
		const startSeconds = new Float64Array(jobs);
		const endSeconds = new Float64Array(jobs);
		const busySeconds = new Float64Array(this.lanes.length);
		const laneBusy = new Uint8Array(this.lanes.length);
		const waiting = this.lanes.map(() => new ReadyQueue());
		const events = new EventQueue(this.lanes.length + 16);
		let ended = 0;

		const start = (job: number): void => {
			startSeconds[job] = events.now;
			events.schedule(seconds[job] as number, 0, job);
		};
		const ready = (job: number): void => {
			const lane = laneOf[job] as number;
			if (lane === noLane) start(job);
			else (waiting[lane] as ReadyQueue).add(job, events.now);
		};
		/** Gives free lanes their next job, once all jobs that become ready at this instant have queued up. */
		const serve = (): void => {
			for (let lane = 0; lane < laneBusy.length; lane++) {
				if (laneBusy[lane] === 1) continue;
				const job = (waiting[lane] as ReadyQueue).take();
				if (job < 0) continue;
				laneBusy[lane] = 1;
				busySeconds[lane] = (busySeconds[lane] as number) + (seconds[job] as number);
				start(job);
			}
		};

		for (let job = 0; job < jobs; job++) if (waitsFor[job] === 0) ready(job);
		serve();
		while (events.advance()) {
			const job = events.payload;
			endSeconds[job] = events.now;
			ended++;
			const lane = laneOf[job] as number;
			if (lane !== noLane) laneBusy[lane] = 0;
			for (let i = first[job] as number; i < (first[job + 1] as number); i++) {
				const next = followers[i] as number;
				waitsFor[next] = (waitsFor[next] as number) - 1;
				if (waitsFor[next] === 0) ready(next);
			}
			if (events.nextTime > events.now) serve();
		}
		if (ended < jobs) throw new RangeError(`${jobs - ended} of ${jobs} jobs wait for each other`);
		return { startSeconds, endSeconds, makespanSeconds: events.now, busySeconds };
	}

	private has(job: number): boolean {
		return Number.isInteger(job) && job >= 0 && job < this.length;
	}

	/** Followers of each job, row by row, and how many jobs each one waits for. */
	private adjacency(): { first: Int32Array; followers: Int32Array; waitsFor: Int32Array } {
		const before = this.before.view();
		const after = this.after.view();
		const first = new Int32Array(this.length + 1);
		const waitsFor = new Int32Array(this.length);
		for (let i = 0; i < before.length; i++) {
			const row = (before[i] as number) + 1;
			first[row] = (first[row] as number) + 1;
			const job = after[i] as number;
			waitsFor[job] = (waitsFor[job] as number) + 1;
		}
		for (let job = 0; job < this.length; job++) first[job + 1] = (first[job + 1] as number) + (first[job] as number);
		const next = first.slice(0, this.length);
		const followers = new Int32Array(before.length);
		for (let i = 0; i < before.length; i++) {
			const job = before[i] as number;
			const place = next[job] as number;
			followers[place] = after[i] as number;
			next[job] = place + 1;
		}
		return { first, followers, waitsFor };
	}
}

/** Jobs that wait for a lane: by the time they became ready, then by number. */
class ReadyQueue {
	private readonly job = new Integers();
	private readonly time = new Reals();
	private head = 0;

	/** Times never fall from call to call, so only jobs of the same instant may have to change places. */
	add(job: number, time: number): void {
		this.job.push(job);
		this.time.push(time);
		const jobs = this.job.view();
		const times = this.time.view();
		let place = jobs.length - 1;
		while (place > this.head && times[place - 1] === time && (jobs[place - 1] as number) > job) {
			jobs[place] = jobs[place - 1] as number;
			place--;
		}
		jobs[place] = job;
	}

	/** The next job, or -1. */
	take(): number {
		return this.head < this.job.length ? (this.job.view()[this.head++] as number) : -1;
	}
}

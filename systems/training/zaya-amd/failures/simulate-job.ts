/**
 * A training job that fails, saves and starts again, event by event.
 *
 * The job is always in one state (working, saving, waiting for a write in the background, starting, waiting for a node) that ends by itself at
 * a known time or is cut short by the next failure. Work counts as useful when a save that holds it is complete, or the end is
 * reached; what a failure takes back is done again. Failures of each class come with independent gaps, whatever the job is doing.
 */
import type { Random } from '@assay/contract';
import type { FailureClass } from './failure-classes.ts';
import { type DetectionRule, detectSlowSteps, stepThreshold } from './straggler-detector.ts';

/** How a job saves. Seconds. */
export interface SavePolicy {
	/** Useful work between saves. */
	readonly intervalSeconds: number;
	/** Time the job stands still for a save: all of it, or the copy to host memory where the write goes on behind. */
	readonly blockingSeconds: number;
	/** Write behind the job's back; the save counts when it ends, and the next waits for it. 0: none. */
	readonly backgroundSeconds: number;
	/** Copies on the nodes themselves, in between; null: none. */
	readonly local: { readonly intervalSeconds: number; readonly blockingSeconds: number } | null;
}

/** What is done about a node that is lost. */
export type ResponsePolicy =
	/** A replacement is there by the time the job starts again. */
	| { readonly kind: 'restart' }
	/** Nodes kept in reserve: swapping one in takes time, and when none is left the job waits for a repair. */
	| { readonly kind: 'spares'; readonly spares: number; readonly swapSeconds: number; readonly repairSeconds: number }
	/** Data parallelism shrinks by the node, and grows again at the first start after the repair. */
	| { readonly kind: 'shrink'; readonly repairSeconds: number };

export interface Job {
	readonly nodes: number;
	readonly classes: readonly FailureClass[];
	readonly save: SavePolicy;
	readonly response: ResponsePolicy;
	/** Detecting a failure, rescheduling, reloading. */
	readonly restartSeconds: number;
	/** Slow nodes are found by step times and excluded; null: nobody looks. */
	readonly detection: (DetectionRule & { readonly stepSeconds: number; readonly stepNoise: number }) | null;
}

export const JOB_STATES = ['working', 'slow', 'saving', 'waiting for a write', 'starting', 'waiting for a node'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** A stretch of a job's time. */
export interface JobSpan {
	readonly state: JobState;
	readonly startSeconds: number;
	readonly endSeconds: number;
}

export interface JobRun {
	/** Useful work over wall-clock time, work at full speed counting one second a second. */
	readonly goodput: number;
	readonly usefulSeconds: number;
	readonly wallSeconds: number;
	/** Work that was done again. */
	readonly lostSeconds: number;
	readonly stateSeconds: Readonly<Record<JobState, number>>;
	readonly failures: number;
	readonly saves: number;
	readonly exclusions: number;
	/** The beginning of the run, up to `recordSeconds`. */
	readonly spans: readonly JobSpan[];
}

export interface RunOptions {
	readonly wallSeconds: number;
	readonly random: Random;
	readonly pause: () => Promise<void>;
	/** Spans are kept this far. */
	readonly recordSeconds?: number;
}

/** Simulates a job for so long. */
export async function simulateJob(job: Job, options: RunOptions): Promise<JobRun> {
	const run = new JobSimulation(job, options);
	for (let step = 0; run.advance(); step++) if ((step & 4095) === 4095) await options.pause();
	return run.result();
}

const maxSpans = 4000;
/** A slow node that was not found in so many steps is not found. */
const mostWatchedSteps = 5000;
/** Stretches shorter than this share of what is recorded are drawn as what came before. */
const shortestSpanShare = 1 / 20_000;

class JobSimulation {
	private readonly job: Job;
	private readonly random: Random;
	private readonly end: number;
	private readonly record: number;
	private readonly gaps: Random[];
	private readonly nextFailure: Float64Array;
	private readonly gapScale: Float64Array;

	private now = 0;
	private work = 0;
	/** Work held by complete saves: remote, and on the nodes. */
	private durable = 0;
	private local = 0;
	/** Work in the write behind, and when it ends; NaN: none. */
	private pendingWork = 0;
	private pendingEnd = Number.NaN;
	private sinceSave = 0;
	private sinceLocal = 0;
	/** When a slow node heals or is excluded. */
	private slowUntil = Number.POSITIVE_INFINITY;
	private slowdown = 1;
	private excludeAt = Number.POSITIVE_INFINITY;
	private repairs: number[] = [];
	private missing = 0;
	/** The job is down and has to be started. */
	private down = false;

	private lost = 0;
	private failures = 0;
	private saves = 0;
	private exclusions = 0;
	private readonly stateSeconds: Record<JobState, number> = {
		working: 0,
		slow: 0,
		saving: 0,
		'waiting for a write': 0,
		starting: 0,
		'waiting for a node': 0,
	};
	private readonly spans: JobSpan[] = [];

	constructor(job: Job, options: RunOptions) {
		this.job = job;
		this.random = options.random;
		this.end = options.wallSeconds;
		this.record = options.recordSeconds ?? 0;
		this.gaps = job.classes.map(({ name }, i) => options.random.fork(`${i}:${name}`));
		this.gapScale = Float64Array.from(
			job.classes,
			({ nodeMtbfHours, weibullShape }) => (nodeMtbfHours * 3600) / job.nodes / gammaOfOnePlus(1 / weibullShape),
		);
		this.nextFailure = Float64Array.from(job.classes, (_, i) => this.gap(i));
	}

	/** One stretch of work with what ends it, or one attempt to start; false at the end. */
	advance(): boolean {
		if (this.now >= this.end) return false;
		if (this.down) {
			this.start();
			return true;
		}
		const { save } = this.job;
		const speed = this.speed();
		const untilSave = (save.intervalSeconds - this.sinceSave) / speed;
		const untilLocal = save.local === null ? Number.POSITIVE_INFINITY : (save.local.intervalSeconds - this.sinceLocal) / speed;
		const dueSave = this.now + Math.max(0, untilSave);
		const dueLocal = this.now + Math.max(0, untilLocal);
		const failure = this.soonestFailure();
		const failureAt = this.nextFailure[failure] ?? Number.POSITIVE_INFINITY;
		const next = Math.min(dueSave, dueLocal, failureAt, this.slowUntil, this.excludeAt, this.end);
		this.workUntil(next, speed);
		if (next === this.end) return false;
		if (next === failureAt) this.fail(failure);
		else if (next === this.excludeAt) this.exclude();
		else if (next === this.slowUntil) this.heal();
		else if (next === dueSave) this.saveRemotely();
		else this.saveLocally();
		return true;
	}

	result(): JobRun {
		const useful = this.work;
		return {
			goodput: this.now === 0 ? 0 : useful / this.now,
			usefulSeconds: useful,
			wallSeconds: this.now,
			lostSeconds: this.lost,
			stateSeconds: this.stateSeconds,
			failures: this.failures,
			saves: this.saves,
			exclusions: this.exclusions,
			spans: this.spans,
		};
	}

	private speed(): number {
		return (1 - this.missing / this.job.nodes) / this.slowdown;
	}

	private gap(i: number): number {
		const shape = this.job.classes[i]?.weibullShape ?? 1;
		const exponential = (this.gaps[i] as Random).exponential(1);
		return (this.gapScale[i] as number) * (shape === 1 ? exponential : exponential ** (1 / shape));
	}

	private soonestFailure(): number {
		let soonest = -1;
		for (let i = 0; i < this.nextFailure.length; i++) {
			if (soonest < 0 || (this.nextFailure[i] as number) < (this.nextFailure[soonest] as number)) soonest = i;
		}
		return soonest;
	}

	private workUntil(next: number, speed: number): void {
		const done = (next - this.now) * speed;
		this.work += done;
		this.sinceSave += done;
		this.sinceLocal += done;
		this.spend(this.slowdown > 1 ? 'slow' : 'working', next);
	}

	/** Lets time pass in a state; writes behind the job's back complete on the way. */
	private spend(state: JobState, until: number): void {
		const to = Math.min(until, this.end);
		if (to > this.now) {
			this.stateSeconds[state] += to - this.now;
			const last = this.spans.at(-1);
			if (this.now < this.record) {
				const joins = last?.state === state || to - this.now < this.record * shortestSpanShare;
				if (last?.endSeconds === this.now && joins) this.spans[this.spans.length - 1] = { ...last, endSeconds: to };
				else if (this.spans.length < maxSpans) this.spans.push({ state, startSeconds: this.now, endSeconds: to });
			}
			this.now = to;
		}
		if (this.pendingEnd <= this.now) {
			this.durable = this.pendingWork;
			this.pendingEnd = Number.NaN;
		}
	}

	/** Stays in a state for so long unless a failure that stops the job comes first, or the end; true if it went through. */
	private hold(state: JobState, seconds: number): boolean {
		const until = this.now + seconds;
		for (;;) {
			const failure = this.soonestFailure();
			const at = this.nextFailure[failure] ?? Number.POSITIVE_INFINITY;
			if (at >= until || at >= this.end) {
				this.spend(state, until);
				return this.now >= until;
			}
			this.spend(state, at);
			if (this.fail(failure)) return false;
		}
	}

	private saveRemotely(): void {
		const { save } = this.job;
		if (!Number.isNaN(this.pendingEnd) && !this.hold('waiting for a write', this.pendingEnd - this.now)) return;
		const held = this.work;
		if (!this.hold('saving', save.blockingSeconds)) return;
		this.saves++;
		this.sinceSave = 0;
		this.sinceLocal = 0;
		if (save.backgroundSeconds > 0) {
			this.pendingWork = held;
			this.pendingEnd = this.now + save.backgroundSeconds;
			this.local = Math.max(this.local, save.local === null ? 0 : held);
		} else {
			this.durable = held;
			this.local = held;
		}
	}

	private saveLocally(): void {
		const held = this.work;
		if (!this.hold('saving', this.job.save.local?.blockingSeconds ?? 0)) return;
		this.local = held;
		this.sinceLocal = 0;
	}

	/** A failure of a class happens now; true if it stopped the job. */
	private fail(i: number): boolean {
		const failure = this.job.classes[i] as FailureClass;
		this.nextFailure[i] = this.now + this.gap(i);
		this.failures++;
		if (failure.effect === 'slow') {
			this.slow(failure);
			return false;
		}
		const kept = this.random.uniform() < failure.localShare ? Math.max(this.local, this.durable) : this.durable;
		this.rollBack(kept);
		if (failure.replaceNode) this.loseNode();
		this.down = true;
		return true;
	}

	private rollBack(kept: number): void {
		this.lost += this.work - kept;
		this.work = kept;
		this.local = Math.min(this.local, kept);
		this.durable = Math.min(this.durable, kept);
		this.sinceSave = this.work - this.durable;
		this.sinceLocal = 0;
		this.pendingEnd = Number.NaN;
		this.heal();
	}

	/** An attempt to start: it takes its time without a failure, or has to be made again. */
	private start(): void {
		if (this.job.response.kind === 'shrink') {
			const back = this.repairs.filter((at) => at <= this.now).length;
			this.repairs = this.repairs.filter((at) => at > this.now);
			this.missing = Math.max(0, this.missing - back);
		}
		this.down = false;
		this.hold('starting', this.job.restartSeconds);
	}

	/** Time in which the job does not run, so that nothing of it can fail. */
	private idle(state: JobState, until: number): void {
		this.spend(state, until);
		for (let i = 0; i < this.nextFailure.length; i++) {
			if ((this.nextFailure[i] as number) <= this.now) this.nextFailure[i] = this.now + this.gap(i);
		}
	}

	private loseNode(): void {
		const { response } = this.job;
		if (response.kind === 'restart') return;
		this.repairs.push(this.now + response.repairSeconds);
		if (response.kind === 'shrink') {
			this.missing = Math.min(this.job.nodes - 1, this.missing + 1);
			return;
		}
		this.repairs = this.repairs.filter((at) => at > this.now).sort((a, b) => a - b);
		// Nodes out at repair beyond the spares are missing from the job until the first come back.
		const short = this.repairs.length - response.spares;
		if (short > 0) this.idle('waiting for a node', this.repairs[short - 1] as number);
		this.idle('starting', this.now + response.swapSeconds);
	}

	private slow(failure: FailureClass): void {
		if (failure.slowdown <= this.slowdown) return;
		this.slowdown = failure.slowdown;
		this.slowUntil = this.now + failure.lastsHours * 3600;
		this.excludeAt = this.now + this.detectionSeconds(failure.slowdown, failure.lastsHours * 3600);
	}

	/** When step times show it: real steps with noise through the detector. */
	private detectionSeconds(slowdown: number, lasts: number): number {
		const { detection } = this.job;
		if (detection === null) return Number.POSITIVE_INFINITY;
		const { random } = this;
		const noisy = (mean: number): number => mean * (1 + detection.stepNoise * random.normal());
		const threshold = stepThreshold(
			Float64Array.from({ length: detection.windowSteps }, () => noisy(1)),
			detection,
		);
		const steps = Math.ceil(lasts / detection.stepSeconds / slowdown) + 1;
		const slowSteps = function* () {
			for (let step = 0; step < Math.min(steps, mostWatchedSteps); step++) yield noisy(slowdown);
		};
		const found = detectSlowSteps(slowSteps(), threshold, detection);
		return found < 0 ? Number.POSITIVE_INFINITY : (found + 1) * slowdown * detection.stepSeconds;
	}

	private heal(): void {
		this.slowdown = 1;
		this.slowUntil = Number.POSITIVE_INFINITY;
		this.excludeAt = Number.POSITIVE_INFINITY;
	}

	/** The slow node is left out: save, then start without it. */
	private exclude(): void {
		this.exclusions++;
		this.excludeAt = Number.POSITIVE_INFINITY;
		this.saveRemotely();
		if (this.down) return;
		if (!Number.isNaN(this.pendingEnd) && !this.hold('waiting for a write', this.pendingEnd - this.now)) return;
		this.heal();
		this.loseNode();
		this.down = true;
	}
}

/** Γ(1 + x) for x from 0 to 20: Stirling's series after shifting. */
function gammaOfOnePlus(x: number): number {
	let z = x + 1;
	let shift = 1;
	while (z < 12) {
		shift *= z;
		z++;
	}
	const series = 1 / (12 * z) - 1 / (360 * z ** 3) + 1 / (1260 * z ** 5);
	return Math.exp((z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series) / shift;
}

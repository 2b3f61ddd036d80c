/**
 * Closures and processes over the event queue, for simulations whose events are few enough to be objects.
 *
 * A process is a generator: it yields how long it waits (a number), or something to wait for (a `Waitable`: a resource's
 * grant, a signal), and goes on when that time has passed or that thing has happened.
 */
import { type EventHandle, EventQueue } from './event-queue.ts';

/** Something that happens later: calls `resume` exactly once. */
export type Waitable = (resume: () => void) => void;

/** A process: yields delays and waitables until it is done. */
export type Process = Generator<number | Waitable, void, void>;

export class Simulation {
	private readonly queue: EventQueue;
	private readonly actions: ((() => void) | undefined)[] = [];
	private readonly free: number[] = [];
	private readonly actionOf = new Map<EventHandle, number>();
	private readonly handleOf: EventHandle[] = [];

	constructor(expected = 256) {
		this.queue = new EventQueue(expected);
	}

	get now(): number {
		return this.queue.now;
	}

	/** Events still to come. */
	get size(): number {
		return this.queue.size;
	}

	/** Calls `action` once, `delay` from now. */
	after(delay: number, action: () => void): EventHandle {
		const index = this.free.pop() ?? this.actions.length;
		this.actions[index] = action;
		const handle = this.queue.schedule(delay, 0, index);
		this.actionOf.set(handle, index);
		this.handleOf[index] = handle;
		return handle;
	}

	/** Forgets an action; false if it has run or was cancelled before. */
	cancel(handle: EventHandle): boolean {
		if (!this.queue.cancel(handle)) return false;
		this.release(this.actionOf.get(handle) ?? 0);
		return true;
	}

	/** Starts a process now: its first step runs when the events already due at this time have fired. */
	spawn(process: Process): void {
		const step = (): void => {
			const { done, value } = process.next();
			if (done === true) return;
			if (typeof value === 'number') this.after(value, step);
			else value(() => this.after(0, step));
		};
		this.after(0, step);
	}

	/** Runs one event; false if there is none. */
	step(): boolean {
		if (!this.queue.advance()) return false;
		const action = this.actions[this.queue.payload];
		this.release(this.queue.payload);
		action?.();
		return true;
	}

	/** Runs every event up to and including `end` (all of them unless told); the clock stays at the last one that ran. */
	run(end = Number.POSITIVE_INFINITY): void {
		while (this.queue.nextTime <= end && this.step());
	}

	private release(index: number): void {
		this.actions[index] = undefined;
		this.actionOf.delete(this.handleOf[index] ?? -1);
		this.free.push(index);
	}
}

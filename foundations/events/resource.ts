/** A capacity that is taken and given back: machines, memory, slots on a conveyor. Whoever cannot be served waits, first come first served. */
import type { Waitable } from './simulation.ts';

interface Waiting {
	readonly amount: number;
	readonly resume: () => void;
}

export class Resource {
	readonly capacity: number;
	private taken = 0;
	private readonly queue: Waiting[] = [];
	private head = 0;

	/** `capacity` in any unit, above 0. */
	constructor(capacity: number) {
		if (!(capacity > 0)) throw new RangeError(`a resource needs a capacity above 0, found ${capacity}`);
		this.capacity = capacity;
	}

	/** How much is taken now. */
	get inUse(): number {
		return this.taken;
	}

	/** How many wait now. */
	get waiting(): number {
		return this.queue.length - this.head;
	}

	/**
	 * Asks for an amount; the waitable happens when it has been granted. Requests are granted strictly in the order they were
	 * made: a small one never overtakes a large one that waits.
	 */
	acquire(amount = 1): Waitable {
		if (!(amount > 0 && amount <= this.capacity)) {
			throw new RangeError(`asked for ${amount} of a resource with a capacity of ${this.capacity}`);
		}
		return (resume) => {
			this.queue.push({ amount, resume });
			this.grant();
		};
	}

	/** Gives an amount back. */
	release(amount = 1): void {
		if (!(amount > 0 && amount <= this.taken)) throw new RangeError(`gave back ${amount} while ${this.taken} were taken`);
		this.taken -= amount;
		this.grant();
	}

	private grant(): void {
		for (;;) {
			const first = this.queue[this.head];
			if (first === undefined || this.taken + first.amount > this.capacity) break;
			this.head++;
			this.taken += first.amount;
			first.resume();
		}
		if (this.head > 64 && this.head * 2 > this.queue.length) {
			this.queue.splice(0, this.head);
			this.head = 0;
		}
	}
}

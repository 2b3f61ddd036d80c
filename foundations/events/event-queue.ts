/**
 * The discrete-event kernel: a clock and the set of events still to come.
 *
 * Events wait in a 4-ary heap whose rows (time, sequence number, slot) lie side by side in typed arrays: four children
 * share a cache line, the tree is half as deep as a binary one, and nothing is allocated per event. Two events at the
 * same time fire in the order they were scheduled (the sequence number decides), so a simulation is the same on every
 * machine. A slot holds the event's kind and payload; a table from slot to heap row makes cancelling a true removal.
 * The hot path knows numbers only: `kind` says what happens, `payload` to whom. Closures and processes are built on top
 * (`simulation.ts`).
 */

/** Names a scheduled event until it fires or is cancelled; then the handle is dead and never names another event. */
export type EventHandle = number;

/** A handle that never names an event. */
export const noEvent: EventHandle = -1;

const SLOTS = 2 ** 26;

export class EventQueue {
	/** The time of the event that fired last; 0 at the start. */
	now = 0;
	/** Kind of the event that fired last. */
	kind = 0;
	/** Payload of the event that fired last. */
	payload = 0;

	private count = 0;
	private nextSequence = 0;
	private capacity: number;
	private rowTime: Float64Array;
	private rowSequence: Float64Array;
	private rowSlot: Int32Array;
	private slotRow: Int32Array;
	private slotKind: Int32Array;
	private slotPayload: Int32Array;
	private slotGeneration: Int32Array;
	private freeSlots: Int32Array;

	/** `expected` is how many events may wait at once; the queue grows beyond it by itself. */
	constructor(expected = 1024) {
		this.capacity = Math.min(SLOTS, Math.max(4, Math.ceil(expected)));
		this.rowTime = new Float64Array(this.capacity);
		this.rowSequence = new Float64Array(this.capacity);
		this.rowSlot = new Int32Array(this.capacity);
		this.slotRow = new Int32Array(this.capacity).fill(-1);
		this.slotKind = new Int32Array(this.capacity);
		this.slotPayload = new Int32Array(this.capacity);
		this.slotGeneration = new Int32Array(this.capacity);
		this.freeSlots = Int32Array.from({ length: this.capacity }, (_, i) => i);
	}

	/** Events still to come. */
	get size(): number {
		return this.count;
	}

	/** Time of the next event; infinity when there is none. */
	get nextTime(): number {
		return this.count === 0 ? Number.POSITIVE_INFINITY : (this.rowTime[0] as number);
	}

	/** Schedules an event `delay` after now. `kind` and `payload` are 32-bit integers. */
	schedule(delay: number, kind: number, payload: number): EventHandle {
		return this.scheduleAt(this.now + delay, kind, payload);
	}

	/** Schedules an event at a time not before now. */
	scheduleAt(time: number, kind: number, payload: number): EventHandle {
		if (!(time >= this.now)) throw new RangeError(`an event at ${time} cannot be scheduled at ${this.now}`);
		if (this.count === this.capacity) this.grow();
		const slot = this.freeSlots[this.count] as number;
		this.slotKind[slot] = kind;
		this.slotPayload[slot] = payload;
		this.siftUp(this.count++, time, this.nextSequence++, slot);
		return (this.slotGeneration[slot] as number) * SLOTS + slot;
	}

	/** Removes an event; false if it has fired or was cancelled before. */
	cancel(handle: EventHandle): boolean {
		if (handle < 0) return false;
		const slot = handle % SLOTS;
		if (slot >= this.capacity || (this.slotGeneration[slot] as number) !== Math.floor(handle / SLOTS)) return false;
		const row = this.slotRow[slot] as number;
		if (row < 0) return false;
		this.remove(row, slot);
		return true;
	}

	/** Time of a waiting event; NaN if it has fired or was cancelled. */
	timeOf(handle: EventHandle): number {
		const slot = handle < 0 ? this.capacity : handle % SLOTS;
		if (slot >= this.capacity || (this.slotGeneration[slot] as number) !== Math.floor(handle / SLOTS)) return Number.NaN;
		const row = this.slotRow[slot] as number;
		return row < 0 ? Number.NaN : (this.rowTime[row] as number);
	}

	/** Fires the next event: moves the clock to it and puts its kind and payload into the fields of that name. False if there is none. */
	advance(): boolean {
		if (this.count === 0) return false;
		const slot = this.rowSlot[0] as number;
		this.now = this.rowTime[0] as number;
		this.kind = this.slotKind[slot] as number;
		this.payload = this.slotPayload[slot] as number;
		this.remove(0, slot);
		return true;
	}

	private remove(row: number, slot: number): void {
		const last = --this.count;
		this.slotRow[slot] = -1;
		this.slotGeneration[slot] = ((this.slotGeneration[slot] as number) + 1) & 0x7ffffff;
		this.freeSlots[last] = slot;
		if (row === last) return;
		const time = this.rowTime[last] as number;
		const sequence = this.rowSequence[last] as number;
		const moved = this.rowSlot[last] as number;
		if (row > 0 && this.precedes(time, sequence, (row - 1) >> 2)) this.siftUp(row, time, sequence, moved);
		else this.siftDown(row, time, sequence, moved);
	}

	private precedes(time: number, sequence: number, row: number): boolean {
		const other = this.rowTime[row] as number;
		return time < other || (time === other && sequence < (this.rowSequence[row] as number));
	}

	private siftUp(start: number, time: number, sequence: number, slot: number): void {
		const { rowTime, rowSequence, rowSlot, slotRow } = this;
		let row = start;
		while (row > 0) {
			const parent = (row - 1) >> 2;
			const parentTime = rowTime[parent] as number;
			if (parentTime < time || (parentTime === time && (rowSequence[parent] as number) < sequence)) break;
			rowTime[row] = parentTime;
			rowSequence[row] = rowSequence[parent] as number;
			const parentSlot = rowSlot[parent] as number;
			rowSlot[row] = parentSlot;
			slotRow[parentSlot] = row;
			row = parent;
		}
		rowTime[row] = time;
		rowSequence[row] = sequence;
		rowSlot[row] = slot;
		slotRow[slot] = row;
	}

	private siftDown(start: number, time: number, sequence: number, slot: number): void {
		const { rowTime, rowSequence, rowSlot, slotRow, count } = this;
		let row = start;
		for (;;) {
			let child = 4 * row + 1;
			if (child >= count) break;
			const end = Math.min(child + 4, count);
			let best = child;
			let bestTime = rowTime[child] as number;
			for (child++; child < end; child++) {
				const childTime = rowTime[child] as number;
				if (childTime < bestTime || (childTime === bestTime && (rowSequence[child] as number) < (rowSequence[best] as number))) {
					best = child;
					bestTime = childTime;
				}
			}
			if (time < bestTime || (time === bestTime && sequence < (rowSequence[best] as number))) break;
			rowTime[row] = bestTime;
			rowSequence[row] = rowSequence[best] as number;
			const bestSlot = rowSlot[best] as number;
			rowSlot[row] = bestSlot;
			slotRow[bestSlot] = row;
			row = best;
		}
		rowTime[row] = time;
		rowSequence[row] = sequence;
		rowSlot[row] = slot;
		slotRow[slot] = row;
	}

	private grow(): void {
		const before = this.capacity;
		if (before >= SLOTS) throw new RangeError(`more than ${SLOTS} events wait at once`);
		this.capacity = Math.min(SLOTS, before * 2);
		const longer = (old: Int32Array): Int32Array<ArrayBuffer> => {
			const grown = new Int32Array(this.capacity);
			grown.set(old);
			return grown;
		};
		const longerReal = (old: Float64Array): Float64Array<ArrayBuffer> => {
			const grown = new Float64Array(this.capacity);
			grown.set(old);
			return grown;
		};
		this.rowTime = longerReal(this.rowTime);
		this.rowSequence = longerReal(this.rowSequence);
		this.rowSlot = longer(this.rowSlot);
		this.slotRow = longer(this.slotRow).fill(-1, before);
		this.slotKind = longer(this.slotKind);
		this.slotPayload = longer(this.slotPayload);
		this.slotGeneration = longer(this.slotGeneration);
		this.freeSlots = longer(this.freeSlots);
		for (let i = before; i < this.capacity; i++) this.freeSlots[i] = i;
	}
}

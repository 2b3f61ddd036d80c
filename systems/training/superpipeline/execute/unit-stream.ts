/**
 * Slots that are filled ahead of use. Units come round in a fixed order; turn t stands in slot t mod slots. When a group of
 * turns has been used, the next group is read into the slots it leaves, while the caller goes on computing.
 */
import type { FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PreparedPart } from './prepared-model.ts';
import { readInto } from './read-file.ts';

export interface StreamOptions {
	readonly slots: number;
	readonly group: number;
	readonly mode: 'batch' | 'sequential';
	/** A slower link than the drive: transfers take `latency + bytes / rate`, one after the other. Null: as fast as files are read. */
	readonly link: { readonly latencySeconds: number; readonly bytesPerSecond: number } | null;
}

interface Arrival {
	readonly read: Promise<void>;
	/** Earliest time the link would have brought it, ms. */
	readonly dueMillis: number;
	readonly issuedMillis: number;
}

/** A read that has been waited for. */
export interface Transfer {
	readonly unit: number;
	readonly startMillis: number;
	readonly endMillis: number;
}

export class UnitStream {
	/** Bytes read in all, and how often compute waited. */
	bytesRead = 0;
	unitsRead = 0;
	waitMillis = 0;
	readonly transfers: Transfer[] = [];
	private readonly file: FileHandle;
	private readonly units: readonly PreparedPart[];
	private readonly options: StreamOptions;
	private readonly slots: ArrayBuffer[];
	private readonly arrivals: (Arrival | undefined)[];
	/** With a slot for every unit nothing moves after the start. */
	private readonly stays: boolean;
	private turn = 0;
	private next: number;
	private waiting = 0;
	private linkFreeMillis = 0;

	constructor(file: FileHandle, units: readonly PreparedPart[], options: StreamOptions) {
		this.file = file;
		this.units = units;
		this.options = options;
		this.stays = options.slots >= units.length;
		const slots = Math.min(options.slots, units.length);
		this.next = slots;
		this.slots = slotBytes(
			units.map(({ bytes }) => bytes),
			slots,
		).map((bytes) => new ArrayBuffer(bytes));
		this.arrivals = this.slots.map(() => undefined);
	}

	/** Fills all slots and waits. Not counted. */
	async start(): Promise<void> {
		for (let turn = 0; turn < this.slots.length; turn++) await this.read(turn);
		this.bytesRead = 0;
		this.unitsRead = 0;
	}

	/** The slot of the unit whose turn it is, once its weights are there. */
	async take(): Promise<ArrayBuffer> {
		const slot = this.turn % this.slots.length;
		const arrival = this.arrivals[slot];
		if (arrival !== undefined) {
			const before = performance.now();
			await arrival.read;
			await waitUntil(arrival.dueMillis);
			const now = performance.now();
			this.waitMillis += now - before;
			const unit = this.unitAt(this.turn).unit ?? 0;
			const endMillis = this.options.link === null ? now : arrival.dueMillis;
			this.transfers.push({ unit, startMillis: arrival.issuedMillis, endMillis });
			this.arrivals[slot] = undefined;
		}
		return this.slots[slot] as ArrayBuffer;
	}

	/** The unit of this turn has been computed. */
	release(): void {
		this.turn++;
		if (this.stays || ++this.waiting < this.options.group) return;
		const turns = Array.from({ length: this.waiting }, (_, i) => this.next + i);
		this.next += this.waiting;
		this.waiting = 0;
		const dues = this.dueTimes(turns.map((turn) => this.unitAt(turn).bytes));
		for (const [i, turn] of turns.entries()) {
			const [startMillis, dueMillis] = dues[i] as [number, number];
			this.arrivals[turn % this.slots.length] = { read: this.read(turn), dueMillis, issuedMillis: startMillis };
		}
	}

	/** Waits for what is still under way. */
	async finish(): Promise<void> {
		await Promise.all(this.arrivals.map((arrival) => arrival?.read));
	}

	private unitAt(turn: number): PreparedPart {
		return this.units[turn % this.units.length] as PreparedPart;
	}

	private read(turn: number): Promise<void> {
		const unit = this.unitAt(turn);
		this.bytesRead += unit.bytes;
		this.unitsRead++;
		const slot = this.slots[turn % this.slots.length] as ArrayBuffer;
		return readInto(this.file, unit.fileOffset, new Uint8Array(slot, 0, unit.bytes));
	}

	/** When transfers that are issued now would start and end on the link. */
	private dueTimes(sizes: readonly number[]): [number, number][] {
		const now = performance.now();
		const { link, mode } = this.options;
		if (link === null) return sizes.map(() => [now, now]);
		const millis = (bytes: number): number => 1000 * (link.latencySeconds + bytes / link.bytesPerSecond);
		if (mode === 'batch') {
			const start = Math.max(now, this.linkFreeMillis);
			this.linkFreeMillis = start + millis(sizes.reduce((sum, one) => sum + one, 0));
			return sizes.map(() => [start, this.linkFreeMillis]);
		}
		return sizes.map((bytes) => {
			const start = Math.max(now, this.linkFreeMillis);
			this.linkFreeMillis = start + millis(bytes);
			return [start, this.linkFreeMillis];
		});
	}
}

/** Size of each slot: the largest unit that ever stands in it. Units go round, so where slots do not divide them every unit meets every slot. */
export function slotBytes(unitBytes: readonly number[], slots: number): number[] {
	const sizes = new Array<number>(slots).fill(0);
	const rounds = unitBytes.length % slots === 0 ? unitBytes.length : unitBytes.length * slots;
	for (let turn = 0; turn < rounds; turn++)
		sizes[turn % slots] = Math.max(sizes[turn % slots] as number, unitBytes[turn % unitBytes.length] as number);
	return sizes;
}

/** Timers are late by about a millisecond, so the last two are spent looking at the clock. */
async function waitUntil(millis: number): Promise<void> {
	const left = millis - performance.now();
	if (left > 3) await sleep(left - 2);
	while (performance.now() < millis);
}

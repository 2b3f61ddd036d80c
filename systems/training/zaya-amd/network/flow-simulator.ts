/**
 * Messages over links that they share max-min fairly: no message can be given more without taking from one that has no more.
 *
 * Only when a message starts or ends do rates change, and only among messages that share links with it, directly or through others:
 * those are found by a walk over links and messages, shared out again by filling the tightest link first, and their ends
 * rescheduled. Everything else keeps its end.
 */
import { type EventHandle, EventQueue, noEvent } from '@assay/events';
import type { Topology } from './topology.ts';

/** Messages, each after others; built up one by one. */
export class Messages {
	readonly from: number[] = [];
	readonly to: number[] = [];
	readonly bytes: number[] = [];
	readonly after: (readonly number[])[] = [];

	/** Adds a message of `bytes` that starts when those in `after` have arrived; returns its number. A message to oneself only waits. */
	add(from: number, to: number, bytes: number, after: readonly number[]): number {
		this.from.push(from);
		this.to.push(to);
		this.bytes.push(bytes);
		this.after.push(after);
		return this.bytes.length - 1;
	}

	get length(): number {
		return this.bytes.length;
	}
}

export interface MessageTimes {
	readonly endSeconds: Float64Array;
	readonly makespanSeconds: number;
	/** Bytes that each link carried. */
	readonly linkBytes: Float64Array;
}

const starts = 0;
const ends = 1;

/** Runs all messages. `pause` is called now and then. Raises a RangeError if messages wait for each other in a circle. */
export async function simulateMessages(
	topology: Topology,
	messages: Messages,
	pause: () => Promise<void>,
): Promise<MessageTimes> {
	const count = messages.length;
	const { links } = topology;
	const paths = messages.from.map((from, i) => {
		const to = messages.to[i] as number;
		return from === to ? [] : topology.path(from, to);
	});
	const waiting = Int32Array.from(messages.after, (after) => after.length);
	const followers: number[][] = Array.from({ length: count }, () => []);
	for (const [i, after] of messages.after.entries()) for (const earlier of after) followers[earlier]?.push(i);

	const queue = new EventQueue(Math.max(16, count));
	const onLink: Set<number>[] = links.map(() => new Set<number>());
	const remaining = Float64Array.from(messages.bytes);
	const rate = new Float64Array(count);
	const since = new Float64Array(count);
	const handle = new Float64Array(count).fill(noEvent);
	const endSeconds = new Float64Array(count).fill(Number.NaN);
	const linkBytes = new Float64Array(links.length);
	const share = new FairShare(links.length, count);

	const release = (message: number): void => {
		const latency = (paths[message] ?? []).reduce((sum, link) => sum + (links[link]?.latencySeconds ?? 0), 0);
		queue.schedule(latency, starts, message);
	};
	const reshare = (seeds: readonly number[]): void => {
		const touched = share.component(seeds, onLink, paths);
		share.fill(touched, onLink, paths, links);
		for (const message of touched) {
			const granted = share.rate[message] as number;
			if (granted === rate[message]) continue;
			remaining[message] = (remaining[message] as number) - (rate[message] as number) * (queue.now - (since[message] as number));
			since[message] = queue.now;
			rate[message] = granted;
			if (handle[message] !== noEvent) queue.cancel(handle[message] as EventHandle);
			handle[message] = queue.schedule(Math.max(0, remaining[message] as number) / granted, ends, message);
		}
	};
	const arrive = (message: number): void => {
		endSeconds[message] = queue.now;
		for (const follower of followers[message] ?? []) {
			waiting[follower] = (waiting[follower] as number) - 1;
			if (waiting[follower] === 0) release(follower);
		}
	};

	for (let i = 0; i < count; i++) if (waiting[i] === 0) release(i);
	for (let step = 0; queue.advance(); step++) {
		const message = queue.payload;
		const path = paths[message] ?? [];
		if (queue.kind === starts) {
			if (path.length === 0 || (messages.bytes[message] as number) <= 0) {
				arrive(message);
			} else {
				since[message] = queue.now;
				for (const link of path) onLink[link]?.add(message);
				reshare(path);
			}
		} else {
			handle[message] = noEvent;
			for (const link of path) {
				onLink[link]?.delete(message);
				linkBytes[link] = (linkBytes[link] as number) + (messages.bytes[message] as number);
			}
			rate[message] = 0;
			reshare(path);
			arrive(message);
		}
		if ((step & 255) === 255) await pause();
	}
	if (endSeconds.some(Number.isNaN)) throw new RangeError('messages wait for each other in a circle');
	return { endSeconds, makespanSeconds: endSeconds.reduce((a, b) => Math.max(a, b), 0), linkBytes };
}

/** Scratch space for sharing links among messages. */
class FairShare {
	readonly rate: Float64Array;
	private readonly capacity: Float64Array;
	private readonly open: Int32Array;
	private readonly linkMark: Int32Array;
	private readonly messageMark: Int32Array;
	private links: number[] = [];
	private mark = 0;

	constructor(links: number, messages: number) {
		this.rate = new Float64Array(messages);
		this.capacity = new Float64Array(links);
		this.open = new Int32Array(links);
		this.linkMark = new Int32Array(links);
		this.messageMark = new Int32Array(messages);
	}

	/** Messages that share links with the given ones, through any chain. */
	component(seeds: readonly number[], onLink: readonly ReadonlySet<number>[], paths: readonly (readonly number[])[]): number[] {
		this.mark++;
		this.links = [];
		const messages: number[] = [];
		const visit = (link: number): void => {
			if (this.linkMark[link] === this.mark) return;
			this.linkMark[link] = this.mark;
			this.links.push(link);
		};
		for (const link of seeds) visit(link);
		for (let i = 0; i < this.links.length; i++) {
			for (const message of onLink[this.links[i] as number] ?? []) {
				if (this.messageMark[message] === this.mark) continue;
				this.messageMark[message] = this.mark;
				messages.push(message);
				for (const link of paths[message] ?? []) visit(link);
			}
		}
		return messages;
	}

	/** Progressive filling over the component found last: the link with the least per message is full first. */
	fill(
		messages: readonly number[],
		onLink: readonly ReadonlySet<number>[],
		paths: readonly (readonly number[])[],
		links: Topology['links'],
	): void {
		for (const link of this.links) {
			this.capacity[link] = links[link]?.bytesPerSecond ?? 0;
			this.open[link] = onLink[link]?.size ?? 0;
		}
		for (const message of messages) this.rate[message] = -1;
		for (let left = messages.length; left > 0; ) {
			let tightest = -1;
			let least = Number.POSITIVE_INFINITY;
			for (const link of this.links) {
				if ((this.open[link] as number) === 0) continue;
				const each = (this.capacity[link] as number) / (this.open[link] as number);
				if (each < least) {
					least = each;
					tightest = link;
				}
			}
			if (tightest < 0) return;
			for (const message of onLink[tightest] ?? []) {
				if ((this.rate[message] as number) >= 0) continue;
				this.rate[message] = least;
				left--;
				for (const link of paths[message] ?? []) {
					this.capacity[link] = Math.max(0, (this.capacity[link] as number) - least);
					this.open[link] = (this.open[link] as number) - 1;
				}
			}
		}
	}
}

/**
 * KV caches on their way from a prompt machine to a token machine. The destination is charged for the request when its transfer
 * starts, the source freed when it ends; a transfer whose destination is full tries again every second.
 *
 * Two networks. `ideal` (the published simulator's): every transfer has the full bandwidth to itself. `shared`: every machine has
 * one port of its own bandwidth in each direction, and the transfers under way share the ports max-min fairly: all rates
 * rise together until a port is full, its transfers are fixed at that rate, and the others rise on.
 */
import { type EventHandle, type EventQueue, noEvent } from '@assay/events';
import { IntegerList } from './integer-list.ts';
import type { RequestTable } from './request-table.ts';

export interface TransferOptions {
	readonly network: 'ideal' | 'shared';
	/** Bytes per second of a transfer on the ideal network. */
	readonly bytesPerSecond: number;
	/** Share of a transfer hidden behind the prompt computation by sending layer by layer, from 0 to below 1. */
	readonly hiddenShare: number;
}

/** The network's part in the event loop: starts transfers, and says which one an event has finished. */
export interface Network {
	start(request: number): void;
	/** The request whose transfer ended with the event just fired, or -1. */
	finish(payload: number): number;
}

/** Every transfer alone at full bandwidth. */
export function idealNetwork(options: TransferOptions, requests: RequestTable, queue: EventQueue, eventKind: number): Network {
	const bytesPerSecond = options.bytesPerSecond / (1 - options.hiddenShare);
	return {
		start: (request) => void queue.schedule(requests.transferBytes(request) / bytesPerSecond, eventKind, request),
		finish: (request) => request,
	};
}

/** Ports shared max-min fairly; `portBytesPerSecond` by machine, the same in both directions. */
export function sharedNetwork(
	options: TransferOptions,
	requests: RequestTable,
	queue: EventQueue,
	eventKind: number,
	portBytesPerSecond: ArrayLike<number>,
): Network {
	const visible = 1 - options.hiddenShare;
	const active = new IntegerList();
	const remainingBytes = new Float64Array(requests.count);
	const rate = new Float64Array(requests.count);
	let updated = 0;
	let next: EventHandle = noEvent;

	const progress = (): void => {
		const seconds = queue.now - updated;
		updated = queue.now;
		for (let i = 0; i < active.length; i++) {
			const request = active.at(i);
			remainingBytes[request] = (remainingBytes[request] as number) - (rate[request] as number) * seconds;
		}
	};
	const share = (): void => {
		fairRates(active, requests, portBytesPerSecond, rate);
		queue.cancel(next);
		next = noEvent;
		let first = -1;
		let firstSeconds = Number.POSITIVE_INFINITY;
		for (let i = 0; i < active.length; i++) {
			const request = active.at(i);
			const seconds = Math.max(0, remainingBytes[request] as number) / (rate[request] as number);
			if (seconds < firstSeconds) {
				first = request;
				firstSeconds = seconds;
			}
		}
		if (first >= 0) next = queue.schedule(firstSeconds, eventKind, first);
	};
	return {
		start(request) {
			progress();
			remainingBytes[request] = requests.transferBytes(request) * visible;
			active.push(request);
			share();
		},
		finish(request) {
			next = noEvent;
			progress();
			active.remove(request);
			share();
			return request;
		},
	};
}

/** Max-min fair rates of the active transfers by progressive filling, bytes per second, written into `rate`. */
export function fairRates(
	active: { readonly length: number; at(index: number): number },
	requests: { readonly promptMachine: ArrayLike<number>; readonly tokenMachine: ArrayLike<number> },
	portBytesPerSecond: ArrayLike<number>,
	rate: Float64Array,
): void {
	const machines = portBytesPerSecond.length;
	// Ports 0 .. machines - 1 send, machines .. 2 machines - 1 receive.
	const left = new Float64Array(2 * machines);
	const users = new Int32Array(2 * machines);
	for (let port = 0; port < 2 * machines; port++) left[port] = portBytesPerSecond[port % machines] as number;
	const open: number[] = [];
	for (let i = 0; i < active.length; i++) {
		const request = active.at(i);
		open.push(request);
		for (const port of [requests.promptMachine[request] as number, machines + (requests.tokenMachine[request] as number)]) {
			users[port] = (users[port] as number) + 1;
		}
	}
	while (open.length > 0) {
		let tightest = Number.POSITIVE_INFINITY;
		for (let port = 0; port < 2 * machines; port++) {
			if ((users[port] as number) > 0) tightest = Math.min(tightest, (left[port] as number) / (users[port] as number));
		}
		const bound = tightest * (1 + 1e-12);
		const full = left.map((bytes, port) => ((users[port] as number) > 0 && bytes / (users[port] as number) <= bound ? 1 : 0));
		for (let i = open.length - 1; i >= 0; i--) {
			const request = open[i] as number;
			const sender = requests.promptMachine[request] as number;
			const receiver = machines + (requests.tokenMachine[request] as number);
			if (full[sender] === 0 && full[receiver] === 0) continue;
			rate[request] = tightest;
			for (const port of [sender, receiver]) {
				left[port] = Math.max(0, (left[port] as number) - tightest);
				users[port] = (users[port] as number) - 1;
			}
			open.splice(i, 1);
		}
	}
}

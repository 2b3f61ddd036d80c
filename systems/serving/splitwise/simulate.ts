/**
 * Runs a trace on a cluster: the life of every request from its arrival, through its prompt, the transfer of its KV cache
 * and its tokens, to its end. Events are few: an arrival, the end of a run of iterations on a machine, the end of a transfer, a
 * transfer's new attempt; there is none per token.
 */
import { createRandom } from '@assay/contract';
import { EventQueue, Level, Spans } from '@assay/events';
import type { Cluster, Role } from './cluster-scheduler/cluster-scheduler.ts';
import { type PolicyName, policies } from './cluster-scheduler/policies.ts';
import { type BatchLimits, Machine, type MachineHost } from './machine-scheduler.ts';
import type { PhaseCurves } from './performance/phase-curves.ts';
import { RequestTable, rejection } from './request-table.ts';
import type { RequestTrace } from './trace/request-trace.ts';
import { idealNetwork, sharedNetwork, type TransferOptions } from './transfers.ts';

/** A machine of a cluster as the simulation needs it. */
export interface ClusterMachine {
	readonly role: Role;
	readonly curves: PhaseCurves;
	readonly capacityBytes: number;
	/** Bandwidth of its port in each direction, for the shared network. */
	readonly portBytesPerSecond: number;
}

export interface SimulationSetup {
	readonly machines: readonly ClusterMachine[];
	readonly weightBytes: number;
	readonly kvBytesPerToken: number;
	readonly policy: PolicyName;
	readonly limits: BatchLimits;
	readonly maxPendingPromptTokens: number;
	readonly transfer: TransferOptions;
	readonly seed: number;
}

export interface SimulationHooks {
	readonly pause?: () => Promise<void>;
	/** Share of the requests that have arrived so far; called now and then. */
	readonly onProgress?: (share: number) => void;
	/** Keeps every run of iterations, for Gantt charts. */
	readonly recordSpans?: boolean;
	/** Made for the run's requests. */
	readonly watch?: (requests: RequestTable) => Watch;
}

/** Told when a request's first token and its last token are out; an answer of true ends the simulation at once. */
export interface Watch {
	firstToken(request: number): boolean;
	end(request: number): boolean;
}

/** Work that waited because it did not fit into a machine's memory. */
export interface MemoryWait {
	readonly seconds: number;
	readonly machine: number;
	readonly usedBytes: number;
	readonly waitingRequests: number;
	readonly cause: 'batch' | 'transfer';
}

export interface SimulationResult {
	readonly requests: RequestTable;
	readonly machines: readonly Machine[];
	/** Time of the last event. */
	readonly endSeconds: number;
	/** True if the watch ended the simulation early. */
	readonly stopped: boolean;
	readonly transfers: number;
	readonly transferredBytes: number;
	/** The first thousand waits for memory, and how many there were. */
	readonly memoryWaits: readonly MemoryWait[];
	readonly memoryWaitCount: number;
	/** Machines in the mixed pool over time, and every borrowing and return. */
	readonly mixedMachines: Level;
	readonly borrows: readonly { readonly seconds: number; readonly machine: number; readonly change: 1 | -1 }[];
	readonly spans: Spans | undefined;
	/** Seconds of machine time spent at each number of batch tokens up to 4096 (larger ones count as 4096) while a batch ran. */
	readonly secondsByBatchTokens: Float64Array;
}

const arrivalEvent = 0;
const runEvent = 1;
const transferEvent = 2;
const retryEvent = 3;
const retrySeconds = 1;
const keptMemoryWaits = 1000;
const largestBatchTokens = 4096;

export async function simulate(
	trace: RequestTrace,
	setup: SimulationSetup,
	hooks: SimulationHooks = {},
): Promise<SimulationResult> {
	const queue = new EventQueue(1024);
	const requests = new RequestTable(trace, setup.kvBytesPerToken);
	const watch = hooks.watch?.(requests);
	const spans = hooks.recordSpans === true ? new Spans() : undefined;
	const mixedMachines = new Level();
	mixedMachines.record(0, 0);
	const borrows: { seconds: number; machine: number; change: 1 | -1 }[] = [];
	const memoryWaits: MemoryWait[] = [];
	const secondsByBatchTokens = new Float64Array(largestBatchTokens + 1);
	let memoryWaitCount = 0;
	let mixedCount = 0;
	let transfers = 0;
	let transferredBytes = 0;
	let retries = 0;
	let stopped = false;

	const noteMemoryWait = (machine: Machine, cause: MemoryWait['cause']): void => {
		if (memoryWaitCount++ >= keptMemoryWaits) return;
		memoryWaits.push({
			seconds: queue.now,
			machine: machine.id,
			usedBytes: machine.memoryBytes,
			waitingRequests: machine.pool.length,
			cause,
		});
	};
	const host: MachineHost = {
		taskFinished(task, machine) {
			const request = task >> 1;
			if ((task & 1) === 0) {
				machine.scheduledTokens -= requests.promptTokens[request] as number;
				requests.promptEnd[request] = queue.now;
				if (watch?.firstToken(request) === true) stopped = true;
				if (!requests.hasTokenTask(request)) finish(request, machine, requests.promptBytes(request));
				else if (requests.tokenMachine[request] !== machine.id) tryTransfer(request);
				return;
			}
			machine.scheduledTokens -= 1;
			finish(request, machine, requests.totalBytes(request));
		},
		machineFree: (machine) => scheduler.machineFree(machine),
		machineBlocked: (machine) => noteMemoryWait(machine, 'batch'),
		runEnded(machine, kind, start, end, batchTokens) {
			const bin = Math.min(batchTokens, largestBatchTokens);
			secondsByBatchTokens[bin] = (secondsByBatchTokens[bin] as number) + (end - start);
			spans?.record(machine.id, kind, start, end, batchTokens);
		},
	};
	const machines = setup.machines.map(
		(machine, id) =>
			new Machine(
				{
					id,
					curves: machine.curves,
					capacityBytes: machine.capacityBytes,
					weightBytes: setup.weightBytes,
					limits: setup.limits,
					eventKind: runEvent,
				},
				requests,
				queue,
				host,
			),
	);
	const cluster: Cluster = {
		machines,
		roles: setup.machines.map(({ role }) => role),
		requests,
		random: createRandom(setup.seed).fork('cluster-scheduler'),
		maxPendingPromptTokens: setup.maxPendingPromptTokens,
		onBorrow(machine, change) {
			mixedCount += change;
			mixedMachines.record(queue.now, mixedCount);
			borrows.push({ seconds: queue.now, machine: machine.id, change });
		},
	};
	const scheduler = policies[setup.policy].create(cluster);
	const network =
		setup.transfer.network === 'ideal'
			? idealNetwork(setup.transfer, requests, queue, transferEvent)
			: sharedNetwork(
					setup.transfer,
					requests,
					queue,
					transferEvent,
					setup.machines.map(({ portBytesPerSecond }) => portBytesPerSecond),
				);

	const machineAt = (id: number | undefined): Machine => machines[id as number] as Machine;

	function arrive(request: number): void {
		// What no machine could ever hold is turned away before a scheduler is asked.
		const anywhere = machines.some((machine) => machine.canEverHold(requests.totalBytes(request)));
		if (anywhere) scheduler.assign(request);
		const prompt = machineAt(anywhere ? requests.promptMachine[request] : 0);
		const token = machineAt(anywhere ? requests.tokenMachine[request] : 0);
		const fits = token.canEverHold(requests.totalBytes(request)) && prompt.canEverHold(requests.promptBytes(request));
		if (!anywhere || !fits) {
			requests.rejected[request] = rejection.tooLarge;
			return;
		}
		prompt.scheduledTokens += requests.promptTokens[request] as number;
		token.scheduledBytes += requests.totalBytes(request);
		if (prompt !== token) prompt.scheduledBytes += requests.promptBytes(request);
		if (requests.hasTokenTask(request)) token.scheduledTokens += 1;
		prompt.arrive(2 * request);
		if (prompt === token && requests.hasTokenTask(request)) token.arrive(2 * request + 1);
	}

	function tryTransfer(request: number): void {
		const destination = machineAt(requests.tokenMachine[request]);
		const bytes = requests.promptBytes(request);
		if (destination.fits(bytes)) {
			destination.allocate(bytes);
			transfers++;
			transferredBytes += requests.transferBytes(request);
			network.start(request);
		} else {
			noteMemoryWait(destination, 'transfer');
			retries++;
			queue.schedule(retrySeconds, retryEvent, request);
		}
	}

	function finishTransfer(request: number): void {
		const source = machineAt(requests.promptMachine[request]);
		source.free(requests.promptBytes(request));
		machineAt(requests.tokenMachine[request]).arrive(2 * request + 1);
		source.memoryReleased();
	}

	function finish(request: number, machine: Machine, bytes: number): void {
		machine.free(bytes);
		requests.end[request] = queue.now;
		if (watch?.end(request) === true) stopped = true;
	}

	// The original handles a request that arrives at exactly 0 before any machine exists; here it is the first event like any other.
	if (requests.count > 0) queue.scheduleAt(Math.max(0, requests.arrivalSeconds[0] as number), arrivalEvent, 0);
	let arrived = 0;
	let sincePause = 0;
	let failedInTurn = 0;
	while (!stopped && queue.advance()) {
		const { payload } = queue;
		const retriesBefore = retries;
		switch (queue.kind) {
			case arrivalEvent: {
				const next = payload + 1;
				arrived = next;
				if (next < requests.count) queue.scheduleAt(requests.arrivalSeconds[next] as number, arrivalEvent, next);
				arrive(payload);
				break;
			}
			case runEvent:
				machineAt(payload).finishRun();
				break;
			case transferEvent:
				finishTransfer(network.finish(payload));
				break;
			default:
				retries--;
				tryTransfer(payload);
		}
		// Only attempts are left and all of them have failed in turn: nothing will ever change. What is unfinished stays so.
		failedInTurn = queue.kind === retryEvent && retries > retriesBefore - 1 ? failedInTurn + 1 : 0;
		if (failedInTurn > 0 && retries === queue.size && failedInTurn >= retries) break;
		if (++sincePause >= 256) {
			sincePause = 0;
			hooks.onProgress?.(arrived / requests.count);
			await hooks.pause?.();
		}
	}
	return {
		requests,
		machines,
		endSeconds: queue.now,
		stopped,
		transfers,
		transferredBytes,
		memoryWaits,
		memoryWaitCount,
		mixedMachines,
		borrows,
		spans,
		secondsByBatchTokens,
	};
}

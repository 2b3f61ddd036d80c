/**
 * One machine and its iteration-level scheduler, after the published simulator's "Splitwise instance".
 *
 * A machine runs a batch of tasks, one iteration after the other. Iterations in which nothing can change are simulated as one
 * run: a batch of token tasks runs until its shortest task is done, a batch with a prompt runs once. When a task arrives
 * during a run, the run is cut at the end of the current iteration and the batch is chosen anew:
 *
 *   1. tasks pushed back at least `maxPreemptions` times;  2. prompts, first come first served;  3. token tasks that lost
 *   their place (blocked, memory kept);  4. tasks already in the batch;  5. any other request, oldest first.
 *
 * The batch never exceeds its limits (a first task larger than the token limit is taken alone), never holds both tasks of a
 * request, and only what fits in memory is started. The pending queue is ordered by (preemptions, arrival) at the moment of
 * insertion; later preemptions do not reorder it, as in the original.
 */
import { type EventHandle, type EventQueue, noEvent } from '@assay/events';
import { IntegerList } from './integer-list.ts';
import type { PhaseCurves } from './performance/phase-curves.ts';
import { type RequestTable, taskState } from './request-table.ts';

/** Limits of a machine's batch. */
export interface BatchLimits {
	/** Tasks in a batch. */
	readonly maxBatchSize: number;
	/** Prompt tokens plus token tasks in a batch. */
	readonly maxBatchTokens: number;
	/** Times a task is passed over before it comes first. */
	readonly maxPreemptions: number;
}

/** What a machine tells its cluster. */
export interface MachineHost {
	/** A task is done; it has left the batch. */
	taskFinished(task: number, machine: Machine): void;
	/** Nothing is left to do. */
	machineFree(machine: Machine): void;
	/** Work is waiting but none of it fits into memory. */
	machineBlocked(machine: Machine): void;
	/** A run of iterations ended. `kind` is 0 for prompts, 1 for tokens, 2 for both; `batchTokens` as in the performance model. */
	runEnded(machine: Machine, kind: number, start: number, end: number, batchTokens: number): void;
}

export interface MachineSetup {
	readonly id: number;
	readonly curves: PhaseCurves;
	/** Memory of all its GPUs and what the model's weights take of it, bytes. */
	readonly capacityBytes: number;
	readonly weightBytes: number;
	readonly limits: BatchLimits;
	/** Event kind under which the machine schedules the end of a run; the payload is its id. */
	readonly eventKind: number;
}

export class Machine {
	readonly id: number;
	readonly capacityBytes: number;
	/** Bytes in use, weights included. */
	memoryBytes: number;
	/** Most bytes ever in use. */
	peakBytes: number;
	/** KV bytes ever taken and given back. */
	allocatedBytes = 0;
	freedBytes = 0;
	/** Bytes the cluster scheduler counts on: promised when a request is assigned, released with the memory itself. */
	scheduledBytes: number;
	/** Tokens assigned and not yet done: P for a prompt task, 1 for a token task. */
	scheduledTokens = 0;
	/** Seconds with a batch. */
	busySeconds = 0;
	/** Tasks queued or blocked, by (preemptions, arrival) at insertion. */
	readonly pending = new IntegerList();
	/** Requests with a task here, by arrival. */
	readonly pool = new IntegerList();

	private readonly pendingPrompts = new IntegerList();
	private readonly blocked = new IntegerList();
	private batch = new IntegerList();
	private nextBatch = new IntegerList();
	private batchTokens = 0;
	private promptsInBatch = 0;
	private selectedBytes = 0;
	private iterationSeconds = 0;
	private iterations = 0;
	private runEnd = 0;
	private runEvent: EventHandle = noEvent;
	private cut = false;
	private batchSince = 0;

	private readonly setup: MachineSetup;
	private readonly requests: RequestTable;
	private readonly queue: EventQueue;
	private readonly host: MachineHost;

	constructor(setup: MachineSetup, requests: RequestTable, queue: EventQueue, host: MachineHost) {
		this.id = setup.id;
		this.capacityBytes = setup.capacityBytes;
		this.memoryBytes = setup.weightBytes;
		this.peakBytes = setup.weightBytes;
		this.scheduledBytes = setup.weightBytes;
		this.setup = setup;
		this.requests = requests;
		this.queue = queue;
		this.host = host;
	}

	/** Whether so many more bytes fit now. */
	fits(bytes: number): boolean {
		return this.memoryBytes + bytes <= this.capacityBytes;
	}

	/** Whether so many KV bytes would fit on this machine without any other request. */
	canEverHold(bytes: number): boolean {
		return this.setup.weightBytes + bytes <= this.capacityBytes;
	}

	allocate(bytes: number): void {
		this.memoryBytes += bytes;
		this.allocatedBytes += bytes;
		if (this.memoryBytes > this.peakBytes) this.peakBytes = this.memoryBytes;
	}

	free(bytes: number): void {
		this.memoryBytes -= bytes;
		this.scheduledBytes -= bytes;
		this.freedBytes += bytes;
	}

	/** A task arrives and waits for its turn. */
	arrive(task: number): void {
		this.requests.state[task] = taskState.queued;
		this.enterPool(task >> 1);
		this.enterPending(task);
		if (this.batch.length === 0) {
			if (this.fits(this.taskBytes(task))) this.startRun();
			return;
		}
		const { maxBatchSize, maxBatchTokens } = this.setup.limits;
		const tokens = this.taskTokens(task);
		if (this.batch.length < maxBatchSize && this.batchTokens + tokens <= maxBatchTokens) {
			this.cutRun();
			return;
		}
		// A prompt may still displace token tasks, as long as the prompts alone stay within the limit.
		if ((task & 1) === 0 && this.promptsInBatch < this.batch.length) {
			const promptTokens = this.batchTokens - (this.batch.length - this.promptsInBatch);
			if (promptTokens + tokens <= maxBatchTokens) this.cutRun();
		}
	}

	/** Memory here was given back by a finished transfer: waiting work may fit now. */
	memoryReleased(): void {
		if (this.pending.length === 0) return;
		if (this.batch.length === 0) {
			if (this.fits(this.taskBytes(this.pending.at(0)))) this.startRun();
			return;
		}
		const { maxBatchSize, maxBatchTokens } = this.setup.limits;
		if (this.batch.length < maxBatchSize && this.batchTokens < maxBatchTokens) this.cutRun();
	}

	/** The event of a run's end has fired. */
	finishRun(): void {
		const { requests, batch, iterations } = this;
		const now = this.queue.now;
		const prompts = this.promptsInBatch;
		const start = this.runEnd - this.iterationSeconds * iterations;
		this.host.runEnded(this, prompts === 0 ? 1 : prompts === batch.length ? 0 : 2, start, now, this.batchTokens);
		this.runEvent = noEvent;
		const finished = this.nextBatch;
		const staying = this.batch;
		finished.clear();
		for (let i = 0; i < batch.length; i++) {
			const task = batch.at(i);
			if ((task & 1) === 0) finished.push(task);
			else {
				const request = task >> 1;
				const left = (requests.tokensLeft[request] as number) - iterations;
				requests.tokensLeft[request] = left;
				if (left === 0) finished.push(task);
			}
		}
		for (let i = 0; i < finished.length; i++) {
			const task = finished.at(i);
			requests.state[task] = taskState.done;
			this.leaveBatch(staying, task);
			if (!this.hasLaterTask(task)) this.pool.remove(task >> 1);
			this.host.taskFinished(task, this);
		}
		this.cut = false;
		this.startRun();
	}

	/** Chooses a batch and starts its iterations. */
	private startRun(): void {
		this.select();
		const { requests, batch } = this;
		this.passOver();
		if (batch.length === 0) {
			if (this.pool.length > 0) this.host.machineBlocked(this);
			else this.host.machineFree(this);
			return;
		}
		const { curves } = this.setup;
		const prompts = this.promptsInBatch;
		if (prompts === batch.length) this.iterationSeconds = curves.promptSeconds(this.batchTokens);
		else if (prompts === 0) this.iterationSeconds = curves.tokenSeconds(this.batchTokens);
		else this.iterationSeconds = curves.mixedSeconds(this.batchTokens);
		let iterations = prompts > 0 ? 1 : Number.POSITIVE_INFINITY;
		const now = this.queue.now;
		for (let i = 0; i < batch.length; i++) {
			const task = batch.at(i);
			const request = task >> 1;
			if ((task & 1) === 1) iterations = Math.min(iterations, requests.tokensLeft[request] as number);
			const state = requests.state[task];
			if (state === taskState.running) continue;
			if (state === taskState.queued) {
				this.allocate(this.taskBytes(task));
				if ((task & 1) === 0) requests.promptStart[request] = now;
				else requests.tokenStart[request] = now;
			}
			requests.state[task] = taskState.running;
		}
		this.iterations = iterations;
		this.runEnd = now + this.iterationSeconds * iterations;
		this.runEvent = this.queue.scheduleAt(this.runEnd, this.setup.eventKind, this.id);
	}

	/** Ends the current run with the iteration under way. Runs with a prompt are one iteration long already. */
	private cutRun(): void {
		if (this.cut || this.promptsInBatch > 0) return;
		this.cut = true;
		const now = this.queue.now;
		const elapsed = now - (this.runEnd - this.iterationSeconds * this.iterations);
		const iterations = Math.min(this.iterations, floorDivide(elapsed, this.iterationSeconds) + 1);
		this.queue.cancel(this.runEvent);
		this.iterations = iterations;
		this.runEnd = Math.max(now, now + (this.iterationSeconds * iterations - elapsed));
		this.runEvent = this.queue.scheduleAt(this.runEnd, this.setup.eventKind, this.id);
	}

	/** Fills the batch in the order of the file's opening comment; tasks that lose their place become blocked. */
	private select(): void {
		const { requests, pending, pendingPrompts, blocked, pool, batch, nextBatch } = this;
		const { maxPreemptions, maxBatchSize } = this.setup.limits;
		const { state, preemptions, chosen } = requests;
		const round = ++requests.selection;
		nextBatch.clear();
		this.batchTokens = 0;
		this.selectedBytes = this.memoryBytes;
		for (let i = 0; i < pending.length; i++) {
			const task = pending.at(i);
			if ((preemptions[task] as number) < maxPreemptions || this.full(task)) break;
			if (chosen[task >> 1] !== round) this.choose(task, state[task] === taskState.blocked);
		}
		for (let i = 0; i < pendingPrompts.length; i++) {
			const task = pendingPrompts.at(i);
			if (this.full(task)) break;
			if (chosen[task >> 1] !== round && !this.choose(task, false)) break;
		}
		for (let i = 0; i < blocked.length; i++) {
			const task = blocked.at(i);
			if (this.full(task)) break;
			if (chosen[task >> 1] !== round) this.choose(task, true);
		}
		for (let i = 0; i < batch.length; i++) {
			const task = batch.at(i);
			if (this.full(task)) break;
			if (chosen[task >> 1] !== round) this.choose(task, true);
		}
		for (let i = 0; i < pool.length && nextBatch.length < maxBatchSize; i++) {
			const request = pool.at(i);
			if (chosen[request] === round) continue;
			const task = this.head(request);
			if (this.full(task) || !this.choose(task, state[task] === taskState.blocked)) break;
		}
		this.adopt(round);
	}

	private full(task: number): boolean {
		const { maxBatchSize, maxBatchTokens } = this.setup.limits;
		if (this.nextBatch.length === maxBatchSize) return true;
		return this.nextBatch.length > 0 && this.batchTokens + this.taskTokens(task) > maxBatchTokens;
	}

	/** Takes a task into the next batch; false if it needs memory that is not there. */
	private choose(task: number, holdsMemory: boolean): boolean {
		if (!holdsMemory) {
			const bytes = this.taskBytes(task);
			if (this.selectedBytes + bytes > this.capacityBytes) return false;
			this.selectedBytes += bytes;
		}
		this.nextBatch.push(task);
		this.requests.chosen[task >> 1] = this.requests.selection;
		this.batchTokens += this.taskTokens(task);
		return true;
	}

	/** Makes the chosen tasks the batch: those that stay keep their order, new ones follow. */
	private adopt(round: number): void {
		const { requests, batch, nextBatch } = this;
		const { chosen } = requests;
		const wasBusy = batch.length > 0;
		for (let i = 0; i < batch.length; ) {
			const task = batch.at(i);
			if (chosen[task >> 1] === round) i++;
			else {
				requests.state[task] = taskState.blocked;
				batch.remove(task);
				this.blocked.push(task);
				this.enterPending(task);
			}
		}
		for (let i = 0; i < nextBatch.length; i++) {
			const task = nextBatch.at(i);
			if (requests.state[task] === taskState.running) continue;
			this.pending.remove(task);
			if ((task & 1) === 0) this.pendingPrompts.remove(task);
			else if (requests.state[task] === taskState.blocked) this.blocked.remove(task);
			batch.push(task);
			if ((task & 1) === 0) this.promptsInBatch++;
		}
		if (!wasBusy && batch.length > 0) this.batchSince = this.queue.now;
		if (wasBusy && batch.length === 0) this.busySeconds += this.queue.now - this.batchSince;
	}

	/** Counts one preemption for the first task of every request that is here and not in the batch. */
	private passOver(): void {
		const { pool, requests } = this;
		const { chosen, selection } = requests;
		for (let i = 0; i < pool.length; i++) {
			const request = pool.at(i);
			if (chosen[request] === selection) continue;
			const task = this.head(request);
			requests.preemptions[task] = (requests.preemptions[task] as number) + 1;
		}
	}

	private leaveBatch(batch: IntegerList, task: number): void {
		batch.remove(task);
		if ((task & 1) === 0) this.promptsInBatch--;
		if (batch.length === 0) this.busySeconds += this.queue.now - this.batchSince;
	}

	/** The task of a request that comes first on this machine. */
	private head(request: number): number {
		const prompt = 2 * request;
		const state = this.requests.state[prompt] as number;
		return this.requests.promptMachine[request] === this.id && state !== taskState.done ? prompt : prompt + 1;
	}

	private hasLaterTask(task: number): boolean {
		const request = task >> 1;
		return (task & 1) === 0 && this.requests.tokenMachine[request] === this.id && this.requests.hasTokenTask(request);
	}

	private taskTokens(task: number): number {
		return (task & 1) === 0 ? (this.requests.promptTokens[task >> 1] as number) : 1;
	}

	private taskBytes(task: number): number {
		return (task & 1) === 0 ? this.requests.promptBytes(task >> 1) : this.requests.tokenBytes(task >> 1);
	}

	private enterPool(request: number): void {
		const { pool } = this;
		const arrival = this.requests.arrivalSeconds;
		const time = arrival[request] as number;
		let low = 0;
		let high = pool.length;
		// Most requests come in order of arrival: look at the end first.
		if (high > 0 && time >= (arrival[pool.at(high - 1)] as number)) low = high;
		while (low < high) {
			const middle = (low + high) >> 1;
			if (time < (arrival[pool.at(middle)] as number)) high = middle;
			else low = middle + 1;
		}
		for (let i = low - 1; i >= 0 && arrival[pool.at(i)] === time; i--) if (pool.at(i) === request) return;
		pool.insert(low, request);
	}

	private enterPending(task: number): void {
		const { pending } = this;
		const { preemptions, arrivalSeconds } = this.requests;
		const rank = preemptions[task] as number;
		const time = arrivalSeconds[task >> 1] as number;
		let low = 0;
		let high = pending.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			const other = pending.at(middle);
			const otherRank = preemptions[other] as number;
			if (rank < otherRank || (rank === otherRank && time < (arrivalSeconds[other >> 1] as number))) high = middle;
			else low = middle + 1;
		}
		pending.insert(low, task);
		if ((task & 1) === 0) this.pendingPrompts.push(task);
	}
}

/** Whole times `divisor` goes into `value`, without the half-unit slips of dividing first and rounding down after. */
function floorDivide(value: number, divisor: number): number {
	const rest = value % divisor;
	const quotient = (value - rest) / divisor;
	const floor = Math.floor(quotient);
	return quotient - floor > 0.5 ? floor + 1 : floor;
}

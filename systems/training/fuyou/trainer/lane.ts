/** A worker thread as a serial server: takes commands in order, answers each with when it worked, and remembers its spans. */
import { Worker } from 'node:worker_threads';

/** What a worker answers. Times are milliseconds since the epoch with a fraction, the same clock on every thread. */
export type Reply =
	| { readonly id: number; readonly value: number; readonly startMillis: number; readonly endMillis: number }
	| { readonly id: number; readonly error: { readonly message: string; readonly code?: string } };

export interface Order<Command> {
	readonly id: number;
	readonly command: Command;
}

/** A failed command, with the system's error code where there is one (`ENOSPC`). */
export class LaneError extends Error {
	override readonly name = 'LaneError';
	readonly code: string | undefined;
	constructor(message: string, code: string | undefined) {
		super(message);
		this.code = code;
	}
}

export interface Span {
	readonly lane: string;
	readonly kind: string;
	readonly startMillis: number;
	readonly endMillis: number;
}

/** One or more threads that serve one queue, first come first served. */
export class Lane<Command extends { readonly do: string }> {
	readonly name: string;
	private readonly workers: readonly Worker[];
	private readonly idle: Worker[];
	private readonly queue: { command: Command; resolve: (value: number) => void; reject: (reason: unknown) => void }[] = [];
	private readonly running = new Map<
		number,
		{ worker: Worker; command: Command; resolve: (value: number) => void; reject: (reason: unknown) => void }
	>();
	private readonly record: (span: Span) => void;
	private nextId = 0;
	private failure: unknown;

	constructor(name: string, url: URL, workerData: unknown, threads: number, record: (span: Span) => void) {
		this.name = name;
		this.record = record;
		this.workers = Array.from({ length: threads }, () => new Worker(url, { workerData }));
		this.idle = [...this.workers];
		for (const worker of this.workers) {
			worker.on('message', (reply: Reply) => this.answer(reply));
			worker.on('error', (error) => this.fail(error));
		}
	}

	/** Resolves to the command's value when it is done. Rejects with a `LaneError`, or with whatever ended the lane. */
	call(command: Command): Promise<number> {
		return new Promise((resolve, reject) => {
			if (this.failure !== undefined) return reject(this.failure);
			this.queue.push({ command, resolve, reject });
			this.serve();
		});
	}

	/** Ends the threads; whatever waits or runs is rejected with the reason. */
	async close(reason: unknown = new Error(`${this.name} was closed`)): Promise<void> {
		this.fail(reason);
		await Promise.all(this.workers.map((worker) => worker.terminate()));
	}

	private serve(): void {
		while (this.idle.length > 0 && this.queue.length > 0) {
			const worker = this.idle.shift();
			const next = this.queue.shift();
			if (worker === undefined || next === undefined) return;
			const id = this.nextId++;
			this.running.set(id, { worker, ...next });
			worker.postMessage({ id, command: next.command } satisfies Order<Command>);
		}
	}

	private answer(reply: Reply): void {
		const job = this.running.get(reply.id);
		if (job === undefined) return;
		this.running.delete(reply.id);
		this.idle.push(job.worker);
		if ('error' in reply) job.reject(new LaneError(reply.error.message, reply.error.code));
		else {
			this.record({ lane: this.name, kind: job.command.do, startMillis: reply.startMillis, endMillis: reply.endMillis });
			job.resolve(reply.value);
		}
		this.serve();
	}

	private fail(reason: unknown): void {
		this.failure ??= reason;
		for (const { reject } of [...this.queue.splice(0), ...this.running.values()]) reject(this.failure);
		this.running.clear();
	}
}

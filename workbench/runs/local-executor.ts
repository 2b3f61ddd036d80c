/**
 * Work on this machine's threads. A run gets a thread of its own, so that the thread which talks to the user stays free:
 * stopping is asked for politely (the run ends at its next pause) and enforced after 700 ms.
 */
import { availableParallelism } from 'node:os';
import { MessageChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { CalibrationResult } from './run-record.ts';
import type { MeasuredClaimResult, Order, Outcome, Report, Work, WorkOrder } from './worker-protocol.ts';

export interface WorkEvents {
	readonly onProgress?: (fraction: number, note: string) => void;
	readonly onLog?: (level: 'info' | 'warning', message: string) => void;
	readonly onClaim?: (result: MeasuredClaimResult) => void;
	readonly onCalibration?: (result: CalibrationResult) => void;
}

/** Milliseconds between asking a run to stop and ending its thread. */
const GRACE_MILLISECONDS = 700;

export class LocalExecutor {
	private readonly pool: Piscina<WorkOrder, Outcome>;
	private readonly dataFolder: string;
	/** How many runs are worked on at once. */
	readonly hands: number;
	/** Threads each run may use for itself. */
	readonly threadsPerRun: number;

	constructor(dataFolder: string, options: { readonly hands?: number; readonly threadsPerRun?: number } = {}) {
		this.dataFolder = dataFolder;
		this.hands = options.hands ?? 1;
		this.threadsPerRun = options.threadsPerRun ?? Math.max(1, Math.floor(availableParallelism() / this.hands));
		this.pool = new Piscina({
			filename: new URL('./work-thread.ts', import.meta.url).href,
			minThreads: 0,
			maxThreads: this.hands,
			atomics: 'disabled',
			idleTimeout: 10_000,
		});
	}

	/** Works until done, stopped or failed. Never rejects for what happens inside the work. */
	async execute(work: Work, signal: AbortSignal, events: WorkEvents = {}): Promise<Outcome> {
		if (signal.aborted) return { kind: 'stopped' };
		const { port1: here, port2: there } = new MessageChannel();
		here.on('message', (report: Report) => {
			if (report.kind === 'progress') events.onProgress?.(report.fraction, report.note);
			else if (report.kind === 'log') events.onLog?.(report.level, report.message);
			else if (report.kind === 'claim') events.onClaim?.(report.result);
			else events.onCalibration?.(report.result);
		});
		const enforce = new AbortController();
		let timer: NodeJS.Timeout | undefined;
		const stop = (): void => {
			const order: Order = { kind: 'stop' };
			here.postMessage(order);
			timer = setTimeout(() => enforce.abort(), GRACE_MILLISECONDS);
		};
		signal.addEventListener('abort', stop, { once: true });
		try {
			const order: WorkOrder = { work, dataFolder: this.dataFolder, threads: this.threadsPerRun, port: there };
			const outcome = await this.pool.run(order, { transferList: [there], signal: enforce.signal });
			// What the thread said last may still be under way on the other channel.
			await new Promise((resolve) => setImmediate(resolve));
			return outcome;
		} catch (error) {
			if (signal.aborted) return { kind: 'stopped' };
			return { kind: 'failed', mistake: 'bug', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
		} finally {
			clearTimeout(timer);
			signal.removeEventListener('abort', stop);
			here.close();
		}
	}

	async close(): Promise<void> {
		await this.pool.destroy();
	}
}

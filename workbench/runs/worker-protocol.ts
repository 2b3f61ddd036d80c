/** What travels between the executor and the thread a run or a claim is worked on. */
import type { MessagePort } from 'node:worker_threads';
import type { CalibrationResult, RunRequest, RunResult } from './run-record.ts';

/** Work for a thread: one run, the measurement of one system's claims, or of its predictions' errors. */
export type Work =
	| { readonly kind: 'run'; readonly request: RunRequest }
	| { readonly kind: 'reproduce'; readonly system: string; readonly claims: readonly string[]; readonly seed: number }
	| { readonly kind: 'calibrate'; readonly system: string };

export interface WorkOrder {
	readonly work: Work;
	readonly dataFolder: string;
	/** Threads the work may use for itself. */
	readonly threads: number;
	readonly port: MessagePort;
}

/** From the thread. */
export type Report =
	| { readonly kind: 'progress'; readonly fraction: number; readonly note: string }
	| { readonly kind: 'log'; readonly level: 'info' | 'warning'; readonly message: string }
	| { readonly kind: 'claim'; readonly result: MeasuredClaimResult }
	| { readonly kind: 'calibration'; readonly result: CalibrationResult };

/** To the thread: stop at the next pause. */
export type Order = { readonly kind: 'stop' };

/** A claim's measurement as it comes from the thread. */
export interface MeasuredClaimResult {
	readonly claim: string;
	readonly ours: number | null;
	readonly seconds: number;
	/** Why there is no figure. */
	readonly reason: string | null;
}

/** How the work ended. Errors cross threads as plain data: an InputError keeps its words, a bug its stack. */
export type Outcome =
	| { readonly kind: 'done'; readonly result: RunResult | null }
	| { readonly kind: 'stopped' }
	| { readonly kind: 'failed'; readonly mistake: Mistake; readonly message: string };

/**
 * Whose mistake a failure is: the inputs'; that of data which could not be had; of a library that this machine lacks; the run's, which used
 * more time or memory than it may; its process's, which ended under it; or ours.
 */
export type Mistake = 'input' | 'data' | 'dependency' | 'limit' | 'crash' | 'bug';

/** Reason of an abort that the user asked for. */
export class StoppedError extends Error {
	override readonly name = 'StoppedError';
	constructor() {
		super('stopped');
	}
}

/**
 * The state of every request, in columns. A request has two tasks, named by an integer: 2 r is the prompt task of request r,
 * 2 r + 1 its token task.
 */
import type { RequestTrace } from './trace/request-trace.ts';

export const taskState = { none: 0, queued: 1, running: 2, blocked: 3, done: 4 } as const;

/** Why a request was turned away. */
export const rejection = { none: 0, tooLarge: 1 } as const;

export class RequestTable {
	readonly count: number;
	readonly arrivalSeconds: Float64Array;
	readonly promptTokens: Int32Array;
	readonly outputTokens: Int32Array;
	/** KV-cache bytes of one token of context. */
	readonly kvBytesPerToken: number;

	/** Machines chosen by the cluster scheduler; -1 before that. */
	readonly promptMachine: Int32Array;
	readonly tokenMachine: Int32Array;
	/** Times in seconds; NaN before they happen. */
	readonly promptStart: Float64Array;
	readonly promptEnd: Float64Array;
	readonly tokenStart: Float64Array;
	readonly end: Float64Array;
	readonly rejected: Uint8Array;
	/** Output tokens that the token task still has to produce. */
	readonly tokensLeft: Int32Array;

	/** By request: the selection of a batch that it was last part of (a request waits on one machine at a time). */
	readonly chosen: Int32Array;
	/** Selections made so far, on all machines. */
	selection = 0;
	/** By task. */
	readonly state: Uint8Array;
	readonly preemptions: Int32Array;

	constructor(trace: RequestTrace, kvBytesPerToken: number) {
		const count = trace.arrivalSeconds.length;
		this.count = count;
		this.arrivalSeconds = trace.arrivalSeconds;
		this.promptTokens = trace.promptTokens;
		this.outputTokens = trace.outputTokens;
		this.kvBytesPerToken = kvBytesPerToken;
		this.promptMachine = new Int32Array(count).fill(-1);
		this.tokenMachine = new Int32Array(count).fill(-1);
		this.promptStart = new Float64Array(count).fill(Number.NaN);
		this.promptEnd = new Float64Array(count).fill(Number.NaN);
		this.tokenStart = new Float64Array(count).fill(Number.NaN);
		this.end = new Float64Array(count).fill(Number.NaN);
		this.rejected = new Uint8Array(count);
		this.tokensLeft = trace.outputTokens.map((tokens) => tokens - 1);
		this.chosen = new Int32Array(count);
		this.state = new Uint8Array(2 * count);
		this.preemptions = new Int32Array(2 * count);
	}

	/** KV bytes a prompt task holds: its prompt and the first output token. */
	promptBytes(request: number): number {
		return this.kvBytesPerToken * ((this.promptTokens[request] as number) + 1);
	}

	/** KV bytes a token task adds, charged when it starts: the other output tokens. */
	tokenBytes(request: number): number {
		return this.kvBytesPerToken * ((this.outputTokens[request] as number) - 1);
	}

	/** KV bytes of the whole request. */
	totalBytes(request: number): number {
		return this.promptBytes(request) + this.tokenBytes(request);
	}

	/** KV bytes sent from the prompt machine to the token machine. */
	transferBytes(request: number): number {
		return this.kvBytesPerToken * (this.promptTokens[request] as number);
	}

	hasTokenTask(request: number): boolean {
		return (this.outputTokens[request] as number) > 1;
	}
}

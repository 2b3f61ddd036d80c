/** A trace: when requests arrive and how long their prompts and answers are, in columns sorted by arrival. */

export interface RequestTrace {
	/** Arrival times in seconds from the start of the trace, ascending. */
	readonly arrivalSeconds: Float64Array;
	/** Prompt lengths P, tokens, at least 1. */
	readonly promptTokens: Int32Array;
	/** Output lengths T, tokens, at least 1 (the first comes out of the prompt phase). */
	readonly outputTokens: Int32Array;
	/** The requests' own names where the file gives them, else 0, 1, 2, ... in order of arrival. */
	readonly identifiers: readonly string[] | undefined;
}

/** Longest prompt or answer accepted, tokens. */
export const maxTokens = 10_000_000;

/** Requests per second from the first arrival to the last; 0 if the trace is one instant. */
export function arrivalRate(trace: RequestTrace): number {
	const count = trace.arrivalSeconds.length;
	const span = (trace.arrivalSeconds[count - 1] ?? 0) - (trace.arrivalSeconds[0] ?? 0);
	return span > 0 ? (count - 1) / span : 0;
}

/** The same requests arriving `factor` times as fast. */
export function accelerate(trace: RequestTrace, factor: number): RequestTrace {
	return { ...trace, arrivalSeconds: trace.arrivalSeconds.map((seconds) => seconds / factor) };
}

/** The requests that arrive within the first `seconds` after time 0. */
export function firstSeconds(trace: RequestTrace, seconds: number): RequestTrace {
	let count = 0;
	while (count < trace.arrivalSeconds.length && (trace.arrivalSeconds[count] as number) < seconds) count++;
	return {
		arrivalSeconds: trace.arrivalSeconds.subarray(0, count),
		promptTokens: trace.promptTokens.subarray(0, count),
		outputTokens: trace.outputTokens.subarray(0, count),
		identifiers: trace.identifiers?.slice(0, count),
	};
}

/**
 * What the cache is compared with.
 *
 * - Cores that unpack weights: llama.cpp on a Cortex-A76 (the client sibling of the Neoverse N1), Llama 2 7B, one and two threads of a Raspberry Pi 5,
 *   published with T-MAC (github.com/microsoft/T-MAC, README). Unpacking keeps cores busy, not memory, so pace grows with cores and
 *   falls with a model's weights, up to what bandwidth allows. A batch gains nothing: every token is unpacked for again.
 * - A V100: every weight read once for the batch at 900 GB/s, and nothing else.
 */

/** Tokens per second of one thread by the bits of a weight, and weights that it goes through. */
const A76_TOKENS_PER_SECOND: Readonly<Record<2 | 4, number>> = { 2: 0.66, 4: 0.85 };
const A76_MODEL_WEIGHTS = 6.607e9;
/** Two threads against one, llama.cpp: 1.31 / 0.66 and 1.63 / 0.85. */
const A76_SCALING = 1.95;

const V100_BYTES_PER_SECOND = 900e9;

/** Tokens per second of `cores` that unpack weights; between 2 and 4 bits, and beyond, the nearer of the two measurements counts. */
export function unpackingTokensPerSecond(
	weightBits: number,
	weights: number,
	storedBytes: number,
	machine: { readonly cores: number; readonly dramBytesPerSecond: number },
): number {
	const one = A76_TOKENS_PER_SECOND[weightBits < 3 ? 2 : 4] * (A76_MODEL_WEIGHTS / weights);
	const threads = one * machine.cores ** Math.log2(A76_SCALING);
	return Math.min(threads, machine.dramBytesPerSecond / storedBytes);
}

/** Tokens per second of a V100 at its bandwidth. */
export function v100TokensPerSecond(storedBytes: number, batch: number): number {
	return (batch * V100_BYTES_PER_SECOND) / storedBytes;
}

/** Tokens for a dollar. */
export function tokensPerDollar(tokensPerSecond: number, dollarsPerHour: number): number {
	return (tokensPerSecond * 3600) / dollarsPerHour;
}

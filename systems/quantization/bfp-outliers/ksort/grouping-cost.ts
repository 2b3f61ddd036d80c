/**
 * How good a grouping of channels into blocks can be (an addition of ours). A block's step follows its largest channel and every channel of it
 * errs by about step^2 / 12, so a grouping costs the sum over blocks of n step^2 / 12. With equal blocks the only freedom is which
 * channels share one, and sorting is the best of all: each block's largest channel is the least that it can be.
 */

/** Expected squared error of a head whose places hold the channels of `order`. */
export function groupingCost(scores: Float64Array, order: Int32Array, blockSize: number, mantissaBits: number): number {
	let cost = 0;
	for (let start = 0; start < order.length; start += blockSize)
		cost += blockCost(
			Array.from(order.subarray(start, start + blockSize), (channel) => scores[channel] as number),
			mantissaBits,
		);
	return cost;
}

function blockCost(members: readonly number[], mantissaBits: number): number {
	const step = Math.max(...members) * 2 ** (2 - mantissaBits);
	return (members.length * step ** 2) / 12;
}

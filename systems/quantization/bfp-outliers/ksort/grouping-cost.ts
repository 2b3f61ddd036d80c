/**
 * How good a grouping of channels into blocks can be (an addition of ours). A block's step follows its largest channel and every channel of it
 * errs by about step^2 / 12, so a grouping costs the sum over blocks of n step^2 / 12. With equal blocks the only freedom is which
 * channels share one, and sorting is the best of all: each block's largest channel is the least that it can be. Heads of up to 16 channels
 * show it by looking through all groupings.
 */
import { InputError } from '@assay/contract';

/** Most channels for which all groupings are looked through. */
const MOST_CHANNELS = 16;

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

/** The least cost over all ways to deal channels to equal blocks, by dynamic programming over sets of channels. */
export function bestGroupingCost(scores: Float64Array, blockSize: number, mantissaBits: number): number {
	const channels = scores.length;
	if (channels > MOST_CHANNELS || channels % blockSize !== 0)
		throw new InputError({
			path: ['channels'],
			found: `${channels} in blocks of ${blockSize}`,
			expected: `at most ${MOST_CHANNELS} in whole blocks`,
		});
	const full = 2 ** channels - 1;
	const best = new Float64Array(full + 1).fill(Number.POSITIVE_INFINITY);
	best[0] = 0;
	for (let taken = 0; taken < full; taken++) {
		if (!Number.isFinite(best[taken])) continue;
		const first = Math.log2(~taken & -~taken);
		const fill = (block: number, next: number, left: number): void => {
			if (left === 0) {
				const members = Array.from(scores).filter((_, channel) => (block >> channel) & 1);
				const cost = (best[taken] as number) + blockCost(members, mantissaBits);
				if (cost < (best[taken | block] as number)) best[taken | block] = cost;
				return;
			}
			for (let channel = next; channel <= channels - left; channel++)
				if (((taken >> channel) & 1) === 0) fill(block | (1 << channel), channel + 1, left - 1);
		};
		fill(1 << first, first + 1, blockSize - 1);
	}
	return best[full] as number;
}

function blockCost(members: readonly number[], mantissaBits: number): number {
	const step = Math.max(...members) * 2 ** (2 - mantissaBits);
	return (members.length * step ** 2) / 12;
}

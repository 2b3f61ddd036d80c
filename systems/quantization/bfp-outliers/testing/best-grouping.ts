/** The best of all groupings of a few channels into equal blocks, by looking through them. */
import { groupingCost } from '../ksort/grouping-cost.ts';

/** The least cost over all ways to deal at most 16 channels to equal blocks, by dynamic programming over sets of channels. */
export function bestGroupingCost(scores: Float64Array, blockSize: number, mantissaBits: number): number {
	const channels = scores.length;
	if (channels > 16 || channels % blockSize !== 0) throw new RangeError(`${channels} channels in blocks of ${blockSize}`);
	const full = 2 ** channels - 1;
	const best = new Float64Array(full + 1).fill(Number.POSITIVE_INFINITY);
	best[0] = 0;
	for (let taken = 0; taken < full; taken++) {
		if (!Number.isFinite(best[taken])) continue;
		const first = Math.log2(~taken & -~taken);
		const fill = (block: number, next: number, left: number): void => {
			if (left === 0) {
				const members = Int32Array.from({ length: channels }, (_, channel) => channel).filter((one) => (block >> one) & 1);
				const cost = (best[taken] as number) + groupingCost(scores, members, blockSize, mantissaBits);
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

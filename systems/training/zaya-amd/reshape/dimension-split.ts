/** How one dimension of a tensor is cut over ranks, and how two such cuts meet. */

/** A piece of a dimension: `[logical, logical + length)` of the whole tensor lies at `local` on rank `rank`. */
export interface Interval {
	readonly logical: number;
	readonly local: number;
	readonly length: number;
	readonly rank: number;
}

/** The ranks that a dimension is cut over; null: every rank has all of it. */
export type Axis = 'tensor' | 'expert' | null;

/** A dimension cut over ranks. */
export interface DimensionSplit {
	readonly axis: Axis;
	/** Length in the whole tensor, without padding. */
	readonly logicalSize: number;
	/** Length on each rank, with padding. */
	readonly localSize: number;
	/** By logical position; they cover all of it. */
	readonly intervals: readonly Interval[];
	/** Every rank holds the dimension as it is. */
	readonly plain: boolean;
}

/** A dimension that is not cut. */
export function wholeDimension(size: number): DimensionSplit {
	const intervals = size === 0 ? [] : [{ logical: 0, local: 0, length: size, rank: 0 }];
	return { axis: null, logicalSize: size, localSize: size, intervals, plain: true };
}

/**
 * Fused parts of the given relative sizes, each cut evenly over the ranks; a rank holds its share of each, one after the other.
 * Undefined where the parts or the ranks do not divide the size.
 */
export function fusedDimension(size: number, parts: readonly number[], ranks: number, axis: Axis): DimensionSplit | undefined {
	if (ranks === 1) return wholeDimension(size);
	const unit = size / parts.reduce((sum, part) => sum + part, 0);
	const intervals: Interval[] = [];
	let logical = 0;
	let local = 0;
	for (const part of parts) {
		const length = (part * unit) / ranks;
		if (!Number.isInteger(length)) return undefined;
		for (let rank = 0; rank < ranks && length > 0; rank++) {
			intervals.push({ logical: logical + rank * length, local, length, rank });
		}
		logical += ranks * length;
		local += length;
	}
	return { axis, logicalSize: size, localSize: local, intervals, plain: false };
}

/** A table padded to a multiple of `multiple * ranks` rows and cut evenly. */
export function paddedDimension(size: number, multiple: number, ranks: number): DimensionSplit {
	const localSize = Math.ceil(size / (multiple * ranks)) * multiple;
	const intervals: Interval[] = [];
	for (let rank = 0; rank < ranks; rank++) {
		const length = Math.min(size, (rank + 1) * localSize) - rank * localSize;
		if (length > 0) intervals.push({ logical: rank * localSize, local: 0, length, rank });
	}
	return { axis: 'tensor', logicalSize: size, localSize, intervals, plain: ranks === 1 && localSize === size };
}

/** A stretch that lies together on both sides. */
export interface Meeting {
	readonly target: number;
	readonly source: number;
	readonly length: number;
	/** Rank of the source along its own axis. */
	readonly sourceRank: number;
}

/** What one rank of the target needs of a dimension, and where the source has it, in the target's order. */
export function meetings(source: DimensionSplit, target: DimensionSplit, targetRank: number): Meeting[] {
	const found: Meeting[] = [];
	for (const mine of target.intervals) {
		if (target.axis !== null && mine.rank !== targetRank) continue;
		const end = mine.logical + mine.length;
		for (let at = firstReaching(source.intervals, mine.logical); at < source.intervals.length; at++) {
			const theirs = source.intervals[at] as Interval;
			if (theirs.logical >= end) break;
			const from = Math.max(mine.logical, theirs.logical);
			const to = Math.min(end, theirs.logical + theirs.length);
			found.push({
				target: mine.local + from - mine.logical,
				source: theirs.local + from - theirs.logical,
				length: to - from,
				sourceRank: theirs.rank,
			});
		}
	}
	return found.sort((a, b) => a.target - b.target);
}

/** The first interval that ends after a position. */
function firstReaching(intervals: readonly Interval[], position: number): number {
	let low = 0;
	let high = intervals.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		const { logical, length } = intervals[middle] as Interval;
		if (logical + length > position) high = middle;
		else low = middle + 1;
	}
	return low;
}

/** What a user should do, from the errors of every head. */

/** Heads gain from sorting from this ratio of mean errors per channel on. */
export const WORTH_RATIO = 1.5;
/** Sorting is worth it from this share of heads on that gain. */
export const WORTH_SHARE = 0.1;
/** Four bits count as unsafe beyond this error of the scores. */
export const UNSAFE_SCORE_ERROR = 0.2;

/** Errors of a head at one block size, unsorted and sorted. */
export interface HeadChange {
	readonly unsorted: { readonly channelError: number };
	readonly sorted: { readonly channelError: number; readonly scoreError: number };
}

/** Mean error per channel unsorted over sorted; 1 where nothing is lost either way. */
export function sortingGain({ unsorted, sorted }: HeadChange): number {
	if (sorted.channelError > 0) return unsorted.channelError / sorted.channelError;
	return 1;
}

export const isUnsafe = ({ sorted }: HeadChange): boolean => sorted.scoreError > UNSAFE_SCORE_ERROR;

/** Whether enough heads gain. */
export function isWorthIt(heads: readonly HeadChange[]): boolean {
	const gaining = heads.filter((head) => sortingGain(head) > WORTH_RATIO).length;
	return heads.length > 0 && gaining >= WORTH_SHARE * heads.length;
}

/** 32 channels in a block, unless the head holds fewer than two of those: then half a head, so that there is something to sort into. */
export function suggestedBlock(headDim: number): number {
	for (let size = Math.min(32, Math.floor(headDim / 2)); size > 1; size--) if (headDim % size === 0) return size;
	return 1;
}

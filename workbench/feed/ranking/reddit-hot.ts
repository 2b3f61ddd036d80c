/** Reddit's "hot": each power of ten in votes is worth 12.5 hours. */

/** 12.5 hours, in seconds. */
export const REDDIT_WINDOW_SECONDS = 45_000;
/** 2005-12-08T07:46:43Z, from which Reddit counts. */
const EPOCH_SECONDS = 1_134_028_003;

/** sign(s) log10(max(|s|, 1)) + (created - 1134028003) / 45000, with s upvotes less downvotes, `created` in seconds since 1970. */
export function redditHot(score: number, createdSeconds: number): number {
	return Math.sign(score) * Math.log10(Math.max(Math.abs(score), 1)) + (createdSeconds - EPOCH_SECONDS) / REDDIT_WINDOW_SECONDS;
}

/** Lobsters: each power of ten in votes is worth one window of time; the lowest value comes first. */

/** 36 hours, in seconds. */
export const LOBSTERS_WINDOW_SECONDS = 129_600;

/**
 * -(sign(s) log10(max(|s + 1| + c, 1)) + modifiers + created / window), with s upvotes less downvotes, c the points of others'
 * comments (each up + 1 - down), `created` in seconds since 1970. A score of 0 counts for nothing whatever the comments.
 */
export function lobstersHotness(score: number, commentPoints: number, createdSeconds: number, tagModifiers = 0): number {
	const order = Math.log10(Math.max(Math.abs(score + 1) + commentPoints, 1));
	return -(Math.sign(score) * order + tagModifiers + createdSeconds / LOBSTERS_WINDOW_SECONDS);
}

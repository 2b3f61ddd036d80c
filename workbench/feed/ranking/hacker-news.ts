/** Hacker News: points lose against time by a power law. */

export interface HackerNewsPenalties {
	/** The paper is taken for the same as an earlier one. */
	readonly duplicate: boolean;
	/** Weight of the flags that are not dismissed. */
	readonly flags: number;
	readonly comments: number;
}

/** What a duplicate keeps of its score. */
const DUPLICATE = 0.1;
/** More comments than this, and more than points, are taken for a quarrel. */
const MANY_COMMENTS = 40;

/** (p - 1)^0.8 / (t + 2)^1.8 with p points after t hours, times the penalty; 0 up to one point. */
export function hackerNewsScore(points: number, hours: number, penalty = 1): number {
	return (Math.max(points - 1, 0) ** 0.8 / (hours + 2) ** 1.8) * penalty;
}

/** From 0 to 1: duplicates keep a tenth, each unit of flags divides once more, quarrels lose by the square of points per comment. */
export function hackerNewsPenalty(points: number, { duplicate, flags, comments }: HackerNewsPenalties): number {
	const quarrel = comments > MANY_COMMENTS && comments > points ? (points / comments) ** 2 : 1;
	return ((duplicate ? DUPLICATE : 1) / (1 + flags)) * quarrel;
}

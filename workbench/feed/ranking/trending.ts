/** Trending, the order of the front page: what people did lately, each act worth half as much every 12 hours. */

export const HALF_LIFE_HOURS = 12;
/** A comment counts half a vote, and at most three comments of one person count. */
export const COMMENT_WEIGHT = 0.5;
export const COMMENTS_PER_USER = 3;
/** Each doubling of 1 + the number of verified organisations among the voters adds this share. */
export const ORGANISATION_BONUS = 0.2;

export interface TrendingVote {
	readonly at: Date;
	readonly weight: number;
}

/** A visible comment of somebody other than the submitter. */
export interface TrendingComment {
	readonly at: Date;
	readonly user: number;
}

export interface TrendingActivity {
	readonly votes: readonly TrendingVote[];
	readonly comments: readonly TrendingComment[];
	/** Distinct verified organisations among the voters. */
	readonly organisations: number;
}

/** The score and what it is made of: score = bonus x (votes + comments). */
export interface TrendingParts {
	readonly score: number;
	readonly bonus: number;
	/** Weighted votes, halved by age. */
	readonly votes: number;
	/** The same of comments, the newest three of each person. */
	readonly comments: number;
}

/** (1 + 0.2 log2(1 + o)) x the sum over votes and comments of weight x 2^(-age / 12 h). */
export function trending({ votes, comments, organisations }: TrendingActivity, now: Date): TrendingParts {
	const bonus = 1 + ORGANISATION_BONUS * Math.log2(1 + organisations);
	const fromVotes = votes.reduce((sum, { at, weight }) => sum + weight * decay(at, now), 0);
	const counted = new Map<number, number>();
	let fromComments = 0;
	for (const { at, user } of comments.toSorted((a, b) => b.at.getTime() - a.at.getTime())) {
		const before = counted.get(user) ?? 0;
		counted.set(user, before + 1);
		if (before < COMMENTS_PER_USER) fromComments += COMMENT_WEIGHT * decay(at, now);
	}
	return { score: bonus * (fromVotes + fromComments), bonus, votes: fromVotes, comments: fromComments };
}

/** What an act at that time is still worth; one that is yet to come counts as of now. */
function decay(at: Date, now: Date): number {
	const hours = Math.max(0, now.getTime() - at.getTime()) / 3_600_000;
	return 2 ** (-hours / HALF_LIFE_HOURS);
}

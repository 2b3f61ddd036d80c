/**
 * Papers in the order asked for. Votes are added up in the database; the formulas are applied here, to those papers only that
 * can reach the page: trending to those with recent activity, the logarithmic ones to a stretch of days that follows from the
 * largest vote. Papers without a score come after those with one. Ties go by the day of listing, then by id, newest first.
 */
import type { AssayDatabase, Database } from '@assay/database';
import type { Kysely } from 'kysely';
import { hackerNewsPenalty, hackerNewsScore } from './hacker-news.ts';
import { LOBSTERS_WINDOW_SECONDS, lobstersHotness } from './lobsters.ts';
import { byNewest, type DatedPaper, newestPapers } from './newest.ts';
import { type PaperTally, readTallies } from './paper-tally.ts';
import { firstDayOf, type Period } from './period.ts';
import { REDDIT_WINDOW_SECONDS, redditHot } from './reddit-hot.ts';
import { topPapers } from './top.ts';
import { readTrending } from './trending-activity.ts';

export type PaperOrder = 'trending' | 'new' | 'top' | 'hacker-news' | 'lobsters' | 'reddit';

export interface RankOptions {
	readonly order: PaperOrder;
	/** By the day of listing; all unless given. */
	readonly period?: Period;
	readonly now: Date;
	readonly limit: number;
	readonly offset: number;
}

interface Page {
	readonly since: string | null;
	readonly limit: number;
	readonly offset: number;
}

/** Ids of the visible papers of one page of the order. */
export async function rankPapers(
	{ kysely }: AssayDatabase,
	{ order, period = 'all', now, limit, offset }: RankOptions,
): Promise<number[]> {
	const page = { since: firstDayOf(period, now), limit, offset };
	const papers = await ranked(kysely, order, now, page);
	return papers.map(({ id }) => id);
}

async function ranked(kysely: Kysely<Database>, order: PaperOrder, now: Date, page: Page): Promise<readonly DatedPaper[]> {
	switch (order) {
		case 'new':
			return newestPapers(kysely, page);
		case 'trending':
			return withUnscored(kysely, await readTrending(kysely, now, page.since), page);
		case 'top':
			return withUnvoted(kysely, page);
		case 'hacker-news':
			return withUnscored(kysely, await hackerNews(kysely, now, page.since), page);
		case 'lobsters':
			return hottest(
				kysely,
				page,
				LOBSTERS_WINDOW_SECONDS,
				({ points, commentPoints, listedSeconds }) => -lobstersHotness(points, commentPoints, listedSeconds),
			);
		case 'reddit':
			return hottest(kysely, page, REDDIT_WINDOW_SECONDS, ({ points, listedSeconds }) => redditHot(points, listedSeconds));
	}
}

/** The page of the scored papers, best first, followed by all others. */
async function withUnscored(kysely: Kysely<Database>, scored: readonly DatedPaper[], page: Page): Promise<readonly DatedPaper[]> {
	const end = page.offset + page.limit;
	if (scored.length >= end) return scored.slice(page.offset, end);
	const known = new Set(scored.map(({ id }) => id));
	const newest = await newestPapers(kysely, { since: page.since, limit: end, offset: 0 });
	return [...scored, ...newest.filter(({ id }) => !known.has(id))].slice(page.offset, end);
}

async function withUnvoted(kysely: Kysely<Database>, page: Page): Promise<readonly DatedPaper[]> {
	return withUnscored(kysely, await topPapers(kysely, page.since, page.offset + page.limit), page);
}

async function hackerNews(kysely: Kysely<Database>, now: Date, since: string | null): Promise<DatedPaper[]> {
	const scoreOf = (paper: PaperTally): number => {
		const hours = Math.max(0, now.getTime() / 1000 - paper.listedSeconds) / 3600;
		return hackerNewsScore(paper.points, hours, hackerNewsPenalty(paper.points, paper));
	};
	const papers = await readTallies(kysely, { since, undated: false, above: 1 });
	return sortedBy(papers.map((paper) => ({ paper, score: scoreOf(paper) })));
}

/**
 * The page by "logarithm of votes plus time in windows". The papers of the newest pages have at least the score of the last
 * one's time; an older paper reaches that only within as many windows as the largest vote has powers of ten.
 */
async function hottest(
	kysely: Kysely<Database>,
	page: Page,
	windowSeconds: number,
	scoreOf: (paper: PaperTally) => number,
): Promise<readonly DatedPaper[]> {
	const end = page.offset + page.limit;
	const [last] = await newestPapers(kysely, { since: page.since, limit: 1, offset: Math.max(0, end - 1) });
	let since = page.since;
	if (last !== undefined && last.listedOn !== null) {
		const reach = windowSeconds * Math.log10(await largestScore(kysely)) + 86_400;
		const first = new Date(Date.parse(last.listedOn) - reach * 1000).toISOString().slice(0, 10);
		since = since === null || first > since ? first : since;
	}
	const papers = await readTallies(kysely, { since, undated: page.since === null });
	return sortedBy(papers.map((paper) => ({ paper, score: scoreOf(paper) }))).slice(page.offset, end);
}

/** At least as large as the votes and comment points of any one paper. */
async function largestScore(kysely: Kysely<Database>): Promise<number> {
	const [points] = await topPoints(kysely);
	const { comments } = await kysely
		.selectFrom('comments')
		.select(({ fn }) => fn.countAll<number>().as('comments'))
		.executeTakeFirstOrThrow();
	const { votes } = await kysely
		.selectFrom('comment_votes')
		.select(({ fn }) => fn.countAll<number>().as('votes'))
		.executeTakeFirstOrThrow();
	return 10 + (points?.points ?? 0) + comments + votes;
}

function topPoints(kysely: Kysely<Database>): Promise<{ points: number }[]> {
	return kysely
		.selectFrom('votes')
		.select(({ fn }) => fn.sum<number>('weight').as('points'))
		.groupBy('paper_id')
		.orderBy('points', 'desc')
		.limit(1)
		.execute();
}

function sortedBy(scored: readonly { paper: DatedPaper; score: number }[]): DatedPaper[] {
	return scored.toSorted((a, b) => b.score - a.score || byNewest(a.paper, b.paper)).map(({ paper }) => paper);
}

import { createRandom } from '@assay/contract';
import type { AssayDatabase } from '@assay/database';
import { onBothEngines } from '@assay/database/testing';
import { expect, test } from 'vitest';
import { hackerNewsPenalty, hackerNewsScore } from './hacker-news.ts';
import { lobstersHotness } from './lobsters.ts';
import { type PaperOrder, rankPapers } from './rank-papers.ts';
import { redditHot } from './reddit-hot.ts';
import { explainTrending } from './trending-activity.ts';

const now = new Date('2026-01-10T06:00:00Z');
const hoursAgo = (hours: number): string => new Date(now.getTime() - hours * 3_600_000).toISOString();

interface World {
	papers: { id: number; listed_on: string | null; hidden: number; submitted_by: number | null; created_at: string }[];
	votes: { user_id: number; paper_id: number; at: string; weight: number; network: null }[];
	comments: { id: number; paper_id: number; user_id: number; state: 'visible' | 'hidden'; created_at: string }[];
	commentVotes: { user_id: number; comment_id: number; value: number; at: string }[];
	/** Users 1 to 30; every third belongs to organisation 1 or 2, of which 1 is verified. */
	organisationOf: Map<number, number>;
}

/** A small world drawn at random and written into the database. */
async function world({ kysely }: AssayDatabase): Promise<World> {
	const random = createRandom(5);
	await kysely
		.insertInto('organisations')
		.values([
			{ slug: 'o1', name: 'O1', verified: 1 },
			{ slug: 'o2', name: 'O2', verified: 0 },
		])
		.execute();
	const organisationOf = new Map(Array.from({ length: 10 }, (_, index) => [3 * (index + 1), 1 + (index % 2)]));
	const users = Array.from({ length: 30 }, (_, index) => ({
		handle: `u${index + 1}`,
		role: 'user' as const,
		organisation_id: organisationOf.get(index + 1) ?? null,
		created_at: hoursAgo(9999),
	}));
	await kysely.insertInto('users').values(users).execute();
	const papers = Array.from({ length: 60 }, (_, index) => ({
		id: index + 1,
		listed_on: index % 20 === 7 ? null : hoursAgo(24 * random.integer(50)).slice(0, 10),
		hidden: index % 15 === 4 ? 1 : 0,
		submitted_by: index % 4 === 0 ? 1 + random.integer(30) : null,
		created_at: hoursAgo(24 * random.integer(50)),
	}));
	await kysely
		.insertInto('papers')
		.values(papers.map(({ id, ...rest }) => ({ slug: `p${id}`, title: `P${id}`, title_key: `p${id}`, updated_at: '', ...rest })))
		.execute();
	const votes = papers.flatMap(({ id }) => {
		const voters = random
			.shuffle(Array.from({ length: 30 }, (_, index) => index + 1))
			.slice(0, id % 3 === 0 ? 0 : random.integer(12));
		return voters.map((user_id) => ({
			user_id,
			paper_id: id,
			at: hoursAgo(random.uniform() * 24 * 18),
			weight: random.integer(4) === 0 ? 0.2 : 1,
			network: null,
		}));
	});
	await kysely.insertInto('votes').values(votes).execute();
	const comments = Array.from({ length: 150 }, (_, index) => ({
		id: index + 1,
		paper_id: 1 + random.integer(60),
		user_id: 1 + random.integer(30),
		state: random.integer(5) === 0 ? ('hidden' as const) : ('visible' as const),
		created_at: hoursAgo(random.uniform() * 24 * 18),
	}));
	await kysely
		.insertInto('comments')
		.values(comments.map(({ id: _, ...rest }) => ({ depth: 0, body: '', html: '', ...rest })))
		.execute();
	const commentVotes = comments.flatMap(({ id }) =>
		[1, 2, 3]
			.slice(0, random.integer(4))
			.map((user_id) => ({ user_id, comment_id: id, value: random.integer(2) ? 1 : -1, at: hoursAgo(1) })),
	);
	await kysely.insertInto('comment_votes').values(commentVotes).execute();
	return { papers, votes, comments, commentVotes, organisationOf };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Every formula over every paper, from the spec's words, then one sort. */
function bruteForce(
	{ papers, votes, comments, commentVotes, organisationOf }: World,
	order: PaperOrder,
	since: string | null,
): number[] {
	const scoreOf = (paper: World['papers'][number]): number => {
		const own = votes.filter((vote) => vote.paper_id === paper.id);
		const points = sum(own.map((vote) => vote.weight));
		const remarks = comments.filter(
			(comment) => comment.paper_id === paper.id && comment.state === 'visible' && comment.user_id !== paper.submitted_by,
		);
		const created = Date.parse(paper.listed_on ?? paper.created_at) / 1000;
		const cpoints = sum(
			remarks.map(({ id }) => 1 + sum(commentVotes.filter((vote) => vote.comment_id === id).map((vote) => vote.value))),
		);
		const worth = (at: string): number => 2 ** ((Date.parse(at) - now.getTime()) / 43_200_000);
		switch (order) {
			case 'new':
				return 0;
			case 'top':
				return points;
			case 'hacker-news': {
				const penalty = hackerNewsPenalty(points, { duplicate: false, flags: 0, comments: remarks.length });
				return hackerNewsScore(points, (now.getTime() / 1000 - created) / 3600, penalty);
			}
			case 'lobsters':
				return -lobstersHotness(points, cpoints, created);
			case 'reddit':
				return redditHot(points, created);
			case 'trending': {
				const verified = new Set(own.map((vote) => organisationOf.get(vote.user_id)).filter((id) => id === 1));
				const byUser = [...Map.groupBy(remarks, (remark) => remark.user_id).values()];
				const counted = byUser.flatMap((list) =>
					list
						.map(({ created_at }) => worth(created_at))
						.sort((a, b) => b - a)
						.slice(0, 3),
				);
				const voted = sum(own.map((vote) => vote.weight * worth(vote.at)));
				return (1 + 0.2 * Math.log2(1 + verified.size)) * (voted + 0.5 * sum(counted));
			}
		}
	};
	return papers
		.filter((paper) => paper.hidden === 0 && (since === null || (paper.listed_on ?? '') >= since))
		.map((paper) => ({ ...paper, score: scoreOf(paper), day: paper.listed_on ?? '' }))
		.sort((a, b) => {
			const difference = b.score - a.score;
			return Math.abs(difference) > 1e-9 * Math.abs(a.score)
				? difference
				: a.day === b.day
					? b.id - a.id
					: a.day < b.day
						? 1
						: -1;
		})
		.map(({ id }) => id);
}

onBothEngines(({ open }) => {
	test('every order is that of a brute force, on every page', async () => {
		const database = await open();
		const facts = await world(database);
		for (const order of ['trending', 'new', 'top', 'hacker-news', 'lobsters', 'reddit'] as const) {
			for (const [period, since] of [
				['all', null],
				['week', '2026-01-04'],
				['month', '2025-12-12'],
				['day', '2026-01-10'],
			] as const) {
				const wanted = bruteForce(facts, order, since);
				for (const offset of [0, 7, 14, 49]) {
					const found = await rankPapers(database, { order, period, now, limit: 7, offset });
					expect({ order, period, offset, found }).toEqual({ order, period, offset, found: wanted.slice(offset, offset + 7) });
				}
			}
		}
	});

	test('the explanation of a score is of the paper that was asked for', async () => {
		const database = await open();
		const facts = await world(database);
		const [first] = await rankPapers(database, { order: 'trending', now, limit: 1, offset: 0 });
		const best = await explainTrending(database, first ?? 0, now);
		expect(best.score).toBeCloseTo(best.bonus * (best.votes + best.comments), 12);
		for (const { id, hidden } of facts.papers) {
			if (hidden === 0) expect((await explainTrending(database, id, now)).score).toBeLessThanOrEqual(best.score);
		}
		expect(await explainTrending(database, 999, now)).toEqual({ score: 0, bonus: 1, votes: 0, comments: 0 });
	});
});

import type { AssayDatabase } from '@assay/database';
import { onBothEngines } from '@assay/database/testing';
import { expect, test } from 'vitest';
import { voteWeight } from '../people/accounts.ts';
import { agreementOf, type CastVote, findBursts, recomputeWeights } from './vote-weights.ts';

const start = Date.parse('2026-01-10T00:00:00Z');
const minute = (minutes: number): Date => new Date(start + minutes * 60_000);
const old = new Date('2020-01-01T00:00:00Z');

function votesAt(minutes: readonly number[], network: string | null = '10.0.0.0/24'): CastVote[] {
	return minutes.map((at, index) => ({ user: index + 1, at: minute(at), network, accountCreatedAt: old.toISOString() }));
}

test('a vote counts 0.2 while the account is less than a day old', () => {
	expect(voteWeight({ createdAt: minute(0).toISOString() }, minute(24 * 60 - 1))).toBe(0.2);
	expect(voteWeight({ createdAt: minute(0).toISOString() }, minute(24 * 60))).toBe(1);
});

test('a burst takes more than five votes, within ten minutes, from one network, in agreement', () => {
	const agreed = () => 0.9;
	const sizes = (votes: readonly CastVote[], agreement = agreed): number[] =>
		findBursts(votes, agreement).map((burst) => burst.length);
	expect(sizes(votesAt([0, 1, 2, 3, 4]))).toEqual([]);
	expect(sizes(votesAt([0, 1, 2, 3, 4, 10]))).toEqual([6]);
	expect(sizes(votesAt([0, 1, 2, 3, 4, 10.1]))).toEqual([]);
	expect(sizes(votesAt([0, 1, 2, 3, 4, 5], null))).toEqual([]);
	expect(sizes(votesAt([0, 1, 2, 3, 4, 5]), () => 0.8)).toEqual([]);
	// A later vote outside of every full window is no part; two bursts far apart are two; overlapping windows are one.
	expect(sizes(votesAt([0, 1, 2, 3, 4, 5, 30]))).toEqual([6]);
	expect(sizes(votesAt([0, 1, 2, 3, 4, 5, 60, 61, 62, 63, 64, 65, 66]))).toEqual([6, 7]);
	expect(sizes(votesAt([0, 2, 4, 6, 8, 10, 12, 14]))).toEqual([8]);
	const mixed = votesAt([0, 1, 2, 3, 4, 5]).map((vote, index) => ({ ...vote, network: index % 2 ? 'a' : 'b' }));
	expect(sizes(mixed)).toEqual([]);
});

test('agreement is the share of the smaller number of votes in common, on average', () => {
	const votesOf = new Map([
		[1, new Set([1, 2, 3, 4])],
		[2, new Set([1, 2])],
		[3, new Set([4, 9])],
	]);
	expect(agreementOf(votesOf, [1, 2])).toBe(1);
	expect(agreementOf(votesOf, [1, 2, 3])).toBeCloseTo((1 + 0.5 + 0) / 3, 12);
	expect(agreementOf(votesOf, [1])).toBe(0);
});

async function fill({ kysely }: AssayDatabase): Promise<void> {
	const users = Array.from({ length: 20 }, (_, index) => ({
		handle: `u${index + 1}`,
		role: 'user' as const,
		created_at: index === 19 ? minute(-60).toISOString() : old.toISOString(),
	}));
	await kysely.insertInto('users').values(users).execute();
	const papers = Array.from({ length: 6 }, (_, index) => ({
		slug: `p${index}`,
		title: '',
		title_key: '',
		created_at: '',
		updated_at: '',
	}));
	await kysely.insertInto('papers').values(papers).execute();
	const vote = (user_id: number, paper_id: number, at: number, network: string | null) => ({
		user_id,
		paper_id,
		at: minute(at).toISOString(),
		weight: 1,
		network,
	});
	const ring = [1, 2, 3, 4, 5, 6, 7];
	await kysely
		.insertInto('votes')
		.values([
			// A ring of seven that votes alike, a class of seven with tastes of their own, and a new account.
			...ring.map((user) => vote(user, 1, user, 'ring')),
			...ring.map((user) => vote(user, 2, 100 * user, null)),
			...ring.map((user) => vote(user + 7, 3, user, 'class')),
			...ring.map((user) => vote(user + 7, 4 + (user % 3), 100 * user, null)),
			vote(20, 1, 5, null),
		])
		.execute();
}

onBothEngines(({ open }) => {
	test('a ring counts as one vote, a new account a fifth, others fully; raw votes stay; a second run changes nothing', async () => {
		const database = await open();
		await fill(database);
		const now = minute(2000);
		const changes = await recomputeWeights(database, now);
		expect(changes).toEqual({ changed: 8, bursts: 1 });
		const rows = await database.kysely.selectFrom('votes').select(['user_id', 'paper_id', 'weight']).execute();
		expect(rows).toHaveLength(29);
		for (const { user_id, paper_id, weight } of rows) {
			expect(weight).toBeCloseTo(user_id === 20 ? 0.2 : paper_id === 1 ? 1 / 7 : 1, 12);
		}
		const log = await database.kysely.selectFrom('moderation_log').selectAll().execute();
		expect(log).toMatchObject([{ actor_id: null, action: 'weigh-votes', target_kind: 'paper', target_id: 1 }]);
		expect(await recomputeWeights(database, now)).toEqual({ changed: 0, bursts: 1 });
		expect(await database.kysely.selectFrom('moderation_log').selectAll().execute()).toHaveLength(1);
		const events = await database.kysely.selectFrom('events').selectAll().where('kind', '=', 'vote-weights').execute();
		expect(events.map(({ payload }) => payload)).toEqual(['{"changed":8,"bursts":1}', '{"changed":0,"bursts":1}']);
	});
});

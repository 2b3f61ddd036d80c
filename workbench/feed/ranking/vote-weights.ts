/**
 * What votes count in the rankings; the numbers shown are never touched. A vote given by an account less than a day old counts
 * 0.2. More than five votes for one paper from one network within ten minutes, by accounts that agree in more than 80 % of
 * what they vote for, are a burst: together they count as one vote.
 */
import type { AssayDatabase } from '@assay/database';
import { voteWeight } from '../people/accounts.ts';

const BURST_VOTES = 5;
const BURST_MINUTES = 10;
const BURST_AGREEMENT = 0.8;
/** Older votes keep the weight they have. */
const LOOK_BACK_DAYS = 30;
const CHUNK = 500;

export interface CastVote {
	readonly user: number;
	readonly at: Date;
	/** Prefix of the network address; null where it is not known, which is never part of a burst. */
	readonly network: string | null;
	/** ISO 8601. */
	readonly accountCreatedAt: string;
}

/**
 * The bursts among one paper's votes: groups from one network in which each vote is within ten minutes of at least five others,
 * if the accounts agree. `agreement` is the mean over pairs of accounts of the share of the smaller one's votes in common.
 */
export function findBursts(votes: readonly CastVote[], agreement: (users: readonly number[]) => number): CastVote[][] {
	const bursts: CastVote[][] = [];
	for (const [network, group] of Map.groupBy(votes, (vote) => vote.network)) {
		if (network === null || group.length <= BURST_VOTES) continue;
		const sorted = group.toSorted((a, b) => a.at.getTime() - b.at.getTime());
		for (const run of denseRuns(sorted)) {
			if (agreement(run.map(({ user }) => user)) > BURST_AGREEMENT) bursts.push(run);
		}
	}
	return bursts;
}

/** Unions of overlapping ten-minute windows that hold more than five votes each. */
function denseRuns(sorted: readonly CastVote[]): CastVote[][] {
	const runs: CastVote[][] = [];
	let taken = 0;
	let lastWindow = -1;
	let first = 0;
	sorted.forEach((vote, last) => {
		while (vote.at.getTime() - sorted[first]!.at.getTime() > BURST_MINUTES * 60_000) first++;
		if (last - first + 1 <= BURST_VOTES) return;
		const joins = runs.length > 0 && first <= lastWindow;
		const run = joins ? runs.at(-1)! : [];
		if (!joins) runs.push(run);
		run.push(...sorted.slice(Math.max(first, taken), last + 1));
		[taken, lastWindow] = [last + 1, last];
	});
	return runs;
}

/** The mean over pairs of the votes in common, as a share of the smaller number of votes. */
export function agreementOf(votesOf: ReadonlyMap<number, ReadonlySet<number>>, users: readonly number[]): number {
	let [sum, pairs] = [0, 0];
	users.forEach((one, index) => {
		for (const other of users.slice(index + 1)) {
			const [a, b] = [votesOf.get(one) ?? new Set<number>(), votesOf.get(other) ?? new Set<number>()];
			const common = [...a].filter((paper) => b.has(paper)).length;
			sum += common / Math.max(1, Math.min(a.size, b.size));
			pairs += 1;
		}
	});
	return pairs === 0 ? 0 : sum / pairs;
}

export interface WeightChanges {
	/** Votes whose weight is another one now. */
	readonly changed: number;
	readonly bursts: number;
}

/** Weighs the votes of the last 30 days again. What changed is logged: a burst in the moderation log, the sums as an event. */
export async function recomputeWeights(database: AssayDatabase, now: Date): Promise<WeightChanges> {
	const from = new Date(now.getTime() - LOOK_BACK_DAYS * 86_400_000).toISOString();
	const rows = await database.kysely
		.selectFrom('votes')
		.innerJoin('users', 'users.id', 'votes.user_id')
		.select(['paper_id', 'user_id', 'at', 'weight', 'network', 'users.created_at'])
		.where('at', '>=', from)
		.execute();
	let [changed, bursts] = [0, 0];
	for (const [paper, group] of Map.groupBy(rows, (row) => row.paper_id)) {
		const votes = group.map((row) => ({
			user: row.user_id,
			at: new Date(row.at),
			network: row.network,
			accountCreatedAt: row.created_at,
		}));
		const votesOf = await readVotesOf(database, suspects(votes));
		const found = findBursts(votes, (users) => agreementOf(votesOf, users));
		const size = new Map(found.flatMap((burst) => burst.map((vote) => [vote.user, burst.length])));
		const wanted = votes.map((vote) => voteWeight({ createdAt: vote.accountCreatedAt }, vote.at) / (size.get(vote.user) ?? 1));
		const changes = votes.flatMap((vote, index) =>
			group[index]!.weight === wanted[index] ? [] : [{ user: vote.user, weight: wanted[index]! }],
		);
		bursts += found.length;
		changed += changes.length;
		if (changes.length > 0) await writeWeights(database, paper, changes, found, now);
	}
	const payload = JSON.stringify({ changed, bursts });
	await database.kysely.insertInto('events').values({ kind: 'vote-weights', payload, at: now.toISOString() }).execute();
	return { changed, bursts };
}

/** Accounts of networks with enough votes for a burst. */
function suspects(votes: readonly CastVote[]): number[] {
	const groups = Map.groupBy(votes, (vote) => vote.network);
	return [...groups].flatMap(([network, group]) =>
		network !== null && group.length > BURST_VOTES ? group.map(({ user }) => user) : [],
	);
}

async function readVotesOf(database: AssayDatabase, users: readonly number[]): Promise<Map<number, Set<number>>> {
	const votesOf = new Map<number, Set<number>>();
	for (let start = 0; start < users.length; start += CHUNK) {
		const chunk = users.slice(start, start + CHUNK);
		const rows = await database.kysely
			.selectFrom('votes')
			.select(['user_id', 'paper_id'])
			.where('user_id', 'in', chunk)
			.execute();
		for (const { user_id, paper_id } of rows) {
			const known = votesOf.get(user_id) ?? new Set();
			votesOf.set(user_id, known.add(paper_id));
		}
	}
	return votesOf;
}

function writeWeights(
	database: AssayDatabase,
	paper: number,
	changes: readonly { user: number; weight: number }[],
	bursts: readonly CastVote[][],
	now: Date,
): Promise<void> {
	return database.kysely.transaction().execute(async (transaction) => {
		for (const [weight, group] of Map.groupBy(changes, (change) => change.weight)) {
			const users = group.map(({ user }) => user);
			for (let start = 0; start < users.length; start += CHUNK) {
				await transaction
					.updateTable('votes')
					.set({ weight })
					.where('paper_id', '=', paper)
					.where('user_id', 'in', users.slice(start, start + CHUNK))
					.execute();
			}
		}
		const changed = new Set(changes.map(({ user }) => user));
		for (const burst of bursts.filter((votes) => votes.some(({ user }) => changed.has(user)))) {
			await transaction
				.insertInto('moderation_log')
				.values({
					actor_id: null,
					action: 'weigh-votes',
					target_kind: 'paper',
					target_id: paper,
					reason: `${burst.length} votes of one network within ${BURST_MINUTES} minutes count as one`,
					at: now.toISOString(),
				})
				.execute();
		}
	});
}

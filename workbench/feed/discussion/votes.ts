/** One vote for a user and a paper. Each change is one statement that says the same when it is said again. */
import { InputError } from '@assay/contract';
import type { AssayDatabase } from '@assay/database';
import { type User, voteWeight } from '../people/accounts.ts';

export interface VoteState {
	/** Whether the user's vote stands. */
	readonly voted: boolean;
	/** Distinct voters. */
	readonly votes: number;
}

/**
 * Votes for a paper; voting again changes nothing, nor does it renew the time.
 * @param network prefix of the voter's network, for burst detection.
 * @throws {InputError} when there is no such paper, or it is hidden.
 */
export async function castVote(
	database: AssayDatabase,
	user: User,
	paperId: number,
	network: string | null,
	now: Date,
): Promise<VoteState> {
	const { kysely } = database;
	await kysely
		.insertInto('votes')
		.columns(['user_id', 'paper_id', 'at', 'weight', 'network'])
		.expression((expression) =>
			expression
				.selectFrom('papers')
				.select(({ cast, val }) => [
					cast<number>(val(user.id), 'integer').as('user_id'),
					'papers.id',
					cast<string>(val(now.toISOString()), 'text').as('at'),
					cast<number>(val(voteWeight(user, now)), 'double precision').as('weight'),
					cast<string | null>(val(network), 'text').as('network'),
				])
				.where('papers.id', '=', paperId)
				.where('papers.hidden', '=', 0),
		)
		.onConflict((conflict) => conflict.columns(['user_id', 'paper_id']).doNothing())
		.execute();
	const votes = await countVotes(database, paperId);
	if (votes === null) throw new InputError({ path: ['paper'], found: String(paperId), expected: 'a paper that is shown' });
	return { voted: true, votes };
}

/** Takes a vote back; without one nothing changes. */
export async function withdrawVote(database: AssayDatabase, user: User, paperId: number): Promise<VoteState> {
	await database.kysely.deleteFrom('votes').where('user_id', '=', user.id).where('paper_id', '=', paperId).execute();
	return { voted: false, votes: (await countVotes(database, paperId)) ?? 0 };
}

/** Which of these papers the user has voted for. */
export async function votedPapers(database: AssayDatabase, userId: number, paperIds: readonly number[]): Promise<Set<number>> {
	const voted = new Set<number>();
	for (let from = 0; from < paperIds.length; from += 500) {
		const rows = await database.kysely
			.selectFrom('votes')
			.select('paper_id')
			.where('user_id', '=', userId)
			.where('paper_id', 'in', paperIds.slice(from, from + 500))
			.execute();
		for (const row of rows) voted.add(row.paper_id);
	}
	return voted;
}

/** Null when there is no such paper, or it is hidden. */
async function countVotes({ kysely }: AssayDatabase, paperId: number): Promise<number | null> {
	const row = await kysely
		.selectFrom('papers')
		.select((expression) =>
			expression
				.selectFrom('votes')
				.select((inner) => inner.fn.countAll<number>().as('votes'))
				.where('votes.paper_id', '=', paperId)
				.as('votes'),
		)
		.where('id', '=', paperId)
		.where('hidden', '=', 0)
		.executeTakeFirst();
	return row === undefined ? null : Number(row.votes);
}

/** What waits for a moderator: how much of it there is, and pairs of papers that may be the same. */
import type { AssayDatabase } from '@assay/database';
import type { User } from '../people/accounts.ts';
import { logModeration } from './moderation-target.ts';

/** Comments that wait, targets with open flags, and open pairs. */
export async function countOpenReviews({ kysely }: AssayDatabase): Promise<number> {
	const { comments, flags, merges } = await kysely
		.selectNoFrom((expression) => [
			expression
				.selectFrom('comments')
				.select(({ fn }) => fn.countAll<number>().as('count'))
				.where('state', '=', 'pending')
				.as('comments'),
			expression
				.selectFrom(
					expression
						.selectFrom('flags')
						.select(['target_kind', 'target_id'])
						.where('state', '=', 'open')
						.distinct()
						.as('flagged'),
				)
				.select(({ fn }) => fn.countAll<number>().as('count'))
				.as('flags'),
			expression
				.selectFrom('merge_candidates')
				.select(({ fn }) => fn.countAll<number>().as('count'))
				.where('state', '=', 'open')
				.as('merges'),
		])
		.executeTakeFirstOrThrow();
	return Number(comments) + Number(flags) + Number(merges);
}

interface PairedPaper {
	readonly id: number;
	readonly slug: string;
	readonly title: string;
}

export interface OpenMerge {
	readonly id: number;
	readonly similarity: number;
	readonly paper: PairedPaper;
	readonly other: PairedPaper;
}

/** Pairs of papers that may be the same, the most alike first. */
export async function openMerges({ kysely }: AssayDatabase): Promise<OpenMerge[]> {
	const rows = await kysely
		.selectFrom('merge_candidates as pair')
		.innerJoin('papers as one', 'one.id', 'pair.paper_id')
		.innerJoin('papers as other', 'other.id', 'pair.other_id')
		.select(['pair.id', 'pair.similarity', 'one.id as id1', 'one.slug as slug1', 'one.title as title1'])
		.select(['other.id as id2', 'other.slug as slug2', 'other.title as title2'])
		.where('pair.state', '=', 'open')
		.orderBy('pair.similarity', 'desc')
		.orderBy('pair.id')
		.limit(100)
		.execute();
	return rows.map((row) => ({
		id: row.id,
		similarity: row.similarity,
		paper: { id: row.id1, slug: row.slug1, title: row.title1 },
		other: { id: row.id2, slug: row.slug2, title: row.title2 },
	}));
}

/** Decides that the papers of a pair are two. */
export async function settleMerge({ kysely }: AssayDatabase, moderator: User, pairId: number, now: Date): Promise<void> {
	await kysely.transaction().execute(async (transaction) => {
		const settled = await transaction
			.updateTable('merge_candidates')
			.set({ state: 'apart' })
			.where('id', '=', pairId)
			.where('state', '=', 'open')
			.executeTakeFirst();
		if (settled.numUpdatedRows === 0n) return;
		const target = { kind: 'merge', id: pairId } as const;
		await logModeration(transaction, moderator.id, 'keep apart', target, 'two papers', now.toISOString());
	});
}

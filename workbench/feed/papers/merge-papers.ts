/**
 * Makes two papers one. Votes, comments, flags and listings move; fields move where the kept paper has none
 * from that source; the dropped one's slug and titles go on leading to the kept one.
 */
import { InputError } from '@assay/contract';
import type { AssayDatabase, Database } from '@assay/database';
import type { Transaction } from 'kysely';
import { type FieldRow, FORMER_SLUG, FORMER_TITLE } from './fields.ts';
import { loadStates, type PaperState, writeStates } from './paper-state.ts';
import { inTransaction } from './transaction.ts';

/** Merges `dropId` into `keepId`. Raises an InputError where one is missing or both are the same. */
export async function mergePapers(database: AssayDatabase, keepId: number, dropId: number, now: Date): Promise<void> {
	await inTransaction(database, async (transaction) => {
		const states = await loadStates(transaction, [keepId, dropId]);
		const [keep, drop] = [states.get(keepId), states.get(dropId)];
		if (keep === undefined || drop === undefined || keep === drop)
			throw new InputError({ path: ['merge'], found: `papers ${keepId} and ${dropId}`, expected: 'two papers that exist' });
		await moveVotes(transaction, keepId, dropId);
		await transaction.updateTable('comments').set({ paper_id: keepId }).where('paper_id', '=', dropId).execute();
		await transaction.updateTable('listings').set({ paper_id: keepId }).where('paper_id', '=', dropId).execute();
		await moveDeliveries(transaction, keepId, dropId);
		await moveFlags(transaction, keepId, dropId);
		await moveCandidates(transaction, keepId, dropId);
		for (const [key, row] of drop.fields) if (!keep.fields.has(key)) keep.fields.set(key, { ...row });
		const at = now.toISOString();
		const remember = (field: string, source: string, key: string): Map<string, FieldRow> =>
			keep.fields.set(`${field} ${source}`, { field, source, value: JSON.stringify(key), key, at });
		remember(FORMER_SLUG, drop.slug, drop.slug);
		for (const [index, key] of titleKeys(drop).entries()) remember(FORMER_TITLE, `${drop.slug} ${index}`, key);
		const days = [keep.listedOn, drop.listedOn].filter((day) => day !== null).sort();
		keep.listedOn = days[0] ?? null;
		await transaction.deleteFrom('papers').where('id', '=', dropId).execute();
		await writeStates(transaction, [keep], now.toISOString());
	});
}

function titleKeys({ fields }: PaperState): string[] {
	return [...new Set([...fields.values()].flatMap(({ field, key }) => (field === 'title' && key !== null ? [key] : [])))];
}

async function moveVotes(transaction: Transaction<Database>, keepId: number, dropId: number): Promise<void> {
	await transaction
		.updateTable('votes')
		.set({ paper_id: keepId })
		.where('paper_id', '=', dropId)
		.where('user_id', 'not in', (query) =>
			query.selectFrom('votes as kept').select('kept.user_id').where('kept.paper_id', '=', keepId),
		)
		.execute();
}

async function moveDeliveries(transaction: Transaction<Database>, keepId: number, dropId: number): Promise<void> {
	await transaction
		.updateTable('delivery_papers')
		.set({ paper_id: keepId })
		.where('paper_id', '=', dropId)
		.where('delivery_id', 'not in', (query) =>
			query.selectFrom('delivery_papers as kept').select('kept.delivery_id').where('kept.paper_id', '=', keepId),
		)
		.execute();
}

/** A flag of someone who flagged both papers goes with the dropped one. */
async function moveFlags(transaction: Transaction<Database>, keepId: number, dropId: number): Promise<void> {
	await transaction
		.updateTable('flags')
		.set({ target_id: keepId })
		.where('target_kind', '=', 'paper')
		.where('target_id', '=', dropId)
		.where('user_id', 'not in', (query) =>
			query
				.selectFrom('flags as kept')
				.select('kept.user_id')
				.where('kept.target_kind', '=', 'paper')
				.where('kept.target_id', '=', keepId),
		)
		.execute();
	await transaction.deleteFrom('flags').where('target_kind', '=', 'paper').where('target_id', '=', dropId).execute();
}

/** What the dropped paper may also be, the kept one may be. */
async function moveCandidates(transaction: Transaction<Database>, keepId: number, dropId: number): Promise<void> {
	const rows = await transaction
		.selectFrom('merge_candidates')
		.selectAll()
		.where((eb) => eb.or([eb('paper_id', '=', dropId), eb('other_id', '=', dropId)]))
		.execute();
	for (const { paper_id, other_id, similarity, state, created_at } of rows) {
		const other = paper_id === dropId ? other_id : paper_id;
		if (other === keepId) continue;
		await transaction
			.insertInto('merge_candidates')
			.values({ paper_id: Math.min(keepId, other), other_id: Math.max(keepId, other), similarity, state, created_at })
			.onConflict((conflict) => conflict.columns(['paper_id', 'other_id']).doNothing())
			.execute();
	}
}

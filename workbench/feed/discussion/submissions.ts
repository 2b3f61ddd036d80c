/** Papers that readers bring. What is here already is shown to them instead of being listed again. */
import type { AssayDatabase } from '@assay/database';
import type { User } from '../people/accounts.ts';

/** What a submission names its paper by; see the importers for how these are found in what a reader typed. */
export interface SubmissionIdentity {
	/** Without version. */
	readonly arxivId: string | null;
	readonly doi: string | null;
	/** Title in lower-case letters and digits only, as in the papers table. */
	readonly titleKey: string;
}

export interface SubmissionResult {
	readonly paperId: number;
	readonly slug: string;
	/** True when it was here already and nothing was added. */
	readonly duplicate: boolean;
}

/** A paper may be brought again when it has not been listed for so long. */
const AGAIN_AFTER_DAYS = 30;
const DAY = 86_400_000;

/**
 * Adds a paper for a user, or answers with the one that was listed in the last 30 days.
 * @param add imports the paper and gives its identifier; importing what is known updates it.
 */
export async function submitPaper(
	database: AssayDatabase,
	user: User,
	identity: SubmissionIdentity,
	add: () => Promise<number>,
	now: Date,
): Promise<SubmissionResult> {
	const recent = await recentDuplicate(database, identity, now);
	if (recent !== null) return { paperId: recent.id, slug: recent.slug, duplicate: true };
	const id = await add();
	await database.kysely
		.updateTable('papers')
		.set({ submitted_by: user.id })
		.where('id', '=', id)
		.where('submitted_by', 'is', null)
		.execute();
	const { slug } = await database.kysely.selectFrom('papers').select('slug').where('id', '=', id).executeTakeFirstOrThrow();
	return { paperId: id, slug, duplicate: false };
}

/** A paper of the same arXiv identifier, DOI or title that was listed or added in the last 30 days. */
export async function recentDuplicate(
	{ kysely }: AssayDatabase,
	identity: SubmissionIdentity,
	now: Date,
): Promise<{ readonly id: number; readonly slug: string } | null> {
	const since = new Date(now.getTime() - AGAIN_AFTER_DAYS * DAY).toISOString();
	const row = await kysely
		.selectFrom('papers')
		.select(['id', 'slug'])
		.where(({ or, eb }) =>
			or([
				...(identity.arxivId === null ? [] : [eb('arxiv_id', '=', identity.arxivId)]),
				...(identity.doi === null ? [] : [eb('doi', '=', identity.doi)]),
				...(identity.titleKey === '' ? [] : [eb('title_key', '=', identity.titleKey)]),
			]),
		)
		.where(({ or, eb }) => or([eb('listed_on', '>=', since.slice(0, 10)), eb('created_at', '>=', since)]))
		.orderBy('id')
		.executeTakeFirst();
	return row ?? null;
}

/** Authors, organisations and tags of papers. Names with one slug are one author, organisation or tag; the first spelling stays. */
import type { Database } from '@assay/database';
import type { Transaction } from 'kysely';
import { chunks } from './chunks.ts';
import { slugOf } from './title.ts';

export type NameKind = 'authors' | 'organisations' | 'tags';

export interface PaperNames {
	readonly paperId: number;
	readonly names: readonly string[];
}

/** Replaces the names of one kind of these papers. */
export async function writeNames(
	transaction: Transaction<Database>,
	kind: NameKind,
	papers: readonly PaperNames[],
): Promise<void> {
	if (papers.length === 0) return;
	const links = papers.map(({ paperId, names }) => ({
		paperId,
		named: [...new Map(names.map((name) => [slugOf(name), name]))].map(([slug, name]) => ({ slug, name })),
	}));
	const ids = await idsOf(transaction, kind, new Map(links.flatMap(({ named }) => named.map(({ slug, name }) => [slug, name]))));
	const paperIds = links.map(({ paperId }) => paperId);
	const rows = links.flatMap(({ paperId, named }) =>
		named.flatMap(({ slug }, position) => {
			const id = ids.get(slug);
			return id === undefined ? [] : [{ paperId, position: position + 1, id }];
		}),
	);
	for (const chunk of chunks(paperIds)) {
		if (kind === 'authors') await transaction.deleteFrom('paper_authors').where('paper_id', 'in', chunk).execute();
		else if (kind === 'tags') await transaction.deleteFrom('paper_tags').where('paper_id', 'in', chunk).execute();
		else await transaction.deleteFrom('paper_organisations').where('paper_id', 'in', chunk).execute();
	}
	for (const chunk of chunks(rows)) {
		if (kind === 'authors')
			await transaction
				.insertInto('paper_authors')
				.values(chunk.map(({ paperId, position, id }) => ({ paper_id: paperId, position, author_id: id })))
				.execute();
		else if (kind === 'tags')
			await transaction
				.insertInto('paper_tags')
				.values(chunk.map(({ paperId, id }) => ({ paper_id: paperId, tag_id: id })))
				.execute();
		else
			await transaction
				.insertInto('paper_organisations')
				.values(chunk.map(({ paperId, id }) => ({ paper_id: paperId, organisation_id: id })))
				.execute();
	}
}

/** The ids of names by slug; what does not exist is made. */
async function idsOf(
	transaction: Transaction<Database>,
	kind: NameKind,
	names: ReadonlyMap<string, string>,
): Promise<Map<string, number>> {
	const ids = new Map<string, number>();
	// In one order everywhere, so that two imports at once never wait for each other.
	const wanted = [...names].map(([slug, name]) => ({ slug, name })).sort((one, other) => (one.slug < other.slug ? -1 : 1));
	for (const chunk of chunks(wanted)) {
		await transaction
			.insertInto(kind)
			.values(chunk)
			.onConflict((conflict) => conflict.column('slug').doNothing())
			.execute();
		const slugs = chunk.map(({ slug }) => slug);
		const rows = await transaction.selectFrom(kind).select(['id', 'slug']).where('slug', 'in', slugs).execute();
		for (const { id, slug } of rows) ids.set(slug, id);
	}
	return ids;
}

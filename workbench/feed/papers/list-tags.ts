/** Topics by how many papers have them. */
import type { AssayDatabase } from '@assay/database';
import type { NamedLink } from '../paper.ts';

export interface CountedTag extends NamedLink {
	readonly papers: number;
}

/** The tags of most papers first, at most `limit`. */
export async function listTags({ kysely }: AssayDatabase, limit: number): Promise<CountedTag[]> {
	const rows = await kysely
		.selectFrom('tags')
		.innerJoin('paper_tags', 'paper_tags.tag_id', 'tags.id')
		.innerJoin('papers', 'papers.id', 'paper_tags.paper_id')
		.where('papers.hidden', '=', 0)
		.select(['tags.slug', 'tags.name', ({ fn }) => fn.countAll<number>().as('papers')])
		.groupBy(['tags.slug', 'tags.name'])
		.orderBy('papers', 'desc')
		.orderBy('tags.slug')
		.limit(limit)
		.execute();
	return rows.map(({ slug, name, papers }) => ({ slug, name, papers: Number(papers) }));
}

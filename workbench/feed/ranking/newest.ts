/** Papers by the day of listing, then by id, newest first. */
import type { Database } from '@assay/database';
import type { Kysely } from 'kysely';

export interface NewestOptions {
	/** Only papers listed on this day or later; null for all. */
	readonly since: string | null;
	readonly limit: number;
	readonly offset: number;
}

export interface DatedPaper {
	readonly id: number;
	/** `YYYY-MM-DD`; null comes last. */
	readonly listedOn: string | null;
}

export async function newestPapers(kysely: Kysely<Database>, { since, limit, offset }: NewestOptions): Promise<DatedPaper[]> {
	let query = kysely.selectFrom('papers').select(['id', 'listed_on as listedOn']).where('hidden', '=', 0);
	if (since !== null) query = query.where('listed_on', '>=', since);
	return query
		.orderBy('listed_on', (order) => order.desc().nullsLast())
		.orderBy('id', 'desc')
		.limit(limit)
		.offset(offset)
		.execute();
}

/** Newest first. */
export function byNewest(a: DatedPaper, b: DatedPaper): number {
	const [dayOfA, dayOfB] = [a.listedOn ?? '', b.listedOn ?? ''];
	return dayOfA === dayOfB ? b.id - a.id : dayOfA < dayOfB ? 1 : -1;
}

/** Slugs for new papers: stable, unique, and the next free number where one is taken. */
import type { Database } from '@assay/database';
import type { Transaction } from 'kysely';
import { FORMER_SLUG } from './fields.ts';

/** The slugs for these wishes, in order: each wish itself, or with `-2`, `-3`, ... Former slugs of merged papers count as taken. */
export async function chooseSlugs(transaction: Transaction<Database>, wishes: readonly string[]): Promise<string[]> {
	if (wishes.length === 0) return [];
	const taken = await takenSlugs(transaction, wishes);
	const next = new Map<string, number>();
	return wishes.map((wish) => {
		let slug = wish;
		let number = next.get(wish) ?? 2;
		while (taken.has(slug)) slug = `${wish}-${number++}`;
		next.set(wish, number);
		taken.add(slug);
		return slug;
	});
}

/** More wishes than this are compared with all slugs at once. */
const FEW = 100;

async function takenSlugs(transaction: Transaction<Database>, wishes: readonly string[]): Promise<Set<string>> {
	const few = wishes.length <= FEW;
	const papers = await transaction
		.selectFrom('papers')
		.select('slug')
		// A wish holds no wildcard: slugs are letters, digits and dashes.
		.$if(few, (query) =>
			query.where((eb) => eb.or(wishes.flatMap((wish) => [eb('slug', '=', wish), eb('slug', 'like', `${wish}-%`)]))),
		)
		.execute();
	const former = await transaction
		.selectFrom('paper_fields')
		.select('source as slug')
		.where('key', 'is not', null)
		.where('field', '=', FORMER_SLUG)
		.$if(few, (query) => query.where('key', 'in', wishes))
		.execute();
	return new Set([...papers, ...former].map(({ slug }) => slug));
}

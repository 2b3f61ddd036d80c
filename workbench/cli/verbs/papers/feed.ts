/** The feed as the verbs open it: with the papers that come with the product, and closed at the end. */
import { catalog } from '@assay/catalog';
import { InputError, nearestName, show } from '@assay/contract';
import { type AssayDatabase, openDatabase } from '@assay/database';
import { type PaperCard, readPaper, seedSample } from '@assay/feed';
import { dataFolder } from '@assay/sources';

export interface Feed {
	readonly database: AssayDatabase;
	/** The data folder. */
	readonly folder: string;
	readonly now: Date;
}

/** Names that are compared to find the nearest one, or offered as completions; the newest. */
const MOST_NAMES = 10_000;

export async function withFeed<T>(work: (feed: Feed) => Promise<T>): Promise<T> {
	const [folder, now] = [dataFolder(), new Date()];
	const database = await openDatabase(folder);
	try {
		await seedSample(database, now);
		return await work({ database, folder, now });
	} finally {
		await database.close();
	}
}

/** Slugs of the papers whose system can be run. */
export const runnable: ReadonlySet<string> = new Set(catalog.map((entry) => entry.card.slug));

/** The paper of a slug, or an InputError with the nearest one. */
export async function findPaper(database: AssayDatabase, slug: string): Promise<PaperCard> {
	const card = await readPaper(database, slug);
	if (card !== null) return card;
	throw new InputError({
		path: ['paper'],
		found: show(slug),
		expected: 'the slug of a paper (see: assay papers list)',
		nearest: nearestName(slug, await newestSlugs(database, 'papers')),
	});
}

export async function newestSlugs(
	{ kysely }: AssayDatabase,
	of: 'papers' | 'tags' | 'organisations' | 'authors',
): Promise<string[]> {
	const rows =
		of === 'papers'
			? await kysely.selectFrom('papers').select('slug').where('hidden', '=', 0).orderBy('id', 'desc').limit(MOST_NAMES).execute()
			: await kysely.selectFrom(of).select('slug').orderBy('id', 'desc').limit(MOST_NAMES).execute();
	return rows.map((row) => row.slug);
}

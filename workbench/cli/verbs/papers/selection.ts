/** The papers that options name: those of a day, a week, a month, a topic, an organisation or an author, or all in an order. */
import { InputError, nearestName, show } from '@assay/contract';
import {
	type BrowseOptions,
	dayPage,
	monthPage,
	type PaperCard,
	type PaperOrder,
	papersOfAuthor,
	papersOfOrganisation,
	papersOfTag,
	type RankOptions,
	rankPapers,
	readCards,
	slugOf,
	weekPage,
} from '@assay/feed';
import { type Feed, newestSlugs } from './feed.ts';

/** The command line admits one of the first six, or the last two. */
export interface Selection {
	readonly date?: string;
	readonly week?: string;
	readonly month?: string;
	readonly tag?: string;
	readonly org?: string;
	readonly author?: string;
	readonly order?: PaperOrder;
	readonly period?: NonNullable<RankOptions['period']>;
}

interface Selected {
	readonly papers: readonly PaperCard[];
	/** The nearest days, weeks or months that have papers, where one of them was asked for. */
	readonly neighbours: readonly string[];
}

interface Page {
	readonly papers: readonly PaperCard[];
	readonly total: number;
	readonly previous?: string | null;
	readonly next?: string | null;
}

/** Papers that are read at once. */
const PAGE = 1000;

/** At most `limit` papers of the selection, in its order. Raises an InputError for what is no day, or a name that nothing has. */
export async function selectPapers(feed: Feed, selection: Selection, limit: number): Promise<Selected> {
	const { database, now } = feed;
	const read = readerOf(feed, selection);
	if (read === null) {
		const { order = 'new', period = 'all' } = selection;
		const ids = await rankPapers(database, { order, period, now, limit, offset: 0 });
		return { papers: await readCards(database.kysely, ids), neighbours: [] };
	}
	const papers: PaperCard[] = [];
	for (;;) {
		const page = await read({ now, limit: Math.min(PAGE, limit - papers.length), offset: papers.length });
		papers.push(...page.papers);
		if (papers.length < limit && papers.length < page.total && page.papers.length > 0) continue;
		return { papers, neighbours: [page.previous, page.next].flatMap((name) => name ?? []) };
	}
}

type Reader = (options: BrowseOptions) => Promise<Page>;

function readerOf({ database }: Feed, { date, week, month, tag, org, author }: Selection): Reader | null {
	if (date !== undefined) return (options) => dayPage(database, date, options);
	if (week !== undefined) return (options) => weekPage(database, week, options);
	if (month !== undefined) return (options) => monthPage(database, month, options);
	const named = (
		name: string,
		option: string,
		table: 'tags' | 'organisations' | 'authors',
		pageOf: typeof papersOfTag,
	): Reader => {
		return async (options) => {
			const page = await pageOf(database, slugOf(name), options);
			if (page !== null) return page;
			throw new InputError({
				path: [option],
				found: show(name),
				expected: `one of the ${table} that papers have`,
				nearest: nearestName(slugOf(name), await newestSlugs(database, table)),
			});
		};
	};
	if (tag !== undefined) return named(tag, '--tag', 'tags', papersOfTag);
	if (org !== undefined) return named(org, '--org', 'organisations', papersOfOrganisation);
	if (author !== undefined) return named(author, '--author', 'authors', papersOfAuthor);
	return null;
}

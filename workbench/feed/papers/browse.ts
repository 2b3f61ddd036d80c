/** Papers by slug, by day, week and month, by author, organisation and tag. Hidden papers are left out unless asked for. */
import { InputError } from '@assay/contract';
import type { AssayDatabase, Database } from '@assay/database';
import { type Kysely, sql } from 'kysely';
import type { NamedLink, PaperCard } from '../paper.ts';
import type { NameKind } from './name-links.ts';
import { dayPeriod, monthPeriod, type Period, periodOf, weekPeriod } from './period.ts';
import { findPaperId, readCards } from './read-cards.ts';

export interface BrowseOptions {
	/** No page after its day is shown or led to. */
	readonly now: Date;
	readonly includeHidden?: boolean | undefined;
	/** Papers on one page; 1,000 at most. */
	readonly limit?: number | undefined;
	readonly offset?: number | undefined;
}

export interface PeriodPage {
	/** As in the address: `2025-12-26`, `2025-W52`, `2025-12`. */
	readonly period: string;
	readonly firstDay: string;
	readonly lastDay: string;
	/** Most votes first, then the latest day, the place on its page, the id. */
	readonly papers: readonly PaperCard[];
	readonly total: number;
	/** The nearest periods that have papers; null where there is none, or none that has begun. */
	readonly previous: string | null;
	readonly next: string | null;
}

export interface NamePage extends NamedLink {
	/** Newest first. */
	readonly papers: readonly PaperCard[];
	readonly total: number;
}

/** The paper with this slug, or the one it was merged into; null where there is none or it is hidden. */
export async function readPaper({ kysely }: AssayDatabase, slug: string, includeHidden = false): Promise<PaperCard | null> {
	const id = await findPaperId(kysely, slug);
	const [card] = id === null ? [] : await readCards(kysely, [id]);
	return card === undefined || (card.hidden && !includeHidden) ? null : card;
}

/** The page of a day such as `2025-12-26`. Raises an InputError for what is no day. */
export async function dayPage(database: AssayDatabase, day: string, options: BrowseOptions): Promise<PeriodPage> {
	return periodPage(database, dayPeriod(day), options);
}

/** The page of an ISO week such as `2025-W52`, Monday to Sunday. Raises an InputError for what is no week. */
export async function weekPage(database: AssayDatabase, week: string, options: BrowseOptions): Promise<PeriodPage> {
	return periodPage(database, weekPeriod(week), options);
}

/** The page of a month such as `2025-12`. Raises an InputError for what is no month. */
export async function monthPage(database: AssayDatabase, month: string, options: BrowseOptions): Promise<PeriodPage> {
	return periodPage(database, monthPeriod(month), options);
}

/** Days with papers, newest first, none after `now`. */
export async function listDays({ kysely }: AssayDatabase, options: BrowseOptions): Promise<{ day: string; papers: number }[]> {
	const rows = await listed(kysely, options)
		.select(['listings.listed_on as day', ({ fn }) => fn.count<number>('listings.paper_id').distinct().as('papers')])
		.groupBy('listings.listed_on')
		.orderBy('listings.listed_on', 'desc')
		.limit(limitOf(options))
		.offset(options.offset ?? 0)
		.execute();
	return rows.map(({ day, papers }) => ({ day, papers: Number(papers) }));
}

/** An author's papers; null where nobody has this slug. */
export function papersOfAuthor(database: AssayDatabase, slug: string, options: BrowseOptions): Promise<NamePage | null> {
	return namePage(database, 'authors', slug, options);
}

/** An organisation's papers; null where none has this slug. */
export function papersOfOrganisation(database: AssayDatabase, slug: string, options: BrowseOptions): Promise<NamePage | null> {
	return namePage(database, 'organisations', slug, options);
}

/** A tag's papers; null where none has this slug. */
export function papersOfTag(database: AssayDatabase, slug: string, options: BrowseOptions): Promise<NamePage | null> {
	return namePage(database, 'tags', slug, options);
}

async function periodPage({ kysely }: AssayDatabase, period: Period, options: BrowseOptions): Promise<PeriodPage> {
	const { firstDay, lastDay } = period;
	const within = listed(kysely, options).where('listings.listed_on', '>=', firstDay).where('listings.listed_on', '<=', lastDay);
	const rows = await within
		.select([
			'listings.paper_id',
			({ fn }) => fn.max('listings.listed_on').as('day'),
			({ fn }) => fn.min('listings.position').as('place'),
		])
		.select((eb) =>
			eb
				.selectFrom('votes')
				.select(({ fn }) => fn.countAll<number>().as('count'))
				.whereRef('votes.paper_id', '=', 'listings.paper_id')
				.as('votes'),
		)
		.groupBy('listings.paper_id')
		.orderBy('votes', 'desc')
		.orderBy('day', 'desc')
		.orderBy('place')
		.orderBy('listings.paper_id')
		.limit(limitOf(options))
		.offset(options.offset ?? 0)
		.execute();
	const counted = await within
		.select(({ fn }) => fn.count<number>('listings.paper_id').distinct().as('total'))
		.executeTakeFirstOrThrow();
	const before = await listed(kysely, options)
		.select(({ fn }) => fn.max('listings.listed_on').as('day'))
		.where('listings.listed_on', '<', firstDay)
		.executeTakeFirst();
	const after = await listed(kysely, options)
		.select(({ fn }) => fn.min('listings.listed_on').as('day'))
		.where('listings.listed_on', '>', lastDay)
		.executeTakeFirst();
	return {
		period: period.name,
		firstDay,
		lastDay,
		papers: await readCards(
			kysely,
			rows.map(({ paper_id }) => paper_id),
		),
		total: Number(counted.total),
		previous: before?.day == null ? null : periodOf(before.day, period.kind),
		next: after?.day == null ? null : periodOf(after.day, period.kind),
	};
}

/** Listings that may be shown. */
function listed(kysely: Kysely<Database>, { now, includeHidden = false }: BrowseOptions) {
	return kysely
		.selectFrom('listings')
		.innerJoin('papers', 'papers.id', 'listings.paper_id')
		.where('listings.listed_on', '<=', now.toISOString().slice(0, 10))
		.$if(!includeHidden, (query) => query.where('papers.hidden', '=', 0));
}

const LINKS = {
	authors: ['paper_authors', 'author_id'],
	organisations: ['paper_organisations', 'organisation_id'],
	tags: ['paper_tags', 'tag_id'],
} as const;

async function namePage(
	{ kysely }: AssayDatabase,
	kind: NameKind,
	slug: string,
	options: BrowseOptions,
): Promise<NamePage | null> {
	const name = await kysely.selectFrom(kind).select(['id', 'slug', 'name']).where('slug', '=', slug).executeTakeFirst();
	if (name === undefined) return null;
	const [table, column] = LINKS[kind];
	const papers = kysely
		.selectFrom('papers')
		.where('papers.id', 'in', sql<number>`(select paper_id from ${sql.table(table)} where ${sql.ref(column)} = ${name.id})`)
		.$if(options.includeHidden !== true, (query) => query.where('papers.hidden', '=', 0));
	const rows = await papers
		.select('papers.id')
		.orderBy(({ fn, val }) => fn.coalesce('papers.listed_on', 'papers.published_on', val('')), 'desc')
		.orderBy('papers.id', 'desc')
		.limit(limitOf(options))
		.offset(options.offset ?? 0)
		.execute();
	const counted = await papers.select(({ fn }) => fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
	const cards = await readCards(
		kysely,
		rows.map(({ id }) => id),
	);
	return { slug: name.slug, name: name.name, papers: cards, total: Number(counted.total) };
}

function limitOf({ limit = 200, offset = 0 }: BrowseOptions): number {
	if (!Number.isInteger(limit) || limit < 1 || limit > 1000 || !Number.isInteger(offset) || offset < 0)
		throw new InputError({
			path: ['page'],
			found: `${limit} papers from ${offset} on`,
			expected: '1 to 1000 papers from 0 or more on',
		});
	return limit;
}

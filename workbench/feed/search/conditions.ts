/** Which papers a query's conditions admit. */
import type { AssayDatabase } from '@assay/database';
import type { Kysely } from 'kysely';
import type { SearchQuery } from './query.ts';
import { type SearchDatabase, withSearchTables } from './tables.ts';
import { wordsOf } from './tokens.ts';
import type { PapersQuery } from './words.ts';
import { wordsEngine } from './words-engine.ts';

/** More papers than this are not named to the database one by one. */
const MANY = 5_000;

export class Conditions {
	/** The papers that facts admit (days, organisations, tags, what runs here); null if all do. */
	readonly papers: PapersQuery | null;
	private readonly database: AssayDatabase;
	private readonly query: SearchQuery;

	private constructor(database: AssayDatabase, query: SearchQuery, papers: PapersQuery | null) {
		this.database = database;
		this.query = query;
		this.papers = papers;
	}

	/** `runnable` holds the slugs of the papers that can be run here. */
	static async of(query: SearchQuery, database: AssayDatabase, runnable: ReadonlySet<string>): Promise<Conditions> {
		const { after, before, organisations, tags } = query;
		const none = after === null && before === null && !query.runnable && organisations.length + tags.length === 0;
		if (none) return new Conditions(database, query, null);
		const kysely = withSearchTables(database.kysely);
		let papers: PapersQuery = kysely.selectFrom('papers').select('papers.id').where('hidden', '=', 0);
		const day = kysely.fn.coalesce('published_on', 'listed_on');
		if (after !== null) papers = papers.where(day, '>=', after);
		if (before !== null) papers = papers.where(day, '<', before);
		if (query.runnable) papers = papers.where('slug', 'in', runnable.size === 0 ? [''] : [...runnable]);
		for (const name of organisations) {
			const ids = namedLike(await kysely.selectFrom('organisations').select(['id', 'slug', 'name']).execute(), name);
			papers = papers.where('papers.id', 'in', (sub) =>
				sub.selectFrom('paper_organisations').select('paper_id').where('organisation_id', 'in', ids),
			);
		}
		for (const name of tags) {
			const ids = namedLike(await kysely.selectFrom('tags').select(['id', 'slug', 'name']).execute(), name);
			papers = papers.where('papers.id', 'in', (sub) =>
				sub.selectFrom('paper_tags').select('paper_id').where('tag_id', 'in', ids),
			);
		}
		return new Conditions(database, query, papers);
	}

	/** Whether there is none. */
	get none(): boolean {
		return this.papers === null && this.query.required.length + this.query.excluded.length === 0;
	}

	/** Those of the papers that meet every condition, in the same order. */
	async admitted(ids: readonly number[]): Promise<number[]> {
		if (this.papers === null) return this.withoutUnwanted(ids);
		const rows = await this.papers.select('papers.id').where('papers.id', 'in', ids).execute();
		const found = new Set(rows.map(({ id }) => id));
		return this.withoutUnwanted(ids.filter((id) => found.has(id)));
	}

	/** All papers that meet every condition, in no order; hidden ones may be among them. */
	async all(): Promise<number[]> {
		const [first] = this.query.required;
		if (this.papers !== null || first === undefined) return this.newest(Number.MAX_SAFE_INTEGER);
		return this.withoutUnwanted(await wordsEngine(this.database).matching(this.kysely, first, null));
	}

	/** The newest visible papers that meet the conditions. */
	async newest(limit: number): Promise<number[]> {
		const all: PapersQuery = this.kysely.selectFrom('papers').where('hidden', '=', 0);
		const rows = await (this.papers ?? all)
			.clearSelect()
			.select('papers.id')
			.orderBy('listed_on', (order) => order.desc().nullsLast())
			.orderBy('papers.id', 'desc')
			.limit(limit)
			.execute();
		return this.withoutUnwanted(rows.map(({ id }) => id));
	}

	private get kysely(): Kysely<SearchDatabase> {
		return withSearchTables(this.database.kysely);
	}

	private async withoutUnwanted(ids: readonly number[]): Promise<number[]> {
		let left = [...ids];
		for (const [terms, wanted] of [
			[this.query.required, true],
			[this.query.excluded, false],
		] as const) {
			for (const term of terms) {
				const matching = new Set(await wordsEngine(this.database).matching(this.kysely, term, left.length > MANY ? null : left));
				left = left.filter((id) => matching.has(id) === wanted);
			}
		}
		return left;
	}
}

interface Named {
	readonly id: number;
	readonly slug: string;
	readonly name: string;
}

/** Ids of those whose name or slug is the wanted one, apart from case, diacritics and signs; [0], which nothing has, if none is. */
function namedLike(rows: readonly Named[], wanted: string): number[] {
	const found = rows.filter(({ slug, name }) => [slug, name].some((text) => wordsOf(text).join(' ') === wanted));
	return found.length === 0 ? [0] : found.map(({ id }) => id);
}

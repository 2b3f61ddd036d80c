/** Search over all papers, by words, by meaning, or by both fused; and the papers like a given one. */
import type { AssayDatabase } from '@assay/database';
import { Conditions } from './conditions.ts';
import type { Embedder } from './embedder.ts';
import { type Fused, fuse } from './fusion.ts';
import { refreshIndex } from './index-papers.ts';
import { PaperVectors } from './paper-vectors.ts';
import { parseQuery, type SearchQuery } from './query.ts';
import { type SimilarPaper, similarPapers } from './similar.ts';
import { type SnippetPart, snippetOf } from './snippet.ts';
import { Spelling } from './spelling.ts';
import { stopWords } from './stop-words.ts';
import { withSearchTables } from './tables.ts';
import { stem } from './tokens.ts';
import type { VectorModel } from './vectors.ts';
import type { WordVectors } from './word-vectors.ts';
import type { Term, WeightedTerm, WordHit } from './words.ts';
import { wordsEngine } from './words-engine.ts';

/** Nobody pages further: the best by words, and the nearest by meaning, that an answer is made of. */
const MOST_BY_WORDS = 1_000;
const MOST_BY_MEANING = 100;
/** A paper is near in meaning if its cosine is at least this share of the best one's. */
const NEAR = 0.5;
/** Fewer hits by words than this, and unknown words are taken for misspelt. */
const FEW = 3;
/** Papers that are scored by words in one search, more or less: in a large collection the commonest words are left out. */
const MOST_SCORED = 10_000;

export type SearchMode = 'fused' | 'words' | 'meaning';

export interface SearchOptions {
	readonly limit?: number;
	readonly offset?: number;
	readonly mode?: SearchMode;
	/** Slugs of the papers that can be run here. */
	readonly runnable?: ReadonlySet<string>;
}

export interface SearchHit {
	readonly id: number;
	/** Larger is better; comparable within one answer only. */
	readonly score: number;
	/** From the abstract, else the summary, else the title. */
	readonly snippet: readonly SnippetPart[];
}

export interface SearchAnswer {
	readonly hits: readonly SearchHit[];
	/** Hits that paging can reach. */
	readonly total: number;
	/** The query that was answered in place of one with a misspelt word. */
	readonly corrected?: string;
}

export interface SearchIndexOptions {
	/** Pretrained vectors (`openWordVectors`); without them the meaning of words comes from the papers alone. */
	readonly wordVectors?: WordVectors | undefined;
	/** Takes the place of the built-in vectors. */
	readonly embedder?: Embedder;
}

export class SearchIndex {
	private readonly database: AssayDatabase;
	private readonly options: SearchIndexOptions;
	private vectors: PaperVectors | null = null;
	private spelling: Spelling | null = null;
	/** Of the database when it was last looked at, and the state of the papers that was found. */
	private mark: string | null = null;
	private state = '';
	private refreshing: Promise<void> | null = null;

	private constructor(database: AssayDatabase, options: SearchIndexOptions) {
		this.database = database;
		this.options = options;
	}

	static async open(database: AssayDatabase, options: SearchIndexOptions = {}): Promise<SearchIndex> {
		const index = new SearchIndex(database, options);
		await index.refresh();
		return index;
	}

	/** Takes in what has changed since, here or by another process; every search does so by itself. `refit` fits a new model. */
	async refresh({ refit = false }: { readonly refit?: boolean } = {}): Promise<void> {
		if (this.refreshing !== null) await this.refreshing;
		if (refit || (await this.isStale())) {
			this.refreshing ??= this.takeIn(refit).finally(() => {
				this.refreshing = null;
			});
			await this.refreshing;
		}
	}

	/** How meaning is compared: the name of the embedder, and the number of papers its model was fitted to. */
	get method(): { readonly embedder: string; readonly dimensions: number; readonly fittedTo: number } {
		const { embedder, model } = this.ready();
		return { embedder: embedder.name, dimensions: embedder.dimensions, fittedTo: model.texts };
	}

	async search(text: string, options: SearchOptions = {}): Promise<SearchAnswer> {
		await this.refresh();
		const { limit = 20, offset = 0, mode = 'fused', runnable = new Set<string>() } = options;
		let query = parseQuery(text);
		let corrected: string | undefined;
		const conditions = await Conditions.of(query, this.database, runnable);
		let byWords = mode === 'meaning' ? [] : await this.rankByWords(query, conditions);
		if (mode !== 'meaning' && byWords.length < FEW) {
			corrected = await this.correct(text, query);
			if (corrected !== undefined) {
				query = parseQuery(corrected);
				byWords = await this.rankByWords(query, conditions);
			}
		}
		const byMeaning = mode === 'words' ? [] : await this.rankByMeaning(query, conditions);
		const bare = query.meaning === '' && !conditions.none;
		const ranked = bare ? fuse([await conditions.newest(MOST_BY_WORDS)]) : ranking(mode, byWords, byMeaning);
		const visible = await this.visible(ranked);
		const hits = await this.withSnippets(visible.slice(offset, offset + limit), [...query.wishes, ...query.required]);
		return { hits, total: visible.length, ...(corrected === undefined ? {} : { corrected }) };
	}

	/** The papers nearest in meaning to a paper, with the terms that they share; none for an unknown paper. */
	async similar(id: number, count: number): Promise<SimilarPaper[]> {
		await this.refresh();
		const { table, model } = this.ready();
		return similarPapers(this.database, table, model.weights, id, count);
	}

	/** The papers' vectors, for ranking by taste. */
	async paperVectors(): Promise<PaperVectors['table']> {
		await this.refresh();
		return this.ready().table;
	}

	private ready(): PaperVectors {
		if (this.vectors === null) throw new Error('the search index is used before it is open');
		return this.vectors;
	}

	private get model(): VectorModel {
		return this.ready().model;
	}

	private async isStale(): Promise<boolean> {
		const mark = this.database.changeMark();
		if (mark !== null && mark === this.mark) return false;
		const state = await this.readState();
		if (state !== this.state) return true;
		this.mark = mark;
		return false;
	}

	/** Differs after papers were added or changed; two look-ups in indexes. What was removed is left out of every answer anyway. */
	private async readState(): Promise<string> {
		const { id, at } = await this.database.kysely
			.selectNoFrom(({ selectFrom }) => [
				selectFrom('papers')
					.select(({ fn }) => fn.max('id').as('newest'))
					.as('id'),
				selectFrom('papers')
					.select(({ fn }) => fn.max('updated_at').as('newest'))
					.as('at'),
			])
			.executeTakeFirstOrThrow();
		return `${id} ${at}`;
	}

	private async takeIn(refit: boolean): Promise<void> {
		const state = await this.readState();
		await refreshIndex(this.database);
		const { wordVectors, embedder } = this.options;
		const before = this.vectors;
		this.vectors = await PaperVectors.refresh(this.database, before, wordVectors, embedder, refit);
		if (this.vectors.model !== before?.model) this.spelling = null;
		this.state = state;
	}

	private async rankByWords(query: SearchQuery, { papers }: Conditions): Promise<WordHit[]> {
		const { required, excluded } = query;
		const terms = this.affordable([...query.wishes, ...required]);
		const kysely = withSearchTables(this.database.kysely);
		return wordsEngine(this.database).rank(kysely, { terms, required, excluded, papers }, MOST_BY_WORDS);
	}

	/** The rarest terms, as many as together are in not too many papers, but at least one. */
	private affordable(terms: readonly Term[]): WeightedTerm[] {
		const size = this.ready().table.size;
		const weighted = terms.map((term) => ({ ...term, weight: this.weightOf(term) })).sort((a, b) => b.weight - a.weight);
		let scored = 0;
		return weighted.filter((term, index) => {
			scored += size * Math.exp(1 - term.weight);
			return index === 0 || scored <= MOST_SCORED;
		});
	}

	/** That of the rarest of its words: log(papers / papers with it) + 1. */
	private weightOf({ words }: Term): number {
		const unknown = this.model.rarityOf('');
		return Math.max(...words.map((word) => this.model.weights.idfOf(stem(word)) ?? (stopWords.has(word) ? 1 : unknown)));
	}

	private async rankByMeaning(query: SearchQuery, conditions: Conditions): Promise<number[]> {
		if (query.meaning === '') return [];
		const { embedder, table } = this.ready();
		const [vector] = await embedder.embed([query.meaning]);
		if (vector === undefined) return [];
		const depth = conditions.none ? MOST_BY_MEANING : MOST_BY_WORDS;
		let near = table.nearest(vector, depth);
		if (!conditions.none) {
			// Most often enough of the nearest meet the conditions; else all papers that do are compared.
			const some = new Set(await conditions.admitted(near.map(({ id }) => id)));
			const enough = some.size >= MOST_BY_MEANING || near.length < depth;
			const admitted = enough ? some : new Set(await conditions.all());
			near = enough ? near.filter(({ id }) => some.has(id)) : table.nearest(vector, MOST_BY_MEANING, (id) => admitted.has(id));
		}
		const least = NEAR * (near[0]?.score ?? 0);
		return near.slice(0, MOST_BY_MEANING).flatMap(({ id, score }) => (score >= least ? [id] : []));
	}

	/** The query with each word that no paper has replaced by the nearest known one; undefined if that changes nothing. */
	private async correct(text: string, query: SearchQuery): Promise<string | undefined> {
		let corrected = text;
		for (const { words, prefix, field } of query.wishes) {
			const word = words[0] ?? '';
			if (prefix || word.length < 4 || this.model.words.has(word) || stopWords.has(word)) continue;
			const known = await wordsEngine(this.database).matching(
				withSearchTables(this.database.kysely),
				{ words, prefix, field },
				null,
			);
			if (known.length > 0) continue;
			this.spelling ??= new Spelling(this.model.words);
			const nearest = this.spelling.nearest(word);
			if (nearest === undefined) continue;
			corrected = corrected.replace(new RegExp(`(?<![\\p{L}\\p{N}])${word}(?![\\p{L}\\p{N}])`, 'giu'), nearest);
		}
		return corrected === text ? undefined : corrected;
	}

	private async visible(ranked: readonly Fused[]): Promise<Fused[]> {
		if (ranked.length === 0) return [];
		const ids = ranked.map(({ id }) => id);
		const rows = await this.database.kysely
			.selectFrom('papers')
			.select('id')
			.where('hidden', '=', 0)
			.where('id', 'in', ids)
			.execute();
		const shown = new Set(rows.map(({ id }) => id));
		return ranked.filter(({ id }) => shown.has(id));
	}

	private async withSnippets(hits: readonly Fused[], terms: readonly Term[]): Promise<SearchHit[]> {
		if (hits.length === 0) return [];
		const ids = hits.map(({ id }) => id);
		const papers = await this.database.kysely
			.selectFrom('papers')
			.select(['id', 'title', 'abstract', 'summary'])
			.where('id', 'in', ids)
			.execute();
		const texts = new Map(papers.map(({ id, title, abstract, summary }) => [id, abstract ?? summary ?? title]));
		return hits.map(({ id, score }) => ({ id, score, snippet: snippetOf(texts.get(id) ?? '', terms) }));
	}
}

function ranking(mode: SearchMode, byWords: readonly WordHit[], byMeaning: readonly number[]): Fused[] {
	if (mode === 'words') return [...byWords];
	return fuse(mode === 'meaning' ? [byMeaning] : [byWords.map(({ id }) => id), byMeaning]);
}

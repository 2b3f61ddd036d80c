/** Search by words. What the two engines do differently is behind this interface, in one file each. */
import type { Kysely, SelectQueryBuilder } from 'kysely';
import type { PaperText } from './paper-text.ts';
import type { SearchDatabase } from './tables.ts';

/** Words that stand side by side; the last may be the beginning of a word. */
export interface Term {
	/** Folded, letters and digits only; never empty. */
	readonly words: readonly string[];
	readonly prefix: boolean;
	/** Where they must stand; null for anywhere. Organisations stand among the tags. */
	readonly field: 'title' | 'authors' | 'tags' | null;
}

/** A term with what it tells: the logarithm of how rare it is. */
export interface WeightedTerm extends Term {
	readonly weight: number;
}

export interface WordHit {
	readonly id: number;
	/** Larger is better; comparable within one answer only. */
	readonly score: number;
}

/** What is asked for, and of which papers. */
export interface WordsRequest {
	/** A paper must have at least one of them; the more, the better. */
	readonly terms: readonly WeightedTerm[];
	/** It must have all of these, and none of those. */
	readonly required: readonly Term[];
	readonly excluded: readonly Term[];
	/** A query for papers (selecting anything), which it must be among; null for all. */
	readonly papers: PapersQuery | null;
}

export type PapersQuery = SelectQueryBuilder<SearchDatabase, 'papers', object>;

export interface WordsEngine {
	/** Replaces what is known of the papers. */
	put(kysely: Kysely<SearchDatabase>, texts: readonly PaperText[]): Promise<void>;
	remove(kysely: Kysely<SearchDatabase>, ids: readonly number[]): Promise<void>;
	/** The best papers, best first. */
	rank(kysely: Kysely<SearchDatabase>, request: WordsRequest, limit: number): Promise<WordHit[]>;
	/** The papers with a term, in no order; only those among `among`, unless that is null. */
	matching(kysely: Kysely<SearchDatabase>, term: Term, among: readonly number[] | null): Promise<number[]>;
}

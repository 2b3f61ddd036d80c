/**
 * The query language: words, `"phrases"`, `begin*`, `-not`, and the fields `title:`, `author:`, `org:`, `tag:`, `after:`,
 * `before:`, `has:runnable`. Plain words are wishes, ranked by how well they are met; all else is a condition. Any text is a
 * valid query: what is not understood is searched as words.
 */
import { stopWords } from './stop-words.ts';
import { wordsOf } from './tokens.ts';
import type { Term } from './words.ts';

export interface SearchQuery {
	/** Plain words and prefixes; a paper need not have all of them. */
	readonly wishes: readonly Term[];
	/** Phrases, and what must stand in the title or among the authors. */
	readonly required: readonly Term[];
	readonly excluded: readonly Term[];
	readonly organisations: readonly string[];
	readonly tags: readonly string[];
	/** The first day that counts, and the first that counts no more. */
	readonly after: string | null;
	readonly before: string | null;
	readonly runnable: boolean;
	/** What was wished for or required, as running text, for comparing meanings. */
	readonly meaning: string;
}

const LONGEST_QUERY = 1_000;
const MOST_TERMS = 32;

/** One piece: an optional minus, an optional field, and a quoted text or one up to the next white space. */
const PIECE = /(?<minus>-)?(?:(?<field>[a-zA-Z]+):)?(?:"(?<quoted>[^"]*)"?|(?<bare>[^\s"]+))(?<star>\*)?/gu;

/** Fields whose words are looked up in the index. */
const PLACES: Readonly<Record<string, Term['field']>> = { title: 'title', author: 'authors', org: 'tags', tag: 'tags' };

/** Reads a query; never raises. Only the first 1,000 characters and 32 terms count. */
export function parseQuery(text: string): SearchQuery {
	const query = {
		wishes: [] as Term[],
		required: [] as Term[],
		excluded: [] as Term[],
		organisations: [] as string[],
		tags: [] as string[],
		after: null as string | null,
		before: null as string | null,
		runnable: false,
	};
	const meaning: string[] = [];
	const pieces = [...text.slice(0, LONGEST_QUERY).toWellFormed().matchAll(PIECE)].slice(0, MOST_TERMS);
	for (const { groups = {} } of pieces) {
		const quoted = groups['quoted'] !== undefined;
		const value = groups['quoted'] ?? groups['bare'] ?? '';
		const field = groups['field']?.toLowerCase() ?? '';
		const negative = groups['minus'] !== undefined;
		const day = field === 'after' || field === 'before' ? firstDay(value) : undefined;
		const [words, place] = [wordsOf(value), PLACES[field] ?? null];
		if ((field === 'after' || field === 'before') && day !== undefined && !negative) query[field] = day;
		else if (field === 'has' && value.toLowerCase() === 'runnable' && !negative) query.runnable = true;
		else if (words.length === 0) continue;
		else if (field === 'org' && !negative) query.organisations.push(words.join(' '));
		else if (field === 'tag' && !negative) query.tags.push(words.join(' '));
		else {
			const prefix = groups['star'] !== undefined || (!quoted && value.endsWith('*'));
			const term = { words: place === null ? [...wordsOf(field), ...words] : words, prefix, field: place };
			if (negative) query.excluded.push(term);
			else if (quoted || place !== null) query.required.push(term);
			else query.wishes.push(...wishes(term.words, prefix));
			if (!negative) meaning.push(term.words.join(' '));
		}
	}
	return { ...query, wishes: telling(query.wishes), meaning: meaning.join('\n') };
}

function wishes(words: readonly string[], prefix: boolean): Term[] {
	return words.map((word, index) => ({ words: [word], prefix: prefix && index === words.length - 1, field: null }));
}

/** Without function words, unless there is nothing else; each term once. */
function telling(terms: readonly Term[]): Term[] {
	const once = [...new Map(terms.map((term) => [`${term.words.join(' ')}${term.prefix ? '*' : ''}`, term])).values()];
	const said = once.filter((term) => term.prefix || !stopWords.has(term.words[0] ?? ''));
	return said.length > 0 ? said : once;
}

/** The first day of a year, a month or a day that exists. */
function firstDay(text: string): string | undefined {
	const parts = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$/.exec(text);
	if (parts === null) return undefined;
	const day = `${parts[1]}-${parts[2] ?? '01'}-${parts[3] ?? '01'}`;
	const date = new Date(`${day}T00:00:00Z`);
	return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day) ? day : undefined;
}

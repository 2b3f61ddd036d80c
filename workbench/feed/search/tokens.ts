/** Text to words, for both engines, the vectors and the marks in snippets alike. */
import { stemmer } from 'stemmer';
import { stopWords } from './stop-words.ts';

export interface Token {
	/** Lower case, without diacritics, letters and digits only. */
	readonly word: string;
	/** Where it stands in the text, in UTF-16 units. */
	readonly start: number;
	readonly end: number;
}

/** A longer run of letters and digits is no word; it is cut so that no index entry is longer. */
const LONGEST_WORD = 60;

/** The words of a text, in order. Hyphens, dots and all other signs part words. */
export function tokenise(text: string): Token[] {
	const tokens: Token[] = [];
	for (const match of text.matchAll(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu)) {
		const word = fold(match[0]);
		if (word !== '') tokens.push({ word, start: match.index, end: match.index + match[0].length });
	}
	return tokens;
}

/** The words of a text without their places. */
export function wordsOf(text: string): string[] {
	return tokenise(text).map((token) => token.word);
}

/** One word in the form in which it is compared. */
export function fold(word: string): string {
	const lower = /^[\x20-\x7e]*$/.test(word)
		? word.toLowerCase()
		: word
				.normalize('NFKD')
				.toLowerCase()
				.normalize('NFKD')
				.replace(/[^\p{L}\p{N}]/gu, '');
	return [...lower].length > LONGEST_WORD ? [...lower].slice(0, LONGEST_WORD).join('') : lower;
}

/** Stems are asked for again and again; the memory is emptied when it has grown to this many. */
const STEMS_KEPT = 100_000;
const stems = new Map<string, string>();

/** The word's stem (Porter 1980); words with other than Latin letters stay as they are. */
export function stem(word: string): string {
	const known = stems.get(word);
	if (known !== undefined) return known;
	const found = /^[a-z]+$/.test(word) ? stemmer(word) : word;
	if (stems.size >= STEMS_KEPT) stems.clear();
	stems.set(word, found);
	return found;
}

/** Stems of the words that say something, and pairs of such stems that stand side by side in a line, as `one two`. */
export function features(text: string): string[] {
	const found: string[] = [];
	for (const line of text.split('\n')) {
		let before: string | undefined;
		for (const word of wordsOf(line)) {
			const said = stopWords.has(word) || /^[a-z]$/.test(word) ? undefined : stem(word);
			if (said !== undefined) {
				found.push(said);
				if (before !== undefined) found.push(`${before} ${said}`);
			}
			before = said;
		}
	}
	return found;
}

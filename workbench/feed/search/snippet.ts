/** The part of a text that says most about a query, with the words that match marked. Parts are plain text, never HTML. */
import { stem, type Token, tokenise } from './tokens.ts';
import type { Term } from './words.ts';

export interface SnippetPart {
	readonly text: string;
	readonly marked: boolean;
}

/** Words in a snippet. */
const WINDOW = 40;

/** The window of 40 words with the most different matches, the earliest of the best; an ellipsis where text is left out. */
export function snippetOf(text: string, terms: readonly Term[]): SnippetPart[] {
	const tokens = tokenise(text);
	const matches = matchesOf(tokens, terms);
	const first = bestWindow(matches);
	const last = Math.min(first + WINDOW, tokens.length) - 1;
	if (last < 0) return [];
	const [start, end] = [first === 0 ? 0 : tokens[first]!.start, last === tokens.length - 1 ? text.length : tokens[last]!.end];
	const parts: SnippetPart[] = [];
	let at = start;
	let plain = first === 0 ? '' : '\u2026 ';
	for (let index = first; index <= last; index++) {
		if (matches[index] === undefined) continue;
		const token = tokens[index]!;
		plain += text.slice(at, token.start);
		if (plain !== '') parts.push({ text: plain, marked: false });
		parts.push({ text: text.slice(token.start, token.end), marked: true });
		[plain, at] = ['', token.end];
	}
	plain += text.slice(at, end) + (end < text.length ? ' \u2026' : '');
	if (plain !== '') parts.push({ text: plain, marked: false });
	return parts;
}

/** For each token the number of the term it is part of a match of. */
function matchesOf(tokens: readonly Token[], terms: readonly Term[]): (number | undefined)[] {
	const stems = tokens.map((token) => stem(token.word));
	const matches = new Array<number | undefined>(tokens.length);
	terms.forEach(({ words, prefix }, term) => {
		const wanted = words.map(stem);
		const matchesAt = (start: number): boolean =>
			words.every((word, offset) => {
				const open = prefix && offset === words.length - 1;
				return stems[start + offset] === wanted[offset] || (open && tokens[start + offset]?.word.startsWith(word) === true);
			});
		for (let start = 0; start + words.length <= tokens.length; start++) {
			if (matchesAt(start)) matches.fill(term, start, start + words.length);
		}
	});
	return matches;
}

function bestWindow(matches: readonly (number | undefined)[]): number {
	let [best, most] = [0, -1];
	const inside = new Map<number, number>();
	matches.forEach((term, index) => {
		if (term !== undefined) inside.set(term, (inside.get(term) ?? 0) + 1);
		const left = matches[index - WINDOW];
		if (left !== undefined) {
			const count = inside.get(left)! - 1;
			if (count === 0) inside.delete(left);
			else inside.set(left, count);
		}
		if (inside.size > most) [best, most] = [Math.max(0, index - WINDOW + 1), inside.size];
	});
	return best;
}

/** Words, numbers and signs of a cascade's text. */
import { InputError, type Path, show } from '@assay/contract';
import type { Position } from './cascade.ts';

/** Longer texts are refused. */
const MOST_CHARACTERS = 50_000;
const LONGEST_NAME = 40;

export type Token = (
	| { readonly kind: 'name' | 'sign'; readonly text: string }
	| { readonly kind: 'number'; readonly text: string; readonly value: number }
	/** A semicolon or the end of a line. */
	| { readonly kind: 'end'; readonly text: string }
) & { readonly at: Position };

/** Raises the error of a place in the text. */
export type Fail = (at: Position, found: string, expected: string, nearest?: string) => never;

/** An error at a place in the text. */
export function errorAt(place: Path, at: Position, found: string, expected: string, nearest?: string): InputError {
	return new InputError({ path: [...place, `line ${at.line}`, `column ${at.column}`], found, expected, nearest });
}

const pattern =
	/(?<space>[ \t\r]+|#[^\n]*)|(?<end>[\n;])|(?<name>[A-Za-z_][A-Za-z0-9_]*)|(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?<sign>[[\](),+*/=-])/y;

/** Cuts a text into tokens. Line ends inside brackets are no ends of statements. */
export function tokenize(text: string, place: Path): Token[] {
	if (text.length > MOST_CHARACTERS)
		throw new InputError({ path: place, found: `${text.length} characters`, expected: `at most ${MOST_CHARACTERS}` });
	const tokens: Token[] = [];
	let depth = 0;
	let line = 1;
	let lineStart = 0;
	let offset = 0;
	while (offset < text.length) {
		pattern.lastIndex = offset;
		const groups = pattern.exec(text)?.groups;
		const at = { line, column: offset - lineStart + 1 };
		if (groups === undefined) {
			throw errorAt(
				place,
				at,
				show(String.fromCodePoint(text.codePointAt(offset) ?? 0)),
				'a name, a number or one of [ ] ( ) , + - * / = ;',
			);
		}
		const { space, end, name, number, sign } = groups;
		offset = pattern.lastIndex;
		if (space !== undefined) continue;
		if (end !== undefined) {
			if (end === ';' || depth === 0) tokens.push({ kind: 'end', text: end === ';' ? ';' : 'end of line', at });
			if (end === '\n') {
				line++;
				lineStart = offset;
			}
		} else if (name !== undefined) {
			if (name.length > LONGEST_NAME) throw errorAt(place, at, `a name of ${name.length} characters`, `at most ${LONGEST_NAME}`);
			tokens.push({ kind: 'name', text: name, at });
		} else if (number !== undefined) tokens.push({ kind: 'number', text: number, value: Number(number), at });
		else if (sign !== undefined) {
			if (sign === '[' || sign === '(') depth++;
			if (sign === ']' || sign === ')') depth = Math.max(0, depth - 1);
			tokens.push({ kind: 'sign', text: sign, at });
		}
	}
	tokens.push({ kind: 'end', text: 'end of text', at: { line, column: text.length - lineStart + 1 } });
	return tokens;
}

/**
 * Two kinds of failure exist. An `InputError` is the user's: it names the place, what was found and what was
 * expected, and is printed without a stack. Everything else is ours: a bug, and it keeps its stack.
 */

/** A place inside the inputs or inside a file: object keys and array positions (0-based), outermost first. */
export type Path = readonly (string | number)[];

export interface InputErrorDetails {
	/** Where: the path into the inputs, or a file followed by its row and column, for example `['trace.csv', 'line 7', 'ContextTokens']`. */
	readonly path: Path;
	/** What stands there, in a few words, for example `"-3"`. */
	readonly found: string;
	/** What would have been accepted, for example `an integer from 1 to 1,000,000`. */
	readonly expected: string;
	/** The valid value or name nearest to what was found, if there is one. */
	readonly nearest?: string | undefined;
}

/** A mistake in what the user brought. Its message is one line: place, found, expected, nearest. */
export class InputError extends Error {
	override readonly name = 'InputError';
	readonly path: Path;
	readonly found: string;
	readonly expected: string;
	readonly nearest: string | undefined;

	constructor(details: InputErrorDetails) {
		const hint = details.nearest === undefined ? '' : `; did you mean ${details.nearest}?`;
		super(`${formatPath(details.path)}: found ${details.found}, expected ${details.expected}${hint}`);
		this.path = details.path;
		this.found = details.found;
		this.expected = details.expected;
		this.nearest = details.nearest;
	}
}

/** Data that a run or a claim needs is not on this machine and cannot be fetched from here. */
export class DataUnavailableError extends Error {
	override readonly name = 'DataUnavailableError';
}

/** Writes a path as people write it: `machines[2].memoryBytes`; the empty path is `inputs`. */
export function formatPath(path: Path): string {
	let text = '';
	let identifier = false;
	for (const step of path) {
		if (typeof step === 'number') {
			text += `[${step}]`;
			continue;
		}
		const joined = identifier ? '.' : ', ';
		const named = /^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(step);
		text += text === '' ? step : `${named ? joined : ', '}${step}`;
		identifier = named;
	}
	return text === '' ? 'inputs' : text;
}

/** Shows a found value in an error: JSON, shortened to 60 characters; NaN and infinities by name. */
export function show(value: unknown): string {
	if (value === undefined) return 'nothing';
	if (typeof value === 'number' || typeof value === 'bigint') return String(value);
	let text: string;
	try {
		text = JSON.stringify(value) ?? String(value);
	} catch {
		text = Object.prototype.toString.call(value);
	}
	return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/**
 * The candidate closest to `name` by edit distance, ignoring case, if it is close enough to be a misspelling
 * (at most a third of the longer one's length, and at least one edit always allowed).
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
	let best: string | undefined;
	let bestDistance = Number.POSITIVE_INFINITY;
	const wanted = name.slice(0, 200).toLowerCase();
	for (const candidate of candidates) {
		const distance = editDistance(wanted, candidate.toLowerCase());
		const limit = Math.max(1, Math.floor(Math.max(wanted.length, candidate.length) / 3));
		if (distance <= limit && distance < bestDistance) {
			best = candidate;
			bestDistance = distance;
		}
	}
	return best;
}

/** Levenshtein distance by one rolling row; O(|a| |b|) time, O(|b|) memory. */
function editDistance(a: string, b: string): number {
	const row = Uint16Array.from({ length: b.length + 1 }, (_, column) => column);
	for (let i = 1; i <= a.length; i++) {
		let diagonal = row[0] as number;
		row[0] = i;
		for (let j = 1; j <= b.length; j++) {
			const above = row[j] as number;
			const left = row[j - 1] as number;
			row[j] = Math.min(above + 1, left + 1, diagonal + (a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1));
			diagonal = above;
		}
	}
	return row[b.length] as number;
}

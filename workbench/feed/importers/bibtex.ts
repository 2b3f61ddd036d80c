/** BibTeX and BibLaTeX. TeX in the fields becomes plain text; a date without month and day is reported and left unknown. */
import { InputError } from '@assay/contract';
import { type Entry, parse } from '@retorquere/bibtex-parser';
import { parseArxivId } from './arxiv-id.ts';
import { checkCount, type Import, type ImportedPaper, type ImportMessage, titledPaper } from './import.ts';
import { calendarDay, cleanDay, cleanDoi, cleanLinks, cleanNames, cleanText } from './values.ts';

/** The parser builds a tree for each field; more than this would take minutes. */
const MAX_CHARACTERS = 16 * 1024 * 1024;
/** TeX groups deeper than this would exhaust the parser's stack. */
const MAX_DEPTH = 100;

/** Reads a bibliography. Entries that cannot be parsed are reported with their line; the others are imported. */
export function parseBibtex(source: string): Import {
	checkLimits(source);
	const messages: ImportMessage[] = [];
	const library = parseLibrary(source);
	checkCount(library.entries.length, 'BibTeX');
	const lineOf = lineFinder(source);
	for (const error of library.errors)
		messages.push({ level: 'error', line: lineOf(error.input ?? ''), text: `left out: ${error.error.slice(0, 200)}` });
	const papers = library.entries.flatMap((entry): ImportedPaper[] => {
		if (entry.input === '') return [];
		const line = lineOf(entry.input);
		const title = cleanText(plain(entry.fields.title));
		if (title === null) {
			messages.push({ level: 'error', line, text: `@${entry.type}{${entry.key}} has no title; it was left out` });
			return [];
		}
		return [paperOf(entry, title, line, messages)];
	});
	return { papers, messages, listing: null };
}

function paperOf(entry: Entry, title: string, line: number | null, messages: ImportMessage[]): ImportedPaper {
	const { fields } = entry;
	const creators = fields.author ?? [];
	const names = creators.map((creator) => creator.name ?? personName(creator));
	const complete = !names.includes('others');
	const authors = cleanNames(names.filter((name) => name !== 'others').map(plain));
	if (!complete)
		messages.push({ level: 'info', line, text: '"and others": the list of authors is not complete and was left out' });
	const publishedOn = dayOf(fields['date'], fields['year'], fields['month'], fields['day']);
	if (publishedOn === null && (fields['date'] ?? fields['year']) !== undefined)
		messages.push({ level: 'info', line, text: 'the day of publication is not given; it stays unknown' });
	const url = cleanText(fields['url']);
	const arxivId =
		parseArxivId(fields['eprint']) ?? parseArxivId(fields['arxivid']) ?? parseArxivId(fields['doi']) ?? parseArxivId(url);
	return {
		...titledPaper(title, line),
		abstract: cleanText(plain(fields['abstract'])),
		arxivId: arxivId?.id ?? null,
		doi: cleanDoi(fields['doi']),
		publishedOn,
		yearInferred: publishedOn === null ? null : false,
		authorsCount: complete ? (authors?.length ?? null) : null,
		authors: complete ? authors : null,
		tags: cleanNames((fields.keywords ?? []).map(plain)),
		links: cleanLinks({ page: url }),
	};
}

function personName(creator: { firstName?: string; lastName?: string; prefix?: string; suffix?: string }): string {
	return [creator.firstName, creator.prefix, creator.lastName, creator.suffix].filter((part) => part).join(' ');
}

/** The parser marks up what TeX emphasises or protects; of that only the text counts. */
function plain(text: unknown): unknown {
	return typeof text === 'string' ? text.replace(/<\/?(?:span|i|b|em|strong|sup|sub|sc)(?:\s[^<>]*)?>/g, '') : text;
}

function dayOf(date: unknown, year: unknown, month: unknown, day: unknown): string | null {
	const whole = cleanDay(date);
	if (whole !== null) return whole;
	return /^\d{4}$/.test(String(year)) && /^\d{1,2}$/.test(String(day))
		? calendarDay(Number(year), Number(month), Number(day))
		: null;
}

function parseLibrary(source: string): ReturnType<typeof parse> {
	try {
		return parse(source, { sentenceCase: false, caseProtection: false, english: false, unsupported: (_node, tex) => tex });
	} catch (cause) {
		if (!(cause instanceof Error)) throw cause;
		throw new InputError({ path: ['BibTeX'], found: cause.message.slice(0, 200), expected: 'a bibliography' });
	}
}

function checkLimits(source: string): void {
	if (source.length > MAX_CHARACTERS)
		throw new InputError({ path: ['BibTeX'], found: `${source.length} characters`, expected: `at most ${MAX_CHARACTERS}` });
	let [depth, line] = [0, 1];
	for (const character of source) {
		if (character === '{') depth += 1;
		else if (character === '}') depth = Math.max(0, depth - 1);
		else if (character === '\n') line += 1;
		if (depth > MAX_DEPTH)
			throw new InputError({
				path: ['BibTeX', `line ${line}`],
				found: `more than ${MAX_DEPTH} nested braces`,
				expected: 'fewer',
			});
	}
}

/** Finds the lines of texts that are asked for in the order in which they stand in the source. */
function lineFinder(source: string): (text: string) => number | null {
	const newlines = [...source.matchAll(/\n/g)].map(({ index }) => index);
	return (text) => {
		const at = text === '' ? -1 : source.indexOf(text);
		if (at < 0) return null;
		let [low, high] = [0, newlines.length];
		while (low < high) {
			const middle = (low + high) >> 1;
			if (newlines[middle]! < at) low = middle + 1;
			else high = middle;
		}
		return low + 1;
	};
}

/**
 * The plain-text page of one day, exactly as its grammar has it: fields between single empty lines, a title line, an abstract
 * line and, for most papers, a footer of three lines. `printPage` gives the very bytes back.
 *
 * Reading goes line by line. A footer starts at a bullet line or at a line followed by a lone middle dot; what stands between
 * two footers are titles and abstracts in turn. Whatever departs from the grammar is reported with its line, read by the rule
 * that is stated there, and never stops the rest from being read.
 */
import { checkCount, checkSize, type Import, type ImportedPaper, type ImportMessage, titledPaper } from './import.ts';
import { HEADER, type Line, type Report, splitLines, takeLabel, withoutFurniture } from './page-lines.ts';
import { inferPageYear, parseLabel, parseStamp, printLabel, resolveStamp, type Stamp } from './page-stamp.ts';
import { calendarDay } from './values.ts';

const BULLET = /^\s*• (\d+) authors?$/;
const MIDDLE_DOT = '·';
const MAX_AUTHORS = 10_000;

export interface PageOptions {
	/** The page's year, which it does not print; left out, it is concluded from the years that are printed. */
	readonly year?: number | undefined;
	/** `YYYY-MM-DD`: no page is from after this day. */
	readonly today: string;
}

/** The lines of one paper as they stand on the page. */
export interface PageLines {
	readonly title: string;
	readonly abstract: string | null;
	/** Attribution, middle dot, stamp, with nothing added; null where the page has none. */
	readonly footer: readonly string[] | null;
}

export interface PageEntry extends PageLines {
	/** From 1. */
	readonly position: number;
	readonly titleLine: number;
	readonly authorsCount: number | null;
	readonly organisation: string | null;
	readonly stamp: Stamp | null;
	readonly publishedOn: string | null;
	readonly yearInferred: boolean | null;
}

export interface Page {
	readonly label: string | null;
	/** `YYYY-MM-DD`; null where the page has no readable label. */
	readonly day: string | null;
	readonly yearInferred: boolean;
	readonly entries: readonly PageEntry[];
	readonly messages: readonly ImportMessage[];
}

interface Text {
	readonly line: number;
	text: string;
}

interface Footer {
	readonly line: number;
	readonly lines: string[];
	readonly attribution: string;
	readonly stampLine: Line | null;
}

interface Draft {
	readonly title: Text;
	readonly abstract: Text | null;
	readonly footer: Footer | null;
}

/** Reads a page. Raises an InputError only where it is too large. */
export function parsePage(text: string, options: PageOptions): Page {
	checkSize(text, 'page');
	const messages: ImportMessage[] = [];
	const report: Report = (level, line, message) => messages.push({ level, line, text: message });
	const lines = withoutFurniture(splitLines(text, report));
	const label = takeLabel(lines, report);
	const drafts = draftsOf(lines, report);
	checkCount(drafts.length, 'page');
	const stamps = drafts.map(({ footer }) => (footer?.stampLine ? parseStamp(footer.stampLine.text) : null));
	const date = label === null ? null : parseLabel(label.text);
	const printedYears = stamps.flatMap((stamp) => stamp?.year ?? []);
	const year = options.year ?? (date && inferPageYear(date, printedYears, options.today));
	const day = date && year !== null ? calendarDay(year, date.month, date.day) : null;
	const yearInferred = options.year === undefined;
	if (label !== null && day === null) report('error', label.number, `${label.text} is no day of ${year}: the page has no date`);
	else if (label !== null && yearInferred) report('info', label.number, `the page prints no year; it is taken to be ${year}`);
	const entries = drafts.map((draft, index) => entryOf(draft, stamps[index] ?? null, index + 1, day, report));
	reportDuplicates(entries, report);
	messages.sort((one, other) => (one.line ?? 0) - (other.line ?? 0));
	return { label: label?.text ?? null, day, yearInferred, entries, messages };
}

/** Prints a page: the inverse of `parsePage` for every page that keeps the grammar. */
export function printPage(label: string, entries: readonly PageLines[]): string {
	const fields = [...HEADER, label];
	for (const { title, abstract, footer } of entries) {
		fields.push(title);
		if (abstract !== null) fields.push(abstract);
		if (footer !== null) fields.push(footer.join('\n'));
	}
	return fields.join('\n\n');
}

/** Prints the page of a day, whose label is the day without its year. */
export function printDayPage(day: string, entries: readonly PageLines[]): string {
	return printPage(printLabel(day), entries);
}

/** Reads a page for importing. Fills title, abstract, count of authors, organisation, day, comments and place. */
export function importPage(text: string, options: PageOptions): Import {
	const page = parsePage(text, options);
	const papers = page.entries.map(
		(entry): ImportedPaper => ({
			...titledPaper(entry.title, entry.titleLine),
			abstract: entry.abstract,
			publishedOn: entry.publishedOn,
			yearInferred: entry.yearInferred,
			listedOn: page.day,
			position: page.day === null ? null : entry.position,
			authorsCount: entry.authorsCount,
			organisations: entry.organisation === null ? null : [entry.organisation],
			commentsElsewhere: entry.stamp?.comments ?? null,
			raw: JSON.stringify({ title: entry.title, abstract: entry.abstract, footer: entry.footer } satisfies PageLines),
		}),
	);
	const { label, day, yearInferred, messages } = page;
	return { papers, messages, listing: label === null || day === null ? null : { label, listedOn: day, yearInferred } };
}

function draftsOf(lines: readonly Line[], report: Report): Draft[] {
	const drafts: Draft[] = [];
	let texts: Text[] = [];
	let index = 0;
	while (index < lines.length) {
		const line = lines[index]!;
		if (!startsFooter(lines, index)) {
			const last = texts.at(-1);
			if (line.gap === 0 && last !== undefined && lines[index - 1]?.number === line.number - 1) {
				report('warning', line.number, 'a text goes on without an empty line; it was joined with the line before');
				last.text += ` ${line.text.trim()}`;
			} else texts.push({ line: line.number, text: line.text });
			index += 1;
			continue;
		}
		const { footer, next } = takeFooter(lines, index, report);
		if (texts.length === 0) report('error', line.number, 'a footer without a paper was left out');
		else drafts.push(...pairUp(texts, footer, report));
		texts = [];
		index = next;
	}
	if (texts.length > 0) drafts.push(...pairUp(texts, null, report));
	return drafts;
}

function startsFooter(lines: readonly Line[], index: number): boolean {
	const [line, next] = [lines[index]!, lines[index + 1]];
	if (BULLET.test(line.text) || line.text.trim() === MIDDLE_DOT || next?.text.trim() === MIDDLE_DOT) return true;
	// An organisation's footer that has lost its middle dot.
	return next !== undefined && next.gap === 0 && parseStamp(next.text.trim()) !== null && line.gap > 0;
}

function takeFooter(lines: readonly Line[], start: number, report: Report): { footer: Footer; next: number } {
	const first = lines[start]!;
	const taken: Line[] = [];
	let next = start;
	if (first.text.trim() === MIDDLE_DOT) report('warning', first.number, 'the footer has no attribution');
	else {
		taken.push(first);
		next += 1;
	}
	const dot = lines[next];
	if (dot?.text.trim() === MIDDLE_DOT) {
		taken.push(dot);
		next += 1;
	} else report('warning', first.number, 'the middle dot is missing from the footer');
	const stamp = lines[next];
	const isStamp = stamp !== undefined && (stamp.gap === 0 || parseStamp(stamp.text.trim()) !== null);
	if (isStamp) {
		taken.push(stamp);
		next += 1;
		if (parseStamp(stamp.text.trim()) === null)
			report('warning', stamp.number, `"${stamp.text.slice(0, 40)}" is no date such as "Jul 2, 2024"; the day is unknown`);
	} else report('warning', first.number, 'the footer has no date');
	if (taken.some((line) => line !== first && line.gap > 0)) report('warning', first.number, 'empty lines inside the footer');
	const attribution = first.text.trim() === MIDDLE_DOT ? '' : first.text;
	const stampLine = isStamp ? { ...stamp, text: stamp.text.trim() } : null;
	return { footer: { line: first.number, lines: taken.map(({ text }) => text), attribution, stampLine }, next };
}

/** Titles and abstracts in turn; the footer belongs to the last paper. One text too many is a piece of a torn abstract, or a title alone. */
function pairUp(texts: readonly Text[], footer: Footer | null, report: Report): Draft[] {
	const drafts: Draft[] = [];
	for (let index = 0; index < texts.length; ) {
		const title = texts[index]!;
		const abstract = texts[index + 1] ?? null;
		index += 2;
		while (abstract !== null && (texts.length - index) % 2 === 1 && readsLikeProse(texts[index]!.text)) {
			report('warning', texts[index]!.line, 'an abstract in two pieces was joined');
			abstract.text += ` ${texts[index]!.text}`;
			index += 1;
		}
		const last = index >= texts.length;
		if (abstract === null && footer === null) {
			report('error', title.line, `the page ends after the title "${title.text.slice(0, 60)}"; it was left out`);
			continue;
		}
		if (abstract === null) report('warning', title.line, `"${title.text.slice(0, 60)}" has no abstract`);
		else if (last && footer === null && !/[.!?)\]}"'”’/]$/.test(abstract.text))
			report('warning', abstract.line, 'the page ends in the middle of a sentence; it may be cut off');
		drafts.push({ title, abstract, footer: last ? footer : null });
	}
	return drafts;
}

function readsLikeProse(text: string): boolean {
	return text.length > 250 || /\.["'”’)]?$/.test(text);
}

function entryOf(draft: Draft, stamp: Stamp | null, position: number, day: string | null, report: Report): PageEntry {
	const { title, abstract, footer } = draft;
	const by = footer === null ? { authorsCount: null, organisation: null } : attributionOf(footer, report);
	let publishedOn = stamp && (day ?? stamp.year) !== null ? resolveStamp(stamp, day ?? `${stamp.year}-12-31`) : null;
	if (stamp !== null && footer?.stampLine) {
		const { number, text } = footer.stampLine;
		if (publishedOn === null) report('warning', number, `the day of "${text}" cannot be told`);
		else if (day !== null && publishedOn > day) {
			report('warning', number, `"${text}" lies after the page's own day ${day}; the day is unknown`);
			publishedOn = null;
		}
	}
	return {
		position,
		titleLine: title.line,
		title: title.text,
		abstract: abstract?.text ?? null,
		footer: footer?.lines ?? null,
		...by,
		stamp,
		publishedOn,
		yearInferred: publishedOn === null || stamp === null ? null : stamp.year === null,
	};
}

function attributionOf(footer: Footer, report: Report): Pick<PageEntry, 'authorsCount' | 'organisation'> {
	const count = BULLET.exec(footer.attribution)?.[1];
	if (count !== undefined) {
		const authorsCount = Number(count);
		if (footer.attribution.endsWith('author')) report('info', footer.line, '"author" where this page has "authors"');
		if (authorsCount <= MAX_AUTHORS) return { authorsCount, organisation: null };
		report('warning', footer.line, `${count} authors are more than ${MAX_AUTHORS}; the count is unknown`);
		return { authorsCount: null, organisation: null };
	}
	const words = footer.attribution.trim().split(/\s+/);
	const half = words.slice(0, words.length / 2).join(' ');
	if (words.length % 2 === 0 && half === words.slice(words.length / 2).join(' '))
		return { authorsCount: null, organisation: half };
	const whole = words.join(' ');
	if (whole !== '') report('warning', footer.line, `the organisation "${whole.slice(0, 60)}" does not stand there twice`);
	return { authorsCount: null, organisation: whole === '' ? null : whole };
}

function reportDuplicates(entries: readonly PageEntry[], report: Report): void {
	const lines = new Map<string, number>();
	for (const { title, titleLine } of entries) {
		const before = lines.get(title);
		if (before === undefined) lines.set(title, titleLine);
		else report('warning', titleLine, `the title of line ${before} again`);
	}
}

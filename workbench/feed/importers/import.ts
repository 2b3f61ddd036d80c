/** What every importer returns. A value that a source does not give is null, never 0 and never an empty text. */
import { InputError } from '@assay/contract';

/** No file may be longer: 256 MiB of characters, about 150,000 papers of our own export. */
export const MAX_CHARACTERS = 256 * 1024 * 1024;

/** Formats that are read as one tree may be 64 MiB long. */
const MAX_TREE_CHARACTERS = 64 * 1024 * 1024;

/** Importers refuse more papers than this in one file. */
const MAX_PAPERS = 200_000;

export interface ImportMessage {
	/** `info`: read with certainty; `warning`: read by a guess, or a value was left out; `error`: something was not imported. */
	readonly level: 'info' | 'warning' | 'error';
	/** Counted from 1; null where the message is about the whole source. */
	readonly line: number | null;
	readonly text: string;
}

/** One paper as its source gives it, before any text repair. */
export interface ImportedPaper {
	/** Where it starts in the source, counted from 1; null where the source has no lines. */
	readonly line: number | null;
	readonly title: string;
	readonly abstract: string | null;
	/** Our own words about it; only our own export has them. */
	readonly summary: string | null;
	/** Wanted slug; used only when the paper is new and the slug free. */
	readonly slug: string | null;
	readonly arxivId: string | null;
	readonly doi: string | null;
	/** `YYYY-MM-DD`. */
	readonly publishedOn: string | null;
	/** True where the year of `publishedOn` is a conclusion; null where there is no date. */
	readonly yearInferred: boolean | null;
	readonly listedOn: string | null;
	/** Place on the page of `listedOn`, from 1. */
	readonly position: number | null;
	readonly authorsCount: number | null;
	/** All of them, in order; null where the source names none. */
	readonly authors: readonly string[] | null;
	readonly organisations: readonly string[] | null;
	readonly tags: readonly string[] | null;
	readonly commentsElsewhere: number | null;
	readonly upvotesElsewhere: number | null;
	/** URL by kind; only http and https. */
	readonly links: Readonly<Record<string, string>>;
	/** JSON of the page's own lines, for printing them again; null for other formats. */
	readonly raw: string | null;
}

/** The page that the papers stand on, where the source is one whole page. */
export interface ImportedListing {
	/** As printed, for example `Dec 26`. */
	readonly label: string;
	readonly listedOn: string;
	readonly yearInferred: boolean;
}

export interface Import {
	readonly papers: readonly ImportedPaper[];
	readonly messages: readonly ImportMessage[];
	readonly listing: ImportedListing | null;
}

/** A paper of which nothing but the title is known. */
export function titledPaper(title: string, line: number | null): ImportedPaper {
	return {
		line,
		title,
		abstract: null,
		summary: null,
		slug: null,
		arxivId: null,
		doi: null,
		publishedOn: null,
		yearInferred: null,
		listedOn: null,
		position: null,
		authorsCount: null,
		authors: null,
		organisations: null,
		tags: null,
		commentsElsewhere: null,
		upvotesElsewhere: null,
		links: {},
		raw: null,
	};
}

/** Raises an InputError when a source is larger than importers take. */
export function checkSize(text: string, format: string, limit = MAX_TREE_CHARACTERS): void {
	if (text.length > limit)
		throw new InputError({ path: [format], found: `${text.length} characters`, expected: `at most ${limit}` });
}

/** Raises an InputError when a source holds more papers than importers take. */
export function checkCount(papers: number, format: string): void {
	if (papers > MAX_PAPERS) throw new InputError({ path: [format], found: `${papers} papers`, expected: `at most ${MAX_PAPERS}` });
}

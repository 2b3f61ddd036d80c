/** A feed before it is written as RSS, Atom or JSON. */
import type { PaperCard } from '../paper.ts';

export interface FeedDocument {
	readonly title: string;
	/** Absolute URL of this feed in the format it is written in. */
	readonly selfUrl: string;
	/** Absolute URL of the page that the feed is of. */
	readonly homeUrl: string;
	/** `tag:` URI (RFC 4151) that never changes: see `tagUri`. */
	readonly id: string;
	readonly entries: readonly FeedEntry[];
	/** When the feed's definition last changed, ISO 8601; stands for `updated` while there are no entries. */
	readonly definedAt: string;
}

export interface FeedEntry {
	readonly paper: PaperCard;
	/** Absolute URL of the paper's page. */
	readonly url: string;
	readonly id: string;
}

/** `tag:authority,year:path`: the authority and the year in which it was ours, then a path of our own, for example `papers/12`. */
export function tagUri(authority: string, year: number, path: string): string {
	return `tag:${authority},${year}:${encodeURI(path.toWellFormed())}`;
}

/** The newest change of what the feed shows, ISO 8601. */
export function feedUpdated({ entries, definedAt }: FeedDocument): string {
	const times = entries.map(({ paper }) => paper.updatedAt).sort();
	return times.at(-1) ?? definedAt;
}

/** What a reader sees of the paper: the abstract, else our summary. */
export function feedText({ paper }: FeedEntry): string {
	return plainText(paper.abstract ?? paper.summary ?? '');
}

/** When the paper came out, else when it was listed, as ISO 8601; null if neither is known. */
export function feedPublished({ paper }: FeedEntry): string | null {
	const day = paper.publishedOn ?? paper.listedOn;
	return day === null ? null : `${day}T00:00:00Z`;
}

/** The text without what no XML document may hold: control characters and two non-characters; lone surrogates become U+FFFD. */
export function plainText(text: string): string {
	return text
		.toWellFormed()
		.replace(/\r\n?/g, '\n')
		.replace(/[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '');
}

/**
 * What a paper's sources say, field by field, and which of it is shown. For each field the source that is trusted most wins;
 * between two of equal trust the later word wins. A source's new value takes the place of its own old one.
 */
import { InputError, nearestName } from '@assay/contract';
import { z } from 'zod';
import type { ImportedPaper } from '../importers/import.ts';
import { repairText } from './repair.ts';
import { titleKey } from './title.ts';

/** All sources, the most trusted first; `manual` is an edit by hand, `submission` the form. */
export const SOURCES = [
	'manual',
	'arxiv',
	'host-json',
	'bibtex',
	'ris',
	'csv',
	'json-lines',
	'submission',
	'page-text',
	'sample',
] as const;
export type Source = (typeof SOURCES)[number];

/** Sources that are trusted as much as the one before them. */
const EQUALS: readonly Source[] = ['ris', 'json-lines'];
const TRUST = new Map<string, number>(SOURCES.map((source, at) => [source, EQUALS.includes(source) ? 1 - at : -at]));

/** Raises an InputError for a name that is no source. */
export function parseSource(name: string): Source {
	const source = SOURCES.find((known) => known === name);
	if (source !== undefined) return source;
	throw new InputError({
		path: ['source'],
		found: JSON.stringify(name.slice(0, 60)),
		expected: SOURCES.join(', '),
		nearest: nearestName(name, SOURCES),
	});
}

const text = z.string().nullable();
const number = z.number().nullable();
const names = z.array(z.string()).nullable();

/** The fields and what each holds; null, from an edit by hand, says that nothing is to be shown. */
const FIELDS = {
	title: z.string(),
	abstract: text,
	summary: text,
	arxivId: text,
	doi: text,
	publishedOn: text,
	yearInferred: z.boolean().nullable(),
	authorsCount: number,
	authors: names,
	organisations: names,
	tags: names,
	commentsElsewhere: number,
	upvotesElsewhere: number,
	links: z.record(z.string(), z.string()),
} as const;
const fieldsSchema = z.object(FIELDS).partial();
export type FieldValues = z.infer<typeof fieldsSchema>;

/** The field of a slug that a paper took over in a merge; its source is that slug, for there may be several. */
export const FORMER_SLUG = 'formerSlug';
/** The field of a title that a paper took over in a merge; its source is the slug it came with and a number. */
export const FORMER_TITLE = 'formerTitle';

/** One row of `paper_fields`. */
export interface FieldRow {
	readonly field: string;
	readonly source: string;
	/** JSON. */
	readonly value: string;
	readonly key: string | null;
	readonly at: string;
}

/** What an imported paper says; fields of which it says nothing are absent. */
export function fieldsOf(paper: ImportedPaper): FieldValues {
	const { title, abstract, summary, arxivId, doi, publishedOn, yearInferred, authorsCount } = paper;
	const { authors, organisations, tags, commentsElsewhere, upvotesElsewhere, links } = paper;
	return {
		title,
		...(abstract === null ? {} : { abstract }),
		...(summary === null ? {} : { summary }),
		...(arxivId === null ? {} : { arxivId }),
		...(doi === null ? {} : { doi }),
		...(publishedOn === null ? {} : { publishedOn, yearInferred }),
		...(authorsCount === null ? {} : { authorsCount }),
		...(authors === null ? {} : { authors: [...authors] }),
		...(organisations === null ? {} : { organisations: [...organisations] }),
		...(tags === null ? {} : { tags: [...tags] }),
		...(commentsElsewhere === null ? {} : { commentsElsewhere }),
		...(upvotesElsewhere === null ? {} : { upvotesElsewhere }),
		...(Object.keys(links).length === 0 ? {} : { links: { ...links } }),
	};
}

/** A value as a row; that of a title carries its key. */
export function fieldRow(field: string, source: string, value: unknown, at: string): FieldRow {
	const key = field === 'title' && typeof value === 'string' ? titleKey(repairText(value).text) : null;
	return { field, source, value: JSON.stringify(value), key, at };
}

/** A paper as it is to be shown. */
export interface Shown {
	readonly columns: {
		readonly title: string;
		readonly title_key: string;
		readonly abstract: string | null;
		readonly summary: string | null;
		readonly arxiv_id: string | null;
		readonly doi: string | null;
		readonly published_on: string | null;
		readonly authors_count: number | null;
		readonly comments_elsewhere: number | null;
		readonly upvotes_elsewhere: number | null;
		/** JSON. */
		readonly links: string;
		/** JSON. */
		readonly blemishes: string;
	};
	readonly authors: readonly string[];
	readonly organisations: readonly string[];
	readonly tags: readonly string[];
}

/**
 * Decides by trust what holds. Links of all sources are joined, each kind by trust; so are tags, unless someone set them by
 * hand.
 */
export function resolveFields(rows: Iterable<FieldRow>): FieldValues {
	const ordered = [...rows].sort(
		(one, other) => trustOf(one) - trustOf(other) || compare(one.at, other.at) || compare(one.source, other.source),
	);
	const values: Record<string, unknown> = {};
	let links: Record<string, string> = {};
	let tags: string[] = [];
	for (const row of ordered) {
		if (row.field === FORMER_SLUG || row.field === FORMER_TITLE) continue;
		const value: unknown = JSON.parse(row.value);
		if (row.field === 'links') links = { ...links, ...FIELDS.links.parse(value) };
		else if (row.field === 'tags') tags = [...(FIELDS.tags.parse(value) ?? []), ...(row.source === 'manual' ? [] : tags)];
		else values[row.field] = value;
	}
	return fieldsSchema.parse({ ...values, links, tags: [...new Set(tags)] });
}

/** What holds, made readable. */
export function shownOf(fields: FieldValues): Shown {
	const title = repairText(fields.title ?? '');
	const abstract = fields.abstract == null ? null : repairText(fields.abstract);
	return {
		columns: {
			title: title.text,
			title_key: titleKey(title.text),
			abstract: abstract?.text ?? null,
			summary: fields.summary ?? null,
			arxiv_id: fields.arxivId ?? null,
			doi: fields.doi ?? null,
			published_on: fields.publishedOn ?? null,
			authors_count: fields.authorsCount ?? fields.authors?.length ?? null,
			comments_elsewhere: fields.commentsElsewhere ?? null,
			upvotes_elsewhere: fields.upvotesElsewhere ?? null,
			links: JSON.stringify(Object.fromEntries(Object.entries(fields.links ?? {}).sort(([one], [other]) => compare(one, other)))),
			blemishes: JSON.stringify([...new Set([...title.blemishes, ...(abstract?.blemishes ?? [])])]),
		},
		...namesOf(fields),
	};
}

/** The names that hold, of each kind. */
export function namesOf({ authors, organisations, tags }: FieldValues): Pick<Shown, 'authors' | 'organisations' | 'tags'> {
	return { authors: authors ?? [], organisations: organisations ?? [], tags: tags ?? [] };
}

function trustOf({ source }: FieldRow): number {
	return TRUST.get(source) ?? Number.NEGATIVE_INFINITY;
}

function compare(one: string, other: string): number {
	return one < other ? -1 : one > other ? 1 : 0;
}

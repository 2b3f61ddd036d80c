/** Papers for other programs: the page of a day byte for byte, CSV (RFC 4180), BibTeX; JSON Lines are with their importer. */
import { csvText, InputError } from '@assay/contract';
import type { AssayDatabase } from '@assay/database';
import { z } from 'zod';
import { printDayPage } from '../importers/page-text.ts';
import type { NamedLink, PaperCard } from '../paper.ts';

const linesSchema = z.object({ title: z.string(), abstract: z.string().nullable(), footer: z.array(z.string()).nullable() });

/** The text page of a day as it was imported. Raises an InputError where no such page was. */
export async function exportPage({ kysely }: AssayDatabase, day: string): Promise<string> {
	const rows = await kysely
		.selectFrom('listings')
		.select('raw')
		.where('listed_on', '=', day)
		.where('source', '=', 'page-text')
		.orderBy('position')
		.execute();
	const entries = rows.flatMap(({ raw }) => (raw === null ? [] : [linesSchema.parse(JSON.parse(raw))]));
	if (entries.length === 0) throw new InputError({ path: ['page'], found: day, expected: 'a day whose text page was imported' });
	return printDayPage(day, entries);
}

const namesOf = (links: readonly NamedLink[]): string => links.map(({ name }) => name).join('; ');
const CSV_COLUMNS: readonly (readonly [name: string, value: (card: PaperCard) => string | number | null])[] = [
	['slug', ({ slug }) => slug],
	['title', ({ title }) => title],
	['authors', ({ authors }) => namesOf(authors)],
	['authors_count', ({ authorsCount }) => authorsCount],
	['organisations', ({ organisations }) => namesOf(organisations)],
	['published_on', ({ publishedOn }) => publishedOn],
	['listed_on', ({ listedOn }) => listedOn],
	['arxiv_id', ({ arxivId }) => arxivId],
	['doi', ({ doi }) => doi],
	['tags', ({ tags }) => namesOf(tags)],
	['votes', ({ votes }) => votes],
	['comments', ({ comments }) => comments],
	['comments_elsewhere', ({ commentsElsewhere }) => commentsElsewhere],
	['upvotes_elsewhere', ({ upvotesElsewhere }) => upvotesElsewhere],
	['code', ({ links }) => links['code'] ?? null],
	['project', ({ links }) => links['project'] ?? null],
	['pdf', ({ links }) => links['pdf'] ?? null],
	['page', ({ links }) => links['page'] ?? null],
	['summary', ({ summary }) => summary],
	['abstract', ({ abstract }) => abstract],
];

/**
 * Prints cards as CSV: a header, lines ended by CR LF, values quoted where they need it. A text that a spreadsheet would take
 * for a formula gets an apostrophe before it.
 */
export function printCsv(cards: readonly PaperCard[]): string {
	const rows = [CSV_COLUMNS.map(([name]) => name), ...cards.map((card) => CSV_COLUMNS.map(([, value]) => csvValue(value(card))))];
	return csvText(rows);
}

function csvValue(value: string | number | null): string | number | null {
	return typeof value === 'string' && /^[=+\-@\t]/.test(value) ? `'${value}` : value;
}

const TEX: Readonly<Record<string, string>> = {
	'\\': '\\textbackslash{}',
	'{': '\\{',
	'}': '\\}',
	'~': '\\textasciitilde{}',
	'^': '\\textasciicircum{}',
	'<': '\\textless{}',
	'>': '\\textgreater{}',
};

/** Prints cards as BibTeX entries keyed by slug; a value that is unknown has no field. */
export function printBibtex(cards: readonly PaperCard[]): string {
	return cards.map(bibtexEntry).join('\n');
}

function bibtexEntry(card: PaperCard): string {
	const [year, month, day] = card.publishedOn?.split('-') ?? [];
	const fields: [string, string | null | undefined][] = [
		['title', `{${tex(card.title)}}`],
		['author', card.authors.length === 0 ? null : card.authors.map(({ name }) => `{${tex(name)}}`).join(' and ')],
		['year', year],
		['month', month === undefined ? undefined : String(Number(month))],
		['day', day === undefined ? undefined : String(Number(day))],
		['eprint', card.arxivId],
		['archiveprefix', card.arxivId === null ? null : 'arXiv'],
		['doi', card.doi],
		['url', card.links['page'] ?? (card.arxivId === null ? null : `https://arxiv.org/abs/${card.arxivId}`)],
		['keywords', card.tags.length === 0 ? null : card.tags.map(({ name }) => tex(name)).join(', ')],
		['abstract', card.abstract === null ? null : tex(card.abstract)],
	];
	const lines = fields.flatMap(([name, value]) => (value === null || value === undefined ? [] : [`  ${name} = {${value}},`]));
	return `@misc{${card.slug},\n${lines.join('\n')}\n}\n`;
}

function tex(text: string): string {
	return text.replace(/[\\{}~^<>%&#_$]/g, (character) => TEX[character] ?? `\\${character}`);
}

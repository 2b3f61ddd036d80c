/** CSV with a header line. Names of columns are matched without regard to case, spaces and dashes; lists are separated by semicolons. */
import { InputError, nearestName } from '@assay/contract';
import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';
import { parseArxivId } from './arxiv-id.ts';
import { checkCount, checkSize, type Import, type ImportedPaper, type ImportMessage, titledPaper } from './import.ts';
import { cleanCount, cleanDay, cleanDoi, cleanLinks, cleanNames, cleanText } from './values.ts';

/** What a column may be called, in lower-case letters and digits. */
const COLUMNS = [
	['title', ['title', 'papertitle', 'name']],
	['abstract', ['abstract', 'abstracttext', 'description']],
	['summary', ['summary']],
	['slug', ['slug']],
	['arxivId', ['arxivid', 'arxiv', 'eprint', 'arxivurl']],
	['doi', ['doi', 'doiurl']],
	['publishedOn', ['publishedon', 'published', 'publicationdate', 'date', 'publishdate']],
	['listedOn', ['listedon', 'listed', 'listingdate']],
	['authors', ['authors', 'author', 'authornames']],
	['authorsCount', ['authorscount', 'numberofauthors', 'numauthors']],
	['organisations', ['organisations', 'organisation', 'organizations', 'organization', 'affiliations']],
	['tags', ['tags', 'tag', 'keywords', 'topics', 'authorkeywords']],
	['commentsElsewhere', ['commentselsewhere', 'numcomments']],
	['upvotesElsewhere', ['upvoteselsewhere', 'upvotes', 'likes']],
	['code', ['code', 'codeurl', 'github', 'githubrepo', 'repository', 'linkcode']],
	['project', ['project', 'projectpage', 'linkproject']],
	['pdf', ['pdf', 'pdfurl', 'linkpdf']],
	['page', ['url', 'link', 'page', 'linkpage']],
] as const;
type Column = (typeof COLUMNS)[number][0];

const rowsSchema = z.array(z.object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) }));

/** Reads a table. Raises an InputError where it has no title column or is no CSV; rows without a title are reported. */
export function parseCsv(source: string): Import {
	checkSize(source, 'CSV');
	const [header, ...rows] = readRows(source);
	checkCount(rows.length, 'CSV');
	const messages: ImportMessage[] = [];
	const columns = findColumns(header?.record ?? [], messages);
	let line = (header?.info.lines ?? 0) + 1;
	const papers = rows.flatMap(({ record, info }): ImportedPaper[] => {
		const start = line;
		line = info.lines + 1;
		const value = (column: Column): string | null => cleanText(record[columns.get(column) ?? -1]);
		const title = value('title');
		if (title === null) {
			messages.push({ level: 'error', line: start, text: 'a row without a title was left out' });
			return [];
		}
		if (record.length !== header?.record.length)
			messages.push({ level: 'warning', line: start, text: `${record.length} values for ${header?.record.length} columns` });
		return [paperOf(title, start, value, messages)];
	});
	return { papers, messages, listing: null };
}

function paperOf(
	title: string,
	line: number,
	value: (column: Column) => string | null,
	messages: ImportMessage[],
): ImportedPaper {
	const checked = <Value>(column: Column, read: (text: string | null) => Value | null): Value | null => {
		const text = value(column);
		const result = read(text);
		if (text !== null && result === null)
			messages.push({ level: 'warning', line, text: `"${text.slice(0, 60)}" is no ${column}; it was left out` });
		return result;
	};
	const list = (column: Column): string[] | null => cleanNames((value(column) ?? '').split(/\s*[;|]\s*/));
	const authors = list('authors');
	const publishedOn = checked('publishedOn', cleanDay);
	return {
		...titledPaper(title, line),
		abstract: value('abstract'),
		summary: value('summary'),
		slug: value('slug'),
		arxivId: checked('arxivId', parseArxivId)?.id ?? null,
		doi: checked('doi', cleanDoi),
		publishedOn,
		yearInferred: publishedOn === null ? null : false,
		listedOn: checked('listedOn', cleanDay),
		authorsCount: checked('authorsCount', cleanCount) ?? authors?.length ?? null,
		authors,
		organisations: list('organisations'),
		tags: list('tags'),
		commentsElsewhere: checked('commentsElsewhere', cleanCount),
		upvotesElsewhere: checked('upvotesElsewhere', cleanCount),
		links: cleanLinks({ code: value('code'), project: value('project'), pdf: value('pdf'), page: value('page') }),
	};
}

function findColumns(header: readonly string[], messages: ImportMessage[]): Map<Column, number> {
	const names = header.map((name) => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, ''));
	const columns = new Map<Column, number>();
	const taken = new Set<number>();
	for (const [column, known] of COLUMNS) {
		const index = names.findIndex((name) => known.find((one) => one === name) !== undefined);
		if (index < 0) continue;
		columns.set(column, index);
		taken.add(index);
	}
	if (!columns.has('title'))
		throw new InputError({
			path: ['CSV', 'line 1'],
			found: `the columns ${header.slice(0, 20).join(', ').slice(0, 200)}`,
			expected: 'a column "title"',
			nearest: header.find((name) => nearestName(name, ['title']) !== undefined),
		});
	const unknown = header.filter((_, index) => !taken.has(index));
	if (unknown.length > 0)
		messages.push({ level: 'info', line: 1, text: `columns that were left out: ${unknown.join(', ').slice(0, 300)}` });
	return columns;
}

function readRows(source: string): z.infer<typeof rowsSchema> {
	try {
		// The parser would count the line ends of another system twice inside quotes.
		const rows: unknown = parse(source.replace(/\r\n?/g, '\n'), {
			bom: true,
			info: true,
			relax_column_count: true,
			skip_empty_lines: true,
			delimiter: delimiterOf(source),
			max_record_size: 1024 * 1024,
		});
		return rowsSchema.parse(rows);
	} catch (cause) {
		if (!(cause instanceof CsvError)) throw cause;
		const line = typeof cause['lines'] === 'number' ? `line ${cause['lines']}` : 'text';
		throw new InputError({ path: ['CSV', line], found: cause.message.slice(0, 200), expected: 'CSV (RFC 4180)' });
	}
}

/** Comma, semicolon or tab, whichever the header line holds most. */
function delimiterOf(source: string): string {
	const header = source.slice(0, 10_000).split(/\r|\n/, 1)[0] ?? '';
	const counts = [',', ';', '\t'].map((delimiter) => ({ delimiter, count: header.split(delimiter).length }));
	return counts.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
}

/**
 * Answers of arXiv's API (Atom). Two serialisations exist: the older one with http ids and a type on each title, the newer
 * with https ids and all namespaces on the root. Errors come as an entry titled "Error".
 */
import { InputError } from '@assay/contract';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { z } from 'zod';
import { parseArxivId } from './arxiv-id.ts';
import { checkCount, checkSize, type Import, type ImportedPaper, type ImportMessage, titledPaper } from './import.ts';
import { cleanCount, cleanDay, cleanDoi, cleanLinks, cleanNames, cleanText } from './values.ts';

const text = z.union([z.string(), z.object({ '#text': z.string() }).transform((node) => node['#text'])]).catch('');
const list = <Item extends z.ZodType>(item: Item) => z.array(item).catch([]);
const entrySchema = z.object({
	id: text,
	published: text,
	title: text,
	summary: text,
	author: list(z.object({ name: text, affiliation: list(text) })),
	doi: text,
	link: list(z.object({ href: text, rel: text, title: text })),
	category: list(z.object({ term: text })),
});
const feedSchema = z.object({
	feed: z.object({ totalResults: text, startIndex: text, itemsPerPage: text, entry: list(entrySchema) }),
});

const parser = new XMLParser({
	ignoreAttributes: false,
	attributeNamePrefix: '',
	removeNSPrefix: true,
	parseTagValue: false,
	parseAttributeValue: false,
	// Only well-known entities and numbers, each once: a document type could define others that grow without bound.
	processEntities: { enabled: true, maxEntityCount: 0, maxTotalExpansions: 1_000_000, maxExpandedLength: 64 * 1024 * 1024 },
	htmlEntities: true,
	maxNestedTags: 20,
	isArray: (name) => ['entry', 'author', 'affiliation', 'link', 'category'].includes(name),
});

/** One page of results. */
export interface ArxivAnswer extends Import {
	readonly totalResults: number | null;
	readonly startIndex: number | null;
	readonly itemsPerPage: number | null;
}

/** Reads an answer. Raises an InputError for what is no Atom feed, and for arXiv's own error entries. */
export function parseArxivAtom(source: string): ArxivAnswer {
	checkSize(source, 'arXiv answer');
	if (/<!(?:DOCTYPE|ENTITY)/i.test(source))
		throw new InputError({ path: ['arXiv answer'], found: 'a document type', expected: 'Atom without one' });
	const feed = readFeed(source);
	checkCount(feed.entry.length, 'arXiv answer');
	const messages: ImportMessage[] = [];
	const papers = feed.entry.flatMap((entry): ImportedPaper[] => {
		const title = cleanText(entry.title);
		if (title === 'Error')
			throw new InputError({
				path: ['arXiv answer'],
				found: `an error: ${cleanText(entry.summary) ?? 'no reason given'}`,
				expected: 'papers',
			});
		const id = parseArxivId(entry.id);
		if (title === null) {
			messages.push({ level: 'error', line: null, text: `the entry "${entry.id.slice(0, 80)}" has no title; it was left out` });
			return [];
		}
		if (id === null)
			messages.push({
				level: 'warning',
				line: null,
				text: `"${entry.id.slice(0, 80)}" is no arXiv id; the paper is kept without`,
			});
		const authors = cleanNames(entry.author.map(({ name }) => name));
		const related = (kind: string): string | undefined => entry.link.find((link) => link.title === kind)?.href;
		const publishedOn = cleanDay(entry.published);
		return [
			{
				...titledPaper(title, null),
				abstract: cleanText(entry.summary),
				arxivId: id?.id ?? null,
				doi: cleanDoi(entry.doi) ?? cleanDoi(related('doi')),
				publishedOn,
				yearInferred: publishedOn === null ? null : false,
				authorsCount: authors?.length ?? null,
				authors,
				organisations: cleanNames(entry.author.flatMap(({ affiliation }) => affiliation)),
				tags: cleanNames(entry.category.map(({ term }) => term)),
				links: cleanLinks({ pdf: related('pdf')?.replace(/^http:/, 'https:') }),
			},
		];
	});
	const { totalResults, startIndex, itemsPerPage } = feed;
	return {
		papers,
		messages,
		listing: null,
		totalResults: cleanCount(totalResults),
		startIndex: cleanCount(startIndex),
		itemsPerPage: cleanCount(itemsPerPage),
	};
}

function readFeed(source: string): z.infer<typeof feedSchema>['feed'] {
	const valid = XMLValidator.validate(source);
	if (valid !== true)
		throw new InputError({ path: ['arXiv answer', `line ${valid.err.line}`], found: valid.err.msg, expected: 'well-formed XML' });
	let document: unknown;
	try {
		document = parser.parse(source);
	} catch (cause) {
		// The validator lets through what the parser's limits refuse.
		if (!(cause instanceof Error)) throw cause;
		throw new InputError({ path: ['arXiv answer'], found: cause.message, expected: 'XML within the limits' });
	}
	const feed = feedSchema.safeParse(document);
	if (!feed.success) throw new InputError({ path: ['arXiv answer'], found: 'other XML', expected: 'an Atom feed' });
	return feed.data.feed;
}

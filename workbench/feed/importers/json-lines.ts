/** Our own export: one paper a line, read back without loss. Lines that are no paper are reported; the others are imported. */
import { z } from 'zod';
import type { PaperCard } from '../paper.ts';
import { parseArxivId } from './arxiv-id.ts';
import {
	checkCount,
	checkSize,
	type Import,
	type ImportedPaper,
	type ImportMessage,
	MAX_CHARACTERS,
	titledPaper,
} from './import.ts';
import { cleanCount, cleanDay, cleanDoi, cleanLinks, cleanNames, cleanText } from './values.ts';

const text = z.string().nullish();
const names = z.array(z.string()).nullish();
const count = z.number().nullish();
const lineSchema = z.object({
	title: z.string(),
	abstract: text,
	summary: text,
	slug: text,
	arxivId: text,
	doi: text,
	publishedOn: text,
	listedOn: text,
	position: count,
	authorsCount: count,
	authors: names,
	organisations: names,
	tags: names,
	commentsElsewhere: count,
	upvotesElsewhere: count,
	links: z.record(z.string(), z.string()).nullish(),
});

/** Reads papers, one JSON object a line. Raises an InputError only for too much of it. */
export function parseJsonLines(source: string): Import {
	checkSize(source, 'JSON Lines', MAX_CHARACTERS);
	const messages: ImportMessage[] = [];
	const papers: ImportedPaper[] = [];
	for (const [index, line] of source
		.replace(/^\uFEFF/, '')
		.split('\n')
		.entries()) {
		if (line.trim() === '') continue;
		const paper = paperOf(line, index + 1);
		if (typeof paper === 'string') messages.push({ level: 'error', line: index + 1, text: `left out: ${paper}` });
		else papers.push(paper);
	}
	checkCount(papers.length, 'JSON Lines');
	return { papers, messages, listing: null };
}

/** Prints cards, one a line, in the shape that `parseJsonLines` reads. */
export function printJsonLines(cards: readonly PaperCard[]): string {
	return cards
		.map((card) => {
			const { id: _id, hidden: _hidden, updatedAt: _updatedAt, ...shown } = card;
			const namesOf = (links: readonly { readonly name: string }[]): string[] => links.map(({ name }) => name);
			const { authors, organisations, tags } = card;
			return `${JSON.stringify({ ...shown, authors: namesOf(authors), organisations: namesOf(organisations), tags: namesOf(tags) })}\n`;
		})
		.join('');
}

function paperOf(line: string, number: number): ImportedPaper | string {
	let value: unknown;
	try {
		value = JSON.parse(line);
	} catch (cause) {
		if (!(cause instanceof SyntaxError)) throw cause;
		return cause.message.slice(0, 200);
	}
	const parsed = lineSchema.safeParse(value);
	if (!parsed.success) {
		const [issue] = parsed.error.issues;
		return `${issue?.path.join('.') || 'the line'}: ${issue?.message}`.slice(0, 200);
	}
	const given = parsed.data;
	const title = cleanText(given.title);
	if (title === null) return 'the title is empty';
	const publishedOn = cleanDay(given.publishedOn);
	const authors = cleanNames(given.authors ?? []);
	return {
		...titledPaper(title, number),
		abstract: cleanText(given.abstract),
		summary: cleanText(given.summary),
		slug: cleanText(given.slug),
		arxivId: parseArxivId(given.arxivId)?.id ?? null,
		doi: cleanDoi(given.doi),
		publishedOn,
		yearInferred: publishedOn === null ? null : false,
		listedOn: cleanDay(given.listedOn),
		position: cleanCount(given.position),
		authorsCount: cleanCount(given.authorsCount) ?? authors?.length ?? null,
		authors,
		organisations: cleanNames(given.organisations ?? []),
		tags: cleanNames(given.tags ?? []),
		commentsElsewhere: cleanCount(given.commentsElsewhere),
		upvotesElsewhere: cleanCount(given.upvotesElsewhere),
		links: cleanLinks(given.links ?? {}),
	};
}

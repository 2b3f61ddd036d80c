/** The daily-papers JSON of the original host, read with any field missing and unknown fields ignored, and written for scripts that expect it. */
import { InputError } from '@assay/contract';
import { z } from 'zod';
import type { PaperCard } from '../paper.ts';
import { parseArxivId } from './arxiv-id.ts';
import { checkCount, checkSize, type Import, type ImportedPaper, type ImportMessage, titledPaper } from './import.ts';
import { parseJson } from './json-text.ts';
import { cleanCount, cleanDay, cleanLinks, cleanNames, cleanText } from './values.ts';

const optional = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().catch(null);
const named = optional(z.object({ name: optional(z.string()), fullname: optional(z.string()), hidden: optional(z.boolean()) }));
const paperSchema = z.object({
	id: optional(z.string()),
	title: optional(z.string()),
	summary: optional(z.string()),
	authors: optional(z.array(named)),
	publishedAt: optional(z.string()),
	submittedOnDailyAt: optional(z.string()),
	upvotes: optional(z.number()),
	projectPage: optional(z.string()),
	githubRepo: optional(z.string()),
	ai_keywords: optional(z.array(z.unknown())),
	organization: named,
});
const itemSchema = z.object({
	paper: optional(paperSchema),
	title: optional(z.string()),
	summary: optional(z.string()),
	publishedAt: optional(z.string()),
	numComments: optional(z.number()),
	organization: named,
});

/** Reads an array of papers. Raises an InputError for what is no JSON array; single entries that cannot be read are reported. */
export function parseHostJson(source: string): Import {
	checkSize(source, 'JSON');
	const items = z.array(z.unknown()).safeParse(parseJson(source, 'JSON'));
	if (!items.success) throw new InputError({ path: ['JSON'], found: 'something else', expected: 'an array of papers' });
	checkCount(items.data.length, 'JSON');
	const messages: ImportMessage[] = [];
	const papers = items.data.flatMap((item, index): ImportedPaper[] => {
		const entry = itemSchema.safeParse(item);
		const paper = entry.success ? entry.data.paper : null;
		const title = entry.success ? (cleanText(paper?.title) ?? cleanText(entry.data.title)) : null;
		if (!entry.success || title === null) {
			messages.push({ level: 'error', line: null, text: `entry ${index + 1} has no title; it was left out` });
			return [];
		}
		const id = parseArxivId(paper?.id);
		if (typeof paper?.id === 'string' && id === null)
			messages.push({ level: 'warning', line: null, text: `entry ${index + 1}: "${paper.id.slice(0, 60)}" is no arXiv id` });
		const publishedOn = cleanDay(paper?.publishedAt) ?? cleanDay(entry.data.publishedAt);
		const visible = (paper?.authors ?? []).filter((author) => author?.hidden !== true);
		const authors = cleanNames(visible.map((author) => author?.name));
		const organisation = entry.data.organization ?? paper?.organization;
		return [
			{
				...titledPaper(title, null),
				abstract: cleanText(paper?.summary) ?? cleanText(entry.data.summary),
				arxivId: id?.id ?? null,
				publishedOn,
				yearInferred: publishedOn === null ? null : false,
				listedOn: cleanDay(paper?.submittedOnDailyAt),
				authorsCount: authors?.length ?? null,
				authors,
				organisations: cleanNames([organisation?.fullname ?? organisation?.name]),
				tags: cleanNames(paper?.ai_keywords ?? []),
				commentsElsewhere: cleanCount(entry.data.numComments),
				upvotesElsewhere: cleanCount(paper?.upvotes),
				links: cleanLinks({ project: paper?.projectPage, code: paper?.githubRepo }),
			},
		];
	});
	return { papers, messages, listing: null };
}

export interface HostPaper {
	readonly paper: {
		readonly id: string;
		readonly authors: readonly { readonly name: string; readonly hidden: boolean }[];
		readonly publishedAt: string | null;
		readonly submittedOnDailyAt: string | null;
		readonly title: string;
		readonly summary: string;
		readonly upvotes: number;
		readonly projectPage?: string;
		readonly githubRepo?: string;
		readonly organization?: { readonly name: string; readonly fullname: string };
	};
	readonly publishedAt: string | null;
	readonly title: string;
	readonly summary: string;
	readonly thumbnail: string | null;
	readonly numComments: number;
	readonly isAuthorParticipating: boolean;
}

/** Cards in the host's shape. `id` is the arXiv id, or our slug where there is none; upvotes and comments are those here. */
export function toHostJson(cards: readonly PaperCard[]): HostPaper[] {
	return cards.map((card) => {
		const publishedAt = card.publishedOn === null ? null : `${card.publishedOn}T00:00:00.000Z`;
		const summary = card.abstract ?? card.summary ?? '';
		const { project, code } = card.links;
		const organisation = card.organisations[0];
		return {
			paper: {
				id: card.arxivId ?? card.slug,
				authors: card.authors.map(({ name }) => ({ name, hidden: false })),
				publishedAt,
				submittedOnDailyAt: card.listedOn === null ? null : `${card.listedOn}T00:00:00.000Z`,
				title: card.title,
				summary,
				upvotes: card.votes,
				...(project === undefined ? {} : { projectPage: project }),
				...(code === undefined ? {} : { githubRepo: code }),
				...(organisation === undefined ? {} : { organization: { name: organisation.slug, fullname: organisation.name } }),
			},
			publishedAt,
			title: card.title,
			summary,
			thumbnail: null,
			numComments: card.comments,
			isAuthorParticipating: false,
		};
	});
}

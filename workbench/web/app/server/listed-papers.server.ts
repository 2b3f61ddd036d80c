/** Papers as lists show them: short, with the visitor's own vote. */
import { catalog } from '@assay/catalog';
import { type NamedLink, type PaperCard, votedPapers } from '@assay/feed';
import type { RequestContext } from '@assay/server';

export interface TextPart {
	readonly text: string;
	readonly marked: boolean;
}

export interface ListedPaper {
	readonly slug: string;
	readonly title: string;
	readonly excerpt: readonly TextPart[];
	/** Names of the first authors, or how many there are. */
	readonly authors: string;
	readonly organisations: readonly NamedLink[];
	readonly tags: readonly NamedLink[];
	readonly publishedOn: string | null;
	readonly votes: number;
	readonly voted: boolean;
	readonly comments: number;
	readonly commentsElsewhere: number | null;
	/** True if a system of the workbench runs this paper. */
	readonly runnable: boolean;
	/** Why it stands in this list, where that is not plain. */
	readonly why: string | null;
}

export const runnableSlugs: ReadonlySet<string> = new Set(catalog.map((entry) => entry.card.slug));

const EXCERPT_LENGTH = 330;

export async function listPapers(
	context: RequestContext,
	cards: readonly PaperCard[],
	details: ReadonlyMap<number, { readonly excerpt?: readonly TextPart[]; readonly why?: string }> = new Map(),
): Promise<ListedPaper[]> {
	const { visitor, services } = context;
	const votes =
		visitor === null
			? new Set<number>()
			: await votedPapers(
					services.database,
					visitor.id,
					cards.map((card) => card.id),
				);
	return cards.map((card) => ({
		slug: card.slug,
		title: card.title,
		excerpt: details.get(card.id)?.excerpt ?? [{ text: excerptOf(card), marked: false }],
		authors: authorsText(card),
		organisations: card.organisations,
		tags: card.tags,
		publishedOn: card.publishedOn,
		votes: card.votes,
		voted: votes.has(card.id),
		comments: card.comments,
		commentsElsewhere: card.commentsElsewhere,
		runnable: runnableSlugs.has(card.slug),
		why: details.get(card.id)?.why ?? null,
	}));
}

/** Our summary, or the beginning of the abstract up to the end of a word. */
export function excerptOf(card: Pick<PaperCard, 'summary' | 'abstract'>): string {
	const text = card.summary ?? card.abstract ?? '';
	if (text.length <= EXCERPT_LENGTH) return text;
	return `${text.slice(0, text.lastIndexOf(' ', EXCERPT_LENGTH))} …`;
}

/** `A, B, C and 4 more`, or `5 authors` where the names are not known. */
export function authorsText(card: Pick<PaperCard, 'authors' | 'authorsCount'>): string {
	const total = card.authorsCount ?? card.authors.length;
	if (card.authors.length === 0) return total === 0 ? '' : total === 1 ? '1 author' : `${total} authors`;
	const names = card.authors.slice(0, 3).map((author) => author.name);
	const more = total - names.length;
	return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}

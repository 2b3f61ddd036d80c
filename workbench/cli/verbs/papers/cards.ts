/** Papers as rows of a table, and as JSON. */
import type { PaperCard } from '@assay/feed';
import { textTable } from '@assay/report/text';
import { terminalStyle } from '../../terminal.ts';
import { runnable } from './feed.ts';

interface PaperFacts extends Omit<PaperCard, 'id' | 'hidden'> {
	/** Whether `assay run <slug>` runs its system. */
	readonly runnable: boolean;
}

export function paperFacts({ id: _id, hidden: _hidden, ...facts }: PaperCard): PaperFacts {
	return { ...facts, runnable: runnable.has(facts.slug) };
}

export function paperTable(cards: readonly PaperCard[]): string {
	const columns = [
		{ key: 'slug', label: 'Paper' },
		{ key: 'listed', label: 'Listed' },
		{ key: 'published', label: 'Published' },
		{ key: 'votes', label: 'Votes' },
		{ key: 'comments', label: 'Comments' },
		{ key: 'runs', label: 'Runs here' },
		{ key: 'title', label: 'Title' },
	];
	const rows = cards.map((card) => ({
		slug: card.slug,
		listed: card.listedOn,
		published: card.publishedOn,
		votes: card.votes,
		comments: card.comments,
		runs: runnable.has(card.slug) ? 'yes' : 'no',
		title: card.title,
	}));
	return textTable(columns, rows, terminalStyle());
}

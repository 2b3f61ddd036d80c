import { findSystem } from '@assay/catalog';
import { type PaperCard, type PaperNotes, readNotes } from '@assay/feed';
import { wrap } from '@assay/report/text';
import { type KnownClaim, knownClaims, RunStore } from '@assay/runs';
import { print, printJson, terminalStyle } from '../../terminal.ts';
import { paperFacts } from './cards.ts';
import { type Feed, findPaper, runnable, withFeed } from './feed.ts';

/** Claims by verdict. */
type Tally = Readonly<Partial<Record<KnownClaim['verdict'], number>>>;

/** `assay papers show <slug>` */
export async function showPaper(slug: string, options: { readonly json?: true }): Promise<void> {
	await withFeed(async (feed) => {
		const card = await findPaper(feed.database, slug);
		const notes = await readNotes(feed.database, card.id);
		const claims = runnable.has(card.slug) ? await claimsOf(feed, card.slug) : null;
		if (options.json === true) printJson({ paper: { ...paperFacts(card), ...notes, claims } });
		else print(paperText(card, notes, claims));
	});
}

async function claimsOf({ database, folder }: Feed, slug: string): Promise<Tally> {
	const store = await RunStore.open(folder, database);
	const tally: Partial<Record<KnownClaim['verdict'], number>> = {};
	for (const { verdict } of await knownClaims(store, findSystem(slug))) tally[verdict] = (tally[verdict] ?? 0) + 1;
	return tally;
}

function paperText(card: PaperCard, notes: PaperNotes, claims: Tally | null): string {
	const style = terminalStyle();
	const names = (links: PaperCard['tags']): string => links.map(({ name }) => name).join(', ');
	const elsewhere = (count: number | null): string => (count === null ? '' : ` here, ${count} on the page it came from`);
	const facts: readonly (readonly [string, string | null])[] = [
		['Slug', card.slug],
		['Authors', names(card.authors) || (card.authorsCount === null ? null : `${card.authorsCount}, not named`)],
		['Organisations', names(card.organisations) || null],
		[
			'Published',
			card.publishedOn === null ? null : `${card.publishedOn}${notes.isYearInferred ? ' (year inferred from its page)' : ''}`,
		],
		['Listed', card.listedOn],
		['arXiv', card.arxivId === null ? null : `https://arxiv.org/abs/${card.arxivId}`],
		['DOI', card.doi === null ? null : `https://doi.org/${card.doi}`],
		...Object.entries(card.links).map(([kind, url]) => [kind, url] as const),
		['Topics', names(card.tags) || null],
		['Votes', `${card.votes}${elsewhere(card.upvotesElsewhere)}`],
		['Comments', `${card.comments}${elsewhere(card.commentsElsewhere)}`],
		['Not repaired', notes.blemishes.join(', ') || null],
	];
	const shown = facts.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
	const width = Math.max(...shown.map(([name]) => name.length));
	const indent = ' '.repeat(width + 2);
	const lines = shown.map(
		([name, value]) =>
			`${style.dim(name.padEnd(width))}  ${wrap(value, style.width - indent.length).replaceAll('\n', `\n${indent}`)}`,
	);
	const text = card.abstract ?? card.summary;
	const system =
		claims === null
			? 'No system of this workbench runs this paper yet.'
			: `Run its system: npx assay run ${card.slug}\nIts claims: ${tallyText(claims)} (npx assay reproduce ${card.slug})`;
	return [
		style.bold(wrap(card.title, style.width)),
		lines.join('\n'),
		...(text === null ? [] : [wrap(text, style.width)]),
		system,
	].join('\n\n');
}

function tallyText(tally: Tally): string {
	const parts = Object.entries(tally).map(([verdict, count]) => `${count} ${verdict}`);
	return parts.length === 0 ? 'none' : parts.join(', ');
}

/**
 * Imports what an importer read: finds out which papers are known, keeps every field with its source and time, shows the
 * value that is trusted most, places papers on their pages, and queues what may be the same. Doing it again changes nothing.
 */
import type { AssayDatabase, Database } from '@assay/database';
import type { Transaction } from 'kysely';
import type { Import, ImportedPaper, ImportMessage } from '../importers/import.ts';
import { chunks } from './chunks.ts';
import { fieldsOf, parseSource, type Source } from './fields.ts';
import { Identities, type Identity } from './identity.ts';
import { addListings, type Placement, refreshFirstDays, replacePage } from './listings.ts';
import { nearTitles } from './near-titles.ts';
import { idOf, newState, type Outcome, type PaperState, setFields, writeStates } from './paper-state.ts';
import { chooseSlugs } from './slugs.ts';
import { paperSlug, slugOf } from './title.ts';
import { inTransaction } from './transaction.ts';

/** Longer ones are no titles and no abstracts. */
const MAX_TITLE = 1000;
const MAX_ABSTRACT = 50_000;

export interface ImportOptions {
	/** One of `SOURCES`; another name raises an InputError. */
	readonly source: string;
	readonly now: Date;
	/** The user who submits, for new papers. */
	readonly submittedBy?: number | undefined;
}

export interface ImportedEntry {
	readonly line: number | null;
	readonly title: string;
	readonly paperId: number;
	readonly slug: string;
	/** `merged`: an earlier entry of the same import was this paper too. */
	readonly outcome: Outcome | 'merged';
	/** By what a known paper was recognised. */
	readonly by: Identity['by'];
}

/** Two papers that a moderator should look at. */
export interface QueuedPair {
	readonly line: number | null;
	readonly slug: string;
	readonly otherSlug: string;
	readonly similarity: number;
	readonly reason: string;
}

export interface ImportReport {
	readonly source: Source;
	readonly new: number;
	readonly updated: number;
	readonly unchanged: number;
	readonly merged: number;
	readonly entries: readonly ImportedEntry[];
	/** Pairs that were queued by this import; pairs that were queued before are not repeated. */
	readonly queued: readonly QueuedPair[];
	/** The importer's messages and those about entries that were left out. */
	readonly messages: readonly ImportMessage[];
}

interface Found {
	readonly paper: ImportedPaper;
	readonly state: PaperState;
	readonly identity: Identity;
	/** An earlier entry is the same paper. */
	readonly again: boolean;
}

/** Imports a batch in one transaction. Raises an InputError for an unknown source. */
export async function importPapers(database: AssayDatabase, batch: Import, options: ImportOptions): Promise<ImportReport> {
	const source = parseSource(options.source);
	const messages = [...batch.messages];
	const papers = batch.papers.flatMap((paper) => withinLimits(paper, messages));
	const at = options.now.toISOString();
	return inTransaction(database, async (transaction) => {
		const found = findPapers(await Identities.load(transaction, papers), papers, options.submittedBy ?? null);
		const states = [...new Set(found.map(({ state }) => state))];
		for (const { state, paper } of found) {
			setFields(state, fieldsOf(paper), source, at);
			if (paper.listedOn !== null && (state.listedOn === null || paper.listedOn < state.listedOn))
				state.listedOn = paper.listedOn;
		}
		await nameNewPapers(transaction, found);
		const { outcomes, contested } = await writeStates(transaction, states, at);
		await placePapers(transaction, source, found, batch.listing?.listedOn ?? null, at);
		const outcomeOf = new Map(states.map((state, index) => [state, outcomes[index] ?? 'unchanged']));
		const entries = found.map(({ paper, state, identity, again }): ImportedEntry => {
			const outcome = again ? 'merged' : (outcomeOf.get(state) ?? 'unchanged');
			return { line: paper.line, title: paper.title, paperId: idOf(state), slug: state.slug, outcome, by: identity.by };
		});
		const queued = await queuePairs(transaction, found, contested, at);
		const count = (outcome: ImportedEntry['outcome']): number => entries.filter((entry) => entry.outcome === outcome).length;
		return {
			source,
			new: count('new'),
			updated: count('updated'),
			unchanged: count('unchanged'),
			merged: count('merged'),
			entries,
			queued,
			messages,
		};
	});
}

function withinLimits(paper: ImportedPaper, messages: ImportMessage[]): ImportedPaper[] {
	const { line } = paper;
	if (paper.title.length > MAX_TITLE) {
		messages.push({ level: 'error', line, text: `a title of ${paper.title.length} characters was left out with its paper` });
		return [];
	}
	if ((paper.abstract?.length ?? 0) <= MAX_ABSTRACT) return [paper];
	messages.push({ level: 'warning', line, text: `an abstract of ${paper.abstract?.length} characters was left out` });
	return [{ ...paper, abstract: null }];
}

function findPapers(identities: Identities, papers: readonly ImportedPaper[], submittedBy: number | null): Found[] {
	const seen = new Set<PaperState>();
	return papers.map((paper) => {
		const identity = identities.find(paper);
		const state = identity.state ?? { ...newState(), submittedBy };
		identities.add(state, paper);
		const again = seen.has(state);
		seen.add(state);
		return { paper, state, identity, again };
	});
}

async function nameNewPapers(transaction: Transaction<Database>, found: readonly Found[]): Promise<void> {
	const fresh = found.filter(({ state, again }) => state.stored === null && !again);
	const wishes = fresh.map(({ paper }) =>
		paper.slug !== null && slugOf(paper.slug) === paper.slug ? paper.slug : paperSlug(paper.title),
	);
	const slugs = await chooseSlugs(transaction, wishes);
	for (const [index, { state }] of fresh.entries()) state.slug = slugs[index] ?? '';
}

async function placePapers(
	transaction: Transaction<Database>,
	source: Source,
	found: readonly Found[],
	pageDay: string | null,
	at: string,
): Promise<void> {
	const placements = found.flatMap(({ paper, state }): Placement[] =>
		paper.listedOn === null ? [] : [{ paperId: idOf(state), listedOn: paper.listedOn, position: paper.position, raw: paper.raw }],
	);
	if (pageDay === null) await addListings(transaction, source, placements);
	else await refreshFirstDays(transaction, await replacePage(transaction, source, pageDay, placements), at);
}

async function queuePairs(
	transaction: Transaction<Database>,
	found: readonly Found[],
	contested: readonly { readonly state: PaperState; readonly ownerId: number }[],
	at: string,
): Promise<QueuedPair[]> {
	const pairs = new Map<string, { paper_id: number; other_id: number; similarity: number; reason: string }>();
	const add = (one: number, other: number, similarity: number, reason: string): void => {
		if (one === other) return;
		const [paper_id, other_id] = [Math.min(one, other), Math.max(one, other)];
		const key = `${paper_id} ${other_id}`;
		if (!pairs.has(key)) pairs.set(key, { paper_id, other_id, similarity, reason });
	};
	for (const { state, ownerId } of contested) add(idOf(state), ownerId, 1, 'one arXiv id or DOI for two papers');
	for (const { state, identity } of found)
		for (const other of identity.alike) add(idOf(state), idOf(other), 1, 'the same title or DOI, but different ids');
	const fresh = found.filter(({ state, again }) => state.stored === null && !again);
	const titles = fresh.map(({ state, paper }) => ({ id: idOf(state), title: paper.title }));
	for (const { paperId, otherId, similarity } of await nearTitles(transaction, titles))
		add(paperId, otherId, similarity, 'nearly the same title');
	const queued = new Set<string>();
	for (const chunk of chunks([...pairs.values()])) {
		const rows = await transaction
			.insertInto('merge_candidates')
			.values(chunk.map(({ reason: _reason, ...pair }) => ({ ...pair, state: 'open' as const, created_at: at })))
			.onConflict((conflict) => conflict.columns(['paper_id', 'other_id']).doNothing())
			.returning(['paper_id', 'other_id'])
			.execute();
		for (const { paper_id, other_id } of rows) queued.add(`${paper_id} ${other_id}`);
	}
	const added = [...pairs].filter(([key]) => queued.has(key)).map(([, pair]) => pair);
	return describePairs(transaction, added, found);
}

async function describePairs(
	transaction: Transaction<Database>,
	pairs: readonly { paper_id: number; other_id: number; similarity: number; reason: string }[],
	found: readonly Found[],
): Promise<QueuedPair[]> {
	const lines = new Map(found.map(({ state, paper }) => [idOf(state), paper.line]));
	const slugs = new Map<number, string>();
	for (const chunk of chunks([...new Set(pairs.flatMap(({ paper_id, other_id }) => [paper_id, other_id]))])) {
		const rows = await transaction.selectFrom('papers').select(['id', 'slug']).where('id', 'in', chunk).execute();
		for (const { id, slug } of rows) slugs.set(id, slug);
	}
	return pairs.map(({ paper_id, other_id, similarity, reason }) => ({
		line: lines.get(other_id) ?? lines.get(paper_id) ?? null,
		slug: slugs.get(paper_id) ?? '',
		otherSlug: slugs.get(other_id) ?? '',
		similarity,
		reason,
	}));
}

/**
 * Which stored paper an imported one is: the one with its arXiv id, else with its DOI, else with its title by any source's
 * spelling. Papers that share a title but have different ids stay apart and are named as alike.
 */
import type { Database } from '@assay/database';
import type { Transaction } from 'kysely';
import type { ImportedPaper } from '../importers/import.ts';
import { chunks } from './chunks.ts';
import { FORMER_TITLE } from './fields.ts';
import { loadStates, type PaperState } from './paper-state.ts';
import { repairText } from './repair.ts';
import { titleKey } from './title.ts';

const TITLE_FIELDS = ['title', FORMER_TITLE];

export interface Identity {
	readonly state: PaperState | null;
	readonly by: 'arXiv id' | 'DOI' | 'title' | null;
	/** Other papers that may be the same. */
	readonly alike: readonly PaperState[];
}

interface Known {
	readonly state: PaperState;
	readonly arxivId: string | null;
	readonly doi: string | null;
}

/** Papers by what identifies them: the stored ones that a batch may mean, and those of the batch itself. */
export class Identities {
	private readonly byArxivId = new Map<string, Known>();
	private readonly byDoi = new Map<string, Known>();
	private readonly byTitle = new Map<string, Known[]>();

	/** Loads every stored paper that one of these may be. */
	static async load(transaction: Transaction<Database>, papers: readonly ImportedPaper[]): Promise<Identities> {
		const ids = new Set<number>();
		const distinct = (values: (string | null)[]): string[] => [...new Set(values)].filter((value) => value !== null);
		for (const chunk of chunks(distinct(papers.map(({ arxivId }) => arxivId))))
			for (const { id } of await transaction.selectFrom('papers').select('id').where('arxiv_id', 'in', chunk).execute())
				ids.add(id);
		for (const chunk of chunks(distinct(papers.map(({ doi }) => doi))))
			for (const { id } of await transaction.selectFrom('papers').select('id').where('doi', 'in', chunk).execute()) ids.add(id);
		for (const chunk of chunks(distinct(papers.map(({ title }) => keyOf(title))))) {
			const rows = await transaction
				.selectFrom('paper_fields')
				.select('paper_id')
				.where('key', 'in', chunk)
				.where('field', 'in', TITLE_FIELDS)
				.execute();
			for (const { paper_id } of rows) ids.add(paper_id);
		}
		const identities = new Identities();
		const states = await loadStates(transaction, ids);
		for (const state of [...states.values()].sort((one, other) => (one.id ?? 0) - (other.id ?? 0))) {
			const keys = [...state.fields.values()].flatMap(({ field, key }) =>
				TITLE_FIELDS.includes(field) && key !== null ? [key] : [],
			);
			identities.remember(state, state.stored?.columns.arxiv_id ?? null, state.stored?.columns.doi ?? null, new Set(keys));
		}
		return identities;
	}

	/** What this paper is among those known so far. */
	find({ arxivId, doi, title }: ImportedPaper): Identity {
		const sameArxivId = arxivId === null ? undefined : this.byArxivId.get(arxivId);
		const sameDoi = doi === null ? undefined : this.byDoi.get(doi);
		const sameTitle = this.byTitle.get(keyOf(title)) ?? [];
		const differs = (known: Known): boolean =>
			arxivId !== null && known.arxivId !== null
				? known.arxivId !== arxivId
				: doi !== null && known.doi !== null && known.doi !== doi;
		const doiMatch = sameDoi !== undefined && !differs(sameDoi) ? sameDoi : undefined;
		const titleMatch = sameTitle.find((known) => !differs(known));
		const match = sameArxivId ?? doiMatch ?? titleMatch;
		const alike = new Set([...(sameDoi === undefined ? [] : [sameDoi]), ...sameTitle].map(({ state }) => state));
		if (match !== undefined) alike.delete(match.state);
		const by = match === undefined ? null : match === sameArxivId ? 'arXiv id' : match === doiMatch ? 'DOI' : 'title';
		return { state: match?.state ?? null, by, alike: [...alike] };
	}

	/** Makes a paper known by what this import says of it. */
	add(state: PaperState, { arxivId, doi, title }: ImportedPaper): void {
		this.remember(state, arxivId, doi, new Set([keyOf(title)]));
	}

	private remember(state: PaperState, arxivId: string | null, doi: string | null, keys: ReadonlySet<string>): void {
		const known = { state, arxivId, doi };
		if (arxivId !== null && !this.byArxivId.has(arxivId)) this.byArxivId.set(arxivId, known);
		if (doi !== null && !this.byDoi.has(doi)) this.byDoi.set(doi, known);
		for (const key of keys) {
			const same = this.byTitle.get(key) ?? [];
			if (same.every((other) => other.state !== state || other.arxivId === null)) this.byTitle.set(key, [...same, known]);
		}
	}
}

function keyOf(title: string): string {
	return titleKey(repairText(title).text);
}

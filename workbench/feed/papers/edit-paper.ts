/** An edit by hand: it wins over every import, before and after. */

import { InputError } from '@assay/contract';
import type { AssayDatabase } from '@assay/database';
import { z } from 'zod';
import { parseArxivId } from '../importers/arxiv-id.ts';
import { cleanDay, cleanDoi, cleanLinks, cleanNames, cleanText } from '../importers/values.ts';
import type { FieldValues } from './fields.ts';
import { loadStates, setFields, writeStates } from './paper-state.ts';
import { inTransaction } from './transaction.ts';

const text = z.string().max(50_000).nullable();
const names = z.array(z.string().max(300)).max(10_000);

/** What can be edited. A field that is left out stays as it is; null shows nothing, whatever imports say. */
export const paperEditSchema = z
	.strictObject({
		title: z.string().max(1000),
		abstract: text,
		summary: text,
		arxivId: text,
		doi: text,
		publishedOn: text,
		authors: names,
		organisations: names,
		tags: names,
		links: z.record(z.string(), z.string()),
		hidden: z.boolean(),
	})
	.partial();
export type PaperEdit = z.input<typeof paperEditSchema>;

/** Edits a paper; says whether anything changed. Raises an InputError for an unknown paper or a value that is none. */
export async function editPaper(database: AssayDatabase, paperId: number, edit: PaperEdit, now: Date): Promise<boolean> {
	const values = valuesOf(edit);
	return inTransaction(database, async (transaction) => {
		const state = (await loadStates(transaction, [paperId])).get(paperId);
		if (state === undefined) throw new InputError({ path: ['paper'], found: String(paperId), expected: 'the id of a paper' });
		setFields(state, values, 'manual', now.toISOString());
		if (edit.hidden !== undefined) state.hidden = edit.hidden ? 1 : 0;
		const { outcomes, contested } = await writeStates(transaction, [state], now.toISOString());
		if (contested.length > 0 && (edit.arxivId != null || edit.doi != null))
			throw new InputError({
				path: [edit.arxivId != null ? 'arxivId' : 'doi'],
				found: 'an id that another paper has',
				expected: 'its own id, or a merge of the two',
			});
		return outcomes[0] === 'updated';
	});
}

function valuesOf(edit: PaperEdit): FieldValues {
	const checked = <Value>(
		name: keyof PaperEdit,
		value: string | null,
		read: (given: string) => Value | null,
		expected: string,
	): Value | null => {
		const result = value === null ? null : read(value);
		if (value !== null && result === null)
			throw new InputError({ path: [name], found: JSON.stringify(value.slice(0, 60)), expected });
		return result;
	};
	const { title, abstract, summary, arxivId, doi, publishedOn, authors, organisations, tags, links } = edit;
	return {
		...(title === undefined ? {} : { title: checked('title', title, cleanText, 'a title') ?? '' }),
		...(abstract === undefined ? {} : { abstract: cleanText(abstract) }),
		...(summary === undefined ? {} : { summary: cleanText(summary) }),
		...(arxivId === undefined
			? {}
			: { arxivId: checked('arxivId', arxivId, parseArxivId, 'an arXiv id such as 2407.00123')?.id ?? null }),
		...(doi === undefined ? {} : { doi: checked('doi', doi, cleanDoi, 'a DOI') }),
		...(publishedOn === undefined
			? {}
			: { publishedOn: checked('publishedOn', publishedOn, cleanDay, 'a day such as 2025-12-26'), yearInferred: false }),
		...(authors === undefined ? {} : { authors: cleanNames(authors), authorsCount: cleanNames(authors)?.length ?? null }),
		...(organisations === undefined ? {} : { organisations: cleanNames(organisations) }),
		...(tags === undefined ? {} : { tags: cleanNames(tags) }),
		...(links === undefined ? {} : { links: cleanLinks(links) }),
	};
}

/** The papers that come with the product: one real page, so that an empty database has a front page. */
import { createHash } from 'node:crypto';
import type { AssayDatabase } from '@assay/database';
import { type Import, type ImportedPaper, titledPaper } from '../importers/import.ts';
import { importPapers } from '../papers/import-papers.ts';
import { dataAndSearch } from './data-and-search.ts';
import { languageModels } from './language-models.ts';
import { processorsAndAccelerators } from './processors-and-accelerators.ts';
import type { SampleRecord } from './sample-record.ts';

/** The day of the page. */
export const SAMPLE_DAY = '2025-12-26';

/** All records, in the order of the page. */
export const sample: readonly SampleRecord[] = [...processorsAndAccelerators, ...languageModels, ...dataAndSearch].sort(
	(one, other) => one.position - other.position,
);

const KIND = 'sample-seeded';

/** Imports the sample unless this very sample was imported before (one query). Says whether it did. */
export async function seedSample(database: AssayDatabase, now: Date): Promise<boolean> {
	const fingerprint = JSON.stringify(createHash('sha256').update(JSON.stringify(sample)).digest('hex'));
	const seeded = await database.kysely
		.selectFrom('events')
		.select('id')
		.where('kind', '=', KIND)
		.where('payload', '=', fingerprint)
		.executeTakeFirst();
	if (seeded !== undefined) return false;
	await importPapers(database, sampleImport(), { source: 'sample', now });
	await database.kysely.insertInto('events').values({ kind: KIND, payload: fingerprint, at: now.toISOString() }).execute();
	return true;
}

/** The sample as an import, the last of the page first: of papers with equal claims the one that came later leads, and that is the page's first. */
export function sampleImport(): Import {
	return { papers: sample.map(importedPaper).reverse(), messages: [], listing: null };
}

function importedPaper(record: SampleRecord): ImportedPaper {
	return {
		...titledPaper(record.title, null),
		slug: record.slug,
		summary: record.summary,
		arxivId: record.arxivId ?? null,
		doi: record.doi ?? null,
		publishedOn: record.publishedOn ?? null,
		yearInferred: record.yearInferred ?? null,
		listedOn: SAMPLE_DAY,
		position: record.position,
		authorsCount: record.authorsCount ?? null,
		authors: record.authors ?? null,
		organisations: record.organisation === undefined ? null : [record.organisation],
		tags: record.tags,
		commentsElsewhere: record.commentsElsewhere ?? null,
		links: record.code === undefined ? {} : { code: record.code },
	};
}

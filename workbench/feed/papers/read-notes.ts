/** What a reader of a paper's page should know of its text: what could not be repaired, and what was inferred. */
import type { AssayDatabase } from '@assay/database';
import { z } from 'zod';

export interface PaperNotes {
	/** Pieces of the text that repair could not mend. */
	readonly blemishes: readonly string[];
	/** True where the source printed no year and it follows from the day of its page. */
	readonly isYearInferred: boolean;
}

const blemishes = z.array(z.string());

export async function readNotes({ kysely }: AssayDatabase, paperId: number): Promise<PaperNotes> {
	const paper = await kysely
		.selectFrom('papers')
		.select(['blemishes', 'published_on'])
		.where('id', '=', paperId)
		.executeTakeFirst();
	const years = await kysely
		.selectFrom('paper_fields')
		.select(['value'])
		.where('paper_id', '=', paperId)
		.where('field', '=', 'yearInferred')
		.execute();
	return {
		blemishes: paper === undefined ? [] : blemishes.parse(JSON.parse(paper.blemishes)),
		// One source that printed the year settles it.
		isYearInferred: years.length > 0 && years.every((row) => row.value === 'true'),
	};
}

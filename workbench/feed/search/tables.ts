/** The tables of the search, which only it uses. */
import type { Database } from '@assay/database';
import type { Kysely } from 'kysely';

interface SearchEntriesTable {
	paper_id: number;
	/** The paper's `updated_at` when its text was last looked at. */
	updated_at: string;
	/** Hash of the text that was indexed. */
	fingerprint: string;
}

interface SearchModelsTable {
	name: string;
	/** How many there were when it was fitted. */
	papers: number;
	parameters: Uint8Array;
}

export interface SearchDatabase extends Database {
	search_entries: SearchEntriesTable;
	search_models: SearchModelsTable;
}

/** The same connection or transaction, with the tables of the search known to it. */
export function withSearchTables(kysely: Kysely<Database>): Kysely<SearchDatabase> {
	return kysely.withTables<Pick<SearchDatabase, 'search_entries' | 'search_models'>>();
}

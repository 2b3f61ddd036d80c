import type { AssayDatabase, Engine } from '@assay/database';
import type { WordsEngine } from './words.ts';
import { postgresWords } from './words-postgres.ts';
import { sqliteWords } from './words-sqlite.ts';

const engines: Readonly<Record<Engine, WordsEngine>> = { sqlite: sqliteWords, postgres: postgresWords };

/** The search by words of the database's engine. */
export function wordsEngine(database: AssayDatabase): WordsEngine {
	return engines[database.engine];
}

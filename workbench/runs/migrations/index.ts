import type { Migration } from 'kysely/migration';
import { createRuns } from './0001-create-runs.ts';

/** In order; a migration that was released is never edited. */
export const migrations: Record<string, Migration> = {
	'0001-create-runs': createRuns,
};

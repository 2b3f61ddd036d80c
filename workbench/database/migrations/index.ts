import type { Migration } from 'kysely/migration';
import type { Engine } from '../engine.ts';
import { createRuns } from './0001-create-runs.ts';
import { createFeed } from './0002-create-feed.ts';
import { createSearch } from './0003-create-search.ts';
import { createCalibrations } from './0004-create-calibrations.ts';
import { createWorkers } from './0005-create-workers.ts';
import { createResults } from './0006-create-results.ts';

/** In order; a migration that was released is never edited. */
export function migrations(engine: Engine): Record<string, Migration> {
	return {
		'0001-create-runs': createRuns,
		'0002-create-feed': createFeed(engine),
		'0003-create-search': createSearch(engine),
		'0004-create-calibrations': createCalibrations,
		'0005-create-workers': createWorkers,
		'0006-create-results': createResults,
	};
}

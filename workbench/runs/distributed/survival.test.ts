import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PostgresCluster } from '@assay/database/testing';
import { expect, test } from 'vitest';
import { survive } from './testing/survive.ts';

/** `npm run soak` does the same with 2,000 runs and a minute away, and kills a worker every second until the end. */
const harm = { runs: 60, killSeconds: 2, awaySeconds: 13, isRelentless: false };

test('workers that are killed, frozen and cut off and a database that restarts lose no run, write none twice, and change no byte', async () => {
	const folder = await mkdtemp(join(tmpdir(), 'assay-survival-'));
	const cluster = await PostgresCluster.start(folder);
	try {
		const { wrong, twice, done, killed, rejoinedSeconds } = await survive(cluster, folder, harm);
		expect({ wrong, twice, done }).toEqual({ wrong: [], twice: [], done: harm.runs });
		expect(killed).toBeGreaterThan(3);
		expect(rejoinedSeconds).not.toBeNull();
	} finally {
		await cluster.stop();
		await rm(folder, { recursive: true, force: true });
	}
}, 180_000);

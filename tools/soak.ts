/** `npm run soak [-- <runs>]`: sweeps on workers that are killed, frozen and cut off, until all of it is done, checked byte for byte. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PostgresCluster } from '@assay/database/testing';
import { survive } from '../workbench/runs/distributed/testing/survive.ts';

const runs = Number(process.argv[2] ?? 2000);
const folder = await mkdtemp(join(tmpdir(), 'assay-soak-'));
const cluster = await PostgresCluster.start(folder);
const started = performance.now();
let last = '';
try {
	const survival = await survive(cluster, folder, { runs, killSeconds: 1, awaySeconds: 60, isRelentless: true }, (message) => {
		if (message !== last)
			process.stderr.write(`${((performance.now() - started) / 1000).toFixed(1).padStart(7)} s  ${message}\n`);
		last = message;
	});
	process.stdout.write(`${JSON.stringify(survival, null, 2)}\n`);
	if (survival.done !== runs || survival.wrong.length + survival.twice.length > 0) process.exitCode = 1;
} finally {
	await cluster.stop();
	await rm(folder, { recursive: true, force: true });
}

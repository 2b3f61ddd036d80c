/** Starting up beside an empty Node program; the promise is at most four times as long. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'vitest';

const launcher = fileURLToPath(new URL('./assay.js', import.meta.url));

test('start-up', async ({ bench }) => {
	const ours = bench('assay --help', () => void execFileSync(process.execPath, [launcher, '--help']));
	const rival = bench('rival: node -e 0', () => void execFileSync(process.execPath, ['-e', '0']));
	await bench.compare(ours, rival);
});

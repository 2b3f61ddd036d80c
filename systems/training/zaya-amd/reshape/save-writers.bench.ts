/** One writer of a checkpoint against several at once, on this machine's storage: what distributed saving gains where the storage keeps up. */
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'assay-save-bench-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const totalBytes = 32 << 20;
const block = new Uint8Array(1 << 20).fill(7);

async function write(name: string, bytes: number): Promise<void> {
	const file = await open(join(folder, name), 'w');
	for (let at = 0; at < bytes; at += block.length) await file.write(block, 0, block.length, at);
	await file.sync();
	await file.close();
}

const writers = (count: number) => () =>
	Promise.all(Array.from({ length: count }, (_, i) => write(`${i}.bin`, totalBytes / count)));

test('32 MiB written and synced', async ({ bench }) => {
	await bench.compare(
		bench('rival: one writer', async () => void (await writers(1)())),
		bench('four writers at once', async () => void (await writers(4)())),
	);
}, 300_000);

import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createRandom, type DataFile } from '@assay/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { llamaTensors, modelConfig, safetensorsFile } from './test-data.ts';

const run = promisify(execFile);
const command = join(import.meta.dirname, 'rewrite-command.ts');
const permutation = z.object({ layers: z.array(z.object({ heads: z.array(z.object({ channels: z.array(z.int()) })) })) });
let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'sorted-keys-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('two shards on disk: rows of keys and queries are where permutation.json says, and nothing else is left in the folder', async () => {
	const [headDim, hidden] = [16, 64];
	const tensors = llamaTensors(createRandom(1), { heads: 4, kvHeads: 2, headDim, hidden });
	// The norm and the keys, then queries and values.
	const shards = [tensors.slice(0, 2), tensors.slice(2)].map((part, index) =>
		safetensorsFile(part, 'F32', `${index}.safetensors`),
	);
	for (const file of [...shards, modelConfig()])
		await writeFile(join(folder, file.name), new Uint8Array(await file.arrayBuffer()));
	const { stdout } = await run(process.execPath, [command, 'config.json', 'sorted', '0.safetensors', '1.safetensors'], {
		cwd: folder,
		env: { ...process.env, INIT_CWD: folder },
	});
	expect(stdout).toMatch(/2 files rewritten, 1 layer of 2 key heads sorted/);
	expect((await readdir(join(folder, 'sorted'))).sort()).toEqual(['0.safetensors', '1.safetensors', 'permutation.json']);
	const { layers } = permutation.parse(JSON.parse(await readFile(join(folder, 'sorted', 'permutation.json'), 'utf8')));
	// Where k_proj and q_proj start, counted from the files' ends.
	for (const [shard, after, heads] of [
		[0, 2 * headDim * hidden, 2],
		[1, 6 * headDim * hidden, 4],
	] as const) {
		const before = new Uint8Array(await (shards[shard] as DataFile).arrayBuffer());
		const sorted = new Uint8Array(await readFile(join(folder, 'sorted', `${shard}.safetensors`)));
		const rowBytes = 4 * hidden;
		const expected = before.slice();
		for (let head = 0; head < heads; head++) {
			const order = layers[0]?.heads[Math.floor((head * 2) / heads)]?.channels ?? [];
			expect(order.every((channel, place) => channel === place)).toBe(false);
			const start = before.length - 4 * after + head * headDim * rowBytes;
			for (const [place, channel] of order.entries())
				expected.set(before.subarray(start + channel * rowBytes, start + (channel + 1) * rowBytes), start + place * rowBytes);
		}
		expect(sorted).toEqual(expected);
	}
});

test('mistakes end in one line and the status 1', async () => {
	const mistake = run(process.execPath, [command, '--order', 'fre', 'c', 't', 'f']);
	await expect(mistake).rejects.toMatchObject({
		code: 1,
		stderr: expect.stringMatching(/--order: found fre.*did you mean free/),
	});
});

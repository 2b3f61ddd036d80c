/** Throughput of a reshape of a folder against the plain way: read every file, build whole tensors, cut them, write. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryFile } from '@assay/contract';
import { afterAll, test } from 'vitest';
import { reshapeFolder } from './checkpoint-folder.ts';
import { type LayoutInput, parseLayout } from './layout.ts';
import { type CheckpointSize, checkpointRules, checkpointTensors, randomFile } from './random-checkpoint.ts';
import { holdFiles, reshapeFiles } from './reshape-files.ts';

const size: CheckpointSize = { layers: 1, hidden: 512, heads: 8, kvHeads: 4, experts: 8, width: 512, vocabulary: 5003 };
const folder = mkdtempSync(join(tmpdir(), 'assay-reshape-bench-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const layoutOf = (tensor: number, expert: number): LayoutInput => ({
	parallel: { tensor, expert },
	rules: checkpointRules(size, 1),
});
const model = randomFile('model.safetensors', checkpointTensors(size), 1);
mkdirSync(join(folder, 'start'));
writeFileSync(join(folder, 'start', model.name), model.bytes);
writeFileSync(join(folder, 'start', 'layout.json'), JSON.stringify(layoutOf(1, 1)));

test(`${(model.bytes.length / 1e6).toFixed(0)} MB to two tensor- and four expert-parallel ranks, hashed before and after`, async ({
	bench,
}) => {
	let round = 0;
	const streaming = bench('streamed from folder to folder', async () => {
		const target = join(folder, `target-${round++}`);
		const layoutText = JSON.stringify(layoutOf(2, 4));
		await reshapeFolder({ source: join(folder, 'start'), target, layout: parseLayout(layoutOf(2, 4), 'layout'), layoutText });
		rmSync(target, { recursive: true });
	});
	const whole = bench('rival: everything in memory, SHA-256 in JavaScript', async () => {
		const held = await holdFiles([memoryFile(model.name, readFileSync(join(folder, 'start', model.name)))], 1e10);
		const { files } = await reshapeFiles({
			files: held,
			sourceLayout: parseLayout(layoutOf(1, 1), 'source'),
			targetLayout: parseLayout(layoutOf(2, 4), 'target'),
			limitBytes: 1e10,
			pause: async () => undefined,
		});
		const target = join(folder, `target-${round++}`);
		mkdirSync(target);
		for (const { name, bytes } of files) writeFileSync(join(target, name), bytes);
		rmSync(target, { recursive: true });
	});
	await bench.compare(streaming, whole);
}, 300_000);

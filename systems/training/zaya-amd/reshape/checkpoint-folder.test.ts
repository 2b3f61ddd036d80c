import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyMemoryBytes } from './byte-files.ts';
import { reshapeFolder } from './checkpoint-folder.ts';
import { type LayoutInput, parseLayout } from './layout.ts';
import { type CheckpointSize, checkpointRules, optimizerStates, randomCheckpoint } from './random-checkpoint.ts';

/** About 200 MB with three optimizer states in 32 bits. */
const size: CheckpointSize = { layers: 4, hidden: 256, heads: 8, kvHeads: 4, experts: 8, width: 512, vocabulary: 5003 };

let folder = '';
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'assay-reshape-'));
	writeCheckpoint(join(folder, 'start'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const layoutOf = ([tensor, pipeline, expert, data]: readonly number[], multiple = 1): LayoutInput => ({
	parallel: { tensor, pipeline, expert, data },
	rules: checkpointRules(size, multiple),
	optimizer: { states: optimizerStates },
});

function writeCheckpoint(target: string): void {
	mkdirSync(target);
	for (const { name, bytes } of randomCheckpoint(size, 1, 128)) writeFileSync(join(target, name), bytes);
	writeFileSync(join(target, 'layout.json'), JSON.stringify(layoutOf([1, 1, 1, 1])));
	writeFileSync(join(target, 'state.json'), JSON.stringify({ step: 1234, random: 'abc', dataPosition: 99 }));
}

const digests = (name: string) =>
	Object.fromEntries(
		readdirSync(join(folder, name))
			.filter((file) => file.endsWith('.safetensors') || file === 'state.json')
			.map((file) => [
				file,
				createHash('sha256')
					.update(readFileSync(join(folder, name, file)))
					.digest('hex'),
			]),
	);

async function run(from: string, layout: LayoutInput, to: string) {
	let largest = 0;
	const before = process.memoryUsage();
	const held = () => process.memoryUsage().arrayBuffers;
	const result = await reshapeFolder({
		source: join(folder, from),
		target: join(folder, to),
		layout: parseLayout(layout, 'layout'),
		layoutText: JSON.stringify(layout),
		pause: async () => {
			largest = Math.max(largest, held() - before.arrayBuffers);
		},
	});
	return { result, extraBytes: largest };
}

test('a checkpoint of 200 MB through three layouts and back is byte for byte the same, in less than 64 MiB', async () => {
	expect(copyMemoryBytes).toBeLessThan(32 << 20);
	const total = readdirSync(join(folder, 'start')).reduce(
		(sum, file) => sum + readFileSync(join(folder, 'start', file)).length,
		0,
	);
	expect(total).toBeGreaterThan(190e6);
	const a = await run('start', layoutOf([2, 2, 4, 4]), 'a');
	const b = await run('a', layoutOf([4, 1, 2, 8], 64), 'b');
	const c = await run('b', layoutOf([1, 1, 1, 1]), 'c');
	expect(digests('c')).toEqual(digests('start'));
	for (const { extraBytes } of [a, b, c]) expect(extraBytes).toBeLessThan(64 << 20);
	expect(c.result.manifest).toEqual(a.result.manifest);
	// The manifest's digests are those of the values themselves, as any tool computes them.
	const embedding = a.result.manifest.find(({ name }) => name === 'embed.weight');
	const file = readFileSync(join(folder, 'start', 'model.safetensors'));
	const length = Number(file.readBigUInt64LE(0));
	const [from, to] = JSON.parse(file.subarray(8, 8 + length).toString())['embed.weight'].data_offsets;
	expect(embedding?.sha256).toBe(
		createHash('sha256')
			.update(file.subarray(8 + length + from, 8 + length + to))
			.digest('hex'),
	);
}, 60_000);

describe('a source that is not whole leaves nothing behind', () => {
	test.each([
		[
			'a missing shard',
			(name: string) => rmSync(join(folder, name, 'model-tp01-ep02.safetensors')),
			/model-tp01-ep02.safetensors.*no such file/,
		],
		['a truncated shard', (name: string) => truncateSync(join(folder, name, 'model-tp01-ep01.safetensors'), 5000), /truncated/],
		[
			'a layout that is no JSON',
			(name: string) => writeFileSync(join(folder, name, 'layout.json'), '{'),
			/layout.json.*expected a layout as JSON/,
		],
	])('%s', async (name, damage, message) => {
		const from = name.replaceAll(' ', '-');
		const small: LayoutInput = { ...layoutOf([2, 1, 4, 1]), optimizer: null };
		await run('start', small, from);
		damage(from);
		await expect(run(from, { ...layoutOf([1, 1, 1, 1]), optimizer: null }, 'never')).rejects.toThrow(message);
		expect(readdirSync(folder).filter((entry) => entry.startsWith('never'))).toEqual([]);
	});

	test('a target that exists is left alone', async () => {
		await expect(run('start', layoutOf([1, 1, 1, 1]), 'start')).rejects.toThrow(/a name that is not taken yet/);
	});
});

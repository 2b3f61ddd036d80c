import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@assay/contract';
import {
	compileKernels,
	createKernelMemory,
	defaultAdam,
	type GptShape,
	gptParameters,
	InMemoryTrainer,
	instantiateKernels,
} from '@assay/learning';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { batchOf } from './batches.ts';
import { totalStateBytes } from './memory-plan.ts';
import { stateLayout } from './state-layout.ts';
import type { StreamingOptions } from './streaming-options.ts';
import { StreamingTrainer } from './streaming-trainer.ts';

/** Memory's own file system where there is one: these tests ask what is computed, not how fast a drive is. */
const quick = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

let folder: string;
beforeEach(async () => {
	folder = await mkdtemp(join(quick, 'assay-fuyou-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const small: GptShape = { batch: 2, sequenceTokens: 24, width: 48, heads: 4, hiddenWidth: 192, layers: 5, vocabulary: 64 };

const optionsFor = (shape: GptShape, changes: Partial<StreamingOptions> = {}): StreamingOptions => ({
	folder,
	shape,
	seed: 11,
	adam: defaultAdam,
	mode: 'inside-backward',
	readBeforeWrite: true,
	keptItems: ['middle'],
	stateCapBytes: totalStateBytes(stateLayout(shape)),
	activationCapBytes: 1e9,
	driveThreads: 2,
	requestBytes: 1 << 20,
	throttleBytesPerSecond: 0,
	...changes,
});

/** Parameters and losses after so many steps in memory. */
async function inMemory(shape: GptShape, steps: number): Promise<{ weights: Float32Array; losses: number[] }> {
	const kernels = instantiateKernels(await compileKernels(), createKernelMemory(1 << 16));
	const trainer = new InMemoryTrainer(kernels, shape, { seed: 11, adam: defaultAdam });
	const losses = [];
	for (let step = 1; step <= steps; step++) {
		const { tokens, targets } = batchOf(shape, 11, step);
		losses.push(trainer.step(tokens, targets));
	}
	return { weights: trainer.weights, losses };
}

async function streamed(options: StreamingOptions, steps: number) {
	const trainer = await StreamingTrainer.open(options);
	try {
		const losses = [];
		while (trainer.steps < steps) losses.push((await trainer.step()).loss);
		return { weights: await trainer.parameters(), losses, trainer };
	} finally {
		await trainer.close();
	}
}

/** Positions where two arrays differ in bits; toEqual on millions of floats is slow. */
function differences(a: Float32Array, b: Float32Array): number {
	let count = Math.abs(a.length - b.length);
	for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) count++;
	return count;
}

test('20 steps of a GPT of 10 M parameters: the same bits in memory, after backward and inside backward, with a quarter of the state resident', async () => {
	const shape: GptShape = { batch: 1, sequenceTokens: 16, width: 256, heads: 4, hiddenWidth: 1024, layers: 12, vocabulary: 256 };
	expect(gptParameters(shape) / 1e6).toBeCloseTo(10, -1);
	const total = totalStateBytes(stateLayout(shape));
	const reference = await inMemory(shape, 20);
	for (const mode of ['after-backward', 'inside-backward'] as const) {
		const run = await streamed(
			optionsFor(shape, { folder: join(folder, mode), mode, stateCapBytes: total / 4, activationCapBytes: 200e3 }),
			20,
		);
		expect(run.losses).toEqual(reference.losses);
		expect(differences(run.weights, reference.weights)).toBe(0);
		expect(run.trainer.plan.stateBytes).toBeLessThanOrEqual(total / 4);
		expect(run.trainer.plan.spilledLayers).toBeGreaterThan(0);
		// Everything the kernels can reach: state, activations, workspace and packing.
		expect(run.trainer.memoryBytes).toBeLessThan(0.3 * total);
	}
});

test('whatever is kept, however much fits, and in whatever order state is written: the same bits', async () => {
	const reference = await inMemory(small, 4);
	const smallest = 10 * stateLayout(small).largestRunBytes;
	const variants: Partial<StreamingOptions>[] = [
		{ keptItems: [], activationCapBytes: 30e3, stateCapBytes: smallest },
		{ keptItems: ['qkv', 'context', 'middle', 'up'], activationCapBytes: 400e3 },
		{ keptItems: ['up'], readBeforeWrite: false, driveThreads: 1, requestBytes: 4096 },
		{ mode: 'after-backward', stateCapBytes: smallest, keptItems: ['qkv'] },
		{ mode: 'after-backward', driveThreads: 4 },
	];
	for (const [index, variant] of variants.entries()) {
		const run = await streamed(optionsFor(small, { ...variant, folder: join(folder, String(index)) }), 4);
		expect(run.losses).toEqual(reference.losses);
		expect(differences(run.weights, reference.weights)).toBe(0);
	}
});

test('a step’s spans: state is read ahead, updated after its gradient, and inside backward while the GPU still works', async () => {
	const trainer = await StreamingTrainer.open(optionsFor(small));
	try {
		const { spans } = await trainer.step();
		const of = (kind: string) => spans.filter((span) => span.kind === kind);
		expect(of('forward')).toHaveLength(small.layers);
		expect(of('backward')).toHaveLength(small.layers);
		expect(of('update')).toHaveLength(small.layers + 2);
		expect(of('write state')).toHaveLength(small.layers + 2);
		expect(of('read weights')).toHaveLength(2 * small.layers + 2);
		const firstUpdate = Math.min(...of('update').map(({ startMillis }) => startMillis));
		const lastBackward = Math.max(...of('backward').map(({ endMillis }) => endMillis));
		expect(firstUpdate).toBeLessThan(lastBackward);
	} finally {
		await trainer.close();
	}
});

test('a closed training goes on where it was, and scratch files are gone meanwhile', async () => {
	const straight = await inMemory(small, 5);
	await streamed(optionsFor(small), 2);
	expect((await readdir(folder)).sort()).toEqual(['journal.jsonl', 'state.0.bin', 'state.1.bin']);
	const { weights, losses } = await streamed(optionsFor(small), 5);
	expect(losses).toEqual(straight.losses.slice(2));
	expect(differences(weights, straight.weights)).toBe(0);
});

test('a journal line that was cut short is no step: training goes on after the one before', async () => {
	const straight = await inMemory(small, 3);
	await streamed(optionsFor(small), 3);
	const path = join(folder, 'journal.jsonl');
	const text = await readFile(path, 'utf8');
	await writeFile(path, text.slice(0, -20));
	const trainer = await StreamingTrainer.open(optionsFor(small));
	expect(trainer.steps).toBe(2);
	await trainer.close();
	const { weights } = await streamed(optionsFor(small), 3);
	expect(differences(weights, straight.weights)).toBe(0);
});

test('a folder with another training, or with a damaged journal, is refused with its place', async () => {
	await streamed(optionsFor(small), 1);
	await expect(StreamingTrainer.open(optionsFor(small, { seed: 12 }))).rejects.toThrow(
		/journal\.jsonl, line 1.*expected the settings/,
	);
	const path = join(folder, 'journal.jsonl');
	const lines = (await readFile(path, 'utf8')).split('\n');
	await writeFile(path, [lines[0], 'rubbish', ...lines.slice(2)].join('\n'));
	await expect(StreamingTrainer.open(optionsFor(small))).rejects.toBeInstanceOf(InputError);
});

test('caps below two buffers of each kind are refused with what would do', async () => {
	await expect(StreamingTrainer.open(optionsFor(small, { stateCapBytes: 1e5 }))).rejects.toThrow(
		/stateCapMegabytes: found 0\.1, expected at least/,
	);
	await expect(StreamingTrainer.open(optionsFor(small, { activationCapBytes: 1e3 }))).rejects.toThrow(/activationCapMegabytes/);
});

test('stopping in the middle of a step rejects with the reason and leaves the last complete step', async () => {
	const controller = new AbortController();
	const reason = new Error('stopped');
	const trainer = await StreamingTrainer.open(optionsFor(small, { signal: controller.signal, throttleBytesPerSecond: 2e6 }));
	const stepping = trainer.step();
	setTimeout(() => controller.abort(reason), 50);
	await expect(stepping).rejects.toBe(reason);
	await trainer.close();
	const again = await StreamingTrainer.open(optionsFor(small));
	expect(again.steps).toBe(0);
	await again.close();
});

test('a state file that lost its end is an error that says where', async () => {
	await streamed(optionsFor(small), 1);
	await writeFile(join(folder, 'state.1.bin'), new Uint8Array(4096));
	const trainer = await StreamingTrainer.open(optionsFor(small));
	await expect(trainer.step()).rejects.toThrow(/state\.1\.bin ends at/);
	await trainer.close();
});

test.skipIf(!existsSync('/dev/full'))(
	'a write that finds the drive full ends the step at once with ENOSPC, in either mode',
	async () => {
		for (const mode of ['inside-backward', 'after-backward'] as const) {
			const options = optionsFor(small, { mode, folder: join(folder, mode), activationCapBytes: 60e3 });
			await streamed(options, 1);
			// The next step writes the other file; this one takes nothing.
			await rm(join(options.folder, 'state.0.bin'));
			await symlink('/dev/full', join(options.folder, 'state.0.bin'));
			const trainer = await StreamingTrainer.open(options);
			await expect(trainer.step()).rejects.toMatchObject({ name: 'LaneError', code: 'ENOSPC' });
			await trainer.close();
			expect(await readdir(options.folder)).not.toContain('activations.bin');
		}
	},
);

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createContext, InputError } from '@assay/contract';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { compileKernels, createKernelMemory, instantiateKernels } from '../kernels/index.ts';
import { Llama } from '../llama/llama.ts';
import type { LlamaShape } from '../llama/llama-shape.ts';
import { drawMarkovTokens, type MarkovLanguage, markovEntropy } from '../text/markov-tokens.ts';
import { TokenWindows } from '../text/token-windows.ts';
import { encodeCheckpoint, restoreCheckpoint } from './checkpoint.ts';
import { usualOneCycle } from './learning-rate.ts';
import { type TrainingPlan, trainLlama, usualAdamW, validationLoss } from './train-llama.ts';

const shape: LlamaShape = {
	batch: 8,
	sequenceTokens: 64,
	width: 32,
	layers: 2,
	heads: 2,
	keyValueHeads: 2,
	hiddenWidth: 96,
	vocabulary: 8,
	ropeBase: 10_000,
};
const language: MarkovLanguage = { vocabulary: 8, odds: [0.7, 0.2, 0.1], seed: 1 };

let module: WebAssembly.Module;
beforeAll(async () => {
	module = await compileKernels();
});
const fresh = (seed = 3) => new Llama(instantiateKernels(module, createKernelMemory(1 << 20)), shape, { seed });
const windows = (tokens: number, stream: number) =>
	new TokenWindows(drawMarkovTokens(language, tokens, stream), { ...shape, seed: 2 });
const plan = (steps: number): TrainingPlan => ({
	data: windows(40_000, 0),
	rate: { steps, peak: 1e-2, ...usualOneCycle },
	adam: usualAdamW,
	clipNorm: 1,
});

test('a model learns a language of known entropy nearly to its bound, and not below', async () => {
	const held = windows(20_000, 1);
	const { validations, losses } = await trainLlama(
		fresh(),
		{ ...plan(500), validation: { data: held, everySteps: 250 } },
		createContext(),
	);
	const bound = markovEntropy(language);
	expect(losses).toHaveLength(500);
	expect(losses[0]).toBeCloseTo(Math.log(8), 1);
	expect(validations.map(({ step }) => step)).toEqual([250, 500]);
	// The first two tokens of each window are guessed without their pair; the sample of 19,968 tokens is off by a percent or two.
	expect(validations[1]?.loss).toBeGreaterThan(0.97 * bound);
	expect(validations[1]?.loss).toBeLessThan(1.15 * bound);
});

test('training stops early when validations no longer improve', async () => {
	const { step, validations } = await trainLlama(
		fresh(),
		{ ...plan(200), rate: { ...plan(200).rate, peak: 0 }, validation: { data: windows(1_100, 1), everySteps: 5, patience: 2 } },
		createContext(),
	);
	// At a rate of 0 nothing changes, so the second and the third validation are no better than the first.
	expect(validations.map(({ step: at }) => at)).toEqual([5, 10, 15]);
	expect(step).toBe(15);
});

test('killed at any moment and started again, a training ends in the same file', { timeout: 120_000 }, async () => {
	const folder = await mkdtemp(join(tmpdir(), 'assay-training-'));
	const program = fileURLToPath(new URL('../testing/train-and-keep.ts', import.meta.url));
	/** Runs until the end, or kills after so many steps; returns whether it ended by itself. */
	const run = async (file: string, killAfterSteps?: number): Promise<boolean> => {
		const child = spawn(process.execPath, [program, file], { stdio: ['ignore', 'pipe', 'inherit'] });
		let steps = 0;
		child.stdout.on('data', (text: Buffer) => {
			steps += text.toString().split('\n').length - 1;
			if (killAfterSteps !== undefined && steps >= killAfterSteps) child.kill('SIGKILL');
		});
		const [code] = await once(child, 'close');
		return code === 0;
	};
	try {
		const [whole, broken] = [join(folder, 'whole.safetensors'), join(folder, 'broken.safetensors')];
		expect(await run(whole)).toBe(true);
		let kills = 0;
		while (!(await run(broken, 90 + 37 * kills))) kills++;
		expect(kills).toBeGreaterThanOrEqual(2);
		expect(await readFile(broken)).toEqual(await readFile(whole));
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
});

test("a checkpoint goes back whole, and another training's is refused", () => {
	const model = fresh();
	model.firstMoments.fill(0.25);
	const state = { step: 2, losses: [2, 1.5], validations: [{ step: 2, loss: 1.6 }] };
	const bytes = encodeCheckpoint(model, state, 'this one');
	const other = fresh(4);
	expect(restoreCheckpoint(bytes, other, 'this one', 'kept')).toEqual(state);
	expect(other.parameters).toEqual(model.parameters);
	expect(other.firstMoments).toEqual(model.firstMoments);
	expect(() => restoreCheckpoint(bytes, other, 'that one', 'kept')).toThrow(/identity.*this one/s);
});

test('cut, changed and invented checkpoints raise an InputError and change nothing', () => {
	const model = fresh();
	const bytes = encodeCheckpoint(fresh(9), { step: 1, losses: [2], validations: [] }, 'x');
	const before = model.parameters.slice();
	const refuse = (changed: Uint8Array) => {
		expect(() => restoreCheckpoint(changed, model, 'x', 'kept')).toThrow(InputError);
		expect(model.parameters).toEqual(before);
	};
	fc.assert(
		fc.property(fc.nat({ max: bytes.length - 1 }), (cut) => refuse(bytes.subarray(0, cut))),
		{ numRuns: 50 },
	);
	fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), refuse));
	const notANumber = bytes.slice();
	new DataView(notANumber.buffer).setFloat32(notANumber.length - 4, Number.NaN, true);
	expect(() => restoreCheckpoint(notANumber, model, 'x', 'kept')).toThrow(/second_moment\.lm_head\.weight.*NaN at value/s);
	refuse(notANumber);
});

test('validation goes through all whole batches', async () => {
	const model = fresh();
	const held = windows(1_000, 1);
	let sum = 0;
	for (const { tokens, targets } of held.inOrder()) sum += model.measureLoss(tokens, targets);
	expect(await validationLoss(model, held, createContext())).toBe(sum / held.batchesPerEpoch);
});

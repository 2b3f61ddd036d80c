import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createContext } from '@assay/contract';
import { markovCorpus, TokenWindows } from '@assay/learning';
import { beforeAll, expect, test } from 'vitest';
import { gradientsByDepth } from './gradient-depth.ts';
import { type TrainingItem, type TrainingResult, trainingTask } from './training-task.ts';

const shape = {
	batch: 4,
	sequenceTokens: 32,
	width: 32,
	layers: 2,
	heads: 2,
	keyValueHeads: 2,
	hiddenWidth: 64,
	vocabulary: 8,
	ropeBase: 10_000,
};
const corpus = markovCorpus({ vocabulary: 8, odds: [0.7, 0.2, 0.1], seed: 1 }, 40_000);
const item: TrainingItem = {
	scheme: 'quartet',
	scaleRounding: 'floor',
	seed: 3,
	shape,
	steps: 60,
	peakRate: 1e-2,
	training: corpus.training,
	heldOut: corpus.heldOut,
	wantsParameters: true,
};
const pause = async () => undefined;
let trained: TrainingResult;
beforeAll(async () => {
	trained = await trainingTask.run(item, pause);
});

test('a quantised model learns, twice the same bits', async () => {
	expect(await trainingTask.run(item, pause)).toEqual(trained);
	const { losses } = trained.state;
	expect(losses[0]).toBeCloseTo(Math.log(8), 1);
	expect(losses.at(-1)).toBeLessThan(1.9);
});

test('a training that was stopped goes on from its checkpoint to the same bits', async () => {
	const folder = await mkdtemp(join(tmpdir(), 'quartet-'));
	try {
		const kept = { ...item, checkpoint: { path: join(folder, 'state.safetensors'), identity: 'test' } };
		let steps = 0;
		const stop = async () => {
			if (++steps === 40) throw new Error('stopped');
		};
		await expect(trainingTask.run(kept, stop)).rejects.toThrow('stopped');
		expect((await trainingTask.run(kept, pause)).parameters).toEqual(trained.parameters);
	} finally {
		await rm(folder, { recursive: true });
	}
});

test('gradients on their way down: stochastic rounding keeps their length, rounding to nearest and QuEST do not, QuEST least', async () => {
	const deep = { ...shape, layers: 4 };
	const { parameters } = await trainingTask.run({ ...item, scheme: 'float32', shape: deep }, pause);
	if (parameters === null) throw new Error('no parameters');
	const data = new TokenWindows(corpus.heldOut, { ...deep, seed: 0 });
	const rows = await gradientsByDepth(deep, parameters, data, ['sr-absmax', 'rtn-absmax', 'quest'], 1, createContext().pause);
	expect(rows).toHaveLength(12);
	const at = (quantizer: string, depth: number) => rows.find((row) => row.quantizer === quantizer && row.depth === depth);
	for (const quantizer of ['sr-absmax', 'rtn-absmax', 'quest']) {
		// A gradient that came through more blocks has turned further.
		expect(at(quantizer, 4)?.cosine).toBeLessThan(at(quantizer, 1)?.cosine as number);
	}
	expect(at('rtn-absmax', 4)?.cosine).toBeGreaterThan(at('sr-absmax', 4)?.cosine as number);
	const shortening = (quantizer: string) => 1 - (at(quantizer, 4)?.alignment as number);
	expect(Math.abs(shortening('sr-absmax'))).toBeLessThan(shortening('rtn-absmax') / 2);
	expect(shortening('rtn-absmax')).toBeLessThan(shortening('quest'));
});

import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createContext } from '@assay/contract';
import { expect, test } from 'vitest';
import { markovCorpus } from '../text/corpus.ts';
import { type LlamaRecipe, trainedLlama } from './trained-llama.ts';

const corpus = markovCorpus({ vocabulary: 16, odds: [0.5, 0.5], seed: 1 }, 20_000);
const recipe: LlamaRecipe = {
	shape: { batch: 4, sequenceTokens: 16, width: 16, layers: 1, heads: 2, keyValueHeads: 1, hiddenWidth: 32, ropeBase: 10_000 },
	steps: 60,
	peakRate: 1e-2,
	seed: 1,
};

test('a recipe is trained once; stopped, it goes on; another recipe is another model', async () => {
	const folder = await mkdtemp(join(tmpdir(), 'assay-trained-'));
	const train = (of: LlamaRecipe, signal?: AbortSignal, onProgress?: () => void) =>
		trainedLlama(
			of,
			corpus,
			folder,
			createContext({ ...(signal !== undefined && { signal }), ...(onProgress !== undefined && { onProgress }) }),
		);
	try {
		const stop = new AbortController();
		let steps = 0;
		await expect(
			train(recipe, stop.signal, () => {
				if (++steps === 30) stop.abort(new Error('stopped'));
			}),
		).rejects.toThrow('stopped');
		let more = 0;
		const first = await train(recipe, undefined, () => more++);
		// From the checkpoint of step 25 on.
		expect(more).toBe(35);
		const written = (await stat(first.path)).mtimeMs;
		const again = await train(recipe);
		expect((await stat(again.path)).mtimeMs).toBe(written);
		expect(again.model.parameters).toEqual(first.model.parameters);
		expect(again.state).toEqual(first.state);
		expect(again.state.validations).toHaveLength(1);
		await train({ ...recipe, seed: 2 });
		expect(await readdir(folder)).toHaveLength(2);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
});

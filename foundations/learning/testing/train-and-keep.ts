/** A small training with a checkpoint file, as a program of its own, so that a test can kill it: node train-and-keep.ts <file>. */
import { createContext } from '@assay/contract';
import { compileKernels, createKernelMemory, instantiateKernels } from '../kernels/index.ts';
import { Llama } from '../llama/llama.ts';
import { drawMarkovTokens } from '../text/markov-tokens.ts';
import { TokenWindows } from '../text/token-windows.ts';
import { fileCheckpoint } from '../training/file-checkpoint.ts';
import { usualOneCycle } from '../training/learning-rate.ts';
import { trainLlama, usualAdamW } from '../training/train-llama.ts';

const path = process.argv[2];
if (path === undefined) throw new Error('node train-and-keep.ts <checkpoint file>');
const shape = {
	batch: 4,
	sequenceTokens: 16,
	width: 16,
	layers: 1,
	heads: 2,
	keyValueHeads: 1,
	hiddenWidth: 32,
	vocabulary: 16,
	ropeBase: 10_000,
};
const language = { vocabulary: 16, odds: [0.5, 0.25, 0.25], seed: 1 };
const data = new TokenWindows(drawMarkovTokens(language, 5_000), { ...shape, seed: 2 });
const held = new TokenWindows(drawMarkovTokens(language, 1_000, 1), { ...shape, seed: 2 });
const model = new Llama(instantiateKernels(await compileKernels(), createKernelMemory(1 << 20)), shape, { seed: 3 });
const context = createContext({
	onProgress: (_, note) => process.stdout.write(`${note}\n`),
});
await trainLlama(
	model,
	{
		data,
		rate: { steps: 400, peak: 1e-2, ...usualOneCycle },
		adam: usualAdamW,
		clipNorm: 1,
		validation: { data: held, everySteps: 60 },
		checkpoint: { store: fileCheckpoint(path), everySteps: 7, identity: 'train-and-keep' },
	},
	context,
);

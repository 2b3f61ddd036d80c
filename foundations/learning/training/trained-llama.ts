/**
 * Small Llama-style models trained on this machine and kept: the same recipe on the same corpus is trained once, goes on where a crash or
 * a stop left it, and is read from its file afterwards.
 */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunContext } from '@assay/contract';
import { compileKernels, createKernelMemory, instantiateKernels } from '../kernels/index.ts';
import { exactLinear, type MakeLinear } from '../llama/linear.ts';
import { Llama } from '../llama/llama.ts';
import type { LlamaShape } from '../llama/llama-shape.ts';
import type { Corpus } from '../text/corpus.ts';
import { TokenWindows } from '../text/token-windows.ts';
import type { TrainingState } from './checkpoint.ts';
import { fileCheckpoint } from './file-checkpoint.ts';
import { usualOneCycle } from './learning-rate.ts';
import { trainLlama, usualAdamW } from './train-llama.ts';

export interface LlamaRecipe {
	readonly shape: Omit<LlamaShape, 'vocabulary'>;
	readonly steps: number;
	readonly peakRate: number;
	/** Of first values and of the order of batches. */
	readonly seed: number;
	/** The blocks' products, and a name that tells them from others; float32 unless told. */
	readonly arithmetic?: { readonly name: string; readonly makeLinear: MakeLinear };
}

export interface TrainedLlama {
	readonly model: Llama;
	readonly state: TrainingState;
	/** The held-out part of the corpus in the model's batches. */
	readonly heldOut: TokenWindows;
	/** Where the model is kept, with AdamW's moments. */
	readonly path: string;
}

/** Steps between checkpoints: a few seconds. */
const CHECKPOINT_STEPS = 25;

/**
 * Trains by Llama 2's recipe (AdamW, one cycle, gradients clipped at 1), or takes the model from `folder`. The held-out loss after the last
 * step is the state's last validation.
 */
export async function trainedLlama(
	recipe: LlamaRecipe,
	corpus: Corpus,
	folder: string,
	context: Pick<RunContext, 'pause' | 'progress'>,
): Promise<TrainedLlama> {
	const { steps, peakRate, seed, arithmetic = { name: 'float32', makeLinear: exactLinear } } = recipe;
	const shape: LlamaShape = { ...recipe.shape, vocabulary: corpus.vocabulary };
	const identity = createHash('sha256')
		.update(JSON.stringify({ version: 1, shape, steps, peakRate, seed, arithmetic: arithmetic.name }))
		.update(corpus.training)
		.update(corpus.heldOut)
		.digest('hex');
	await mkdir(folder, { recursive: true });
	const path = join(folder, `llama-${identity.slice(0, 16)}.safetensors`);
	const kernels = instantiateKernels(await compileKernels(), createKernelMemory(1 << 20));
	const model = new Llama(kernels, shape, { seed, makeLinear: arithmetic.makeLinear });
	const heldOut = new TokenWindows(corpus.heldOut, { ...shape, seed });
	const state = await trainLlama(
		model,
		{
			data: new TokenWindows(corpus.training, { ...shape, seed }),
			rate: { steps, peak: peakRate, ...usualOneCycle },
			adam: usualAdamW,
			clipNorm: 1,
			validation: { data: heldOut, everySteps: steps },
			checkpoint: { store: fileCheckpoint(path), everySteps: CHECKPOINT_STEPS, identity },
		},
		context,
	);
	return { model, state, heldOut, path };
}

/** One training of a small Llama-style model with a scheme, on whatever thread. */
import type { ParallelTask } from '@assay/contract';
import {
	compileKernels,
	createKernelMemory,
	instantiateKernels,
	Llama,
	type LlamaShape,
	TokenWindows,
	type TrainingState,
	trainLlama,
	usualAdamW,
	usualOneCycle,
} from '@assay/learning';
import { compileQuantizers, instantiateQuantizers } from '../quantizers/kernel.ts';
import type { ScaleRounding } from '../quantizers/quantizer.ts';
import { quantizedLinear } from './quantized-linear.ts';
import { type Scheme, type SchemeName, scheme } from './scheme.ts';

export interface TrainingItem {
	readonly scheme: SchemeName;
	readonly scaleRounding: ScaleRounding;
	/** Of first values, batches and all that is random in the products. */
	readonly seed: number;
	readonly shape: LlamaShape;
	readonly steps: number;
	readonly peakRate: number;
	readonly training: Int32Array;
	readonly heldOut: Int32Array;
	/** Whether the trained parameters are returned. */
	readonly wantsParameters: boolean;
	/** File that states are kept in, and what training it is; neither unless told. */
	readonly checkpoint?: { readonly path: string; readonly identity: string };
}

export interface TrainingResult {
	readonly state: TrainingState;
	readonly parameters: Float32Array | null;
}

/** Validations of a training. */
const VALIDATIONS = 10;
const CHECKPOINT_STEPS = 25;

/** A model with a scheme's products in a memory of its own. */
export async function modelOf(
	shape: LlamaShape,
	of: Scheme,
	seed: number,
): Promise<{ model: Llama; memory: WebAssembly.Memory }> {
	const [learning, quantizers] = await Promise.all([compileKernels(), compileQuantizers()]);
	const memory = createKernelMemory(1 << 20);
	const kernels = instantiateKernels(learning, memory);
	const makeLinear = quantizedLinear((to) => instantiateQuantizers(quantizers, to), of, seed);
	return { model: new Llama(kernels, shape, { seed, makeLinear }), memory };
}

/** Trains by the published recipe: AdamW, one cycle, gradients clipped at 1. */
export const trainingTask: ParallelTask<TrainingItem, TrainingResult> = {
	module: import.meta.url,
	name: 'trainingTask',
	async run(item, pause) {
		const { shape, steps, seed } = item;
		const { model } = await modelOf(shape, scheme(item.scheme, item.scaleRounding), seed);
		const data = (stream: Int32Array) => new TokenWindows(stream, { ...shape, seed });
		const store =
			item.checkpoint === undefined ? undefined : (await import('@assay/learning/files')).fileCheckpoint(item.checkpoint.path);
		const state = await trainLlama(
			model,
			{
				data: data(item.training),
				rate: { steps, peak: item.peakRate, ...usualOneCycle },
				adam: usualAdamW,
				clipNorm: 1,
				validation: { data: data(item.heldOut), everySteps: Math.max(1, Math.floor(steps / VALIDATIONS)) },
				...(store !== undefined &&
					item.checkpoint !== undefined && {
						checkpoint: { store, everySteps: CHECKPOINT_STEPS, identity: item.checkpoint.identity },
					}),
			},
			{ pause, progress: () => undefined },
		);
		return { state, parameters: item.wantsParameters ? model.parameters.slice() : null };
	},
};

/**
 * Throughputs that the authors publish for their server (one RTX 4090; evaluation_data.md of github.com/RC4ML/LoHan, commit feb88fe,
 * Apache-2.0; figures 5a, 7a, 7b and 10b). Model TFLOP/s: three forward passes over the time of a step. Sequences of 1,024 tokens.
 */
import { resolveModel, type TransformerModel } from '@assay/models';

export interface PublishedPoint {
	readonly model: '13b' | '175b';
	readonly drives: number;
	readonly batch: number;
	readonly teraflops: number;
}

const point = (model: PublishedPoint['model'], drives: number, batch: number, teraflops: number): PublishedPoint => ({
	model,
	drives,
	batch,
	teraflops,
});

/** 13 B over the batch size, twelve drives. */
export const batchSweep: readonly PublishedPoint[] = [
	point('13b', 12, 8, 42.8),
	point('13b', 12, 16, 84.3),
	point('13b', 12, 32, 143.1),
	point('13b', 12, 64, 155.8),
	point('13b', 12, 128, 153.8),
];

/** 175 B, twelve drives; a batch of 32 ran out of GPU memory. */
export const largeModel: readonly PublishedPoint[] = [point('175b', 12, 8, 52.6), point('175b', 12, 16, 86.9)];

/** 13 B over the number of drives. */
export const driveSweep: readonly PublishedPoint[] = [
	...[37.5, 64.3, 81.1, 121.7, 142.0].map((teraflops, i) => point('13b', [1, 2, 3, 6, 12][i] ?? 0, 32, teraflops)),
	...[53.1, 89.7, 121.7, 146.3, 153.9].map((teraflops, i) => point('13b', [1, 2, 3, 6, 12][i] ?? 0, 48, teraflops)),
	...[70.3, 111.7, 136.3, 151.5, 148.2].map((teraflops, i) => point('13b', [1, 2, 3, 6, 12][i] ?? 0, 64, teraflops)),
];

export const publishedPoints: readonly PublishedPoint[] = [...batchSweep, ...largeModel, ...driveSweep];

const gpt = (name: string, layers: number, width: number, heads: number): TransformerModel => ({
	...resolveModel({
		model_type: 'gpt2',
		vocab_size: 50257,
		n_positions: 1024,
		n_layer: layers,
		n_embd: width,
		n_head: heads,
		torch_dtype: 'float16',
	}),
	name,
});

/** The models of the measurements, GPT-3's shapes with 1,024 positions. */
export const publishedModels: Readonly<Record<PublishedPoint['model'], TransformerModel>> = {
	'13b': gpt('GPT-3 13B', 40, 5120, 40),
	'175b': gpt('GPT-3 175B', 96, 12288, 96),
};

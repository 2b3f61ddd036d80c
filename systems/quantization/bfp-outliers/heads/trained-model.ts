/** A small Llama trained here: real attention whose perplexity with quantised keys can be measured. */
import type { RunContext } from '@assay/contract';
import {
	type Batch,
	type Corpus,
	compileKernels,
	createKernelMemory,
	instantiateKernels,
	Llama,
	type LlamaShape,
	llamaTensors,
	type QueryKeyValue,
	TokenWindows,
	trainLlama,
	usualAdamW,
	usualOneCycle,
} from '@assay/learning';
import type { KeyCodec } from '../bfp/key-codec.ts';
import { calibratedScores, rowNorms, type SortKey } from '../ksort/channel-scores.ts';
import { type Rotary, rotaryTable } from '../ksort/rotary.ts';
import { cachedKeys } from '../metrics/key-errors.ts';
import type { HeadCodecs } from './analyze-head.ts';
import type { HeadSample } from './head-sample.ts';
import { queryPositions } from './projected-heads.ts';

export interface TrainedModel {
	readonly model: Llama;
	readonly kernelMemory: WebAssembly.Memory;
	readonly heldOut: TokenWindows;
	readonly rotary: Rotary;
	readonly losses: readonly number[];
}

/** Trains by Llama 2's recipe (AdamW, one cycle, gradients clipped at 1). */
export async function trainModel(
	corpus: Corpus,
	shape: Omit<LlamaShape, 'vocabulary'>,
	steps: number,
	seed: number,
	context: Pick<RunContext, 'pause' | 'progress'>,
): Promise<TrainedModel> {
	const kernelMemory = createKernelMemory(1 << 20);
	const kernels = instantiateKernels(await compileKernels(), kernelMemory);
	const model = new Llama(kernels, { ...shape, vocabulary: corpus.vocabulary }, { seed });
	const { losses } = await trainLlama(
		model,
		{
			data: new TokenWindows(corpus.training, { ...shape, seed }),
			rate: { steps, peak: 3e-3, ...usualOneCycle },
			adam: usualAdamW,
			clipNorm: 1,
		},
		context,
	);
	const rotary = { width: shape.width / shape.heads, convention: 'halves', base: shape.ropeBase } as const;
	return { model, kernelMemory, heldOut: new TokenWindows(corpus.heldOut, { ...shape, seed }), rotary, losses };
}

/**
 * Makes outliers without changing what the model computes: the key rows of `pairs` rotary pairs of each key head are multiplied by `factor`,
 * a power of two, and the query rows that meet them divided by it, so that every score stays the same to the last bit. The pairs are the
 * first of a stride through the head, the same for all heads.
 */
export function injectOutliers({ model, rotary }: TrainedModel, pairs: number, factor: number): void {
	const { shape, parameters } = model;
	const headDim = shape.width / shape.heads;
	const half = headDim / 2;
	const firsts = Array.from({ length: pairs }, (_, i) => Math.floor(((i + 0.5) * half) / Math.max(1, pairs)));
	const { partner } = rotaryTable(headDim, rotary);
	for (const { name, offset, shape: sizes } of llamaTensors(shape)) {
		const isKey = name.endsWith('k_proj.weight');
		if (!isKey && !name.endsWith('q_proj.weight')) continue;
		const [rows, inputs] = [sizes[0] as number, sizes[1] as number];
		for (let head = 0; head < rows / headDim; head++)
			for (const channel of firsts.flatMap((first) => [first, partner[first] as number])) {
				const at = offset + (head * headDim + channel) * inputs;
				for (let i = at; i < at + inputs; i++) parameters[i] = (parameters[i] as number) * (isKey ? factor : 1 / factor);
			}
	}
}

/** Samples of all key heads from one batch of held-out text; the first sequence of it. */
export function trainedHeads(trained: TrainedModel, key: SortKey, queries: number): HeadSample[] {
	const { model, heldOut, rotary } = trained;
	const { shape } = model;
	const headDim = shape.width / shape.heads;
	const tokens = shape.sequenceTokens;
	const group = shape.heads / shape.keyValueHeads;
	const positions = queryPositions({ tokens, queries });
	const samples: HeadSample[] = [];
	const [batch] = heldOut.inOrder();
	const { tokens: ids, targets } = batch as Batch;
	model.measureLoss(ids, targets, {
		attention: (layer, rows) => {
			for (let head = 0; head < shape.keyValueHeads; head++) {
				const keys = readHead(trained, rows.keys, 0, head);
				const chosen = new Float32Array(group * positions.length * headDim);
				const visible = new Int32Array(group * positions.length);
				for (let one = 0; one < group; one++) {
					const all = readHead(trained, rows.queries, 0, head * group + one);
					for (const [i, position] of positions.entries()) {
						const place = one * positions.length + i;
						chosen.set(all.subarray(position * headDim, (position + 1) * headDim), place * headDim);
						visible[place] = position + 1;
					}
				}
				const scores = trainedScores(trained, key, layer, head, keys);
				const values = readHead(trained, rows.values, 0, head);
				samples.push({ layer, head, headDim, keys, queries: chosen, visible, values, scores, rotary });
			}
		},
	});
	return samples;
}

function trainedScores({ model }: TrainedModel, key: SortKey, layer: number, head: number, keys: Float32Array): Float64Array {
	const { shape, parameters } = model;
	const headDim = shape.width / shape.heads;
	if (key === 'calibrated-rms' || key === 'calibrated-max') return calibratedScores(keys, headDim, key);
	const read = (name: string): Float32Array => {
		const tensor = llamaTensors(shape).find((one) => one.name === `model.layers.${layer}.${name}.weight`);
		if (tensor === undefined) throw new Error(`no tensor ${name}`);
		return parameters.subarray(tensor.offset, tensor.offset + tensor.length);
	};
	const rows = read('self_attn.k_proj').subarray(head * headDim * shape.width, (head + 1) * headDim * shape.width);
	return rowNorms(rows, shape.width, key === 'folded' ? read('input_layernorm') : undefined);
}

/** Perplexity of held-out text with keys, and queries, as they come back from a cache; exact without codecs. `orders` by layer and head. */
export async function perplexity(
	trained: TrainedModel,
	batches: number,
	pause: () => Promise<void>,
	stored?: { readonly codecs: HeadCodecs; readonly orders: readonly (readonly Int32Array[])[] },
): Promise<number> {
	const { model, heldOut } = trained;
	const { batch, heads, keyValueHeads } = model.shape;
	let [sum, count] = [0, 0];
	for (const { tokens, targets } of heldOut.inOrder()) {
		if (count === batches) break;
		sum += model.measureLoss(tokens, targets, {
			attention: (layer, rows) => {
				if (stored === undefined) return;
				const store = (part: HeadRows, count: number, codec: KeyCodec): void => {
					for (let sequence = 0; sequence < batch; sequence++)
						for (let head = 0; head < count; head++) {
							const values = readHead(trained, part, sequence, head);
							const order = stored.orders[layer]?.[Math.floor((head * keyValueHeads) / count)] as Int32Array;
							writeHead(trained, part, sequence, head, cachedKeys(values, order, codec));
						}
				};
				const { keys, queries } = stored.codecs;
				store(rows.keys, keyValueHeads, keys);
				if (queries !== null) store(rows.queries, heads, queries);
			},
		});
		count++;
		await pause();
	}
	return Math.exp(sum / count);
}

type HeadRows = QueryKeyValue['keys'];

function readHead(trained: TrainedModel, rows: HeadRows, sequence: number, head: number): Float32Array {
	const { sequenceTokens, headDim, view } = headView(trained, rows, sequence, head);
	const out = new Float32Array(sequenceTokens * headDim);
	for (let token = 0; token < sequenceTokens; token++)
		out.set(view.subarray(token * rows.rowLength, token * rows.rowLength + headDim), token * headDim);
	return out;
}

function writeHead(trained: TrainedModel, rows: HeadRows, sequence: number, head: number, values: Float32Array): void {
	const { sequenceTokens, headDim, view } = headView(trained, rows, sequence, head);
	for (let token = 0; token < sequenceTokens; token++)
		view.set(values.subarray(token * headDim, (token + 1) * headDim), token * rows.rowLength);
}

function headView({ model, kernelMemory }: TrainedModel, { start, rowLength }: HeadRows, sequence: number, head: number) {
	const { sequenceTokens, width, heads } = model.shape;
	const headDim = width / heads;
	const first = start + 4 * (sequence * sequenceTokens * rowLength + head * headDim);
	return {
		sequenceTokens,
		headDim,
		view: new Float32Array(kernelMemory.buffer, first, (sequenceTokens - 1) * rowLength + headDim),
	};
}

/** Where keys come from: four sources behind one door. */
import { InputError, type RunContext } from '@assay/contract';
import { textCorpus } from '@assay/learning';
import { readModel, type TransformerModel } from '@assay/models';
import { readTensor } from '@assay/models/tensors';
import { readInstalledText } from '@assay/sources';
import type { Inputs } from '../inputs.ts';
import { channelOrder } from '../ksort/channel-order.ts';
import type { SortKey } from '../ksort/channel-scores.ts';
import type { Rotary } from '../ksort/rotary.ts';
import { type AttentionShape, attentionShape } from '../weights/attention-shape.ts';
import { readLayers } from '../weights/layer-reader.ts';
import type { LayerOrders } from '../weights/rewrite.ts';
import type { ByteStream } from '../weights/safetensors-stream.ts';
import { capturedHeads } from './captured-heads.ts';
import { generateHead } from './generated-heads.ts';
import type { HeadSample } from './head-sample.ts';
import { HeadProjector } from './projected-heads.ts';
import { injectOutliers, type TrainedModel, trainedHeads, trainModel } from './trained-model.ts';

export interface KeySource {
	readonly name: string;
	readonly headDim: number;
	readonly layers: number;
	/** Key heads over all layers. */
	readonly keyHeads: number;
	readonly rotary: Rotary;
	readonly sortedBy: SortKey;
	/** What the heads' inputs are, in a few words. */
	readonly inputs: string;
	readonly notes: readonly string[];
	each(visit: (sample: HeadSample) => Promise<void>): Promise<void>;
	readonly trained?: { readonly model: TrainedModel; readonly inject: () => void };
	readonly weights?: {
		readonly files: readonly ByteStream[];
		readonly shape: AttentionShape;
		readonly orders: readonly LayerOrders[];
	};
}

type Open = Pick<RunContext, 'open' | 'pause' | 'progress' | 'random' | 'seed'>;

const MOST_TEXT_BYTES = 2_000_000;
const VOCABULARY = 1024;
const BATCH = 8;
const SEQUENCE_TOKENS = 128;
const MAX_CONFIG_BYTES = 1 << 20;
/** Share of a run's progress that training takes. */
const TRAINING_SHARE = 0.7;

/** The model that the table of memory is for, with its attention. */
export async function readSubject(
	inputs: Inputs,
	context: Pick<RunContext, 'open'>,
): Promise<{ model: TransformerModel; shape: AttentionShape }> {
	const model = await readModel(inputs.model, context);
	let config: unknown;
	// Read once as a model; here for the rotary settings, which a model's description leaves out.
	if (inputs.model.config !== undefined)
		config = JSON.parse(await (await context.open(inputs.model.config)).text(MAX_CONFIG_BYTES));
	return { model, shape: attentionShape(model, config, inputs.rotary, ['model']) };
}

export async function openSource(inputs: Inputs, name: string, shape: AttentionShape, context: Open): Promise<KeySource> {
	switch (inputs.source) {
		case 'generated':
			return generatedSource(inputs, context);
		case 'captured':
			return capturedSource(inputs, shape, context);
		case 'weights':
			return weightsSource(inputs, name, shape, context);
		case 'trained':
			return trainedSource(inputs, context);
	}
}

function generatedSource({ generated, rotary, sample, sort }: Inputs, { random, pause }: Open): KeySource {
	const { headDim, heads } = generated;
	refuseKey(sort.key, ['auto', 'row-norm'], 'for drawn heads, whose scales are known');
	const turning: Rotary = {
		width: rotary.width ?? headDim - (headDim % 2),
		convention: rotary.convention === 'auto' ? 'halves' : rotary.convention,
		base: rotary.base ?? 10_000,
	};
	if (turning.width > headDim || turning.width % 2 !== 0)
		throw new InputError({
			path: ['rotary', 'width'],
			found: String(turning.width),
			expected: `an even number of at most ${headDim}`,
		});
	if (generated.outlierPairs > turning.width / 2)
		throw new InputError({
			path: ['generated', 'outlierPairs'],
			found: `${generated.outlierPairs} pairs`,
			expected: `at most the ${turning.width / 2} of a head`,
			nearest: String(turning.width / 2),
		});
	return {
		name: `${heads} heads with ${generated.outlierPairs} outlier pairs each, drawn`,
		headDim,
		layers: 1,
		keyHeads: heads,
		rotary: turning,
		sortedBy: 'row-norm',
		inputs: 'normal deviates; channels are sorted by their true scales',
		notes: [],
		each: async (visit) => {
			for (let head = 0; head < heads; head++) {
				const place = { layer: 0, head, queries: sample.queries };
				await visit(generateHead({ ...generated, tokens: sample.tokens }, turning, random.fork(`head ${head}`), place));
				await pause();
			}
		},
	};
}

async function capturedSource(
	{ captured, sample, sort, rotary: stated }: Inputs,
	shape: AttentionShape,
	{ open, pause }: Open,
): Promise<KeySource> {
	refuseKey(sort.key, ['auto', 'calibrated-rms', 'calibrated-max'], 'where keys were captured without weights');
	const read = async (reference: string | undefined, place: string) => {
		if (reference === undefined)
			throw new InputError({ path: ['captured', place], found: 'nothing', expected: 'a file with a tensor' });
		return readTensor(await open(reference));
	};
	const tensors = {
		keys: await read(captured.keys, 'keys'),
		queries: await read(captured.queries, 'queries'),
		values: captured.values === undefined ? undefined : await read(captured.values, 'values'),
	};
	const headDim = tensors.keys.shape.at(-1) ?? 0;
	const isModels = headDim === shape.headDim;
	const rotary: Rotary = isModels ? shape.rotary : { ...shape.rotary, width: stated.width ?? headDim - (headDim % 2) };
	const score = sort.key === 'calibrated-max' ? sort.key : 'calibrated-rms';
	const options = { rotary, isTurned: captured.turned, queries: sample.queries, score } as const;
	const { shape: sizes } = tensors.keys;
	const layers = sizes.length === 4 ? (sizes[0] as number) : 1;
	return {
		name: 'captured keys',
		headDim,
		layers,
		keyHeads: sizes.slice(0, -2).reduce((product, size) => product * size, 1),
		rotary,
		sortedBy: score,
		inputs: 'the captured keys and queries themselves',
		notes: [
			'Channels are sorted by the very keys that errors are measured on, which the paper does not need; norms of weights would do a little worse.',
			...(isModels
				? []
				: [`Captured heads have ${headDim} channels, the model’s ${shape.headDim}: the table of memory is for another model.`]),
		],
		each: async (visit) => {
			for (const head of capturedHeads(tensors, options)) {
				await visit(head);
				await pause();
			}
		},
	};
}

async function weightsSource(inputs: Inputs, name: string, shape: AttentionShape, context: Open): Promise<KeySource> {
	const { weights, sort, sample } = inputs;
	if (weights.files.length === 0)
		throw new InputError({ path: ['weights', 'files'], found: 'no files', expected: 'the model’s .safetensors files' });
	const files: ByteStream[] = [];
	for (const reference of weights.files) {
		const file = await context.open(reference);
		if (/\.onnx$/i.test(file.name))
			throw new InputError({
				path: ['weights', 'files', file.name],
				found: 'an ONNX file',
				expected: 'safetensors: attention in ONNX graphs is not rewritten here',
			});
		files.push(file);
	}
	const key = sort.key === 'auto' ? 'row-norm' : sort.key;
	const orders: LayerOrders[] = [];
	return {
		name,
		headDim: shape.headDim,
		layers: shape.layers,
		keyHeads: shape.layers * shape.keyValueHeads,
		rotary: shape.rotary,
		sortedBy: key,
		inputs: 'your weights on random inputs, normal deviates times the gain of the norm before',
		notes: [
			'Real activations also have outliers of their own, so capture keys and queries (source captured) before you rely on an error near the limit.',
		],
		each: async (visit) => {
			const projector = await HeadProjector.create(shape, sample);
			await readLayers(files, shape, ['query', 'key', 'value'], context.pause, async (layer) => {
				const scores: Float64Array[] = [];
				for (const head of projector.sample(layer, key, context.random.fork(`layer ${layer.tensors.layer}`))) {
					scores.push(head.scores);
					await visit(head);
					await context.pause();
				}
				orders.push({
					tensors: layer.tensors,
					isGainShared: layer.isGainShared,
					orders: scores.map((score) => channelOrder(score, shape.rotary, sort.order)),
				});
			});
			orders.sort((a, b) => a.tensors.layer - b.tensors.layer);
		},
		weights: { files, shape, orders },
	};
}

async function trainedSource({ trained, sort, sample }: Inputs, context: Open): Promise<KeySource> {
	const { headDim, heads, keyValueHeads, layers, steps } = trained;
	if (heads % keyValueHeads !== 0)
		throw new InputError({
			path: ['trained', 'keyValueHeads'],
			found: String(keyValueHeads),
			expected: `a divisor of ${heads} query heads`,
		});
	if (headDim % 2 !== 0)
		throw new InputError({
			path: ['trained', 'headDim'],
			found: String(headDim),
			expected: 'an even number',
			nearest: String(headDim + 1),
		});
	if (trained.outlierPairs > headDim / 2)
		throw new InputError({
			path: ['trained', 'outlierPairs'],
			found: `${trained.outlierPairs} pairs`,
			expected: `at most the ${headDim / 2} of a head`,
			nearest: String(headDim / 2),
		});
	const own = trained.text === undefined ? undefined : await context.open(trained.text);
	const installed = own === undefined ? await readInstalledText() : undefined;
	const text = (own === undefined ? (installed?.text ?? '') : await own.text()).slice(0, MOST_TEXT_BYTES);
	const width = headDim * heads;
	context.progress(0.01, 'learning a tokenizer');
	await context.pause();
	const corpus = textCorpus(text, VOCABULARY);
	await context.pause();
	const fewest = BATCH * SEQUENCE_TOKENS + 1;
	if (Math.min(corpus.heldOut.length, corpus.training.length) < fewest)
		throw new InputError({
			path: ['trained', 'text'],
			found: `${corpus.training.length + corpus.heldOut.length} tokens`,
			expected: `at least ${20 * fewest}, so that a twentieth fills a batch`,
		});
	const shape = {
		batch: BATCH,
		sequenceTokens: SEQUENCE_TOKENS,
		width,
		layers,
		heads,
		keyValueHeads,
		hiddenWidth: 3 * width,
		ropeBase: 10_000,
	};
	const model = await trainModel(corpus, shape, steps, context.seed, {
		pause: context.pause,
		progress: (fraction, note) => context.progress(0.02 + (TRAINING_SHARE - 0.02) * fraction, note),
	});
	const key = sort.key === 'auto' ? 'row-norm' : sort.key;
	const factor = Number(trained.outlierFactor);
	return {
		name: `a Llama of ${layers} layers trained here${factor > 1 ? `, ${trained.outlierPairs} pairs of each head made ${factor} times larger` : ''}`,
		headDim,
		layers,
		keyHeads: layers * keyValueHeads,
		rotary: model.rotary,
		sortedBy: key,
		inputs: 'held-out text',
		notes:
			installed === undefined
				? []
				: [
						`The text is the README files of ${installed.packages} packages installed beside this program (SHA-256 ${installed.sha256.slice(0, 12)}).`,
					],
		each: async (visit) => {
			for (const head of trainedHeads(model, key, sample.queries)) await visit(head);
		},
		trained: { model, inject: () => injectOutliers(model, trained.outlierPairs, factor) },
	};
}

function refuseKey(key: SortKey, allowed: readonly SortKey[], why: string): void {
	if (allowed.includes(key)) return;
	throw new InputError({ path: ['sort', 'key'], found: key, expected: `one of ${allowed.join(', ')} ${why}`, nearest: 'auto' });
}

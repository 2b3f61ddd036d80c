/** Keys of a model's own weights, in safetensors files or an ONNX graph, on random inputs. */
import { type DataFile, InputError } from '@assay/contract';
import { readOnnxGraph, sourceOf } from '@assay/models/onnx';
import { Conversions } from '@assay/numerics';
import type { Inputs } from '../inputs.ts';
import { channelOrder } from '../ksort/channel-order.ts';
import type { SortKey } from '../ksort/channel-scores.ts';
import { findAttentions, type OnnxAttention } from '../onnx/find-attentions.ts';
import { onnxLayer, rewriteOnnx } from '../onnx/onnx-layers.ts';
import { sharedOrders } from '../onnx/shared-order.ts';
import type { AttentionShape } from '../weights/attention-shape.ts';
import { type LayerWeights, readLayers } from '../weights/layer-reader.ts';
import { type LayerOrders, rewritePlan, rewriteSafetensors, type StoredOrders } from '../weights/rewrite.ts';
import type { HeadSample } from './head-sample.ts';
import type { KeySource, SourceContext } from './key-source.ts';
import { HeadProjector } from './projected-heads.ts';

export async function weightsSource(
	inputs: Inputs,
	name: string,
	shape: AttentionShape,
	context: SourceContext,
): Promise<KeySource> {
	const { weights } = inputs;
	if (weights.files.length === 0)
		throw new InputError({
			path: ['weights', 'files'],
			found: 'no files',
			expected: 'the model’s .safetensors files, or its .onnx file',
		});
	const files: DataFile[] = [];
	for (const reference of weights.files) files.push(await context.open(reference));
	const graph = files.find((file) => /\.onnx$/i.test(file.name));
	if (graph === undefined) return safetensorsSource(inputs, files, name, shape, context);
	if (files.length > 1)
		throw new InputError({
			path: ['weights', 'files'],
			found: `${files.length} files, ${graph.name} among them`,
			expected: 'one .onnx file, or .safetensors files',
		});
	return onnxSource(inputs, graph, context);
}

const RANDOM_INPUTS =
	'Real activations also have outliers of their own, so capture keys and queries (source captured) before you rely on an error near the limit.';

async function safetensorsSource(
	{ sort, sample }: Inputs,
	files: readonly DataFile[],
	name: string,
	shape: AttentionShape,
	context: SourceContext,
): Promise<KeySource> {
	const key = sort.key === 'auto' ? 'row-norm' : sort.key;
	const orders: StoredOrders[] = [];
	return {
		name,
		headDim: shape.headDim,
		layers: shape.layers,
		keyHeads: shape.layers * shape.keyValueHeads,
		rotary: shape.rotary,
		sortedBy: key,
		inputs: 'your weights on random inputs, normal deviates times the gain of the norm before',
		notes: [RANDOM_INPUTS],
		each: async (visit) => {
			const projector = await HeadProjector.create(shape, sample);
			await readLayers(files, shape, ['query', 'key', 'value'], context.pause, async (layer) => {
				const scores = await visitLayer(projector, layer, key, context, visit);
				orders.push({
					layer: layer.layer,
					tensors: layer.tensors,
					isGainShared: layer.isGainShared,
					orders: scores.map((score) => channelOrder(score, shape.rotary, sort.order)),
				});
			});
			orders.sort((a, b) => a.layer - b.layer);
		},
		weights: {
			shape,
			orders,
			files: files.map((file) => ({
				name: file.name,
				bytes: file.bytes,
				rewritten: () => rewriteSafetensors(file, rewritePlan(orders, shape)),
			})),
		},
	};
}

async function onnxSource({ sort, sample, rotary: stated }: Inputs, file: DataFile, context: SourceContext): Promise<KeySource> {
	const source = await sourceOf(file);
	const onnx = { graph: await readOnnxGraph(source), source };
	const attentions = findAttentions(onnx.graph, file.name);
	const [first] = attentions as [OnnxAttention, ...OnnxAttention[]];
	const other = attentions.find(
		({ heads, keyHeads, headDim }) => heads !== first.heads || keyHeads !== first.keyHeads || headDim !== first.headDim,
	);
	if (other !== undefined)
		throw new InputError({
			path: [file.name, other.name],
			found: `${other.heads} heads of ${other.headDim}, ${other.keyHeads} of keys`,
			expected: `${first.heads} heads of ${first.headDim}, ${first.keyHeads} of keys, as in ${first.name}`,
		});
	const { heads, keyHeads, headDim } = first;
	const { width, convention } = first.rotation ?? { width: 0, convention: 'halves' };
	const unlike = attentions.find(
		({ rotation }) => (rotation?.width ?? 0) !== width || (rotation?.convention ?? convention) !== convention,
	);
	if (unlike !== undefined)
		throw new InputError({
			path: [file.name, unlike.name],
			found: `${unlike.rotation?.width ?? 0} channels that turn, ${unlike.rotation?.convention ?? 'none'}`,
			expected: `${width}, ${convention}, as in ${first.name}`,
		});
	const rotary = { width, convention, base: stated.base ?? 10_000 };
	const isOrderShared = width > 0;
	const shape: AttentionShape = { layers: attentions.length, heads, keyValueHeads: keyHeads, headDim, rotary, gainOffset: 0 };
	const key = sort.key === 'auto' ? 'row-norm' : sort.key;
	const caches = attentions.flatMap((one) => one.key.caches);
	const orders: LayerOrders[] = [];
	return {
		name: file.name,
		headDim,
		layers: attentions.length,
		keyHeads: attentions.length * keyHeads,
		rotary,
		isOrderShared,
		sortedBy: key,
		inputs: 'your weights on random inputs, normal deviates',
		notes: caches.length === 0 ? [RANDOM_INPUTS] : [RANDOM_INPUTS, cacheNote(caches)],
		ownCache: { name: file.name, headDim, bytesPerToken: attentions.length * keyHeads * headDim * 4 },
		each: async (visit) => {
			const conversions = await Conversions.create();
			const projector = await HeadProjector.create(shape, sample);
			const visitAll = async (see: (sample: HeadSample) => Promise<void>): Promise<Float64Array[][]> => {
				const scores: Float64Array[][] = [];
				for (const [index, attention] of attentions.entries())
					scores.push(await visitLayer(projector, await onnxLayer(onnx, attention, index, conversions), key, context, see));
				return scores;
			};
			// What heads share is known once all of them were seen.
			const kind = sort.order === 'pair' ? 'free' : sort.order;
			const shared = isOrderShared ? sharedOrders(attentions, await visitAll(async () => {}), kind) : [];
			const scores = await visitAll((head) => {
				const sharedOrder = shared[head.layer];
				return visit(sharedOrder === undefined ? head : { ...head, sharedOrder });
			});
			for (const [layer, heads] of scores.entries())
				orders.push({ layer, orders: heads.map((score) => shared[layer] ?? channelOrder(score, rotary, sort.order)) });
		},
		weights: {
			shape,
			orders,
			files: [
				{
					name: file.name,
					bytes: file.bytes,
					rewritten: async function* () {
						yield await rewriteOnnx(
							onnx,
							attentions,
							orders.map((layer) => layer.orders),
						);
					},
				},
			],
		},
	};
}

function cacheNote(caches: readonly string[]): string {
	const more = caches.length > 1 ? ` and ${caches.length - 1} others` : '';
	return `The graph gives out ${caches[0]}${more}: there keys lie in the new order, so give them back to no other graph than the rewritten one.`;
}

/** Shows each head of a layer, and returns what the channels of each are sorted by. */
async function visitLayer(
	projector: HeadProjector,
	layer: LayerWeights,
	key: SortKey,
	{ random, pause }: SourceContext,
	visit: (sample: HeadSample) => Promise<void>,
): Promise<Float64Array[]> {
	const scores: Float64Array[] = [];
	for (const head of projector.sample(layer, key, random.fork(`layer ${layer.layer}`))) {
		scores.push(head.scores);
		await visit(head);
		await pause();
	}
	return scores;
}

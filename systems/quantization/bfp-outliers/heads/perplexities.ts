/** Perplexities of the model trained here, by block size and order of channels. */
import type { RunContext } from '@assay/contract';
import type { Inputs } from '../inputs.ts';
import { type ChannelOrder, channelOrder } from '../ksort/channel-order.ts';
import type { Outputs } from '../outputs.ts';
import type { HeadCodecs } from './analyze-head.ts';
import type { KeySource } from './key-source.ts';
import { perplexity, trainedHeads } from './trained-model.ts';

/** With float32 keys, then with every codec unsorted, in the order asked for and in rising order; none for a source that is no model. */
export async function perplexities(
	source: KeySource,
	outlierFactor: number,
	order: ChannelOrder,
	codecs: ReadonlyMap<number, HeadCodecs>,
	inputs: Inputs,
	context: RunContext,
): Promise<Outputs['perplexity']> {
	const trained = source.trained?.model;
	if (trained === undefined) return [];
	const { batches } = inputs.trained;
	const samples = trainedHeads(trained, source.sortedBy, 1);
	const ordersOf = (kind: ChannelOrder): Int32Array[][] => {
		const orders: Int32Array[][] = [];
		for (const { layer, scores, rotary } of samples) {
			orders[layer] ??= [];
			orders[layer].push(channelOrder(scores, rotary, kind));
		}
		return orders;
	};
	const exact = await perplexity(trained, batches, context.pause);
	const rows: Outputs['perplexity'] = [{ outlierFactor, keys: 'float32', blockSize: null, order: 'none', perplexity: exact }];
	const kinds = [...new Set<ChannelOrder>(['none', order, 'rising'])];
	for (const [blockSize, codec] of codecs)
		for (const kind of kinds) {
			const stored = { codecs: codec, orders: ordersOf(kind) };
			rows.push({
				outlierFactor,
				keys: codec.keys.name,
				blockSize,
				order: kind,
				perplexity: await perplexity(trained, batches, context.pause, stored),
			});
		}
	return rows;
}

/** One order of channels for all heads that turn by the same tables. */
import { channelOrder } from '../ksort/channel-order.ts';
import type { OnnxAttention } from './find-attentions.ts';
import type { Rotation } from './trace-rotation.ts';

/**
 * The order of each attention's heads, from the scores of all of them ([attention][key head][channel]); undefined where nothing turns. Partners
 * stay partners and places that turn stay in front, so that tables with columns in the new order turn the heads as before. A pair's score is
 * the sum of its norms over the heads, each over the head's own root mean square, since every head's blocks have exponents of their own.
 */
export function sharedOrders(
	attentions: readonly OnnxAttention[],
	scores: readonly (readonly Float64Array[])[],
	kind: 'free' | 'rising',
): (Int32Array | undefined)[] {
	const groups = tableGroups(attentions);
	return attentions.map(({ rotation }, index) => {
		if (rotation === undefined) return undefined;
		const heads = scores.filter((_, other) => groups[other] === groups[index]).flat();
		return pairedOrder(heads, rotation, kind);
	});
}

function pairedOrder(heads: readonly Float64Array[], { width, convention }: Rotation, kind: 'free' | 'rising'): Int32Array {
	const headDim = heads[0]?.length ?? 0;
	const pairs = width / 2;
	const summed = new Float64Array(pairs + headDim - width);
	const channelsOf = (pair: number): readonly [number, number] =>
		convention === 'halves' ? [pair, pair + pairs] : [2 * pair, 2 * pair + 1];
	for (const scores of heads) {
		const size = Math.sqrt(scores.reduce((sum, score) => sum + score * score, 0) / headDim) || 1;
		for (let pair = 0; pair < pairs; pair++) {
			const [a, b] = channelsOf(pair);
			summed[pair] = (summed[pair] as number) + Math.hypot(scores[a] as number, scores[b] as number) / size;
		}
		for (let channel = width; channel < headDim; channel++)
			summed[channel - pairs] = (summed[channel - pairs] as number) + (scores[channel] as number) / size;
	}
	const sorted = channelOrder(summed, { width: pairs, convention: 'halves', base: 1 }, kind);
	const order = new Int32Array(headDim);
	for (let place = 0; place < pairs; place++) {
		const [a, b] = channelsOf(sorted[place] as number);
		const [first, second] = channelsOf(place);
		order[first] = a;
		order[second] = b;
	}
	for (let place = width; place < headDim; place++) order[place] = (sorted[place - pairs] as number) + pairs;
	return order;
}

/** A number for each attention, the same for two that a chain of tables joins. */
function tableGroups(attentions: readonly OnnxAttention[]): number[] {
	const groups = attentions.map((_, index) => index);
	const users = new Map<string, number>();
	for (const [index, { rotation }] of attentions.entries())
		for (const { name } of rotation?.tables ?? []) {
			const other = groups[users.get(name) ?? index];
			const own = groups[index];
			for (const [each, group] of groups.entries()) if (group === own) groups[each] = other as number;
			users.set(name, index);
		}
	return groups;
}

/** K-sort: the order of a head's channels, by descending score, so that large channels share blocks with large ones. */
import { InputError } from '@assay/contract';
import { outlierLimit } from './channel-scores.ts';
import { type Rotary, rotaryTable } from './rotary.ts';

/**
 * `none` keeps the order, `free` sorts channels one by one, `pair` sorts rotary pairs and leaves partners side by side. `rising` is an addition
 * of ours: outliers first, then the others from the quietest up, so that the blocks with outliers fill with channels that matter least.
 */
export const CHANNEL_ORDERS = ['none', 'free', 'pair', 'rising'] as const;
export type ChannelOrder = (typeof CHANNEL_ORDERS)[number];

/** Orders that a head can be seen in: its own, and `shared`, one that all heads have which turn by the same tables. */
export const HEAD_ORDERS = [...CHANNEL_ORDERS, 'shared'] as const;
export type HeadOrder = (typeof HEAD_ORDERS)[number];

/**
 * The channel that each place holds. Channels that turn stay in front of those that do not, and among equals the earlier comes first, so that
 * every machine finds the same order. Raises an InputError for pairs where their number is odd.
 */
export function channelOrder(scores: Float64Array, rotary: Rotary, kind: ChannelOrder): Int32Array {
	const all = Int32Array.from({ length: scores.length }, (_, channel) => channel);
	if (kind === 'none') return all;
	const { width } = rotary;
	const falling = (a: number, b: number): number => (scores[b] as number) - (scores[a] as number) || a - b;
	const limit = outlierLimit(scores);
	const isOutlier = (channel: number): boolean => (scores[channel] as number) > limit;
	const rising = (a: number, b: number): number =>
		Number(isOutlier(b)) - Number(isOutlier(a)) ||
		(isOutlier(a) ? falling(a, b) : (scores[a] as number) - (scores[b] as number) || a - b);
	const byScore = kind === 'rising' ? rising : falling;
	const turning = kind === 'pair' ? pairsInOrder(scores, rotary) : all.slice(0, width).sort(byScore);
	const order = new Int32Array(scores.length);
	order.set(turning);
	order.set(all.slice(width).sort(byScore), width);
	return order;
}

function pairsInOrder(scores: Float64Array, rotary: Rotary): Int32Array {
	const { width } = rotary;
	if ((width / 2) % 2 !== 0)
		throw new InputError({
			path: ['order'],
			found: `pairs in heads with ${width} channels that turn, ${width / 2} pairs`,
			expected: 'an even number of pairs, or the order free',
			nearest: 'free',
		});
	const { partner, sign } = rotaryTable(scores.length, rotary);
	const firsts = Int32Array.from(partner.keys()).filter((channel) => sign[channel] === -1);
	const norm = Float64Array.from(scores, (score, channel) => Math.hypot(score, scores[partner[channel] as number] as number));
	firsts.sort((a, b) => (norm[b] as number) - (norm[a] as number) || a - b);
	return Int32Array.from([...firsts].flatMap((channel) => [channel, partner[channel] as number]));
}

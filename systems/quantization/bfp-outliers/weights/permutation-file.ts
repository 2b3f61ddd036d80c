/** The permutations as JSON, for the runtime that turns keys and for whoever checks the rewritten weights. */
import type { HeadOrder } from '../ksort/channel-order.ts';
import { permuteTable, type RotaryTable, rotaryTable } from '../ksort/rotary.ts';
import type { AttentionShape } from './attention-shape.ts';
import type { LayerOrders } from './rewrite.ts';

/**
 * For each layer and key head: which channel each place holds, and, where channels turn, the static tables of the rotary embedding. A graph with
 * a shared order holds its tables itself.
 */
export function permutationJson(layers: readonly LayerOrders[], shape: AttentionShape, kind: HeadOrder, key: string): string {
	const original = rotaryTable(shape.headDim, shape.rotary);
	const tables = ({ partner, sign, frequency }: RotaryTable) => ({
		partner: [...partner],
		sign: [...sign],
		frequency: [...frequency],
	});
	return `${JSON.stringify(
		{
			headDim: shape.headDim,
			queryHeads: shape.heads,
			keyHeads: shape.keyValueHeads,
			order: kind,
			sortedBy: key,
			rotary: shape.rotary,
			layers: layers.map(({ layer, orders }) => ({
				layer,
				heads: orders.map((order) => ({
					channels: [...order],
					...(shape.rotary.width > 0 && kind !== 'shared' && { rotary: tables(permuteTable(original, order)) }),
				})),
			})),
		},
		null,
		'\t',
	).replaceAll(/\[[^[\]{}]*\]/g, (list) => list.replaceAll(/\s+/g, ' '))}\n`;
}

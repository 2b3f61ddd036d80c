/** Folding an order of channels into the weights: rows of queries and keys change places, in a single pass over the file. */
import { InputError } from '@assay/contract';
import type { AttentionShape } from './attention-shape.ts';
import { headPlace, type LayerTensors } from './attention-tensors.ts';
import { type ByteStream, openSafetensors } from './safetensors-stream.ts';

/** Rows of a tensor that change places: row `firstRow` + j becomes what row `firstRow` + `order[j]` was. */
export interface RowMove {
	readonly firstRow: number;
	readonly order: Int32Array;
}

/** By tensor, in ascending order of rows, without overlaps. */
export type RewritePlan = ReadonlyMap<string, readonly RowMove[]>;

/** One layer's orders, one for each key head. */
export interface LayerOrders {
	readonly layer: number;
	readonly orders: readonly Int32Array[];
}

/** Orders of a layer of safetensors files. */
export interface StoredOrders extends LayerOrders {
	readonly tensors: LayerTensors;
	readonly isGainShared: boolean;
}

/** All rows to move: those of keys, and of every query head that reads them; biases and gains of their norms go along. */
export function rewritePlan(layers: readonly StoredOrders[], shape: AttentionShape): RewritePlan {
	const plan = new Map<string, RowMove[]>();
	const { heads, keyValueHeads, headDim } = shape;
	const add = (tensor: string, firstRow: number, order: Int32Array): void => {
		const moves = plan.get(tensor) ?? [];
		moves.push({ firstRow, order });
		plan.set(tensor, moves);
	};
	for (const { tensors, isGainShared, orders } of layers) {
		const move = (kind: 'query' | 'key', head: number, order: Int32Array): void => {
			for (const part of ['weights', 'biases'] as const) {
				if (tensors[part] === undefined) continue;
				const { tensor, firstRow } = headPlace(tensors, kind, head, shape, part);
				add(tensor, firstRow, order);
			}
			const gain = kind === 'query' ? tensors.queryGain : tensors.keyGain;
			if (gain === undefined) return;
			if (!isGainShared) add(gain, head * headDim, order);
			else if (head === 0) add(gain, 0, order);
		};
		for (let head = 0; head < keyValueHeads; head++) move('key', head, orders[head] as Int32Array);
		for (let head = 0; head < heads; head++)
			move('query', head, orders[Math.floor((head * keyValueHeads) / heads)] as Int32Array);
	}
	for (const moves of plan.values()) moves.sort((a, b) => a.firstRow - b.firstRow);
	return plan;
}

/**
 * The file with its rows moved, piece by piece; header and all other tensors stay as they are. Holds the rows of one head at a time. Rows are
 * moved as bytes, so nothing is rounded in any format. Raises an InputError for a tensor with fewer rows than the plan moves.
 */
export async function* rewriteSafetensors(file: ByteStream, plan: RewritePlan): AsyncGenerator<Uint8Array> {
	const { header, prefix, reader } = await openSafetensors(file);
	yield* prefix;
	for (const { name, shape, bytes } of header.tensors) {
		const rows = shape[0] ?? 1;
		const rowBytes = bytes / Math.max(1, rows);
		let next = 0;
		for (const { firstRow, order } of plan.get(name) ?? []) {
			if (firstRow + order.length > rows)
				throw new InputError({
					path: [file.name, name],
					found: `${rows} rows`,
					expected: `at least ${firstRow + order.length}`,
				});
			yield* reader.pieces((firstRow - next) * rowBytes);
			const head = await reader.read(order.length * rowBytes);
			const moved = new Uint8Array(head.length);
			for (let place = 0; place < order.length; place++) {
				const from = (order[place] as number) * rowBytes;
				moved.set(head.subarray(from, from + rowBytes), place * rowBytes);
			}
			yield moved;
			next = firstRow + order.length;
		}
		yield* reader.pieces((rows - next) * rowBytes);
	}
}

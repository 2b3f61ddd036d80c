/**
 * The outputs of a layer's matrix products: each can be kept until backward (swapped out) or computed again there.
 *
 * The benefit of keeping one is the operations it saves per byte. For a GPT the order is MLP down, attention out, QKV, MLP up, and
 * all layers of one kind come before the next kind, as in the published code.
 */
import { layerMatrixParametersPerToken, type TransformerModel } from '@assay/models';
import { HALF, layerWidths } from './layer-widths.ts';

export const itemNames = ['mlp-down', 'attention-out', 'qkv', 'mlp-up'] as const;
export type ItemName = (typeof itemNames)[number];

export interface SwapItem {
	readonly name: ItemName;
	/** Of one layer. */
	readonly bytes: number;
	/** Forward operations of one layer that need not be done again. */
	readonly flops: number;
}

/** How much of all layers' items is kept. */
export interface Kept {
	/** Bytes kept in all layers together, checkpoints included. */
	readonly bytes: number;
	/** Forward operations that need not be done again. */
	readonly savedFlops: number;
}

/** Items of one (mean) layer for so many tokens, the most operations per byte first, ties in the order of `itemNames`. */
export function swapItems(model: TransformerModel, tokens: number): SwapItem[] {
	const width = model.hidden;
	const { qkv, attention, hidden, upMatrices } = layerWidths(model);
	// Latent attention reaches its queries, keys and values through down- and up-projections: all that is no other item's.
	const others = (upMatrices + 1) * width * hidden + attention * width;
	const qkvWeights =
		model.attention.kind === 'latent' ? Math.max(0, layerMatrixParametersPerToken(model) / model.layers - others) : width * qkv;
	const item = (name: ItemName, outputs: number, weights: number): SwapItem => ({
		name,
		bytes: HALF * tokens * outputs,
		flops: 2 * tokens * weights,
	});
	const items = [
		item('mlp-down', width, width * hidden),
		item('attention-out', width, attention * width),
		item('qkv', qkv, qkvWeights),
		item('mlp-up', upMatrices * hidden, upMatrices * width * hidden),
	];
	return items.sort((a, b) => b.flops / b.bytes - a.flops / a.bytes);
}

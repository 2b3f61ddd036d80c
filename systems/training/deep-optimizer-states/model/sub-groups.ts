/**
 * How ZeRO-3 cuts a rank's share of the parameters into sub-groups: tensors in order of the model, each rank holding 1/d of every
 * tensor; a tensor is never split further, and a sub-group closes when its running sum reaches the wanted size (DeepSpeed, stage3.py).
 */
import type { TransformerModel } from '@assay/models';

/** Parameters of each tensor in order: embedding, layers, last norm, head. Biases are part of their matrix. */
export function tensorSizes(model: TransformerModel): number[] {
	const { hidden, layers, attention, experts } = model;
	const width = model.embeddingWidth ?? hidden;
	const norm = model.norms.kind === 'layer-norm' ? 2 * hidden : hidden;
	const sizes: number[] = [model.vocabulary * width];
	if (model.position.kind === 'learned') sizes.push(model.position.positions * hidden);
	const matrices = model.feedForward.kind === 'gated' ? 3 : 2;
	for (let layer = 0; layer < layers; layer++) {
		if (model.norms.perLayer > 0) sizes.push(norm);
		if (attention.kind === 'latent') {
			const queries = attention.heads * (attention.nopeHeadDim + attention.ropeHeadDim);
			const rank = attention.queryRank;
			sizes.push(...(rank === null ? [hidden * queries] : [hidden * rank, rank * queries]));
			sizes.push(hidden * (attention.kvRank + attention.ropeHeadDim));
			sizes.push(attention.kvRank * attention.heads * (attention.nopeHeadDim + attention.valueHeadDim));
			sizes.push(attention.heads * attention.valueHeadDim * hidden);
		} else {
			const { heads, kvHeads, headDim } = attention;
			sizes.push(hidden * heads * headDim, 2 * hidden * kvHeads * headDim, heads * headDim * hidden);
		}
		for (let i = 1; i < model.norms.perLayer; i++) sizes.push(norm);
		if (experts === null || experts.denseLayers.includes(layer))
			for (let i = 0; i < matrices; i++) sizes.push(hidden * model.feedForward.width);
		else {
			sizes.push(hidden * experts.count);
			for (let i = 0; i < matrices * experts.count; i++) sizes.push(hidden * experts.width);
			const shared = experts.shared;
			if (shared !== null) for (let i = 0; i < matrices * shared.count; i++) sizes.push(hidden * shared.width);
		}
	}
	if (model.norms.final) sizes.push(norm);
	if (model.outputHead === 'untied') sizes.push(model.vocabulary * width);
	return sizes;
}

/** Parameters of each sub-group of one of `ranks`, in order; every tensor's share is rounded up, as its padding is held too. */
export function cutSubGroups(sizes: readonly number[], ranks: number, subGroupSize: number): number[] {
	const groups: number[] = [];
	let sum = 0;
	for (const size of sizes) {
		sum += Math.ceil(size / ranks);
		if (sum < subGroupSize) continue;
		groups.push(sum);
		sum = 0;
	}
	if (sum > 0) groups.push(sum);
	return groups;
}

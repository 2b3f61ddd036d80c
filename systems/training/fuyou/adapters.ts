/** Do I need full fine-tuning at all? What training low-rank adapters on a frozen model would take on the same GPU. */
import { parameterCount, type TransformerModel } from '@assay/models';
import { HALF } from './layer-widths.ts';
import type { Resources } from './resources.ts';
import { describeWorkload, type WorkloadOptions } from './workload.ts';

export interface AdapterOption {
	readonly name: string;
	readonly gpuBytes: number;
	readonly fits: boolean;
	/** A lower bound: taking 4-bit weights apart is not counted. */
	readonly seconds: number;
	readonly trainedParameters: number;
}

/** Rank of the adapters in the comparison. */
const RANK = 16;

/**
 * LoRA on 16-bit weights and on 4-bit weights (QLoRA, 4.5 bits a weight with its scales), everything on the GPU: the frozen weights, 16 bytes for
 * each adapter parameter, one checkpoint a layer and the live set. Forward, recompute and the gradients of inputs are computed.
 * Empty where adapters are not described for the model.
 */
export function adapterOptions(model: TransformerModel, options: WorkloadOptions, resources: Resources): AdapterOption[] {
	if (model.attention.kind === 'latent') return [];
	const workload = describeWorkload(model, { ...options, optimizer: 'adam', loraRank: RANK });
	const { total, embedding, position, head } = parameterCount(model);
	const outside = embedding + position + head;
	const seconds = (2 * workload.forwardFlops + workload.layerForwardFlops) / resources.gpuFlopsPerSecond;
	return [
		{ name: `LoRA, rank ${RANK}, 16-bit weights`, weights: HALF * total },
		{ name: `QLoRA, rank ${RANK}, 4-bit weights`, weights: (4.5 / 8) * (total - outside) + HALF * outside },
	].map(({ name, weights }) => {
		const gpuBytes = weights + 16 * workload.trainedParameters + workload.checkpointBytes / 2 + workload.workingSetBytes;
		return { name, gpuBytes, fits: gpuBytes <= resources.gpuMemoryBytes, seconds, trainedParameters: workload.trainedParameters };
	});
}

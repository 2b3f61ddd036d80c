/** The same setting as a DeepSpeed configuration file (ZeRO-Infinity), with the published buffer sizes. Key names are DeepSpeed's. */
import { type Buffers, publishedBuffers } from './buffers.ts';
import type { Workload } from './workload.ts';

/** DeepSpeed's learning rate is left to the user's own schedule; beta, epsilon and decay are Adam's usual ones. */
export function deepSpeedConfig(
	workload: Workload,
	batch: number,
	precision: 'fp16' | 'bf16',
	buffers: Buffers | null,
	folder: string,
): string {
	const { parameters, optimizer, subGroupParameters } = buffers ?? publishedBuffers;
	// A buffer holds the largest parameter tensor at least; a whole layer is on the safe side.
	const bufferElements = Math.ceil(Math.max(workload.largestLayerParameters, workload.embeddingParameters));
	const config = {
		train_batch_size: batch,
		train_micro_batch_size_per_gpu: batch,
		gradient_accumulation_steps: 1,
		[precision]: { enabled: true },
		optimizer: { type: 'Adam', params: { lr: 1e-5, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0, adam_w_mode: false } },
		zero_optimization: {
			stage: 3,
			overlap_comm: true,
			contiguous_gradients: true,
			sub_group_size: subGroupParameters,
			offload_param: {
				device: 'nvme',
				nvme_path: folder,
				pin_memory: true,
				buffer_count: parameters,
				buffer_size: bufferElements,
				max_in_cpu: 1e8,
			},
			offload_optimizer: {
				device: 'nvme',
				nvme_path: folder,
				pin_memory: true,
				// One buffer for each of parameter, gradient, momentum and variance is the least that DeepSpeed takes.
				buffer_count: Math.max(4, optimizer),
				pipeline_read: true,
				pipeline_write: true,
				fast_init: false,
			},
		},
		activation_checkpointing: { partition_activations: false, cpu_checkpointing: true, contiguous_memory_optimization: false },
		aio: { block_size: 1048576, queue_depth: 32, thread_count: 2, single_submit: false, overlap_events: true },
		wall_clock_breakdown: true,
	};
	return `${JSON.stringify(config, null, 2)}\n`;
}

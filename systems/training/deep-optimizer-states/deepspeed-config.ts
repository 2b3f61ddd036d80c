/** DeepSpeed's JSON: what it says of offloading, and one that says what was chosen. */
import { type DataFile, InputError, parseOrExplain } from '@assay/contract';
import { z } from 'zod';

const MAX_BYTES = 1 << 20;

const schema = z.object({
	train_micro_batch_size_per_gpu: z.int().min(1).max(100_000).optional(),
	gradient_accumulation_steps: z.int().min(1).max(1_000_000).optional(),
	zero_optimization: z
		.object({
			stage: z.int().min(0).max(3),
			sub_group_size: z.number().min(1).max(1e13).optional(),
			offload_optimizer: z.object({ device: z.string().max(20), ratio: z.number().min(0).max(1).optional() }).optional(),
		})
		.optional(),
});

/** What a configuration sets; undefined where it leaves the default. */
export interface OffloadSettings {
	readonly microBatch: number | undefined;
	readonly accumulation: number | undefined;
	readonly subGroupSize: number | undefined;
	readonly ratio: number | undefined;
}

/** Reads a configuration. Raises an `InputError` for JSON that is none, a wrong value, or one that offloads no optimizer at stage 3. */
export async function readDeepSpeedConfig(file: DataFile): Promise<OffloadSettings> {
	let json: unknown;
	try {
		json = JSON.parse(await file.text(MAX_BYTES));
	} catch (error) {
		if (error instanceof InputError) throw error;
		throw new InputError({
			path: [file.name],
			found: error instanceof Error ? error.message.slice(0, 100) : 'no JSON',
			expected: 'a DeepSpeed configuration, JSON',
		});
	}
	const config = parseOrExplain(schema, json, [file.name]);
	const zero = config.zero_optimization;
	if (zero?.stage !== 3 || zero.offload_optimizer === undefined || zero.offload_optimizer.device === 'none') {
		throw new InputError({
			path: [file.name, 'zero_optimization'],
			found:
				zero === undefined ? 'nothing' : `stage ${zero.stage}, offload_optimizer ${zero.offload_optimizer?.device ?? 'absent'}`,
			expected: 'stage 3 with offload_optimizer on cpu',
		});
	}
	return {
		microBatch: config.train_micro_batch_size_per_gpu,
		accumulation: config.gradient_accumulation_steps,
		subGroupSize: zero.sub_group_size,
		ratio: zero.offload_optimizer.ratio,
	};
}

/**
 * A configuration for the authors' branch of DeepSpeed. `prefetch_optimizer_gap` is the stride and `part_grads_async` the
 * asynchronous flush; stock DeepSpeed knows neither and runs the default update.
 */
export function deepSpeedConfig(settings: {
	readonly microBatch: number;
	readonly accumulation: number;
	readonly ratio: number;
	readonly stride: number | null;
	readonly subGroupSize: number;
}): Record<string, unknown> {
	const { microBatch, accumulation, ratio, stride, subGroupSize } = settings;
	return {
		train_micro_batch_size_per_gpu: microBatch,
		gradient_accumulation_steps: accumulation,
		bf16: { enabled: true },
		gradient_clipping: 1.0,
		data_types: { grad_accum_dtype: 'bf16' },
		wall_clock_breakdown: true,
		zero_optimization: {
			stage: 3,
			overlap_comm: true,
			sub_group_size: subGroupSize,
			offload_optimizer: {
				device: 'cpu',
				pin_memory: true,
				ratio,
				...(stride !== null && { prefetch_optimizer: 1, prefetch_optimizer_gap: stride, part_grads_async: 1 }),
			},
		},
	};
}

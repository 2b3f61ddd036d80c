/**
 * How fast a device computes: matrix products at a share of its peak that grows with their size, everything else at the speed of
 * its memory, and a little time for every kernel.
 *
 * The efficiency table is one for all: shares of an A100's peak by operations of one product. A device with n times an A100's
 * peak needs products n times as large for the same share, for it is wider rather than faster.
 */
import { InputError, type Path } from '@assay/contract';
import type { Device } from '@assay/machines';
import { elementBytes, type Precision } from './training-job.ts';

/** Share of the peak by operations of one matrix product, for an A100; straight lines between over the logarithm. */
const A100_EFFICIENCY: readonly (readonly [flops: number, share: number])[] = [
	[1e7, 0.02],
	[1e8, 0.1],
	[1e9, 0.3],
	[1e10, 0.5],
	[1e11, 0.66],
	[1e12, 0.785],
];
const A100_PEAK_FLOPS_PER_SECOND = 312e12;

/** Share of the printed memory bandwidth that streaming kernels reach. */
const MEMORY_SHARE = 0.8;
/** From the start of one kernel to the start of the next where neither waits for data. */
const KERNEL_SECONDS = 5e-6;

/** A device's rates in one precision. */
export interface ComputeRates {
	readonly peakFlopsPerSecond: number;
	/** Share of the peak that a product of so many operations reaches; must not fall. */
	readonly efficiency: (flops: number) => number;
	/** What streaming kernels reach. */
	readonly memoryBytesPerSecond: number;
	/** Added to every kernel. */
	readonly kernelSeconds: number;
}

/** Equal matrix products: each `m x k` by `k x n`, `batch` of them in one call, `calls` calls. */
export interface Product {
	readonly m: number;
	readonly n: number;
	readonly k: number;
	readonly batch: number;
	readonly calls: number;
	/** Operands stay on the chip between fused steps: memory is not what limits it. */
	readonly onChip: boolean;
}

/** Rates of a device. Raises an `InputError` at `place` where its peak in this precision is not known. */
export function ratesOf(device: Device, precision: Precision, place: Path = ['machine', 'name']): ComputeRates {
	const peaks = device.peakOpsPerSecond;
	const peak = {
		bf16: peaks.bf16 ?? peaks.fp16,
		fp16: peaks.fp16 ?? peaks.bf16,
		fp32: peaks.tf32 ?? peaks.fp32,
	}[precision];
	if (peak === undefined) {
		throw new InputError({
			path: place,
			found: `${device.name}, whose ${precision} rate is not known`,
			expected: `a device with a rate in ${precision}`,
		});
	}
	return {
		peakFlopsPerSecond: peak,
		efficiency: tableEfficiency(A100_EFFICIENCY, peak / A100_PEAK_FLOPS_PER_SECOND),
		memoryBytesPerSecond: MEMORY_SHARE * device.memory.bandwidthBytesPerSecond,
		kernelSeconds: KERNEL_SECONDS,
	};
}

/** Seconds of a product's calls: arithmetic or memory, whichever is slower. */
export function productSeconds(rates: ComputeRates, product: Product, precision: Precision): number {
	const { m, n, k, batch, calls, onChip } = product;
	const flops = 2 * m * n * k * batch;
	const bytes = onChip ? 0 : elementBytes(precision) * batch * (m * k + k * n + m * n);
	const arithmetic = flops / (rates.efficiency(flops) * rates.peakFlopsPerSecond);
	return calls * (Math.max(arithmetic, bytes / rates.memoryBytesPerSecond) + rates.kernelSeconds);
}

/** Seconds of `kernels` kernels that stream `bytes` in all. */
export function streamSeconds(rates: ComputeRates, bytes: number, kernels: number): number {
	return bytes / rates.memoryBytesPerSecond + kernels * rates.kernelSeconds;
}

/** Efficiency by a table, its sizes times `scale`; beyond the ends it stays as at the ends. */
export function tableEfficiency(table: readonly (readonly [number, number])[], scale: number): (flops: number) => number {
	const sizes = table.map(([flops]) => Math.log(flops * scale));
	const shares = table.map(([, share]) => share);
	return (flops) => {
		const size = Math.log(flops);
		let above = sizes.findIndex((known) => known > size);
		if (above === 0) return shares[0] as number;
		if (above < 0) above = sizes.length;
		const low = sizes[above - 1] as number;
		const high = sizes[above];
		const from = shares[above - 1] as number;
		if (high === undefined) return from;
		return from + (((shares[above] as number) - from) * (size - low)) / (high - low);
	};
}

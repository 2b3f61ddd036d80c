/**
 * What a device reaches in practice: the rate of large matrix products, the rate of streaming memory, and how many compute units
 * share the work. Peaks come from the machine catalogue; the figures here are published measurements, or shares assumed where
 * nobody published any.
 */
import { InputError } from '@assay/contract';
import type { Device } from '@assay/machines';

/** Formats that training multiplies matrices in. */
export const MATRIX_FORMATS = ['bf16', 'fp16', 'fp8'] as const;
export type MatrixFormat = (typeof MATRIX_FORMATS)[number];

export interface DeviceRates {
	readonly name: string;
	readonly format: MatrixFormat;
	readonly peakFlopsPerSecond: number;
	/** Large products, data normally distributed, device warm, caches cold. */
	readonly achievableFlopsPerSecond: number;
	readonly achievableFrom: string;
	readonly streamBytesPerSecond: number;
	readonly streamFrom: string;
	/** Null where unknown: then no product is said to leave units idle. */
	readonly computeUnits: number | null;
	readonly launchSeconds: number;
}

interface PublishedRates {
	/** Compute units (AMD) or streaming multiprocessors (NVIDIA), as the vendors print them. */
	readonly computeUnits: number;
	readonly achievable?: Partial<Record<MatrixFormat, number>>;
	readonly streamBytesPerSecond?: number;
}

const amdMeasured = 'AMD, "Measuring max-achievable FLOPs", ROCm blogs: large product, normally distributed data';
const pageMeasured = 'streaming bandwidth published by Zyphra beside this work';

const published: Readonly<Record<string, PublishedRates>> = {
	mi300x: { computeUnits: 304, achievable: { bf16: 708e12, fp16: 654e12, fp8: 1273e12 }, streamBytesPerSecond: 4.33e12 },
	mi325x: { computeUnits: 304, achievable: { bf16: 843e12, fp16: 794e12, fp8: 1519e12 } },
	mi355x: { computeUnits: 256 },
	mi210: { computeUnits: 104 },
	mi250x: { computeUnits: 220 },
	mi100: { computeUnits: 120 },
	'h100-sxm': { computeUnits: 132, streamBytesPerSecond: 3.036e12 },
	'h100-pcie': { computeUnits: 114 },
	h200: { computeUnits: 132 },
	b200: { computeUnits: 148 },
	'a100-sxm-80gb': { computeUnits: 108 },
	'a100-sxm-40gb': { computeUnits: 108 },
	'a100-pcie-80gb': { computeUnits: 108 },
	'a100-pcie-40gb': { computeUnits: 108 },
	'v100-sxm2-32gb': { computeUnits: 80 },
	'v100-sxm2-16gb': { computeUnits: 80 },
	l40s: { computeUnits: 142 },
	'rtx-4090': { computeUnits: 128 },
	'rtx-3090': { computeUnits: 82 },
	'rtx-a6000': { computeUnits: 84 },
};

/** Shares of the peaks where nothing was published: of matrix arithmetic, and of memory bandwidth (4.33 of 5.3 TB/s on MI300X). */
const assumedShare = { arithmetic: 0.7, memory: 0.817 } as const;

/** What the user says of the device; whatever is left out comes from the table. */
export interface OwnRates {
	readonly achievableTeraflops?: number | undefined;
	readonly streamGigabytesPerSecond?: number | undefined;
	readonly computeUnits?: number | undefined;
	readonly launchMicroseconds: number;
}

/** Rates of a device in a format. Raises an `InputError` if it has no known peak in it. */
export function deviceRates(device: Device, format: MatrixFormat, own: OwnRates): DeviceRates {
	const peak = device.peakOpsPerSecond[format];
	if (peak === undefined && own.achievableTeraflops === undefined)
		throw new InputError({
			path: ['device', 'achievableTeraflops'],
			found: `nothing, and ${device.name} has no known peak in ${format}`,
			expected: 'the TFLOP/s that it reaches, or another format',
		});
	const known = published[device.name];
	const measured = known?.achievable?.[format];
	const ownRate = own.achievableTeraflops === undefined ? undefined : own.achievableTeraflops * 1e12;
	const ownStream = own.streamGigabytesPerSecond === undefined ? undefined : own.streamGigabytesPerSecond * 1e9;
	const memory = device.memory.bandwidthBytesPerSecond;
	return {
		name: device.name,
		format,
		peakFlopsPerSecond: peak ?? (ownRate as number),
		achievableFlopsPerSecond: ownRate ?? measured ?? assumedShare.arithmetic * (peak as number),
		achievableFrom:
			ownRate !== undefined
				? 'your figure'
				: measured !== undefined
					? amdMeasured
					: `assumed: ${100 * assumedShare.arithmetic} % of the peak`,
		streamBytesPerSecond: ownStream ?? known?.streamBytesPerSecond ?? assumedShare.memory * memory,
		streamFrom:
			ownStream !== undefined
				? 'your figure'
				: known?.streamBytesPerSecond !== undefined
					? pageMeasured
					: `assumed: ${100 * assumedShare.memory} % of the peak, as on MI300X`,
		computeUnits: own.computeUnits ?? known?.computeUnits ?? null,
		launchSeconds: own.launchMicroseconds * 1e-6,
	};
}

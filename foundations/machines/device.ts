/** One processor with its memory: a GPU, a TPU, a server CPU's socket, an FPGA board, a memory that computes. */
import { type Path, parseOrExplain } from '@assay/contract';
import { z } from 'zod';

const rate = z.number().positive().max(1e21);
const bandwidth = z.number().positive().max(1e18);
const dollars = z.number().positive().max(1e9);

/** Formats that arithmetic is done in. */
export const ARITHMETIC_FORMATS = ['fp64', 'fp32', 'tf32', 'bf16', 'fp16', 'fp8', 'fp6', 'fp4', 'int8', 'int4'] as const;

/** A format that arithmetic is done in. */
export type ArithmeticFormat = (typeof ARITHMETIC_FORMATS)[number];

/** Kinds of devices. */
export const DEVICE_KINDS = ['gpu', 'tpu', 'accelerator', 'cpu', 'pim', 'fpga'] as const;

/** Kinds of links between devices. */
export const LINK_KINDS = [
	'nvlink',
	'infinity-fabric',
	'ici',
	'neuronlink',
	'pcie',
	'ethernet',
	'infiniband',
	'memory-bus',
	'other',
] as const;

/** A kind of link. */
export type LinkKind = (typeof LINK_KINDS)[number];

/** Groups of figures that have a source each. */
const FIGURES = [
	'release',
	'peakOpsPerSecond',
	'memory',
	'links',
	'tdpWatts',
	'priceDollars',
	'rentDollarsPerHour',
	'fabric',
] as const;

/** A group of figures of a device. */
export type DeviceFigure = (typeof FIGURES)[number];

/** Where a figure can be read. `note` says how it was derived where it is not printed there as such. */
export const figureSourceSchema = z.strictObject({
	title: z.string().min(1).max(300),
	url: z.string().min(1).max(1000),
	note: z.string().max(500).optional(),
});

/** Where a figure can be read. */
export type FigureSource = z.output<typeof figureSourceSchema>;

/** A name on the command line and in files: letters, digits, dots and hyphens; never like `8xh100`, which counts devices. */
export const machineNameSchema = z
	.string()
	.min(1)
	.max(100)
	.regex(/^(?!\d+\s*x)[\p{L}\p{N}][\p{L}\p{N}._+-]*$/iu, {
		message: 'a name of letters, digits, dots, underscores and hyphens that does not start like 8x',
	});

/** The schema of {@link Device}. */
export const deviceSchema = z.strictObject({
	name: machineNameSchema,
	/** Other names it answers to. */
	aliases: z.array(machineNameSchema).max(20).default([]),
	vendor: z.string().min(1).max(100).default('unknown'),
	kind: z.enum(DEVICE_KINDS),
	/** Month in which the vendor announced it, `YYYY-MM`. */
	release: z
		.string()
		.regex(/^(19|20)\d\d-(0[1-9]|1[0-2])$/, { message: 'a month like 2022-03' })
		.optional(),
	/**
	 * Peak rate per format, a multiply-accumulate counting two. Dense: without structured sparsity. On matrix units
	 * (tensor cores) where the device has them for the format, with fp32 accumulation where the vendor tells it apart;
	 * `fp32` is full single precision, `tf32` its shortened form. A format without a published rate is absent.
	 */
	peakOpsPerSecond: z.partialRecord(z.enum(ARITHMETIC_FORMATS), rate).default({}),
	/**
	 * `bytes` as the vendor prints them, a GB being 1e9 and a GiB 2^30 bytes; for CPUs and FPGA boards the largest supported or
	 * the fitted memory. `internalBandwidthBytesPerSecond` is what compute units inside the memory see.
	 */
	memory: z.strictObject({
		kind: z.string().min(1).max(50),
		bytes: z.number().positive().max(1e18),
		bandwidthBytesPerSecond: bandwidth,
		internalBandwidthBytesPerSecond: bandwidth.optional(),
	}),
	/** Ways to other devices, the fastest first. Bandwidth is the device's total over that kind of link, per direction. */
	links: z
		.array(
			z.strictObject({
				kind: z.enum(LINK_KINDS),
				bandwidthBytesPerSecond: bandwidth,
				note: z.string().max(500).optional(),
			}),
		)
		.max(20)
		.default([]),
	/** Thermal design power, or the board's limit. */
	tdpWatts: z.number().positive().max(1e6).optional(),
	/** Price to buy one. */
	priceDollars: dollars.optional(),
	/** Price to rent one for an hour. */
	rentDollarsPerHour: dollars.optional(),
	/** What an FPGA is made of. Block RAMs are counted in units of 36 Kib, UltraRAMs of 288 Kib. */
	fabric: z
		.strictObject({
			lookUpTables: z.int().positive().max(1e9),
			flipFlops: z.int().positive().max(1e9),
			dspSlices: z.int().min(0).max(1e9),
			blockRams: z.int().min(0).max(1e9),
			ultraRams: z.int().min(0).max(1e9),
		})
		.optional(),
	/** Source of each group of figures. In the catalogue every figure present has one. */
	sources: z.partialRecord(z.enum(FIGURES), figureSourceSchema).default({}),
});

/** A device as plain data; see the schema's fields. */
export type Device = z.output<typeof deviceSchema>;

/** What a user writes: the same, with the defaults left out. */
export type DeviceInput = z.input<typeof deviceSchema>;

/** Checks a device that came from outside. Raises an `InputError` that names the first wrong field under `place`. */
export function parseDevice(value: unknown, place: Path = ['machine']): Device {
	return parseOrExplain(deviceSchema, value, place);
}

/** The groups of figures that a device has. */
export function figuresOf(device: Device): DeviceFigure[] {
	return FIGURES.filter((figure) => {
		const value = device[figure];
		return value !== undefined && (typeof value !== 'object' || Object.keys(value).length > 0);
	});
}

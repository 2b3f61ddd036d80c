/** Number formats that weights and caches are stored in, with their width. */
const WIDTH_BITS = { fp64: 64, fp32: 32, bf16: 16, fp16: 16, fp8: 8, int8: 8, fp6: 6, fp4: 4, int4: 4 } as const;

/** A storage format. The names are those of `Device.peakOpsPerSecond`, so one indexes the other. */
export type NumberFormat = keyof typeof WIDTH_BITS;

/** Every storage format, widest first. */
export const NUMBER_FORMATS = [
	'fp64',
	'fp32',
	'bf16',
	'fp16',
	'fp8',
	'int8',
	'fp6',
	'fp4',
	'int4',
] as const satisfies NumberFormat[];

/** Bytes one value takes; half a byte for 4-bit formats. Scales and zero points of quantised formats are not counted. */
export function bytesPerValue(format: NumberFormat): number {
	return WIDTH_BITS[format] / 8;
}

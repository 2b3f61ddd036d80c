/**
 * Uniform affine quantisers: code = clamp(round(x / scale) + zeroPoint), x' = (code - zeroPoint) scale. Krishnamoorthi, "Quantizing deep
 * convolutional networks for efficient inference" (arXiv 1806.08342), section 2; Jacob et al. (arXiv 1712.05877), section 2.1.
 *
 * In order: `rangesOf` a tensor (or ranges from a calibration), `affineParameters` from ranges, `quantizeAffine`, `dequantizeAffine`.
 */
import { InputError } from '@assay/contract';
import { drawsOf, type Rounding, type RoundingOptions, roundToInteger } from '../rounding.ts';
import type { FloatArray } from '../scalar-format.ts';
import type { IntegerCodes } from './integer-codes.ts';
import { forEachRun, type Tiling } from './tiling.ts';

/** The least and the greatest value of each tile; 0 and 0 for a tile without values. */
export interface Ranges {
	readonly minima: Float64Array;
	readonly maxima: Float64Array;
}

/** A quantiser for each tile. */
export interface AffineParameters {
	/** Above 0. */
	readonly scales: Float32Array | Float64Array;
	readonly zeroPoints: Int32Array;
}

export interface AffineOptions {
	/** Keeps scales, and divides values by them, in float32, as files and most integer kernels do. */
	readonly float32?: boolean | undefined;
}

/** Not-a-number counts for nothing. */
export function rangesOf(values: FloatArray, tiling: Tiling): Ranges {
	checkLength('values', values.length, tiling);
	const minima = new Float64Array(tiling.tiles).fill(Number.POSITIVE_INFINITY);
	const maxima = new Float64Array(tiling.tiles).fill(Number.NEGATIVE_INFINITY);
	forEachRun(tiling, (start, end, tile) => {
		let minimum = minima[tile] as number;
		let maximum = maxima[tile] as number;
		for (let i = start; i < end; i++) {
			const value = values[i] as number;
			if (value < minimum) minimum = value;
			if (value > maximum) maximum = value;
		}
		minima[tile] = minimum;
		maxima[tile] = maximum;
	});
	for (let tile = 0; tile < tiling.tiles; tile++) {
		if ((minima[tile] as number) > (maxima[tile] as number)) minima[tile] = maxima[tile] = 0;
	}
	return { minima, maxima };
}

/**
 * Scale and zero-point of ranges, each widened to hold 0, which then has a code of its own. Asymmetric: the range's ends become the codes'
 * ends, the zero-point is rounded. Symmetric: the larger magnitude becomes the highest code. A range of nothing but 0 has the scale 1.
 * Raises an `InputError` for a range that is not finite or ends before it begins.
 */
export function affineParameters(
	codes: IntegerCodes,
	{ minima, maxima }: Ranges,
	{ float32 = false, rounding = 'half-even' }: AffineOptions & { readonly rounding?: Exclude<Rounding, 'stochastic'> } = {},
): AffineParameters {
	const tiles = minima.length;
	const scales = float32 ? new Float32Array(tiles) : new Float64Array(tiles);
	const zeroPoints = new Int32Array(tiles);
	const smallestScale = float32 ? 2 ** -149 : Number.MIN_VALUE;
	for (let tile = 0; tile < tiles; tile++) {
		const lower = Math.min(0, minima[tile] as number);
		const upper = Math.max(0, maxima[tile] as number);
		const [span, steps] = codes.isSymmetric
			? [Math.max(-lower, upper), codes.highest]
			: [upper - lower, codes.highest - codes.lowest];
		scales[tile] = span === 0 ? 1 : Math.max(span / steps, smallestScale);
		if (!((minima[tile] as number) <= (maxima[tile] as number) && Number.isFinite(scales[tile]))) {
			throw new InputError({
				path: ['ranges', tile],
				found: `${minima[tile]} to ${maxima[tile]}`,
				expected: 'two finite numbers, the lower first',
			});
		}
		if (codes.isSymmetric) continue;
		const zeroPoint = codes.lowest + roundToInteger(-lower / (scales[tile] as number), rounding, 0);
		zeroPoints[tile] = Math.min(codes.highest, Math.max(codes.lowest, zeroPoint));
	}
	return { scales, zeroPoints };
}

/** Codes of a tensor into `out`, an array that holds them (`integerArray`). Not-a-number becomes the zero-point, infinities saturate. */
export function quantizeAffine(
	values: FloatArray,
	tiling: Tiling,
	codes: IntegerCodes,
	{ scales, zeroPoints }: AffineParameters,
	out: Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array,
	options: RoundingOptions & AffineOptions = {},
): void {
	checkLength('values', values.length, tiling);
	checkLength('out', out.length, tiling);
	const { rounding = 'half-even', float32 = false } = options;
	const drawOf = drawsOf(options);
	forEachRun(tiling, (start, end, tile) => {
		const scale = scales[tile] as number;
		const zeroPoint = zeroPoints[tile] as number;
		for (let i = start; i < end; i++) {
			const exact = (values[i] as number) / scale;
			const steps = roundToInteger(float32 ? Math.fround(exact) : exact, rounding, drawOf(i)) || 0;
			out[i] = Math.min(codes.highest, Math.max(codes.lowest, steps + zeroPoint));
		}
	});
}

/** The values that codes stand for. */
export function dequantizeAffine(
	codes: ArrayLike<number>,
	tiling: Tiling,
	{ scales, zeroPoints }: AffineParameters,
	out: FloatArray,
): void {
	checkLength('codes', codes.length, tiling);
	checkLength('out', out.length, tiling);
	forEachRun(tiling, (start, end, tile) => {
		const scale = scales[tile] as number;
		const zeroPoint = zeroPoints[tile] as number;
		for (let i = start; i < end; i++) out[i] = ((codes[i] as number) - zeroPoint) * scale;
	});
}

function checkLength(name: string, length: number, { shape, elements }: Tiling): void {
	if (length !== elements) throw new RangeError(`${name}: ${length} elements for a tensor of ${shape.join(' x ')}`);
}

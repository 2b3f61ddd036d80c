/**
 * OCP's microscaling formats: blocks of small elements that share a power of two (E8M0). The scale is the exponent of the block's largest
 * magnitude less that of the element format's largest value, so that the largest value lands in the elements' top binade; what still
 * lies beyond their largest value saturates. Microscaling Formats (MX) Specification 1.0 (2023), sections 5 and 6.3.
 */
import { InputError } from '@assay/contract';
import { type BlockFormat, forEachBlock, largestMagnitude } from '../block-format.ts';
import { checkInteger } from '../check-integer.ts';
import { e8m0, NAN_SCALE } from '../floats/scale-exponent.ts';
import { smallFloat } from '../floats/small-float.ts';
import { integerFormat, restrictedCodes } from '../integers/integer-codes.ts';
import { exponentOf, powerOfTwo } from '../power-of-two.ts';
import { drawsOf, type RoundingOptions } from '../rounding.ts';
import type { ScalarFormat } from '../scalar-format.ts';

/** A row of values as it is stored: an E8M0 code for each block, an element code (not packed) for each value. */
export interface ScaledBlocks {
	readonly scales: Uint8Array<ArrayBuffer>;
	readonly codes: Uint8Array<ArrayBuffer>;
}

export interface Microscaling extends BlockFormat {
	encode(values: Float32Array, options?: RoundingOptions): ScaledBlocks;
	decode(blocks: ScaledBlocks, out: Float32Array): void;
}

const SCALE_BIAS = 127;

/**
 * Blocks of `blockSize` elements of a saturating format of at most 8 bits. A block that holds an infinity or not-a-number gets the scale
 * not-a-number, and all its values with it; a block of zeros gets the smallest scale.
 */
export function microscaling(name: string, element: ScalarFormat, blockSize = 32): Microscaling {
	checkInteger('blockSize', blockSize, 1, 2 ** 31);
	if (element.bits > 8) {
		throw new InputError({ path: ['element'], found: element.name, expected: 'a format of at most 8 bits', nearest: 'e4m3' });
	}
	const topExponent = exponentOf(element.largest);

	const scaleOf = (largest: number): number => {
		if (!Number.isFinite(largest)) return NAN_SCALE;
		// Below the smallest scale the exponent of a float32, subnormal or not, makes no difference.
		return Math.max(0, exponentOf(largest) - topExponent + SCALE_BIAS);
	};
	const encode = (values: Float32Array, options: RoundingOptions = {}): ScaledBlocks => {
		const scales = new Uint8Array(Math.ceil(values.length / blockSize));
		const codes = new Uint8Array(values.length);
		const { rounding = 'half-even' } = options;
		const drawOf = drawsOf(options);
		forEachBlock(values.length, blockSize, (start, end, block) => {
			const scale = scaleOf(largestMagnitude(values, start, end));
			scales[block] = scale;
			if (scale === NAN_SCALE) return;
			const inverse = powerOfTwo(SCALE_BIAS - scale);
			for (let i = start; i < end; i++) codes[i] = element.encode((values[i] as number) * inverse, rounding, drawOf(i));
		});
		return { scales, codes };
	};
	const decode = ({ scales, codes }: ScaledBlocks, out: Float32Array): void => {
		forEachBlock(codes.length, blockSize, (start, end, block) => {
			const scale = e8m0.decode(scales[block] as number);
			for (let i = start; i < end; i++) out[i] = element.decode(codes[i] as number) * scale;
		});
	};
	return {
		kind: 'block',
		name,
		blockSize,
		bitsPerValue: element.bits + e8m0.bits / blockSize,
		element,
		quantize: (values, out, options) => decode(encode(values, options), out),
		encode,
		decode,
	};
}

/** The elements of OCP's formats. MXINT8's are multiples of 1/64; -2 is read, but not written, which the specification leaves open. */
const ELEMENTS = {
	'mxfp8-e4m3': () => smallFloat('e4m3'),
	'mxfp8-e5m2': () => smallFloat('e5m2'),
	'mxfp6-e3m2': () => smallFloat('e3m2'),
	'mxfp6-e2m3': () => smallFloat('e2m3'),
	mxfp4: () => smallFloat('e2m1'),
	mxint8: () => integerFormat('int8/64', restrictedCodes(8), 1 / 64),
} as const satisfies Record<string, () => ScalarFormat>;

export type MicroscalingName = keyof typeof ELEMENTS;

/** The names of OCP's formats. */
export const MICROSCALING_NAMES = Object.keys(ELEMENTS) as readonly MicroscalingName[];

/** One of OCP's formats, in blocks of 32 unless told. */
export function ocpMicroscaling(name: MicroscalingName, blockSize = 32): Microscaling {
	return microscaling(blockSize === 32 ? name : `${name}_${blockSize}`, ELEMENTS[name](), blockSize);
}

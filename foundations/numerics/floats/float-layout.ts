/** Bits of the small floats: a sign, an exponent, a fraction. Plain facts, which the kernels are written from too. */

/** What codes stand for no finite number. */
export type SpecialValues =
	/** As IEEE 754: the highest exponent holds the infinities (fraction 0) and not-a-numbers. */
	| 'infinities'
	/** All bits set is not-a-number; no infinity (OCP's E4M3, the suffix "fn"). */
	| 'one-nan'
	/** The code of negative zero is the one not-a-number; no infinity (the suffix "fnuz"). */
	| 'nan-for-negative-zero'
	/** Every code is a finite number (OCP's FP6 and FP4). */
	| 'none';

export interface FloatLayout {
	/** 1 to 8. */
	readonly exponentBits: number;
	/** 0 to 23. */
	readonly fractionBits: number;
	/** What is taken off the exponent field. */
	readonly bias: number;
	readonly specials: SpecialValues;
	/**
	 * What numbers beyond the largest become: the largest, or infinity (where there is none: not-a-number; where there is none either: the
	 * largest).
	 */
	readonly overflow: 'saturate' | 'infinity';
}

const layout = (
	exponentBits: number,
	fractionBits: number,
	specials: SpecialValues,
	overflow: FloatLayout['overflow'],
	bias = 2 ** (exponentBits - 1) - 1,
): FloatLayout => ({ exponentBits, fractionBits, bias, specials, overflow });

/**
 * The formats with a name. OCP's 8-bit formats (OFP8, 2023), its 6- and 4-bit elements (Microscaling Formats 1.0, 2023) and the "fnuz"
 * variants saturate, as conversions of accelerators do (OFP8's saturating mode, PTX's `satfinite`); the wider ones overflow.
 */
export const FLOAT_LAYOUTS = {
	fp32: layout(8, 23, 'infinities', 'infinity'),
	tf32: layout(8, 10, 'infinities', 'infinity'),
	bf16: layout(8, 7, 'infinities', 'infinity'),
	fp16: layout(5, 10, 'infinities', 'infinity'),
	e5m2: layout(5, 2, 'infinities', 'saturate'),
	e4m3: layout(4, 3, 'one-nan', 'saturate'),
	e5m2fnuz: layout(5, 2, 'nan-for-negative-zero', 'saturate', 16),
	e4m3fnuz: layout(4, 3, 'nan-for-negative-zero', 'saturate', 8),
	e3m2: layout(3, 2, 'none', 'saturate'),
	e2m3: layout(2, 3, 'none', 'saturate'),
	e2m1: layout(2, 1, 'none', 'saturate'),
} as const satisfies Record<string, FloatLayout>;

export type FloatName = keyof typeof FLOAT_LAYOUTS;

/** Codes without their sign bit: those that are no finite number, and the largest that is. */
export function magnitudeCodes({
	exponentBits,
	fractionBits,
	specials,
}: Pick<FloatLayout, 'exponentBits' | 'fractionBits' | 'specials'>): {
	readonly largest: number;
	readonly infinity: number | undefined;
	/** The not-a-number written, a quiet one; undefined where it has none of its own below the sign bit. */
	readonly nan: number | undefined;
} {
	const all = 2 ** (exponentBits + fractionBits) - 1;
	const infinity = all + 1 - 2 ** fractionBits;
	switch (specials) {
		case 'infinities':
			return { largest: infinity - 1, infinity, nan: infinity + 2 ** (fractionBits - 1) };
		case 'one-nan':
			return { largest: all - 1, infinity: undefined, nan: all };
		case 'nan-for-negative-zero':
		case 'none':
			return { largest: all, infinity: undefined, nan: undefined };
	}
}

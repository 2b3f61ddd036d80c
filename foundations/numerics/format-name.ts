/** Formats by name. */
import { InputError, nearestName, type Path } from '@assay/contract';
import type { BlockFormat } from './block-format.ts';
import { blockFloatingPoint } from './blocks/block-floating-point.ts';
import { MICROSCALING_NAMES, ocpMicroscaling } from './blocks/microscaling.ts';
import { nvfp4 } from './blocks/nvfp4.ts';
import { FLOAT_LAYOUTS, type FloatName } from './floats/float-layout.ts';
import { e8m0 } from './floats/scale-exponent.ts';
import { smallFloat } from './floats/small-float.ts';
import { affineBlocks } from './integers/affine-blocks.ts';
import { asymmetricCodes, restrictedCodes } from './integers/integer-codes.ts';
import { posit } from './posits/posit.ts';
import type { ScalarFormat } from './scalar-format.ts';

/** Names to offer, one or more of each kind; `parseFormat` reads many more. */
export const FORMAT_NAMES: readonly string[] = [
	...Object.keys(FLOAT_LAYOUTS),
	'e8m0',
	'posit(8,0)',
	'posit(8,2)',
	'posit(16,1)',
	'posit(16,2)',
	'posit(32,2)',
	'int8',
	'uint8',
	'int4',
	'int4_32',
	'uint4_128',
	...MICROSCALING_NAMES,
	'nvfp4',
	'bfp12_32',
	'bfp14_32',
	'bfp16_64',
	'bfp24_64',
];

/** Each way of writing a name, and what it makes. */
const PATTERNS: readonly (readonly [pattern: RegExp, make: (match: RegExpExecArray) => ScalarFormat | BlockFormat])[] = [
	[
		/^e(\d{1,2})m(\d{1,2})(fn|fnuz)?$/,
		(match) => {
			const [exponentBits, fractionBits] = [Number(match[1]), Number(match[2])];
			const bias = 2 ** (exponentBits - 1) - (match[3] === 'fnuz' ? 0 : 1);
			const specials = match[3] === 'fnuz' ? 'nan-for-negative-zero' : match[3] === 'fn' ? 'one-nan' : 'infinities';
			const overflow = specials === 'infinities' ? 'infinity' : 'saturate';
			return smallFloat({ exponentBits, fractionBits, bias, specials, overflow }, match[0]);
		},
	],
	[/^posit\((\d+),(\d+)\)$/, (match) => posit(Number(match[1]), Number(match[2]))],
	[/^posit(\d+)$/, (match) => posit(Number(match[1]), 2)],
	[
		/^(u?)int(\d+)(?:_(\d+))?$/,
		(match) => {
			const codes = match[1] === 'u' ? asymmetricCodes(Number(match[2])) : restrictedCodes(Number(match[2]));
			return affineBlocks(match[0], codes, match[3] === undefined ? undefined : Number(match[3]));
		},
	],
	[
		/^bfp(\d+)_(\d+)(-asymmetric)?(-dmx)?$/,
		(match) => {
			const arithmetic = match[4] === undefined ? 'exact' : 'dmx-compatible';
			const mantissaBits = Number(match[1]) - 8;
			return blockFloatingPoint({ mantissaBits, blockSize: Number(match[2]), isSymmetric: match[3] === undefined, arithmetic });
		},
	],
	[
		/^bfp\[(\d+)\|8\]\{(\d+)\}\(([s_])n\)$/,
		(match) => blockFloatingPoint({ mantissaBits: Number(match[1]), blockSize: Number(match[2]), isSymmetric: match[3] === 's' }),
	],
];

/**
 * The format of a name, in capitals or not:
 * - floats: a name of `FLOAT_LAYOUTS` (`fp16`, `bf16`, `e4m3`, `e2m1` ...) or any `e<exponent bits>m<fraction bits>`, with infinities as IEEE
 *   754 has them, or followed by `fn` or `fnuz`; `e8m0`;
 * - posits: `posit(16,1)`; `posit16` is the standard's `posit(16,2)`;
 * - integers with a scale for the whole array or for groups: `int8`, `int4_32` (symmetric, restricted), `uint8`, `uint4_128` (asymmetric);
 * - `mxfp8-e4m3`, `mxfp8-e5m2`, `mxfp6-e3m2`, `mxfp6-e2m3`, `mxfp4`, `mxint8`, in blocks of 32 or as in `mxfp4_16`; `nvfp4`;
 * - block floating point: `bfp12_32`, `bfp12_32-asymmetric`, `bfp12_32-dmx`, or d-Matrix's `BFP[4|8]{32}(SN)` and `(_N)`.
 *
 * Raises an `InputError` at `path` that names the nearest of `FORMAT_NAMES`, or that says which size is out of its range.
 */
export function parseFormat(text: string, path: Path = ['format']): ScalarFormat | BlockFormat {
	const name = text.trim().toLowerCase().replaceAll(' ', '');
	if (Object.hasOwn(FLOAT_LAYOUTS, name)) return smallFloat(name as FloatName);
	if (name === 'e8m0') return e8m0;
	if (name === 'nvfp4') return nvfp4;
	for (const scaled of MICROSCALING_NAMES) {
		if (name === scaled) return ocpMicroscaling(scaled);
		const size = name.startsWith(`${scaled}_`) ? /^\d+$/.exec(name.slice(scaled.length + 1)) : null;
		if (size !== null) return ocpMicroscaling(scaled, Number(size[0]));
	}
	for (const [pattern, make] of PATTERNS) {
		const match = pattern.exec(name);
		if (match === null) continue;
		try {
			return make(match);
		} catch (error) {
			if (!(error instanceof InputError)) throw error;
			throw new InputError({ ...error, path: [...path, ...error.path] });
		}
	}
	throw new InputError({
		path,
		found: JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text),
		expected: 'a number format such as e4m3, posit(16,1), int8, mxfp4 or bfp12_32',
		nearest: nearestName(name, FORMAT_NAMES),
	});
}

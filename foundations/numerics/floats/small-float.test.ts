import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ROUNDINGS } from '../rounding.ts';
import { valuesOf } from '../scalar-format.ts';
import { floatMagnitude, nearestIndex, nextFloat } from '../testing/exact-values.ts';
import { FLOAT_LAYOUTS, type FloatLayout, type FloatName, type SpecialValues } from './float-layout.ts';
import { e8m0 } from './scale-exponent.ts';
import { smallFloat } from './small-float.ts';

/** Every layout of up to 8 bits, with every choice of special values, and the 16-bit ones. */
const layouts: FloatLayout[] = [FLOAT_LAYOUTS.fp16, FLOAT_LAYOUTS.bf16, { ...FLOAT_LAYOUTS.fp16, overflow: 'saturate' }];
for (let exponentBits = 1; exponentBits <= 7; exponentBits++) {
	for (let fractionBits = 0; exponentBits + fractionBits <= 7; fractionBits++) {
		for (const specials of ['infinities', 'one-nan', 'nan-for-negative-zero', 'none'] as const satisfies SpecialValues[]) {
			if (specials === 'infinities' && fractionBits === 0) continue;
			for (const overflow of ['saturate', 'infinity'] as const) {
				layouts.push({ exponentBits, fractionBits, specials, overflow, bias: 2 ** (exponentBits - 1) - 1 });
			}
		}
	}
}

/** What positive codes mean by the definition: how many are finite, and what infinity and not-a-number are. */
function meaning({ exponentBits, fractionBits, specials }: FloatLayout): { finite: number; infinity: number | undefined } {
	const all = 2 ** (exponentBits + fractionBits);
	if (specials === 'infinities') return { finite: all - 2 ** fractionBits, infinity: all - 2 ** fractionBits };
	return { finite: specials === 'one-nan' ? all - 1 : all, infinity: undefined };
}

const describe = ({ exponentBits, fractionBits, specials, overflow }: FloatLayout): string =>
	`e${exponentBits}m${fractionBits}, ${specials}, ${overflow}`;

test.for(layouts.map((layout) => [describe(layout), layout] as const))(
	'%s: every code has the value of its bits, and every value, middle and neighbour of a middle rounds to the nearest',
	([, layout]) => {
		const format = smallFloat(layout);
		const { finite, infinity } = meaning(layout);
		const sign = format.codes / 2;
		const values = Float64Array.from({ length: finite }, (_, code) => floatMagnitude(layout, code));
		// One more value, that of the code after the largest: rounding there is overflow.
		const withNext = Float64Array.of(...values, floatMagnitude(layout, finite));
		const hasNegativeZero = layout.specials !== 'nan-for-negative-zero';
		let failures = 0;
		const check = (isRight: boolean): void => {
			if (!isRight) failures++;
		};
		for (let code = 0; code < sign; code++) {
			const expected = code < finite ? values[code] : code === infinity ? Infinity : NaN;
			check(Object.is(format.decode(code), expected));
			const negative = code === 0 && !hasNegativeZero ? NaN : -(expected as number);
			check(Object.is(format.decode(code + sign), negative));
		}
		const overflowCode = (): number => {
			if (layout.overflow === 'saturate') return finite - 1;
			if (infinity !== undefined) return infinity;
			if (layout.specials === 'one-nan') return finite;
			return layout.specials === 'none' ? finite - 1 : sign;
		};
		const encodesTo = (value: number, index: number): void => {
			const code = index === finite ? overflowCode() : index;
			check(format.encode(value) === code);
			const isUnsigned = (code === 0 && !hasNegativeZero) || code === sign;
			check(format.encode(-value) === (isUnsigned ? code : code + sign));
		};
		for (let code = 0; code < finite; code++) {
			const value = values[code] as number;
			const middle = (value + (withNext[code + 1] as number)) / 2;
			encodesTo(value, code);
			encodesTo(middle, code % 2 === 0 ? code : code + 1);
			encodesTo(nextFloat(middle, -1), code);
			encodesTo(nextFloat(middle, 1), code + 1);
		}
		encodesTo(Infinity, finite);
		check(Number.isNaN(format.decode(format.encode(NaN))) || layout.specials === 'none');
		expect(failures).toBe(0);
	},
);

test.for(['fp32', 'tf32', 'fp16', 'e4m3', 'e2m1'] as const)(
	'%s: any number goes to the nearest value, by exact distances',
	(name) => {
		const format = smallFloat(name);
		fc.assert(
			fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e39, max: 1e39 }), (value) => {
				const code = format.encode(value);
				const near = [code - 1, code, code + 1].filter((one) => one >= 0 && one < format.codes).map(format.decode);
				const candidates = near.filter(Number.isFinite).sort((a, b) => a - b);
				if (Math.abs(value) > format.largest) return;
				const nearest = candidates[nearestIndex(candidates, value, () => true)] as number;
				expect(Math.abs(format.decode(code) - value)).toBe(Math.abs(nearest - value));
			}),
			{ numRuns: 3000 },
		);
	},
);

test('float32 is what the language rounds to', () => {
	const format = smallFloat('fp32');
	fc.assert(
		fc.property(fc.double({ noNaN: true }), (value) => {
			expect(format.decode(format.encode(value))).toBe(Math.fround(value));
		}),
		{ numRuns: 5000 },
	);
});

test('published figures of OCP OFP8 and Microscaling Formats 1.0, IEEE 754 and bfloat16', () => {
	const figures: [FloatName, largest: number, smallest: number][] = [
		['e4m3', 448, 2 ** -9],
		['e5m2', 57_344, 2 ** -16],
		['e3m2', 28, 2 ** -4],
		['e2m3', 7.5, 2 ** -3],
		['e2m1', 6, 0.5],
		['fp16', 65_504, 2 ** -24],
		['bf16', 3.3895313892515355e38, 2 ** -133],
		['e4m3fnuz', 240, 2 ** -10],
		['e5m2fnuz', 57_344, 2 ** -17],
	];
	for (const [name, largest, smallest] of figures) expect(smallFloat(name)).toMatchObject({ name, largest, smallest });
	expect([...valuesOf(smallFloat('e2m1'))]).toEqual([-6, -4, -3, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 3, 4, 6]);
	expect(smallFloat('e4m3').encode(NaN)).toBe(0x7f);
	expect(smallFloat('e4m3').decode(0xff)).toBeNaN();
	expect(smallFloat('e5m2').decode(0x7c)).toBe(Infinity);
	expect(smallFloat('e4m3fnuz').encode(NaN)).toBe(0x80);
});

test('saturating conversions take infinities to the largest value, the others overflow as OFP8 says', () => {
	for (const name of ['e4m3', 'e5m2'] as const) {
		const saturating = smallFloat(name);
		const overflowing = smallFloat({ ...FLOAT_LAYOUTS[name], overflow: 'infinity' });
		for (const value of [Infinity, 1e9]) {
			expect(saturating.decode(saturating.encode(-value))).toBe(-saturating.largest);
			expect(overflowing.decode(overflowing.encode(-value))).toBe(name === 'e5m2' ? -Infinity : NaN);
		}
		// Toward zero no finite number overflows.
		expect(overflowing.decode(overflowing.encode(1e9, 'toward-zero'))).toBe(saturating.largest);
	}
});

test('the other roundings: halves where they say, toward zero never away, stochastic between the neighbours in proportion', () => {
	const format = smallFloat('e2m1');
	const rounded = (value: number, rounding: (typeof ROUNDINGS)[number], draw = 0) =>
		format.decode(format.encode(value, rounding, draw));
	expect([0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5].map((value) => rounded(value, 'half-even'))).toEqual([0, 1, 1, 2, 2, 4, 4]);
	expect([0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5].map((value) => rounded(value, 'half-away'))).toEqual([0.5, 1, 1.5, 2, 3, 4, 6]);
	expect([0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5].map((value) => rounded(value, 'half-toward-zero'))).toEqual([
		0, 0.5, 1, 1.5, 2, 3, 4,
	]);
	expect([-0.49, -3.99, 5.9, 100].map((value) => rounded(value, 'toward-zero'))).toEqual([-0, -3, 4, 6]);
	// 4.5 is a quarter of the way from 4 to 6.
	expect(rounded(4.5, 'stochastic', 2 ** 30 - 1)).toBe(6);
	expect(rounded(4.5, 'stochastic', 2 ** 30)).toBe(4);
	for (const rounding of ROUNDINGS) {
		for (const value of valuesOf(format)) expect(rounded(value, rounding, 0)).toBe(value);
	}
});

test('stochastic rounding of an array is unbiased, and the same in pieces as in one', () => {
	const format = smallFloat('e3m2');
	const values = new Float64Array(40_000).fill(1.1);
	const whole = new Float64Array(values.length);
	format.quantize(values, whole, { rounding: 'stochastic', seed: 7 });
	const deviation = Math.sqrt((0.1 * 0.15) / values.length);
	expect(Math.abs(whole.reduce((sum, value) => sum + value, 0) / values.length - 1.1)).toBeLessThan(4 * deviation);
	const pieces = new Float64Array(values.length);
	for (const [start, end] of [
		[0, 1001],
		[1001, 40_000],
	] as const) {
		format.quantize(values.subarray(start, end), pieces.subarray(start, end), {
			rounding: 'stochastic',
			seed: 7,
			firstIndex: start,
		});
	}
	expect(pieces).toEqual(whole);
});

test('E8M0 holds the powers of two from 2^-127 to 2^127 and one not-a-number', () => {
	expect(Array.from({ length: 255 }, (_, code) => e8m0.decode(code))).toEqual(
		Array.from({ length: 255 }, (_, code) => 2 ** (code - 127)),
	);
	for (let code = 0; code < 255; code++) expect(e8m0.encode(2 ** (code - 127))).toBe(code);
	expect([NaN, 0, -3, 1e-50, 1e50, 1.4, 1.6].map((value) => e8m0.encode(value))).toEqual([255, 0, 0, 0, 254, 127, 128]);
	expect(e8m0.decode(255)).toBeNaN();
});

test('layouts outside the limits are refused by the name of the field', () => {
	const layout = FLOAT_LAYOUTS.fp16;
	expect(() => smallFloat({ ...layout, exponentBits: 9 })).toThrow(InputError);
	expect(() => smallFloat({ ...layout, fractionBits: 0 })).toThrow(
		'fractionBits: found 0, expected an integer from 1 to 23; did you mean 1?',
	);
	expect(() => valuesOf(smallFloat('fp32'))).toThrow(RangeError);
});

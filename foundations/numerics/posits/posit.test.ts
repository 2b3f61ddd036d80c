import fc from 'fast-check';
import { expect, test } from 'vitest';
import { valuesOf } from '../scalar-format.ts';
import { nextFloat, positMagnitude, positValues } from '../testing/exact-values.ts';
import { posit } from './posit.ts';

test.for([0, 1, 2, 3, 4])(
	'es = %i, 4 to 16 bits: every code is the value of the construction, and splits its neighbours where the posit of one more bit lies',
	(exponentBits) => {
		for (let bits = 4; bits <= 16; bits++) {
			const format = posit(bits, exponentBits);
			const finer = positValues(bits + 1, exponentBits);
			const notReal = format.codes / 2;
			let failures = 0;
			const check = (value: number, code: number): void => {
				if (format.encode(value) !== code || format.encode(-value) !== format.codes - code) failures++;
			};
			for (let code = 1; code < notReal; code++) {
				const value = finer[2 * code - 1] as number;
				if (format.decode(code) !== value || format.decode(format.codes - code) !== -value) failures++;
				check(value, code);
				if (code === notReal - 1) continue;
				const border = finer[2 * code] as number;
				check(border, code % 2 === 0 ? code : code + 1);
				check(nextFloat(border, -1), code);
				check(nextFloat(border, 1), code + 1);
			}
			// Nothing but zero becomes zero, nothing real becomes NaR.
			check(Number.MIN_VALUE, 1);
			check(finer[0] as number, 1);
			check(finer.at(-1) as number, notReal - 1);
			check(1e308, notReal - 1);
			expect(failures, `${format.name}`).toBe(0);
			expect([0, -0, NaN, Infinity, -Infinity].map((value) => format.encode(value))).toEqual([0, 0, notReal, notReal, notReal]);
			expect(format.decode(notReal)).toBeNaN();
		}
	},
);

test('17 to 32 bits: codes have the value of their bits, and borders lie at the posits of one more bit', () => {
	const size = fc.record({
		bits: fc.integer({ min: 17, max: 32 }),
		exponentBits: fc.integer({ min: 0, max: 4 }),
		part: fc.double({ min: 0, max: 1, noNaN: true }),
	});
	fc.assert(
		fc.property(size, ({ bits, exponentBits, part }) => {
			const format = posit(bits, exponentBits);
			const last = format.codes / 2 - 1;
			const code = Math.min(last, 1 + Math.floor(part * last));
			expect(format.decode(code)).toBe(positMagnitude(bits, exponentBits, BigInt(code)));
			expect(format.encode(format.decode(code))).toBe(code);
			if (code === last) return;
			const border = positMagnitude(bits + 1, exponentBits, 2n * BigInt(code) + 1n);
			expect(format.encode(border)).toBe(code % 2 === 0 ? code : code + 1);
			expect(format.encode(nextFloat(border, -1))).toBe(code);
			expect(format.encode(nextFloat(border, 1))).toBe(code + 1);
		}),
		{ numRuns: 3000 },
	);
});

test('published values: posit(8,2) of pi is 77; extremes and 3-bit fractions of the small formats', () => {
	// Rosetta Code, "Posit numbers/encoding", after Gustafson.
	expect(posit(8, 2).encode(Math.PI)).toBe(77);
	// Posit Standard (2022), section 3.3: maxPos of n bits is 2^(4n - 8).
	for (const bits of [8, 16, 32])
		expect(posit(bits, 2)).toMatchObject({ largest: 2 ** (4 * bits - 8), smallest: 2 ** (8 - 4 * bits) });
	const positive = (bits: number, exponentBits: number) => [...valuesOf(posit(bits, exponentBits))].filter((value) => value > 0);
	expect(positive(4, 1)).toEqual([1 / 16, 1 / 4, 1 / 2, 1, 2, 4, 16]);
	expect(positive(4, 0)).toEqual([1 / 4, 1 / 2, 3 / 4, 1, 3 / 2, 2, 4]);
	expect(posit(16, 1)).toMatchObject({ largest: 2 ** 28, smallest: 2 ** -28 });
	expect(posit(8, 0)).toMatchObject({ largest: 64, smallest: 1 / 64 });
});

test('other roundings: toward zero takes the lower neighbour, stochastic goes by distance even across exponents', () => {
	const format = posit(4, 1);
	// Between 4 and 16: 7 is a quarter of the way.
	expect(format.decode(format.encode(15, 'toward-zero'))).toBe(4);
	expect(format.decode(format.encode(-15, 'toward-zero'))).toBe(-4);
	expect(format.decode(format.encode(7, 'stochastic', 2 ** 30 - 1))).toBe(16);
	expect(format.decode(format.encode(7, 'stochastic', 2 ** 30))).toBe(4);
	expect(format.decode(format.encode(8, 'half-away'))).toBe(16);
	expect(format.decode(format.encode(8, 'half-toward-zero'))).toBe(4);
	expect(format.decode(format.encode(0.001, 'toward-zero'))).toBe(1 / 16);
});

test('sizes outside the limits are refused', () => {
	expect(() => posit(40, 2)).toThrow('posit.bits: found 40, expected an integer from 4 to 32; did you mean 32?');
	expect(() => posit(8, 5)).toThrow('exponentBits');
});

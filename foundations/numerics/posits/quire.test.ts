import fc from 'fast-check';
import { expect, test } from 'vitest';
import { smallFloat } from '../floats/small-float.ts';
import type { ScalarFormat } from '../scalar-format.ts';
import { positValues, units } from '../testing/exact-values.ts';
import { posit } from './posit.ts';
import { exactDot, Quire } from './quire.ts';

/** The exact dot product in units of 2^-2148. */
function exactSum(left: readonly number[], right: readonly number[]): bigint {
	return left.reduce((sum, value, index) => sum + units(value) * units(right[index] as number), 0n);
}

/** Code of the posit that an exact sum rounds to: the last one whose border to the one before does not exceed it. */
function roundedPosit(bits: number, finer: Float64Array, sum: bigint): number {
	if (sum === 0n) return 0;
	const magnitude = sum < 0n ? -sum : sum;
	const border = (code: number): bigint => units(finer[2 * code] as number) << 1074n;
	const last = 2 ** (bits - 1) - 1;
	let low = 1;
	let high = last;
	while (low < high) {
		const code = (low + high) >> 1;
		const isAbove = magnitude > border(code) || (magnitude === border(code) && code % 2 === 1);
		if (isAbove) low = code + 1;
		else high = code;
	}
	return sum < 0n ? 2 ** bits - low : low;
}

test.for([
	[8, 0],
	[8, 2],
	[16, 1],
	[16, 2],
] as const)('dot products in posit(%i,%i) are exact sums rounded once, in any order', ([bits, exponentBits]) => {
	const format = posit(bits, exponentBits);
	const finer = positValues(bits + 1, exponentBits);
	const code = fc.integer({ min: 0, max: format.codes - 1 }).filter((one) => one !== format.codes / 2);
	// Pairs that cancel, in part or in full, so that what is left is small.
	const terms = fc.array(fc.tuple(code, code, fc.boolean()), { maxLength: 20 }).map((pairs) =>
		pairs.flatMap(([left, right, twice]) =>
			twice
				? [
						[left, right],
						[(format.codes - left) % format.codes, right],
					]
				: [[left, right]],
		),
	);
	fc.assert(
		fc.property(terms, (pairs) => {
			const left = pairs.map((pair) => pair[0] as number);
			const right = pairs.map((pair) => pair[1] as number);
			const expected = roundedPosit(bits, finer, exactSum(left.map(format.decode), right.map(format.decode)));
			const dot = (a: number[], b: number[]) => exactDot({ format, codes: a }, { format, codes: b }, format);
			expect(dot(left, right)).toBe(expected);
			expect(dot(left.toReversed(), right.toReversed())).toBe(expected);
		}),
		{ numRuns: 300 },
	);
});

test('a long row of all sizes, of 32-bit posits and floats, comes out exactly', () => {
	for (const format of [posit(32, 2), posit(32, 4), smallFloat('fp32'), smallFloat('bf16')] satisfies ScalarFormat[]) {
		let state = 12345;
		const codes = Array.from({ length: 2000 }, () => {
			state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
			return Number.isFinite(format.decode(state % format.codes)) ? state % format.codes : 1;
		});
		const values = codes.map(format.decode);
		const quire = new Quire();
		for (const [index, value] of values.entries()) quire.addProduct(value, values[values.length - 1 - index] as number);
		const sum = exactSum(values, values.toReversed());
		// Taking the sum back out, in parts of 53 bits, leaves exactly nothing.
		let left = sum;
		while (left !== 0n) {
			const magnitude = left < 0n ? -left : left;
			const cut = BigInt(Math.max(0, magnitude.toString(2).length - 53));
			const top = (magnitude >> cut) << cut;
			const exponent = Number(cut) - 2148;
			const part = Number(top >> cut) * 2 ** Math.floor(exponent / 2) * 2 ** Math.ceil(exponent / 2);
			// Parts below the smallest float64 cannot be added; no product of these formats reaches there.
			expect(part).not.toBe(0);
			quire.add(left < 0n ? part : -part);
			left += left < 0n ? top : -top;
		}
		expect(quire.encode(smallFloat('fp32'))).toBe(0);
	}
});

test('numbers of every size go in and come out again, and what lies far below the last place still decides a tie', () => {
	const format = posit(32, 4);
	fc.assert(
		fc.property(
			fc.double({ noNaN: true, noDefaultInfinity: true }),
			fc.double({ noNaN: true, noDefaultInfinity: true }),
			(large, kept) => {
				const quire = new Quire();
				quire.add(large);
				expect(quire.encode(format)).toBe(format.encode(large));
				quire.add(kept);
				quire.add(-large);
				expect(quire.encode(format)).toBe(format.encode(kept));
			},
		),
		{ numRuns: 1000 },
	);
	// Halfway between 1 and the next posit(8,0), which is odd, and then a little more or less.
	const small = posit(8, 0);
	for (const [rest, code] of [
		[0, 64],
		[2 ** -900, 65],
		[-(2 ** -900), 64],
	] as const) {
		const quire = new Quire();
		quire.add(1 + 1 / 64);
		quire.add(rest);
		expect(quire.encode(small)).toBe(code);
	}
});

test('what is not a number stays, and rows of different lengths are refused', () => {
	const format = posit(8, 0);
	expect(exactDot({ format, codes: [128, 64] }, { format, codes: [64, 64] }, format)).toBe(128);
	expect(() => exactDot({ format, codes: [1] }, { format, codes: [] }, format)).toThrow(RangeError);
	// Formats mix: FP4 weights with posit(8,0) activations, 6 x 64 + 0.5 x 1/64, in posit(16,1).
	const e2m1 = smallFloat('e2m1');
	const wide = posit(16, 1);
	const mixed = exactDot({ format: e2m1, codes: [7, 1] }, { format, codes: [127, 1] }, wide);
	expect(mixed).toBe(wide.encode(384 + 1 / 128));
});

import { createRandom, InputError } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { units } from '../testing/exact-values.ts';
import { blockFloatingPointBytes, packBlockFloatingPoint, unpackBlockFloatingPoint } from './block-bytes.ts';
import { blockDot } from './block-dot.ts';
import { blockFloatingPoint } from './block-floating-point.ts';

const floats = fc.array(
	fc.oneof(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.float({ noNaN: true, min: -4, max: 4 })),
	{
		minLength: 2,
		maxLength: 40,
	},
);

/** Rounds a ratio of integers to the nearest, halves to even. */
function halfEven(numerator: bigint, denominator: bigint): bigint {
	const negative = numerator < 0n;
	const magnitude = negative ? -numerator : numerator;
	const floor = magnitude / denominator;
	const twice = 2n * (magnitude % denominator);
	const rounded = twice > denominator || (twice === denominator && floor % 2n === 1n) ? floor + 1n : floor;
	return negative ? -rounded : rounded;
}

test('exact: exponents and mantissas are those of the definition in exact integers, symmetric or not', () => {
	fc.assert(
		fc.property(
			floats,
			fc.integer({ min: 2, max: 25 }),
			fc.integer({ min: 2, max: 17 }),
			fc.boolean(),
			(list, bits, blockSize, isSymmetric) => {
				const row = Float32Array.from(list);
				const { exponents, mantissas } = blockFloatingPoint({ mantissaBits: bits, blockSize, isSymmetric }).encode(row);
				for (let start = 0; start < row.length; start += blockSize) {
					const block = row.subarray(start, start + blockSize);
					const largest = block.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
					if (largest < 2 ** -126) {
						expect(exponents[start / blockSize]).toBe(0);
						expect([...mantissas.subarray(start, start + blockSize)].every((mantissa) => mantissa === 0)).toBe(true);
						continue;
					}
					let exponent = -126;
					while (2 ** (exponent + 1) <= largest) exponent++;
					expect(exponents[start / blockSize]).toBe(exponent + 127);
					const step = units(2 ** (exponent - (bits - 2)));
					const limit = 2n ** BigInt(bits - 1) - 1n;
					for (const [index, value] of block.entries()) {
						let mantissa = halfEven(units(value), step);
						if (mantissa > limit) mantissa = limit;
						if (mantissa < -limit) mantissa = -limit;
						if (!isSymmetric && mantissa === -limit) {
							const error = units(value) - mantissa * step;
							if (error <= -step / 2n) mantissa -= 1n;
						}
						expect(BigInt(mantissas[start + index] as number)).toBe(mantissa);
					}
				}
			},
		),
		{ numRuns: 400 },
	);
});

test('blocks of one: the test vectors of dmx-compressor, and any value rounded to p - 1 significant bits', () => {
	const rounded = (bits: number, value: number): number => {
		const out = new Float32Array(1);
		blockFloatingPoint({ mantissaBits: bits, blockSize: 1 }).quantize(Float32Array.of(value), out);
		return out[0] as number;
	};
	expect(rounded(8, 1 + 2 ** -7)).toBe(1);
	expect(rounded(8, 1 + 2 ** -6 + 2 ** -7)).toBe(1.03125);
	expect(rounded(4, 1 + 2 ** -3)).toBe(1);
	expect(rounded(4, 1 + 2 ** -2 + 2 ** -3)).toBe(1.5);
	expect(rounded(4, 1.999)).toBe(2);
	expect(rounded(4, -1.999)).toBe(-2);
	expect(rounded(8, 3.4e38)).toBe(127 * 2 ** 121);
	fc.assert(
		fc.property(
			fc.float({ noNaN: true, min: Math.fround(1e-30), max: Math.fround(1e30) }),
			fc.integer({ min: 3, max: 25 }),
			(value, bits) => {
				const digits = units(value).toString(2);
				const cut = BigInt(Math.max(0, digits.length - (bits - 1)));
				expect(units(rounded(bits, value))).toBe(halfEven(units(value), 2n ** cut) * 2n ** cut);
			},
		),
	);
});

test('dmx-compatible: at most one step from exact, up to 8 bits in fewer than one value of 10,000', () => {
	const random = createRandom('blocks');
	const row = Float32Array.from({ length: 400_000 }, () => random.normal());
	for (const mantissaBits of [4, 6, 8]) {
		const shape = { mantissaBits, blockSize: 32 };
		const exact = blockFloatingPoint(shape).encode(row).mantissas;
		const dmx = blockFloatingPoint({ ...shape, arithmetic: 'dmx-compatible' }).encode(row).mantissas;
		const steps = exact.map((mantissa, index) => Math.abs(mantissa - (dmx[index] as number)));
		expect(steps.reduce((most, step) => Math.max(most, step), 0)).toBeLessThanOrEqual(1);
		expect(steps.filter((step) => step > 0).length / row.length).toBeLessThan(1e-4);
	}
	// Just beside the middle of two steps: the float32 sum with 6 lands on the middle.
	const pair = Float32Array.of(1, 0.125 + 2 ** -26);
	const second = (arithmetic: 'exact' | 'dmx-compatible') =>
		blockFloatingPoint({ mantissaBits: 4, blockSize: 2, arithmetic }).encode(pair).mantissas[1];
	expect([second('exact'), second('dmx-compatible')]).toEqual([1, 0]);
});

test('dmx-compatible is the bit arithmetic of the library, step by step in float32', () => {
	const word = new Uint32Array(1);
	const float = new Float32Array(word.buffer);
	const bitsOf = (value: number): number => {
		float[0] = value;
		return word[0] as number;
	};
	const fromBits = (bits: number): number => {
		word[0] = bits;
		return float[0] as number;
	};
	fc.assert(
		fc.property(
			fc.array(fc.float({ noNaN: true, min: -9, max: 9 }), { minLength: 2, maxLength: 9 }),
			fc.integer({ min: 2, max: 22 }),
			(list, p) => {
				const row = Float32Array.from([...list, 1.7]);
				const out = new Float32Array(row.length);
				blockFloatingPoint({ mantissaBits: p, blockSize: row.length, arithmetic: 'dmx-compatible' }).quantize(row, out);
				const top = Math.max(...row.map(Math.abs));
				const exponentBits = bitsOf(top) & 0x7f800000;
				const base = Math.fround(6 * fromBits(exponentBits));
				for (const [index, value] of row.entries()) {
					const sum = bitsOf(Math.fround(value + base));
					const unit = 2 ** (23 - p);
					const lower = sum - (sum % unit);
					const isOdd = (lower / unit) % 2 === 1;
					const rounded = sum - lower > unit / 2 || (sum - lower === unit / 2 && isOdd) ? lower + unit : lower;
					let expected = Math.fround(fromBits(rounded) - base);
					if ((bitsOf(Math.abs(expected)) & 0x7f800000) > exponentBits) {
						expected = Math.sign(expected) * fromBits(exponentBits) * (2 - 2 ** (2 - p));
					}
					expect(out[index]).toBeCloseTo(expected, 30);
				}
			},
		),
		{ numRuns: 400 },
	);
});

test('clamping: the top of a block saturates at 7 steps of 8, asymmetric goes one lower where that is no worse', () => {
	const row = Float32Array.of(-1.99, 1.99, -1.8, -1.875, 0.1);
	const mantissas = (isSymmetric: boolean) => [
		...blockFloatingPoint({ mantissaBits: 4, blockSize: 5, isSymmetric }).encode(row).mantissas,
	];
	expect(mantissas(true)).toEqual([-7, 7, -7, -7, 0]);
	expect(mantissas(false)).toEqual([-8, 7, -7, -8, 0]);
});

test('zeros and subnormal blocks are zeros, a block with infinity or not-a-number is not-a-number', () => {
	const format = blockFloatingPoint({ mantissaBits: 8, blockSize: 2 });
	const row = Float32Array.of(0, -0, 1e-40, -1e-39, Infinity, 1, NaN, 2, 3, -3);
	const out = new Float32Array(row.length);
	format.quantize(row, out);
	expect([...out]).toEqual([0, 0, 0, 0, NaN, NaN, NaN, NaN, 3, -3]);
	expect([...format.encode(row).exponents]).toEqual([0, 0, 255, 255, 128]);
});

test('bytes: exponent first, then fields from the lowest bit; sizes are those of the format, and everything comes back', () => {
	const format = blockFloatingPoint({ mantissaBits: 4, blockSize: 4 });
	const bytes = packBlockFloatingPoint(format, format.encode(Float32Array.of(1, -1.75, 0.25, 0.5, 2, -2)));
	expect([...bytes]).toEqual([127, 0x94, 0x21, 128, 0xc4]);
	fc.assert(
		fc.property(floats, fc.integer({ min: 2, max: 25 }), fc.integer({ min: 1, max: 33 }), (list, mantissaBits, blockSize) => {
			const one = blockFloatingPoint({ mantissaBits, blockSize, isSymmetric: false });
			const blocks = one.encode(Float32Array.from(list));
			const packed = packBlockFloatingPoint(one, blocks);
			expect(packed.length).toBe(blockFloatingPointBytes(one, list.length));
			expect(unpackBlockFloatingPoint(one, packed, list.length)).toEqual(blocks);
		}),
	);
	// A Llama-2-7B token, 32 layers of 32 heads of 128: keys in BFP12_32, values in BFP16_64.
	const [keys, values] = [
		blockFloatingPoint({ mantissaBits: 4, blockSize: 32 }),
		blockFloatingPoint({ mantissaBits: 8, blockSize: 64 }),
	];
	expect(32 * 32 * (blockFloatingPointBytes(keys, 128) + blockFloatingPointBytes(values, 128))).toBe(202_752);
	expect([keys.bitsPerValue, values.bitsPerValue]).toEqual([4.25, 8.125]);
	expect(() => unpackBlockFloatingPoint(keys, new Uint8Array(16), 32)).toThrow('32 values of bfp12_32 take 17 bytes, not 16');
});

test('dot products: exact integers in a block, float32 from block to block', () => {
	const queries = blockFloatingPoint({ mantissaBits: 8, blockSize: 8 });
	const keys = blockFloatingPoint({ mantissaBits: 4, blockSize: 8 });
	const vector = fc.array(fc.float({ noNaN: true, min: -50, max: 50 }), { minLength: 20, maxLength: 20 });
	fc.assert(
		fc.property(vector, vector, (a, b) => {
			const [left, right] = [queries.encode(Float32Array.from(a)), keys.encode(Float32Array.from(b))];
			const [x, y] = [new Float32Array(20), new Float32Array(20)];
			queries.decode(left, x);
			keys.decode(right, y);
			let total = 0;
			for (let start = 0; start < 20; start += 8) {
				let sum = 0n;
				for (let i = start; i < Math.min(20, start + 8); i++) sum += units(x[i] as number) * units(y[i] as number);
				// Products of such values are multiples of 2^-600 and float64 holds their sum.
				total = Math.fround(total + Math.fround(Number(sum >> 1548n) * 2 ** -600));
			}
			expect(blockDot({ format: queries, blocks: left }, { format: keys, blocks: right })).toBe(total);
		}),
	);
	const row = { format: keys, blocks: keys.encode(new Float32Array(8)) };
	expect(() => blockDot(row, { format: keys, blocks: keys.encode(new Float32Array(16)) })).toThrow(RangeError);
	const wide = blockFloatingPoint({ mantissaBits: 25, blockSize: 64 });
	const wideRow = { format: wide, blocks: wide.encode(new Float32Array(64)) };
	expect(() => blockDot(wideRow, wideRow)).toThrow('55 bits, more than 54');
});

test('names and limits', () => {
	const name = (options: Parameters<typeof blockFloatingPoint>[0]) => blockFloatingPoint(options).name;
	expect(name({ mantissaBits: 4, blockSize: 32 })).toBe('bfp12_32');
	expect(name({ mantissaBits: 8, blockSize: 64, isSymmetric: false, arithmetic: 'dmx-compatible' })).toBe(
		'bfp16_64-asymmetric-dmx',
	);
	expect(() => blockFloatingPoint({ mantissaBits: 26, blockSize: 32 })).toThrow(
		'mantissaBits: found 26, expected an integer from 2 to 25',
	);
	expect(() => blockFloatingPoint({ mantissaBits: 23, blockSize: 32, arithmetic: 'dmx-compatible' })).toThrow('from 2 to 22');
	expect(() => blockFloatingPoint({ mantissaBits: 8, blockSize: 0 })).toThrow(InputError);
});

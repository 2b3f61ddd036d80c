import { createRandom } from '@assay/contract';
import { expect, test } from 'vitest';
import { BitArray } from './bit-array.ts';
import { conversionCycles, convertToFloat, scratchRows } from './convert-to-float.ts';

const LANES = 8192;
const EXTREMES = [
	0,
	1,
	-1,
	2 ** 24,
	2 ** 24 + 1,
	2 ** 24 + 3,
	-(2 ** 24) - 1,
	2 ** 25 + 2,
	2 ** 25 + 6,
	2 ** 31 - 1,
	-(2 ** 31),
	2 ** 31 - 64,
	2 ** 31 - 65,
];

/** Floats as the array makes them. */
function converted(values: Int32Array, bits: number): { floats: Float32Array; cycles: number } {
	const array = new BitArray(bits + 32 + scratchRows(bits), LANES);
	array.write(
		0,
		bits,
		Array.from(values, (value) => (value < 0 ? value + 2 ** bits : value)),
	);
	const before = array.cycles;
	convertToFloat(array, { integer: 0, bits, float: bits, scratch: bits + 32 });
	const words = Uint32Array.from(array.read(bits, 32, false).subarray(0, values.length));
	return { floats: new Float32Array(words.buffer), cycles: array.cycles - before };
}

test('a million integers of 32 bits become the floats nearest to them, ties to even', () => {
	const random = createRandom(3);
	for (let batch = 0; batch < 123; batch++) {
		const values = Int32Array.from({ length: LANES }, (_, lane) => {
			const extreme = batch === 0 ? EXTREMES[lane] : undefined;
			// All magnitudes alike: a random number of leading zeros.
			return extreme ?? random.uint32() >> random.integer(32);
		});
		const { floats, cycles } = converted(values, 32);
		expect(new Uint32Array(floats.buffer)).toEqual(new Uint32Array(Float32Array.from(values).buffer));
		expect(cycles).toBe(conversionCycles(32));
	}
});

test.for([4, 12, 19, 23, 24, 25, 31])('integers of %i bits', (bits) => {
	const random = createRandom(bits);
	const half = 2 ** (bits - 1);
	const values = Int32Array.from({ length: LANES }, (_, lane) => [0, -half, half - 1][lane] ?? random.integer(2 * half) - half);
	const { floats, cycles } = converted(values, bits);
	expect(new Uint32Array(floats.buffer)).toEqual(new Uint32Array(Float32Array.from(values).buffer));
	expect(cycles).toBe(conversionCycles(bits));
	// About 2 (A + 1) + A + 5 x 25 + 26 + 8: sign and negation, finding the leading one, shifts, rounding, exponent.
	if (bits <= 24) expect(cycles).toBeLessThanOrEqual(2 * (bits + 1) + bits + 125 + 34);
});

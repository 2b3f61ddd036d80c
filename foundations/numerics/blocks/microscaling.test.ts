import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packBits } from '../bit-packing.ts';
import { smallFloat } from '../floats/small-float.ts';
import { valuesOf } from '../scalar-format.ts';
import { nearestIndex } from '../testing/exact-values.ts';
import { MICROSCALING_NAMES, microscaling, ocpMicroscaling } from './microscaling.ts';
import { nvfp4 } from './nvfp4.ts';

/** Floats of very different sizes, among them zeros and subnormals. */
const values = fc.array(
	fc.oneof(
		fc.float({ noNaN: true, noDefaultInfinity: true }),
		fc.float({ noNaN: true, min: -8, max: 8 }),
		fc.constantFrom(0, -0, 2 ** -149, 2 ** -126, 2 ** 127),
	),
	{ minLength: 1, maxLength: 80 },
);

test.for(MICROSCALING_NAMES)(
	'%s: the scale is the largest power of two that the definition allows, elements are the nearest',
	(name) => {
		const format = ocpMicroscaling(name, 8);
		const grid = valuesOf(format.element);
		const top = Math.floor(Math.log2(format.element.largest));
		fc.assert(
			fc.property(values, (list) => {
				const row = Float32Array.from(list);
				const out = new Float32Array(row.length);
				format.quantize(row, out);
				const { scales } = format.encode(row);
				for (let start = 0; start < row.length; start += 8) {
					const block = row.subarray(start, start + 8);
					const largest = block.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
					// The definition: scale x 2^top <= largest < scale x 2^(top + 1), held from 2^-127 up.
					let exponent = 127;
					while (exponent > -127 && 2 ** exponent * 2 ** top > largest) exponent--;
					expect(scales[start / 8]).toBe(exponent + 127);
					for (const [index, value] of block.entries()) {
						const scaled = value / 2 ** exponent;
						const found = out[start + index] as number;
						const nearest = grid[nearestIndex(grid, scaled, () => true)] as number;
						// -2 of MXINT8 is never written.
						const held = Math.max(-format.element.largest, nearest);
						expect(Math.abs(Math.fround(found) - value)).toBe(Math.abs(Math.fround(held * 2 ** exponent) - value));
					}
				}
			}),
			{ numRuns: 150 },
		);
	},
);

test('bits for each value; packed FP4 with scales takes 17 bytes a block', () => {
	const bits = MICROSCALING_NAMES.map((name) => [name, ocpMicroscaling(name).bitsPerValue]);
	expect(Object.fromEntries(bits)).toEqual({
		'mxfp8-e4m3': 8.25,
		'mxfp8-e5m2': 8.25,
		'mxfp6-e3m2': 6.25,
		'mxfp6-e2m3': 6.25,
		mxfp4: 4.25,
		mxint8: 8.25,
	});
	const { codes, scales } = ocpMicroscaling('mxfp4').encode(new Float32Array(32).fill(3));
	expect(packBits(codes, 4).length + scales.length).toBe(17);
	expect(nvfp4.bitsPerValue).toBe(4.5);
});

test('a block by hand: the largest of 7 gives the scale 1, ties are even, 7 saturates to 6', () => {
	const format = microscaling('mx', smallFloat('e2m1'), 8);
	const row = Float32Array.of(0.25, 0.75, 1.25, 1.75, 2.5, -3.5, 5, 7);
	const out = new Float32Array(8);
	format.quantize(row, out);
	expect([...out]).toEqual([0, 1, 1, 2, 2, -4, 4, 6]);
	expect([...format.encode(row).scales]).toEqual([127]);
});

test('zeros stay zeros; an infinity or not-a-number takes its block, and no other, with it', () => {
	const row = new Float32Array(96).fill(1);
	row.fill(0, 0, 32);
	row[40] = Infinity;
	const out = new Float32Array(96);
	ocpMicroscaling('mxfp4').quantize(row, out);
	expect([...out]).toEqual([...new Array(32).fill(0), ...new Array(32).fill(NaN), ...new Array(32).fill(1)]);
	expect(() => microscaling('wide', smallFloat('fp16'))).toThrow('a format of at most 8 bits');
	expect(() => ocpMicroscaling('mxfp4', 0)).toThrow('blockSize: found 0');
});

test('stochastic elements are unbiased where nothing saturates', () => {
	const row = new Float32Array(32 * 2000);
	for (let i = 0; i < row.length; i++) row[i] = i % 32 === 0 ? 4 : 1.2;
	const out = new Float32Array(row.length);
	ocpMicroscaling('mxfp4').quantize(row, out, { rounding: 'stochastic', seed: 11 });
	const small = out.filter((_, index) => index % 32 !== 0);
	const mean = small.reduce((sum, value) => sum + value, 0) / small.length;
	// From 1 to 1.5 at 0.4 of the way: a deviation of 0.5 sqrt(0.4 x 0.6).
	expect(Math.abs(mean - 1.2)).toBeLessThan((4 * 0.245) / Math.sqrt(small.length));
});

test('NVFP4: the tensor scale puts the largest block scale at 448, and both codes are the nearest there are', () => {
	const blockScales = valuesOf(smallFloat('e4m3')).filter((value) => value >= 0);
	const grid = valuesOf(smallFloat('e2m1'));
	fc.assert(
		fc.property(fc.array(fc.float({ noNaN: true, min: -1000, max: 1000 }), { minLength: 1, maxLength: 60 }), (list) => {
			const row = Float32Array.from(list);
			const tensor = nvfp4.encode(row);
			const largest = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
			expect(tensor.tensorScale).toBe(Math.fround(largest / 2688));
			const out = new Float32Array(row.length);
			nvfp4.quantize(row, out);
			for (let start = 0; start < row.length; start += 16) {
				const block = row.subarray(start, start + 16);
				const ideal = block.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 6 / tensor.tensorScale;
				const scale = smallFloat('e4m3').decode(tensor.scales[start / 16] as number);
				if (tensor.tensorScale === 0) continue;
				expect(Math.abs(scale - ideal)).toBe(Math.min(...blockScales.map((one) => Math.abs(one - ideal))));
				for (const [index, value] of block.entries()) {
					const step = scale * tensor.tensorScale;
					const nearest = step === 0 ? 0 : Math.min(...grid.map((one) => Math.abs(one - value / step)));
					const found = step === 0 ? 0 : Math.abs((out[start + index] as number) / step - value / step);
					expect(found).toBeCloseTo(nearest, 4);
				}
			}
		}),
		{ numRuns: 100 },
	);
	const out = new Float32Array(2);
	nvfp4.quantize(Float32Array.of(NaN, 1), out);
	expect([...out]).toEqual([NaN, NaN]);
	nvfp4.quantize(new Float32Array(2), out);
	expect([...out]).toEqual([0, 0]);
});

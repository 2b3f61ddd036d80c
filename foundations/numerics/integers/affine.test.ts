import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { affineParameters, dequantizeAffine, quantizeAffine, rangesOf } from './affine.ts';
import { affineBlocks } from './affine-blocks.ts';
import { asymmetricCodes, integerArray, restrictedCodes, symmetricCodes } from './integer-codes.ts';
import { forEachRun, perBlock, perChannel, perGroup, perTensor } from './tiling.ts';

const codesOf = fc
	.tuple(fc.constantFrom('asymmetric', 'signed', 'symmetric', 'restricted'), fc.integer({ min: 2, max: 16 }))
	.map(([scheme, bits]) => {
		if (scheme === 'symmetric') return symmetricCodes(bits);
		return scheme === 'restricted' ? restrictedCodes(bits) : asymmetricCodes(bits, { signed: scheme === 'signed' });
	});

const tensor = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 }), {
	minLength: 1,
	maxLength: 40,
});

test('zero is exact, the range is covered to half a step, and no code of the quantiser would be nearer', () => {
	fc.assert(
		fc.property(tensor, codesOf, fc.boolean(), (list, codes, float32) => {
			const values = Float32Array.from([0, ...list]);
			const tiling = perTensor([values.length]);
			const parameters = affineParameters(codes, rangesOf(values, tiling), { float32 });
			const stored = integerArray(codes, values.length);
			quantizeAffine(values, tiling, codes, parameters, stored, { float32 });
			const back = new Float64Array(values.length);
			dequantizeAffine(stored, tiling, parameters, back);
			const [scale, zeroPoint] = [parameters.scales[0] as number, parameters.zeroPoints[0] as number];
			expect(back[0]).toBe(0);
			for (const [index, value] of values.entries()) {
				const code = stored[index] as number;
				expect(code).toBeGreaterThanOrEqual(codes.lowest);
				expect(code).toBeLessThanOrEqual(codes.highest);
				const error = Math.abs((back[index] as number) - value);
				// The range's ends move by up to half a step with the rounded zero-point.
				expect(error).toBeLessThanOrEqual((codes.isSymmetric ? 0.5001 : 1.0001) * scale);
				for (const other of [code - 1, code + 1]) {
					if (other < codes.lowest || other > codes.highest) continue;
					expect(Math.abs((other - zeroPoint) * scale - value)).toBeGreaterThanOrEqual(
						error - 1e-6 * Math.max(scale, Math.abs(value)),
					);
				}
			}
		}),
		{ numRuns: 400 },
	);
});

test('the example of the ONNX operator DynamicQuantizeLinear', () => {
	const values = Float32Array.of(0, 2, -3, -2.5, 1.34, 0.5);
	const codes = asymmetricCodes(8);
	const tiling = perTensor([6]);
	const parameters = affineParameters(codes, rangesOf(values, tiling), { float32: true });
	const stored = integerArray(codes, 6);
	quantizeAffine(values, tiling, codes, parameters, stored, { float32: true });
	expect(parameters.scales[0]).toBe(Math.fround(5 / 255));
	expect([...parameters.zeroPoints]).toEqual([153]);
	expect([...stored]).toEqual([153, 255, 0, 26, 221, 179]);
});

test('ties go as the rounding says, not-a-number to the zero-point, the rest to the ends', () => {
	const values = Float64Array.of(0.5, 1.5, -0.5, -2.5, NaN, Infinity, -Infinity);
	const tiling = perTensor([7]);
	const parameters = { scales: Float64Array.of(1), zeroPoints: Int32Array.of(3) };
	const codes = asymmetricCodes(4, { signed: true });
	const rounded = (rounding: 'half-even' | 'half-away') => {
		const stored = new Int8Array(7);
		quantizeAffine(values, tiling, codes, parameters, stored, { rounding });
		return [...stored];
	};
	expect(rounded('half-even')).toEqual([3, 5, 3, 1, 3, 7, -8]);
	expect(rounded('half-away')).toEqual([4, 5, 2, 0, 3, 7, -8]);
});

test('stochastic rounding has the value as its mean, within four standard errors, and repeats with its seed', () => {
	const values = new Float32Array(50_000).fill(1.3);
	const tiling = perTensor([values.length]);
	const parameters = { scales: Float64Array.of(1), zeroPoints: Int32Array.of(0) };
	const codes = symmetricCodes(8);
	const draw = (seed: number) => {
		const stored = new Int8Array(values.length);
		quantizeAffine(values, tiling, codes, parameters, stored, { rounding: 'stochastic', seed });
		return stored;
	};
	const mean = draw(1).reduce((sum, code) => sum + code, 0) / values.length;
	expect(Math.abs(mean - 1.3)).toBeLessThan(4 * Math.sqrt((0.3 * 0.7) / values.length));
	expect(draw(1)).toEqual(draw(1));
	expect(draw(2)).not.toEqual(draw(1));
});

test('runs give each element the tile its coordinates lie in, for tensors and tiles of any shape', () => {
	const shapes = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 7 })), {
		minLength: 1,
		maxLength: 4,
	});
	fc.assert(
		fc.property(shapes, (pairs) => {
			const shape = pairs.map(([extent]) => extent);
			const tiling = perBlock(
				shape,
				pairs.map(([, tile]) => tile),
			);
			const found: number[] = [];
			forEachRun(tiling, (start, end, tile) => {
				expect(start).toBe(found.length);
				for (let i = start; i < end; i++) found.push(tile);
			});
			const expected = Array.from({ length: tiling.elements }, (_, index) => {
				let rest = index;
				let number = 0;
				let stride = 1;
				for (let axis = shape.length - 1; axis >= 0; axis--) {
					const extent = shape[axis] as number;
					const tile = (pairs[axis] as [number, number])[1];
					number += Math.floor((rest % extent) / tile) * stride;
					stride *= Math.ceil(extent / tile);
					rest = Math.floor(rest / extent);
				}
				return number;
			});
			expect(found).toEqual(expected);
		}),
	);
});

test('tensors, channels and groups are tiles; axes, tiles, ranges and widths that make no sense are refused', () => {
	expect(perTensor([2, 3])).toMatchObject({ tiles: 1, elements: 6 });
	expect(perChannel([8, 3, 3, 16], -1)).toMatchObject({ tiles: 16, tile: [8, 3, 3, 1] });
	expect(perGroup([4, 100], 32)).toMatchObject({ tiles: 16, tile: [1, 32] });
	const ranges = rangesOf(Float32Array.of(1, -2, NaN, 4, 5, -6), perChannel([2, 3], 0));
	expect(ranges).toEqual({ minima: Float64Array.of(-2, -6), maxima: Float64Array.of(1, 5) });
	expect(() => perChannel([2, 3], 2)).toThrow(InputError);
	expect(() => perBlock([2, 3], [1, 0])).toThrow('tile[1]: found 0, expected an integer of at least 1');
	expect(() => asymmetricCodes(17)).toThrow('bits: found 17, expected an integer from 2 to 16');
	const infinite = { minima: Float64Array.of(0), maxima: Float64Array.of(Infinity) };
	expect(() => affineParameters(symmetricCodes(8), infinite)).toThrow('ranges[0]: found 0 to Infinity');
	expect(() => rangesOf(new Float32Array(5), perTensor([2, 3]))).toThrow('5 elements for a tensor of 2 x 3');
	// A range of nothing but zero, and one so small that its step is no float32.
	for (const maximum of [0, 1e-44]) {
		const parameters = affineParameters(
			asymmetricCodes(8),
			{ minima: Float64Array.of(0), maxima: Float64Array.of(maximum) },
			{ float32: true },
		);
		expect(parameters.scales[0]).toBeGreaterThan(0);
	}
});

test('as a block format each group has its own scale, so that the largest value of a group is exact', () => {
	const values = Float32Array.from({ length: 70 }, (_, index) => (index < 32 ? 1 : 100) * Math.cos(index));
	const format = affineBlocks('int4_32', restrictedCodes(4), 32);
	expect(format.bitsPerValue).toBe(5);
	expect(affineBlocks('uint4_128', asymmetricCodes(4), 128).bitsPerValue).toBe(4 + 36 / 128);
	const out = new Float32Array(values.length);
	format.quantize(values, out);
	expect(out[0]).toBeCloseTo(1, 6);
	for (const [index, value] of values.entries()) {
		const scale = index < 32 ? 1 / 7 : 100 / 7;
		expect(Math.abs((out[index] as number) - value)).toBeLessThanOrEqual(scale / 2 + 1e-5);
	}
});

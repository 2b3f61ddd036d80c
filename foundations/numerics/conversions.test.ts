import { createRandom } from '@assay/contract';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { packBits, unpackBits } from './bit-packing.ts';
import { blockFloatingPoint } from './blocks/block-floating-point.ts';
import { ocpMicroscaling } from './blocks/microscaling.ts';
import { Conversions } from './conversions.ts';
import { smallFloat } from './floats/small-float.ts';
import { quantizeAffine } from './integers/affine.ts';
import { perTensor } from './integers/tiling.ts';

let conversions: Conversions;
beforeAll(async () => {
	conversions = await Conversions.create();
});

/** Every sign, exponent and upper fraction of float32, each with the lower bits around and on the ties, then random patterns. */
const everyKind = ((): Float32Array => {
	const lower = [0, 1, 0x7fff, 0x8000, 0x8001, 0xffff];
	const bits = new Uint32Array(65_536 * lower.length + 200_003);
	let at = 0;
	for (let upper = 0; upper < 65_536; upper++) for (const rest of lower) bits[at++] = upper * 65_536 + rest;
	const random = createRandom('patterns');
	while (at < bits.length) bits[at++] = random.uint32();
	return new Float32Array(bits.buffer);
})();

describe('the kernels give the codes of the formats, bit for bit', () => {
	test.for([
		['float32ToE4m3', 'e4m3ToFloat32', 'e4m3'],
		['float32ToE5m2', 'e5m2ToFloat32', 'e5m2'],
		['float32ToFloat16', 'float16ToFloat32', 'fp16'],
		['float32ToBfloat16', 'bfloat16ToFloat32', 'bf16'],
	] as const)('%s and %s', ([narrow, widen, name]) => {
		const format = smallFloat(name);
		const isWide = format.bits === 16;
		const codes = isWide ? new Uint16Array(everyKind.length) : new Uint8Array(everyKind.length);
		// The two overloads of each name agree with the array made above.
		(conversions[narrow] as (values: Float32Array, codes: Uint8Array | Uint16Array) => void).call(conversions, everyKind, codes);
		let failures = 0;
		for (const [index, value] of everyKind.entries()) {
			const code = codes[index] as number;
			// The language does not tell the sign of not-a-number; the kernels keep it.
			const isRight = Number.isNaN(value) ? code % (format.codes / 2) === format.encode(NaN) : code === format.encode(value);
			if (!isRight) failures++;
		}
		expect(failures).toBe(0);

		const every = isWide
			? Uint16Array.from({ length: 65_536 }, (_, code) => code)
			: Uint8Array.from({ length: 256 }, (_, code) => code);
		const values = new Float32Array(every.length);
		(conversions[widen] as (codes: Uint8Array | Uint16Array, values: Float32Array) => void).call(conversions, every, values);
		for (const [code, value] of values.entries()) if (!Object.is(value, format.decode(code))) failures++;
		expect(failures).toBe(0);
	});

	test('int8, for scales of any size and zero-points at the ends', () => {
		const finite = everyKind.filter((_, index) => index % 5 === 0);
		const tiling = perTensor([finite.length]);
		for (const [scale, zeroPoint, lowest, highest] of [
			[1, 0, -127, 127],
			[0.037, 0, -128, 127],
			[3.1e-40, 17, -128, 127],
			[2.7e20, -128, -128, 127],
			[0.5, 7, -8, 7],
		] as const) {
			const quantizer = { scale: Math.fround(scale), zeroPoint, lowest, highest };
			const codes = new Int8Array(finite.length);
			conversions.float32ToInt8(finite, codes, quantizer);
			const expected = new Int8Array(finite.length);
			const parameters = { scales: Float32Array.of(scale), zeroPoints: Int32Array.of(zeroPoint) };
			const integers = { bits: 8, lowest, highest, isSymmetric: false };
			quantizeAffine(finite, tiling, integers, parameters, expected, { float32: true });
			expect(codes).toEqual(expected);
			const values = new Float32Array(finite.length);
			conversions.int8ToFloat32(codes, values, quantizer);
			expect(values).toEqual(Float32Array.from(codes, (code) => (code - zeroPoint) * quantizer.scale));
		}
	});

	/** Rows whose values lie near each other, among them whole ranges of the exponent and values that are no numbers. */
	const rows = (size: number, blocks: number): fc.Arbitrary<Float32Array> =>
		fc
			.record({
				patterns: fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { minLength: size * blocks, maxLength: size * blocks }),
				top: fc.integer({ min: 0, max: 255 }),
				spread: fc.integer({ min: 0, max: 12 }),
			})
			.map(({ patterns, top, spread }) => {
				const bits = Uint32Array.from(patterns, (pattern) => {
					const exponent = Math.max(0, top - ((pattern >>> 23) % (spread + 1)));
					// Short fractions half of the time, for ties.
					const fraction = pattern & (pattern & 0x400000 ? 0x780000 : 0x7fffff);
					return ((pattern & 0x80000000) | (exponent << 23) | fraction) >>> 0;
				});
				return new Float32Array(bits.buffer);
			});

	test('MXFP4', () => {
		const format = ocpMicroscaling('mxfp4');
		fc.assert(
			fc.property(rows(32, 5), (values) => {
				const { codes, scales } = format.encode(values);
				const [packed, ourScales] = [new Uint8Array(80), new Uint8Array(5)];
				conversions.float32ToMxfp4(values, packed, ourScales);
				expect(ourScales).toEqual(scales);
				expect(packed).toEqual(packBits(codes, 4));
				const [expected, ours] = [new Float32Array(160), new Float32Array(160)];
				format.decode({ codes, scales }, expected);
				conversions.mxfp4ToFloat32(packed, scales, ours);
				expect(new Uint32Array(ours.buffer)).toEqual(new Uint32Array(expected.buffer));
			}),
			{ numRuns: 600 },
		);
	});

	test('MXFP4 of all codes under all scales', () => {
		const codes = Uint8Array.from({ length: 256 * 32 }, (_, index) => index % 16);
		const scales = Uint8Array.from({ length: 256 }, (_, scale) => scale);
		const [expected, ours] = [new Float32Array(codes.length), new Float32Array(codes.length)];
		ocpMicroscaling('mxfp4').decode({ codes, scales }, expected);
		conversions.mxfp4ToFloat32(packBits(codes, 4), scales, ours);
		expect([...ours].every((value, index) => Object.is(value, expected[index]))).toBe(true);
		expect(unpackBits(packBits(codes, 4), 4, codes.length)).toEqual(Uint32Array.from(codes));
	});

	test('block floating point of 2 to 8 bits and blocks of any size', () => {
		const shapes = fc.record({ mantissaBits: fc.integer({ min: 2, max: 8 }), blockSize: fc.integer({ min: 2, max: 70 }) });
		const cases = shapes.chain((shape) => fc.tuple(fc.constant(shape), rows(shape.blockSize, 3)));
		fc.assert(
			fc.property(cases, ([shape, values]) => {
				const format = blockFloatingPoint(shape);
				const { mantissas, exponents } = format.encode(values);
				const [ourMantissas, ourExponents] = [new Int8Array(values.length), new Uint8Array(3)];
				conversions.float32ToBlockMantissas(values, ourMantissas, ourExponents, shape);
				expect(ourExponents).toEqual(exponents);
				expect(Int32Array.from(ourMantissas)).toEqual(mantissas);
				const [expected, ours] = [new Float32Array(values.length), new Float32Array(values.length)];
				format.decode({ mantissas, exponents }, expected);
				conversions.blockMantissasToFloat32(ourMantissas, exponents, ours, shape);
				expect(ours).toEqual(expected);
			}),
			{ numRuns: 600 },
		);
	});
});

test('arrays longer than a piece, in blocks that do not divide it', () => {
	const random = createRandom('long');
	const shape = { mantissaBits: 4, blockSize: 48 };
	const values = Float32Array.from({ length: 48 * 1500 }, () => random.normal());
	const [mantissas, exponents] = [new Int8Array(values.length), new Uint8Array(1500)];
	conversions.float32ToBlockMantissas(values, mantissas, exponents, shape);
	const expected = blockFloatingPoint(shape).encode(values);
	expect(exponents).toEqual(expected.exponents);
	expect(Int32Array.from(mantissas)).toEqual(expected.mantissas);
	const halves = new Uint16Array(values.length);
	conversions.float32ToFloat16(values, halves);
	const back = new Float32Array(values.length);
	conversions.float16ToFloat32(halves, back);
	expect(back).toEqual(values.map((value) => smallFloat('fp16').decode(smallFloat('fp16').encode(value))));
});

test('arrays that do not fit each other are refused', () => {
	expect(() => conversions.float32ToE4m3(new Float32Array(5), new Uint8Array(4))).toThrow(RangeError);
	expect(() => conversions.float32ToMxfp4(new Float32Array(33), new Uint8Array(17), new Uint8Array(1))).toThrow(RangeError);
	const shape = { mantissaBits: 9, blockSize: 32 };
	expect(() => conversions.float32ToBlockMantissas(new Float32Array(32), new Int8Array(32), new Uint8Array(1), shape)).toThrow(
		'mantissaBits: found 9, expected an integer from 2 to 8',
	);
});

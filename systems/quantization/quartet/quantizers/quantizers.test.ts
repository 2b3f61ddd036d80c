import { createRandom } from '@assay/contract';
import { e8m0, ocpMicroscaling, packBits, smallFloat, unpackBits } from '@assay/numerics';
import { beforeAll, describe, expect, test } from 'vitest';
import { gaussianErrors } from './gaussian-errors.ts';
import { GroupQuantizer } from './group-quantizer.ts';
import { quantizer, quantizerNames } from './quantizer.ts';
import { quantizeReference } from './reference.ts';
import { randomOrthogonal } from './rotation.ts';

const none = { rotation: { kind: 'none' } } as const;
let groups: GroupQuantizer;
beforeAll(async () => {
	groups = await GroupQuantizer.create();
});

/** A group whose largest magnitude is 6 and whose AbsMax scale is therefore 1 without shrinking. */
const withSix = (values: readonly number[]) => Float32Array.from({ length: 32 }, (_, i) => (i === 31 ? 6 : (values[i] ?? 0)));

describe('E2M1 and E8M0', () => {
	/** Every code, and 6 at the end. */
	const codes = Uint8Array.from({ length: 32 }, (_, i) => (i === 31 ? 7 : i % 16));
	const e2m1 = smallFloat('e2m1');
	const magnitudes = [0, 0.5, 1, 1.5, 2, 3, 4, 6];
	const mxfp4 = ocpMicroscaling('mxfp4');

	test('all 16 codes with all 255 scales that are numbers, packed and unpacked, are the grid times 2^(scale - 127)', () => {
		for (let scale = 0; scale <= 254; scale++) {
			expect(e8m0.encode(e8m0.decode(scale))).toBe(scale);
			const unpacked = Uint8Array.from(unpackBits(packBits(codes, 4), 4, 32));
			expect(unpacked).toEqual(codes);
			const out = new Float32Array(32);
			mxfp4.decode({ codes: unpacked, scales: Uint8Array.of(scale) }, out);
			const exact = Array.from(codes, (code) => (code < 8 ? 1 : -1) * (magnitudes[code % 8] as number) * 2 ** (scale - 127));
			expect(Array.from(codes, (code) => e2m1.decode(code) * e8m0.decode(scale))).toEqual(exact);
			// From 2^128 on float32 has only infinity: 4 and 6 under scale 253, 2 and up under 254.
			expect(out).toEqual(Float32Array.from(exact));
		}
	});
	test('values of every scale whose grid is finite in float32 (0 to 252) are quantised to themselves, by the kernels too', () => {
		for (let scale = 0; scale <= 252; scale++) {
			const values = Float32Array.from(codes, (code) => e2m1.decode(code) * e8m0.decode(scale));
			const again = quantizeReference(values, quantizer('ocp-absmax'), none);
			expect(again.scales[0]).toBe(scale);
			expect(again.values).toEqual(values);
			const kernel = { values: new Float32Array(32), codes: new Uint8Array(16), scales: new Uint8Array(1) };
			groups.quantize(values, quantizer('ocp-absmax'), none, kernel);
			expect(kernel).toEqual({ values, codes: packBits(codes, 4), scales: Uint8Array.of(scale) });
		}
		// The largest float32 has the scale 252, so 253 and 254 are read but never written.
		const largest = new Float32Array(32).fill(3.4028234663852886e38);
		expect(quantizeReference(largest, quantizer('ocp-absmax'), none).scales[0]).toBe(252);
	});
	test('a value exactly between two goes to the lower, just above to the upper; beyond 5 all is 6', () => {
		const ties = [0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5];
		const lower = [0, 0.5, 1, 1.5, 2, 3, 4];
		const upper = [0.5, 1, 1.5, 2, 3, 4, 6];
		const of = (values: readonly number[]) =>
			Array.from(quantizeReference(withSix(values), quantizer('ocp-absmax'), none).values.slice(0, 7));
		expect(of(ties)).toEqual(lower);
		expect(of(ties.map((value) => -value)).map(Math.abs)).toEqual(lower);
		expect(of(ties.map((value) => value * (1 + 2 ** -20)))).toEqual(upper);
	});
	test('without ties AbsMax is OCP’s MXFP4', () => {
		const random = createRandom(4);
		const x = Float32Array.from({ length: 3200 }, () => random.normal());
		const theirs = new Float32Array(x.length);
		ocpMicroscaling('mxfp4').quantize(x, theirs);
		expect(quantizeReference(x, quantizer('ocp-absmax'), none).values).toEqual(theirs);
	});
	test.for(quantizerNames)('%s: groups of zeros stay zeros, with a scale that is a number', (name) => {
		const { values, scales } = quantizeReference(new Float32Array(128), quantizer(name), none);
		expect(values.every((value) => value === 0)).toBe(true);
		for (const scale of scales) expect(scale).toBeLessThan(255);
	});
});

test('with 3/4 the largest value of a group lies from 3 to below 6 of its scale, so nothing is ever clipped', () => {
	const random = createRandom(6);
	for (let trial = 0; trial < 300; trial++) {
		const spread = 2 ** (20 * random.uniform() - 10);
		const x = Float32Array.from({ length: 32 }, () => spread * random.normal());
		const { scales, kept } = quantizeReference(x, quantizer('sr-absmax'), none);
		const z = (Math.max(...x.map(Math.abs)) * 0.75) / e8m0.decode(scales[0] as number);
		expect(z).toBeGreaterThanOrEqual(3);
		expect(z).toBeLessThan(6);
		expect(kept.every((value) => value === 1)).toBe(true);
	}
});

test('a product of codes times 16/9 is the product of what the codes stand for', () => {
	const random = createRandom(7);
	const draw = () => Float32Array.from({ length: 32 }, () => random.normal());
	const [a, b] = [draw(), draw()].map((x) => quantizeReference(x, quantizer('rtn-absmax'), none));
	const e2m1 = smallFloat('e2m1');
	let [codes, values] = [0, 0];
	for (let i = 0; i < 32; i++) {
		codes += e2m1.decode(a?.codes[i] as number) * e2m1.decode(b?.codes[i] as number);
		values += (a?.values[i] as number) * (b?.values[i] as number);
	}
	const scale = e8m0.decode(a?.scales[0] as number) * e8m0.decode(b?.scales[0] as number);
	expect((codes * scale * 16) / 9).toBeCloseTo(values, 5);
});

test('random orthogonal matrices are orthogonal, and others for other seeds', () => {
	const m = randomOrthogonal(32, 1);
	for (let i = 0; i < 32; i++) {
		for (let j = 0; j < 32; j++) {
			let product = 0;
			for (let k = 0; k < 32; k++) product += (m[i * 32 + k] as number) * (m[j * 32 + k] as number);
			expect(product).toBeCloseTo(i === j ? 1 : 0, 5);
		}
	}
	expect(randomOrthogonal(32, 2)).not.toEqual(m);
});

describe('normal deviates with spreads even over a binade', () => {
	/** Two million leave a standard error of a thousandth. */
	const measure = (name: (typeof quantizerNames)[number], rounding: 'floor' | 'round' = 'floor', samples = 2e6) =>
		gaussianErrors(groups, quantizer(name, rounding), { samples, spread: 'log-uniform', seed: 1 }, async () => undefined);
	test('stochastic rounding: an error of 2.778e-2 within 1 %, and no bias beyond four standard errors, ten million', async () => {
		const { relativeError, bias } = await measure('sr-absmax', 'floor', 1e7);
		expect(Math.abs(relativeError / 2.778e-2 - 1)).toBeLessThan(0.01);
		expect(Math.abs(bias)).toBeLessThan(4);
	});
	test('to nearest: 1.367e-2; lengths fall by 0.9 %, which PMA’s factor restores', async () => {
		const { relativeError, alignment } = await measure('rtn-absmax');
		expect(Math.abs(relativeError / 1.367e-2 - 1)).toBeLessThan(0.01);
		expect(1 / alignment).toBeCloseTo(1.009276, 3);
	});
	test('QuEST: 1.339e-2 with the exponent rounded, 2.24e-2 with it rounded down', async () => {
		expect(Math.abs((await measure('quest', 'round')).relativeError / 1.339e-2 - 1)).toBeLessThan(0.01);
		expect(Math.abs((await measure('quest', 'floor')).relativeError / 2.24e-2 - 1)).toBeLessThan(0.01);
	});
	test('EDEN’s projections are exact, with groups of 32 and of 128', async () => {
		for (const name of ['eden', 'eden-128'] as const) {
			const options = { samples: 3e5, spread: 'one', seed: 1 } as const;
			expect((await gaussianErrors(groups, quantizer(name), options, async () => undefined)).alignment).toBeCloseTo(1, 6);
		}
	});
});

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom } from '@assay/contract';
import { parseTflite } from '@assay/models/tflite';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runBigIntegers } from '../testing/big-integer-network.ts';
import { outputSize } from './convolution-plan.ts';
import { multiplyFixedPoint, toFixedPoint } from './fixed-point.ts';
import { integerNetworkFromTflite } from './from-tflite.ts';
import { IntegerExecutor } from './integer-executor.ts';
import type { Convolution, IntegerNetwork, IntegerTensor } from './integer-network.ts';

const random = createRandom(5);
const bytes = (count: number): Int8Array => Int8Array.from({ length: count }, () => random.integer(256) - 128);

async function agree(network: IntegerNetwork, images: number): Promise<void> {
	const executor = await IntegerExecutor.create(network);
	const count = network.tensors.get(network.input)!.shape.reduce((a, b) => a * b);
	for (let image = 0; image < images; image++) {
		const input = bytes(count);
		executor.run(input);
		for (const [name, expected] of runBigIntegers(network, input))
			expect(Buffer.compare(Buffer.from(executor.values(name)), Buffer.from(Int8Array.from(expected))), name).toBe(0);
	}
}

test('fixed-point factors are within half a step of the factor, and products within one of the real product', () => {
	fc.assert(
		fc.property(fc.double({ min: 1e-7, max: 8, noNaN: true }), fc.integer({ min: -(2 ** 27), max: 2 ** 27 }), (factor, value) => {
			const fixed = toFixedPoint(factor);
			expect(fixed.multiplier).toBeGreaterThanOrEqual(2 ** 30);
			expect(fixed.multiplier).toBeLessThan(2 ** 31);
			expect(Math.abs(fixed.multiplier * 2 ** (fixed.shift - 31) - factor) / factor).toBeLessThanOrEqual(2 ** -31);
			if (Math.abs(value * factor) < 2 ** 30 && Math.abs(value) * 2 ** Math.max(0, fixed.shift) < 2 ** 31)
				expect(Math.abs(multiplyFixedPoint(value, fixed) - value * factor)).toBeLessThanOrEqual(1);
		}),
	);
	expect(toFixedPoint(1)).toEqual({ multiplier: 2 ** 30, shift: 1 });
	expect(toFixedPoint(0.5)).toEqual({ multiplier: 2 ** 30, shift: 0 });
	expect(() => toFixedPoint(-1)).toThrow(RangeError);
});

test('convolutions of any shape are those of exact arithmetic, bit for bit', async () => {
	const shape = fc.record({
		channels: fc.integer({ min: 1, max: 9 }),
		outputs: fc.integer({ min: 1, max: 9 }),
		groups: fc.integer({ min: 1, max: 4 }),
		height: fc.integer({ min: 1, max: 11 }),
		width: fc.integer({ min: 1, max: 19 }),
		taps: fc.integer({ min: 1, max: 3 }),
		stride: fc.integer({ min: 1, max: 3 }),
		dilation: fc.integer({ min: 1, max: 2 }),
		pads: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 4, maxLength: 4 }),
		zeroPoint: fc.integer({ min: -128, max: 127 }),
		outputScale: fc.double({ min: 0.001, max: 4, noNaN: true }),
		isDepthwise: fc.boolean(),
	});
	await fc.assert(
		fc.asyncProperty(shape, async (s) => {
			const groups = s.isDepthwise ? s.channels * s.groups : s.groups;
			const [channels, outputs] = s.isDepthwise ? [groups, groups * 2] : [s.channels * groups, s.outputs * groups];
			const [top = 0, left = 0, bottom = 0, right = 0] = s.pads;
			const step: Convolution = {
				kind: 'convolution',
				input: 'x',
				output: 'y',
				groups,
				height: s.taps,
				width: s.taps,
				strideHeight: s.stride,
				strideWidth: s.stride,
				dilationHeight: s.dilation,
				dilationWidth: s.dilation,
				padding: { top, left, bottom, right },
				weights: bytes(outputs * (channels / groups) * s.taps * s.taps).map((w) => Math.max(-127, w)),
				outputs,
				bias: Int32Array.from({ length: outputs }, () => random.integer(20_000) - 10_000),
				weightScales: Float32Array.from({ length: outputs }, () => 0.001 + 0.02 * random.uniform()),
				low: -100,
				high: 120,
			};
			const spread = (s.taps - 1) * s.dilation + 1;
			fc.pre(s.height + top + bottom >= spread && s.width + left + right >= spread);
			const out = outputSize([s.height, s.width], step, { height: s.dilation, width: s.dilation });
			const tensors = new Map<string, IntegerTensor>([
				['x', { name: 'x', shape: [1, channels, s.height, s.width], scale: 0.02, zeroPoint: s.zeroPoint }],
				['y', { name: 'y', shape: [1, outputs, out.height, out.width], scale: s.outputScale, zeroPoint: 3 }],
			]);
			await agree({ tensors, constants: new Map(), steps: [step], input: 'x', output: 'y', rescaling: 'fixed-point' }, 1);
		}),
		{ numRuns: 100 },
	);
});

const folder = join(process.env['ASSAY_DATA'] ?? '', 'quant-whitepaper');
const present = process.env['ASSAY_DATA'] !== undefined && existsSync(folder);
if (!present) console.log('skipped: ASSAY_DATA has no quant-whitepaper');

for (const name of ['resnet8_cifar10_int8', 'mobilenetv1_025_vww96_int8']) {
	test.skipIf(!present)(`${name}: every tensor is that of exact arithmetic, for four random images`, async () => {
		const network = integerNetworkFromTflite(parseTflite(readFileSync(join(folder, `${name}.tflite`)), name), name);
		await agree(network, 4);
	});
}

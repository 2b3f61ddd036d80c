import { createContext, InputError, memoryFile, parseOrExplain } from '@assay/contract';
import { onnxNode } from '@assay/models/onnx';
import { parseNpy } from '@assay/models/tensors';
import fc from 'fast-check';
import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import { expect, test } from 'vitest';
import { inputs } from '../inputs.ts';
import { smallModel } from '../testing/small-models.ts';
import { drawScene } from './draw-scenes.ts';
import { readCsv } from './read-csv.ts';
import { readIdx } from './read-idx.ts';
import { readImage, sampleOfPicture } from './read-image.ts';

import { readSamples } from './read-samples.ts';

const bytesOf = (...parts: (string | ArrayLike<number>)[]) =>
	Uint8Array.from(
		parts.flatMap((part) => (typeof part === 'string' ? Array.from(new TextEncoder().encode(part)) : Array.from(part))),
	);

function npy(descr: string, shape: string, values: Uint8Array): Uint8Array {
	const header = `${`{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape}), }`.padEnd(117)}\n`;
	return bytesOf([0x93], 'NUMPY', [1, 0, header.length, 0], header, values);
}

const image = await smallModel({
	nodes: [onnxNode('Conv', ['x', 'w'], ['y'])],
	weights: { w: [2, 3, 1, 1] },
	input: [1, 3, 2, 2],
	output: 'y',
});

/** Reads samples from files in memory. */
function read(options: object, files: Readonly<Record<string, string | Uint8Array>>) {
	const context = createContext({ open: async (reference) => memoryFile(reference, files[reference] ?? '') });
	const parsed = parseOrExplain(inputs, { model: { file: 'own.onnx' }, samples: options });
	return readSamples(parsed, image, context);
}

const floats = (values: readonly number[]) => new Uint8Array(Float32Array.from(values).buffer);
const twelve = Array.from({ length: 12 }, (_, i) => i);

test('arrays as NumPy writes them: several types, channels first or last', async () => {
	const first = await read({ file: 'a.npy' }, { 'a.npy': npy('<f4', '1, 3, 2, 2', floats(twelve)) });
	expect(first.samples.map((one) => Array.from(one))).toEqual([twelve]);
	// [2, 2, 3]: pixel by pixel.
	const last = await read({ file: 'a.npy' }, { 'a.npy': npy('<f4', '1, 2, 2, 3', floats(twelve)) });
	expect(Array.from(last.samples[0]!)).toEqual([0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]);
	expect(Array.from(parseNpy(npy('|u1', '3,', Uint8Array.of(1, 2, 255)), 'a').values)).toEqual([1, 2, 255]);
	expect(Array.from(parseNpy(npy('<f8', '2,', new Uint8Array(Float64Array.of(0.5, -2).buffer)), 'a').values)).toEqual([0.5, -2]);
});

test('idx and CSV files, with labels', async () => {
	const idx = bytesOf([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 12], [...twelve, ...twelve.map((value) => 2 * value)]);
	const found = await read({ file: 'a.idx', labels: 'l.csv' }, { 'a.idx': idx, 'l.csv': 'class\n1\n0\n' });
	expect(found.samples.map((one) => one[11])).toEqual([11, 22]);
	expect(Array.from(found.labels!)).toEqual([1, 0]);
	const csv = await read({ file: 'a.csv' }, { 'a.csv': `${twelve.join(';')}\n` });
	expect(Array.from(csv.samples[0]!)).toEqual(twelve);
});

test('pictures: PNG and JPEG give the colours they were made of; they are resized, scaled and turned', async () => {
	const png = new PNG({ width: 4, height: 4 });
	for (let pixel = 0; pixel < 16; pixel++) png.data.set([255, 0, 51, 255], 4 * pixel);
	const found = await read(
		{ images: ['a.png'], means: '0.5, 0, 0', deviations: '0.5', order: 'bgr' },
		{ 'a.png': new Uint8Array(PNG.sync.write(png)) },
	);
	const [blue, green, red] = [0, 4, 8].map((at) => found.samples[0]![at]);
	expect([blue, green, red].map((value) => Math.round(1000 * value!) / 1000)).toEqual([-0.6, 0, 2]);
	const coded = jpeg.encode({ width: 8, height: 8, data: Buffer.alloc(256, 128) }, 95).data;
	const picture = readImage(new Uint8Array(coded), 'a.jpg');
	expect(picture.width).toBe(8);
	for (const colour of picture.colours) expect(Math.abs(colour - 128 / 255)).toBeLessThan(0.02);
	// A ramp keeps its shape when it is made half as wide.
	const ramp = { height: 1, width: 4, colours: Float32Array.from([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]) };
	const half = sampleOfPicture(ramp, [1, 1, 1, 2], { means: [0], deviations: [1], order: 'rgb' });
	expect(Array.from(half)).toEqual([0.5, 2.5]);
});

test('scenes are the same from the same seed, within 0 and 1, and differ from seed to seed', () => {
	const draw = (seed: number) => drawScene(24, 32, createContext({ seed }).random).colours;
	expect(draw(1)).toEqual(draw(1));
	expect(draw(1)).not.toEqual(draw(2));
	expect(Math.min(...draw(3))).toBeGreaterThanOrEqual(0);
	expect(Math.max(...draw(3))).toBeLessThanOrEqual(1);
});

test.for([
	[{ file: 'a.npy' }, npy('<f4', '1, 3, 2, 3', floats(new Array(18).fill(0))), /a\.npy.*\[1, 3, 2, 3\].*\[3, 2, 2\]/],
	[{ file: 'a.npy' }, npy('<f4', '1, 3, 2, 2', floats([Number.NaN, ...twelve.slice(1)])), /a\.npy.*sample 1.*NaN/],
	[{ file: 'a.npy' }, npy('<c8', '1,', floats([0, 0])), /<c8/],
	[{ file: 'a.txt' }, '1 2 3\n1 2\n', /line 2.*2 numbers/],
	[{ file: 'a.csv' }, '1,2\n1,x\n', /line 2.*column 2.*x/],
	[{ file: 'a.bin' }, '', /a\.bin.*\.npy/],
	[{ images: ['a.png'] }, 'no picture', /a\.png.*PNG or JPEG/],
	[{ images: ['a.png'], means: 'x' }, '', /means/],
	[{ labels: 'a.csv' }, '1\n', /labels without samples/],
] as const)('%j is refused by name', async ([options, content, message]) => {
	const found = read(options, {
		[Array.isArray(Object.values(options)[0]) ? 'a.png' : String(Object.values(options)[0])]: content,
	});
	await expect(found).rejects.toThrow(InputError);
	await expect(found).rejects.toThrow(message);
});

test('broken bytes give numbers or an InputError, nothing else', () => {
	const whole = [npy('<f4', '2, 2', floats([1, 2, 3, 4])), bytesOf([0, 0, 8, 1, 0, 0, 0, 3], [1, 2, 3]), bytesOf('1,2\n3,4\n')];
	const readers = [parseNpy, readIdx, (bytes: Uint8Array, name: string) => readCsv(new TextDecoder().decode(bytes), name)];
	const change = fc.record({ at: fc.nat({ max: 200 }), value: fc.nat({ max: 255 }) });
	fc.assert(
		fc.property(fc.nat({ max: 2 }), fc.array(change, { maxLength: 4 }), fc.nat({ max: 200 }), (which, changes, cut) => {
			const bytes = whole[which]!.slice(0, Math.max(1, whole[which]!.length - (cut % 50)));
			for (const { at, value } of changes) if (at < bytes.length) bytes[at] = value;
			try {
				readers[which]!(bytes, 'broken');
			} catch (error) {
				expect(error).toBeInstanceOf(InputError);
			}
		}),
		{ numRuns: 1500 },
	);
});

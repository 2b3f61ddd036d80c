import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { Builder } from 'flatbuffers';
import { expect, test } from 'vitest';
import { parseTflite, type TfliteModel } from './tflite-model.ts';

/**
 * A model written with the flatbuffers package: y = relu6(convolution(x)) with an int8 weight of two channels.
 * Fields are added by their numbers in the schema.
 */
function smallModel(): Uint8Array {
	const b = new Builder(256);
	const vector = (values: readonly number[], add: (value: number) => void, width: number): number => {
		b.startVector(width, values.length, width);
		for (const value of values.toReversed()) add(value);
		return b.endVector();
	};
	const ints = (values: readonly number[]) => vector(values, (value) => b.addInt32(value), 4);
	const refs = (values: readonly number[]) => vector(values, (value) => b.addOffset(value), 4);
	const table = (fields: number, add: () => void): number => {
		b.startObject(fields);
		add();
		return b.endObject();
	};
	const tensor = (
		name: string,
		shape: readonly number[],
		type: number,
		buffer: number,
		scales: readonly number[],
		axis: number,
	) => {
		const [text, sizes] = [b.createString(name), ints(shape)];
		const scale = vector(scales, (value) => b.addFloat32(value), 4);
		const zeros = vector(scales, () => b.addInt64(-3n), 8);
		const quantization = table(7, () => {
			b.addFieldOffset(2, scale, 0);
			b.addFieldOffset(3, zeros, 0);
			b.addFieldInt32(6, axis, 0);
		});
		return table(8, () => {
			b.addFieldOffset(0, sizes, 0);
			b.addFieldInt8(1, type, 0);
			b.addFieldInt32(2, buffer, 0);
			b.addFieldOffset(3, text, 0);
			b.addFieldOffset(4, quantization, 0);
		});
	};
	const tensors = refs([
		tensor('x', [1, 4, 4, 1], 9, 0, [0.5], 0),
		tensor('w', [2, 1, 1, 1], 9, 1, [0.25, 0.125], 0),
		tensor('y', [1, 2, 2, 2], 9, 0, [0.1], 0),
	]);
	const options = table(6, () => {
		b.addFieldInt32(1, 2, 0);
		b.addFieldInt32(2, 2, 0);
		b.addFieldInt8(3, 3, 0);
		b.addFieldInt8(0, 1, 0);
	});
	const [ins, outs] = [ints([0, 1, -1]), ints([2])];
	const node = table(5, () => {
		b.addFieldOffset(1, ins, 0);
		b.addFieldOffset(2, outs, 0);
		b.addFieldInt8(3, 1, 0);
		b.addFieldOffset(4, options, 0);
	});
	const nodes = refs([node]);
	const [graphIns, graphOuts] = [ints([0]), ints([2])];
	const graphs = refs([
		table(5, () => {
			b.addFieldOffset(0, tensors, 0);
			b.addFieldOffset(1, graphIns, 0);
			b.addFieldOffset(2, graphOuts, 0);
			b.addFieldOffset(3, nodes, 0);
		}),
	]);
	const codes = refs([table(4, () => b.addFieldInt32(3, 3, 0))]);
	const weights = vector([7, -7], (value) => b.addInt8(value), 1);
	const buffers = refs([table(1, () => {}), table(1, () => b.addFieldOffset(0, weights, 0))]);
	const root = table(5, () => {
		b.addFieldInt32(0, 3, 0);
		b.addFieldOffset(1, codes, 0);
		b.addFieldOffset(2, graphs, 0);
		b.addFieldOffset(4, buffers, 0);
	});
	b.finish(root, 'TFL3');
	return b.asUint8Array();
}

test('tensors, quantisation, options and weights of a written model come back', () => {
	const model = parseTflite(smallModel(), 'small.tflite');
	expect(model.nodes).toEqual([
		{
			operation: {
				kind: 'convolution',
				padding: 'valid',
				strideHeight: 2,
				strideWidth: 2,
				activation: 'relu6',
				dilationHeight: 1,
				dilationWidth: 1,
			},
			inputs: [0, 1, undefined],
			outputs: [2],
		},
	]);
	expect(model.inputs).toEqual([0]);
	expect(model.outputs).toEqual([2]);
	const [x, w] = model.tensors;
	expect(x).toMatchObject({ name: 'x', elementType: 'int8', shape: [1, 4, 4, 1], data: undefined });
	expect(w?.quantization).toEqual({ scales: [0.25, 0.125], zeroPoints: [-3, -3], axis: 0 });
	expect(Array.from(new Int8Array(w?.data ?? []))).toEqual([7, -7]);
});

test('cut or changed bytes give a model or an InputError, nothing else', () => {
	const bytes = smallModel();
	const read = (changed: Uint8Array): TfliteModel | undefined => {
		try {
			return parseTflite(changed, 'broken.tflite');
		} catch (error) {
			expect(error).toBeInstanceOf(InputError);
			return undefined;
		}
	};
	for (let cut = 0; cut < bytes.length; cut++) read(bytes.subarray(0, cut));
	const change = fc.record({ at: fc.nat({ max: bytes.length - 1 }), value: fc.nat({ max: 255 }) });
	fc.assert(
		fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
			const changed = bytes.slice();
			for (const { at, value } of changes) changed[at] = value;
			read(changed);
		}),
		{ numRuns: 2_000 },
	);
	expect(() => parseTflite(new Uint8Array(20), 'zeros')).toThrow(/zeros.*the mark TFL3/s);
});

const folder = join(process.env['ASSAY_DATA'] ?? '', 'quant-whitepaper');
const present = process.env['ASSAY_DATA'] !== undefined && existsSync(folder);
if (!present) console.log('skipped: ASSAY_DATA has no quant-whitepaper');

test.skipIf(!present)("MLPerf Tiny's networks have the layers and weights their papers tell", () => {
	const read = (name: string) => parseTflite(readFileSync(join(folder, `${name}.tflite`)), name);
	const weights = ({ tensors }: TfliteModel) =>
		tensors.reduce(
			(sum, { data, shape, elementType }) =>
				data === undefined || shape.length < 2 || !['int8', 'float32'].includes(elementType)
					? sum
					: sum + shape.reduce((product, size) => product * size, 1),
			0,
		);
	for (const kind of ['float32', 'int8']) {
		const resnet = read(`resnet8_cifar10_${kind}`);
		const kinds = resnet.nodes.map(({ operation }) => operation.kind).filter((one) => one !== 'quantize' && one !== 'dequantize');
		expect(kinds.filter((one) => one === 'convolution')).toHaveLength(9);
		expect(kinds.filter((one) => one === 'add')).toHaveLength(3);
		expect(resnet.nodes.some(({ operation }) => operation.kind === 'other')).toBe(false);
		expect(weights(resnet)).toBe(77_360);
		const mobile = read(`mobilenetv1_025_vww96_${kind}`);
		expect(mobile.nodes.filter(({ operation }) => operation.kind === 'depthwise-convolution')).toHaveLength(13);
		expect(weights(mobile)).toBe(208_112);
	}
});

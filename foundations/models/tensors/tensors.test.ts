import { type DataFile, InputError } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeSafetensorsHeader } from '../safetensors.ts';
import { parseNpy } from './npy.ts';
import { parseNumbersText } from './numbers-text.ts';
import { readTensor } from './read-tensor.ts';

/** A file as numpy.save writes it: header padded with spaces to a multiple of 64 bytes. */
function npy(header: string, values: { readonly buffer: ArrayBuffer }): Uint8Array<ArrayBuffer> {
	const padded = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`;
	const bytes = [0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, padded.length & 255, padded.length >> 8];
	return Uint8Array.from([...bytes, ...new TextEncoder().encode(padded), ...new Uint8Array(values.buffer)]);
}
const header = (type: string, shape: string, order = 'False') =>
	`{'descr': '${type}', 'fortran_order': ${order}, 'shape': ${shape}, }`;
const fileOf = (bytes: Uint8Array<ArrayBuffer>, name = 'x'): DataFile => ({
	name,
	bytes: bytes.length,
	stream: async function* () {
		yield bytes;
	},
	text: async () => new TextDecoder().decode(bytes),
	arrayBuffer: async () => bytes.slice().buffer,
});

test.for([
	['<f8', Float64Array.of(1, -2.5)],
	['<f4', Float32Array.of(1, -2.5)],
	['<f2', Uint16Array.of(0x3c00, 0xc100)],
] as const)('%s files hold 1 and -2.5', ([type, values]) => {
	expect(parseNpy(npy(header(type, '(2,)'), values), 'x')).toEqual({ shape: [2], values: Float32Array.of(1, -2.5) });
});

test('integers, scalars and columns one after the other', () => {
	expect(parseNpy(npy(header('<i8', '()'), BigInt64Array.of(-7n)), 'x')).toEqual({ shape: [], values: Float32Array.of(-7) });
	expect(parseNpy(npy(header('|u1', '(1, 2)'), Uint8Array.of(255, 3)), 'x').values).toEqual(Float32Array.of(255, 3));
	// numpy: np.asfortranarray(np.arange(24).reshape(2, 3, 4)) stores element (i, j, k) at i + 2 j + 6 k.
	const stored = new Int32Array(24);
	for (let i = 0; i < 2; i++)
		for (let j = 0; j < 3; j++) for (let k = 0; k < 4; k++) stored[i + 2 * j + 6 * k] = (i * 3 + j) * 4 + k;
	const { values } = parseNpy(npy(header('<i4', '(2, 3, 4)', 'True'), stored), 'x');
	expect([...values]).toEqual(Array.from({ length: 24 }, (_, i) => i));
});

test.for([
	[header('>f4', '(1,)'), 1, /<f4/],
	[header('<f4', '(2,)'), 1, /8 for <f4 \(2\)/],
	["{'descr': '<f4'}", 1, /without order or shape/],
] as const)('%s is refused', ([text, count, reason]) => {
	expect(() => parseNpy(npy(text, new Float32Array(count)), 'x')).toThrow(reason);
});

test('any change of a file ends in a tensor or an InputError', () => {
	const good = npy(header('<f4', '(2, 3)'), Float32Array.of(1, -2, 3, 4, 0.5, -6));
	fc.assert(
		fc.property(fc.nat(good.length - 1), fc.uint8Array({ minLength: 1, maxLength: 8 }), fc.boolean(), (place, bytes, cut) => {
			const changed = good.slice(0, cut ? place : good.length);
			if (!cut) changed.set(bytes.subarray(0, good.length - place), place);
			try {
				parseNpy(changed, 'x');
			} catch (error) {
				expect(error).toBeInstanceOf(InputError);
			}
		}),
		{ numRuns: 2000 },
	);
});

test('numbers as text are a vector or, with equal lines, a matrix', () => {
	expect(parseNumbersText('1, 2;3\n\n4 5\t6\n', 'x')).toEqual({ shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) });
	expect(parseNumbersText('1 2\n3', 'x').shape).toEqual([3]);
	expect(() => parseNumbersText('1\n2 three', 'x.csv')).toThrow(/x\.csv.*line 2.*three/s);
});

test('a tensor of a safetensors file by its name, or the only one', async () => {
	const { bytes, header: made } = encodeSafetensorsHeader([
		{ name: 'query', dtype: 'BF16', shape: [2] },
		{ name: 'key', dtype: 'F32', shape: [1] },
	]);
	const file = new Uint8Array(made.fileBytes);
	file.set(bytes);
	file.set(new Uint8Array(Uint16Array.of(0x3f80, 0xc020).buffer), bytes.length);
	file.set(new Uint8Array(Float32Array.of(Number.POSITIVE_INFINITY).buffer), bytes.length + 4);
	const source = fileOf(file, 'm.safetensors');
	expect(await readTensor(source, 'query')).toEqual({ shape: [2], values: Float32Array.of(1, -2.5) });
	await expect(readTensor(source, 'key')).rejects.toThrow(/m\.safetensors, key: found Infinity at value 0/);
	await expect(readTensor(source)).rejects.toThrow(/2 tensors and no name/);
	await expect(readTensor(source, 'quary')).rejects.toThrow(/query/);
});

test('files of no known kind and empty ones are refused', async () => {
	await expect(readTensor(fileOf(Uint8Array.of(0xff, 0xfe, 0xff)))).rejects.toThrow(/neither text nor a known mark/);
	await expect(readTensor(fileOf(new Uint8Array(0)))).rejects.toThrow(/without values/);
});

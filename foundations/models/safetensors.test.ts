import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	elementCount,
	encodeSafetensorsHeader,
	parseSafetensorsHeader,
	SAFETENSORS_BITS,
	type SafetensorsDtype,
	safetensorsHeaderLength,
	sliceByteRanges,
	type TensorDescription,
	tensorBytes,
} from './safetensors.ts';

const folder = process.env['ASSAY_DATA'];
const sample = folder === undefined ? undefined : join(folder, 'zaya-amd', 'zaya_tiny.safetensors');

const read = (file: Uint8Array, name = 'a.safetensors') => {
	const length = safetensorsHeaderLength(file.subarray(0, 8), name, file.byteLength);
	return parseSafetensorsHeader(file.subarray(8, 8 + length), name, file.byteLength);
};

/** A file by hand, from the text of its header. */
function fileOf(header: string, dataBytes: number): Uint8Array {
	const text = new TextEncoder().encode(header);
	const file = new Uint8Array(8 + text.byteLength + dataBytes);
	new DataView(file.buffer).setBigUint64(0, BigInt(text.byteLength), true);
	file.set(text, 8);
	return file;
}

const dtype = fc.constantFrom(...(Object.keys(SAFETENSORS_BITS) as SafetensorsDtype[]));
const tensors = fc.uniqueArray(
	fc
		.record({ name: fc.string({ minLength: 1, maxLength: 12 }), dtype, shape: fc.array(fc.nat(5), { maxLength: 4 }) })
		.filter(({ name, dtype, shape }) => name !== '__metadata__' && Number.isInteger(tensorBytes(dtype, shape))),
	{ maxLength: 8, selector: ({ name }) => name },
);

test('a header that was written is read back, whatever the names and shapes', () => {
	fc.assert(
		fc.property(tensors, fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }), (list: TensorDescription[], metadata) => {
			const { bytes, header } = encodeSafetensorsHeader(list, metadata);
			const file = new Uint8Array(header.fileBytes);
			file.set(bytes);
			const found = read(file);
			const named = (entries: readonly TensorDescription[]) => [...entries].sort((a, b) => (a.name < b.name ? -1 : 1));
			expect(named(found.tensors)).toEqual(named(header.tensors));
			expect(bytes.byteLength % 8).toBe(0);
		}),
	);
});

describe('a file that is not what it says', () => {
	test.each([
		['an empty file', new Uint8Array(0), /at least 8 bytes/],
		['a header longer than the file', fileOf('{}', 0).fill(9, 0, 1), /truncated/],
		['an absurd header length', new Uint8Array(16).fill(0xff), /header length.*at most 100000000/],
		['no JSON', fileOf('{"a"', 0), /header.*a JSON object/],
		['a list', fileOf('[1]', 0), /a JSON object/],
		['an unknown element type', fileOf('{"w":{"dtype":"F7","shape":[1],"data_offsets":[0,4]}}', 4), /w.*dtype/],
		[
			'a range that does not fit the shape',
			fileOf('{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}', 4),
			/expected 8 bytes/,
		],
		['a negative offset', fileOf('{"w":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}', 0), /data_offsets/],
		['a hole', fileOf('{"w":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}', 2), /no holes/],
		[
			'an overlap',
			fileOf('{"v":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"w":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}', 3),
			/no holes, no overlaps/,
		],
		['missing data', fileOf('{"w":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}', 4), /truncated/],
		['more data than tensors', fileOf('{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', 4), /by its header/],
	])('%s is one InputError', (_, file, message) => {
		expect(() => read(file)).toThrow(InputError);
		expect(() => read(file)).toThrow(message);
	});

	test('random and damaged bytes raise an InputError or are read; nothing else happens', () => {
		const { bytes, header } = encodeSafetensorsHeader([
			{ name: 'a', dtype: 'F32', shape: [2, 3] },
			{ name: 'b', dtype: 'BF16', shape: [4] },
		]);
		const valid = new Uint8Array(header.fileBytes);
		valid.set(bytes);
		const damaged = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }).map((changes) => {
			const copy = valid.slice();
			for (const [at, value] of changes) copy[at] = value;
			return copy;
		});
		fc.assert(
			fc.property(
				fc.oneof(
					damaged,
					fc.uint8Array({ maxLength: 200 }),
					fc.json().map((text) => fileOf(text, 8)),
				),
				(file) => {
					try {
						read(file);
					} catch (error) {
						expect(error).toBeInstanceOf(InputError);
					}
				},
			),
			{ numRuns: 2000 },
		);
	});
});

test('the ranges of a box hold its elements, in order, and neighbours are merged', () => {
	const box = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 }).chain((shape) =>
		fc.record({
			shape: fc.constant(shape),
			bounds: fc.tuple(...shape.map((size) => fc.tuple(fc.nat(size), fc.nat(size)))),
		}),
	);
	fc.assert(
		fc.property(box, ({ shape, bounds }) => {
			const start = bounds.map(([a, b]) => Math.min(a, b));
			const size = bounds.map(([a, b]) => Math.abs(a - b));
			const { header } = encodeSafetensorsHeader([{ name: 'w', dtype: 'U16', shape }]);
			const [tensor] = header.tensors;
			if (tensor === undefined) throw new Error('no tensor');
			const expected: number[] = [];
			for (let flat = 0; flat < elementCount(shape); flat++) {
				let rest = flat;
				const index = [...shape].reverse().map((length) => {
					const at = rest % length;
					rest = (rest - at) / length;
					return at;
				});
				index.reverse();
				if (index.every((at, d) => at >= (start[d] ?? 0) && at < (start[d] ?? 0) + (size[d] ?? 0))) expected.push(flat);
			}
			const ranges = [...sliceByteRanges(tensor, start, size)];
			const found = ranges.flatMap(({ offset, bytes }) =>
				Array.from({ length: bytes / 2 }, (_, i) => (offset - tensor.fileOffset) / 2 + i),
			);
			expect(found).toEqual(expected);
			for (const [i, { offset }] of ranges.entries()) {
				const before = ranges[i - 1];
				if (before !== undefined) expect(offset).toBeGreaterThan(before.offset + before.bytes);
			}
		}),
	);
});

test('a file of more than 4 GiB has exact offsets', () => {
	const { header } = encodeSafetensorsHeader([
		{ name: 'a', dtype: 'F32', shape: [3_000_000_000] },
		{ name: 'b', dtype: 'U8', shape: [5, 7] },
	]);
	const b = header.tensors[1];
	if (b === undefined) throw new Error('no tensor');
	expect(b.fileOffset).toBe(header.fileBytes - 35);
	expect([...sliceByteRanges(b, [1, 2], [2, 3])]).toEqual([
		{ offset: b.fileOffset + 9, bytes: 3 },
		{ offset: b.fileOffset + 16, bytes: 3 },
	]);
});

if (sample === undefined || !existsSync(sample))
	console.log('skipped: a file of the reference implementation (needs ASSAY_DATA)');
test.skipIf(sample === undefined || !existsSync(sample))('a file written by the reference implementation is read', () => {
	const { tensors } = read(new Uint8Array(readFileSync(sample ?? '')));
	const embedding = tensors.find(({ name }) => name === 'model.embed_tokens.weight');
	expect(embedding).toMatchObject({ dtype: 'F32', shape: [64, 32], bytes: 8192 });
	expect(tensors).toHaveLength(99);
});

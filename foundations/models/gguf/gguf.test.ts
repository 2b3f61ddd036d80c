import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memorySource } from '../onnx/byte-source.ts';
import { parameterCount } from '../parameters.ts';
import { ggufModel } from './gguf-model.ts';
import { readGguf } from './read-gguf.ts';
import { ggufTensorType } from './tensor-type.ts';
import { writeGguf } from './write-gguf.ts';

const metadata = new Map<string, number | string>([
	['general.architecture', 'llama'],
	['general.name', 'tiny'],
	['llama.block_count', 2],
	['llama.embedding_length', 64],
	['llama.feed_forward_length', 128],
	['llama.attention.head_count', 4],
	['llama.attention.head_count_kv', 2],
	['llama.context_length', 512],
	['llama.rope.freq_base', 10_000.5],
]);
const file = writeGguf(metadata, [
	{ name: 'token_embd.weight', shape: [64, 96], type: 'Q4_0', content: new Uint8Array(((64 * 96) / 32) * 18).fill(7) },
	{ name: 'output_norm.weight', shape: [64], type: 'F32', content: new Uint8Array(256).fill(9) },
]);
const read = (bytes: Uint8Array) => readGguf(memorySource('tiny.gguf', bytes));

test('what is written is read back: metadata, shapes, and where tensors lie', async () => {
	const head = await read(file);
	expect(head.version).toBe(3);
	expect(Object.fromEntries(head.metadata)).toEqual(Object.fromEntries(metadata));
	expect(head.tensors.map(({ name, shape, type: { name: type } }) => ({ name, shape, type }))).toEqual([
		{ name: 'token_embd.weight', shape: [64, 96], type: 'Q4_0' },
		{ name: 'output_norm.weight', shape: [64], type: 'F32' },
	]);
	for (const [index, { offset, bytes }] of head.tensors.entries()) {
		expect(offset % 32).toBe(0);
		expect(new Set(file.subarray(offset, offset + bytes))).toEqual(new Set([[7, 9][index]]));
	}
});

test('a head put together byte by byte from the published layout', async () => {
	const bytes = [
		...new TextEncoder().encode('GGUF'),
		...[3, 0, 0, 0],
		...[0, 0, 0, 0, 0, 0, 0, 0],
		...[1, 0, 0, 0, 0, 0, 0, 0],
		...[1, 0, 0, 0, 0, 0, 0, 0, 'k'.charCodeAt(0)],
		// An array (9) of two int16 (3): -1 and 258.
		...[9, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 255, 255, 2, 1],
	];
	expect((await read(Uint8Array.from(bytes))).metadata.get('k')).toEqual([-1, 258]);
});

test('the model is the one of the config.json with the same numbers', async () => {
	const model = ggufModel(await read(file), 'tiny.gguf');
	expect(model).toMatchObject({ name: 'tiny', layers: 2, hidden: 64, vocabulary: 96, outputHead: 'tied' });
	expect(model.attention).toMatchObject({ heads: 4, kvHeads: 2, headDim: 16 });
	// Embedding, two layers (q, o 64², k, v 64 x 32, three of 64 x 128, two norms), final norm.
	expect(parameterCount(model).total).toBe(96 * 64 + 2 * (2 * 64 * 64 + 2 * 64 * 32 + 3 * 64 * 128 + 2 * 64) + 64);
});

test('bytes per weight of formats, as llama.cpp states them', () => {
	// llama.cpp's quantize --help: bits per weight; the last two from the Open Compute Project's and NVIDIA's formats: four bits and a byte for 32 or 16.
	const published = {
		...{ 2: 4.5, 8: 8.5, 10: 2.625, 11: 3.4375, 12: 4.5, 13: 5.5, 14: 6.5625 },
		...{ 16: 2.0625, 17: 2.3125, 18: 3.0625, 19: 1.5625, 20: 4.5, 21: 3.4375, 22: 2.5625, 23: 4.25, 29: 1.75 },
		...{ 39: 4 + 8 / 32, 40: 4 + 8 / 16 },
	};
	for (const [number, bits] of Object.entries(published)) {
		const type = ggufTensorType(Number(number));
		expect((8 * (type?.blockBytes ?? 0)) / (type?.blockWeights ?? 1)).toBe(bits);
	}
});

test('a file that ends early, another file and another architecture are named', async () => {
	await expect(read(file.subarray(0, 100))).rejects.toThrow(/the end of the file/);
	await expect(read(file.subarray(0, file.length - 1))).rejects.toThrow(/output_norm\.weight.*within the file/);
	await expect(read(Uint8Array.of(1, 2, 3))).rejects.toThrow(/GGUF/);
	const other = await read(writeGguf(new Map([['general.architecture', 'mamba']]), []));
	expect(() => ggufModel(other, 'm.gguf')).toThrow(/mamba/);
	const lacking = await read(writeGguf(new Map([['general.architecture', 'llama']]), []));
	expect(() => ggufModel(lacking, 'm.gguf')).toThrow(/llama\.embedding_length/);
});

test('any change of a file ends in a head or an InputError', async () => {
	await fc.assert(
		fc.asyncProperty(fc.nat(file.length - 1), fc.uint8Array({ minLength: 1, maxLength: 12 }), async (place, bytes) => {
			const changed = file.slice();
			changed.set(bytes.subarray(0, file.length - place), place);
			try {
				const head = await read(changed);
				ggufModel(head, 'tiny.gguf');
			} catch (error) {
				expect(error).toBeInstanceOf(InputError);
			}
		}),
		{ numRuns: 1000 },
	);
});

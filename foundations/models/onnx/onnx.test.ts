import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	elementTypeOf,
	externalTensorMessage,
	type ModelMessage,
	memorySource,
	type OnnxNode,
	onnxNode,
	readOnnxGraph,
	tensorBytes,
	tensorMessage,
	tensorsRead,
	valueMessage,
	writeOnnxModel,
} from './index.ts';

const floats = (count: number): Uint8Array => new Uint8Array(Float32Array.from({ length: count }, (_, i) => i / 7).buffer);
const value = (name: string, dims: (number | string)[]) => valueMessage({ name, elementType: 'float32', dims });

function twoLayers(changes: Partial<ModelMessage['graph']> = {}): ModelMessage {
	return {
		irVersion: 8,
		opsetImport: [{ domain: '', version: 17 }],
		graph: {
			name: 'two layers',
			node: [onnxNode('MatMul', ['h', 'w2'], ['y']), onnxNode('Relu', ['m'], ['h']), onnxNode('MatMul', ['x', 'w1'], ['m'])],
			initializer: [tensorMessage('w1', 'float32', [20, 20], floats(400)), tensorMessage('w2', 'float32', [20, 3], floats(60))],
			input: [value('x', ['batch', 20])],
			output: [value('y', ['batch', 3])],
			...changes,
		},
	};
}
const read = (model: ModelMessage) => readOnnxGraph(memorySource('model.onnx', writeOnnxModel(model)));

/** Writes protobuf by hand, from the field numbers of the public format alone. */
function message(...fields: [number, string | number | Uint8Array][]): Uint8Array {
	const bytes: number[] = [];
	const varint = (n: number): void => {
		let rest = n;
		for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
		bytes.push(rest);
	};
	for (const [field, content] of fields) {
		if (typeof content === 'number') {
			varint(field * 8);
			varint(content);
			continue;
		}
		const raw = typeof content === 'string' ? new TextEncoder().encode(content) : content;
		varint(field * 8 + 2);
		varint(raw.length);
		bytes.push(...raw);
	}
	return Uint8Array.from(bytes);
}

describe('reading', () => {
	test('a file put together byte by byte from the field numbers', async () => {
		const raw = floats(400);
		const weight = message([1, 20], [1, 20], [2, 1], [8, 'w'], [9, raw]);
		const node = message([1, 'x'], [1, 'w'], [2, 'y'], [4, 'MatMul']);
		const dim = message([1, message([1, 20])]);
		const type = message([1, message([1, 1], [2, dim])]);
		const graph = message([1, node], [2, 'tiny'], [5, weight], [11, message([1, 'x'], [2, type])], [12, message([1, 'y'])]);
		const file = message([1, 9], [2, 'by hand'], [7, graph], [8, message([2, 17])]);
		const parsed = await readOnnxGraph(memorySource('tiny.onnx', file));
		expect(parsed).toMatchObject({ name: 'tiny', irVersion: 9, inputs: [{ name: 'x', elementType: 'float32', dims: [20] }] });
		expect(parsed.opsets.get('')).toBe(17);
		const found = parsed.initializers.get('w');
		expect(found).toMatchObject({ dims: [20, 20], bytes: 1600, data: { kind: 'own-file' } });
		if (found?.data.kind !== 'own-file') throw new Error('not in the file');
		expect(file.slice(found.data.offset, found.data.offset + 1600)).toEqual(raw);
	});

	test('operators come in an order in which each follows what it needs; larger weights stay in the file', async () => {
		const model = twoLayers();
		const file = writeOnnxModel(model);
		let most = 0;
		let total = 0;
		const whole = memorySource('model.onnx', file);
		const graph = await readOnnxGraph({
			...whole,
			read: (offset, bytes) => {
				most = Math.max(most, bytes);
				total += bytes;
				return whole.read(offset, bytes);
			},
		});
		expect(graph.nodes.map(({ output }) => output[0])).toEqual(['m', 'h', 'y']);
		const [first, second] = [...graph.initializers.values()];
		expect(first?.data.kind).toBe('own-file');
		expect(second?.data.kind).toBe('message');
		if (first?.data.kind === 'own-file') expect(file.slice(first.data.offset, first.data.offset + 1600)).toEqual(floats(400));
		if (second?.data.kind === 'message') expect(tensorBytes(second.data.tensor)).toEqual(floats(60));
		expect(total).toBeLessThanOrEqual(2 * file.byteLength);
		expect(most).toBeLessThanOrEqual(65_536);
		expect(graph.values.get('y')?.dims).toEqual(['batch', 3]);
	});

	test('a file of a hundred gigabytes is read without its weights', async () => {
		const bytes = 100e9;
		// The message's end is far away: only what lies around the weight is there.
		const head = message([1, 300_000], [1, 83_333], [2, 1], [8, 'w']);
		const varint = (n: number): number[] => (n < 128 ? [n] : [(n % 128) | 128, ...varint(Math.floor(n / 128))]);
		const weightBytes = 300_000 * 83_333 * 4;
		const rawTag = [9 * 8 + 2, ...varint(weightBytes)];
		const weightLength = head.length + rawTag.length + weightBytes;
		const node = message([1, 'x'], [1, 'w'], [2, 'y'], [4, 'MatMul']);
		const tail = message([1, node], [11, message([1, 'x'])], [12, message([1, 'y'])]);
		const weightTag = [5 * 8 + 2, ...varint(weightLength)];
		const graphTag = [7 * 8 + 2, ...varint(weightTag.length + weightLength + tail.length)];
		const before = Uint8Array.from([...graphTag, ...weightTag, ...head, ...rawTag]);
		const end = before.length + weightBytes;
		const file = {
			name: 'large.onnx',
			bytes: end + tail.length,
			read: async (offset: number, count: number) =>
				Uint8Array.from({ length: count }, (_, i) => before[offset + i] ?? tail[offset + i - end] ?? 0),
		};
		const graph = await readOnnxGraph(file);
		expect(weightBytes).toBeGreaterThan(bytes * 0.99);
		expect(graph.initializers.get('w')).toMatchObject({ bytes: weightBytes, data: { kind: 'own-file', offset: before.length } });
	});

	test('weights in other files, in lists of numbers, in 4 bits', async () => {
		const graph = await read(
			twoLayers({
				initializer: [
					externalTensorMessage('w1', 'float32', [20, 20], { location: 'model.bin', offset: 4096 }),
					{ name: 'w2', dims: [20, 3], dataType: 1, floatData: Array.from({ length: 60 }, (_, i) => Math.fround(i / 7)) },
				],
			}),
		);
		expect(graph.initializers.get('w1')?.data).toEqual({ kind: 'other-file', location: 'model.bin', offset: 4096 });
		const second = graph.initializers.get('w2')?.data;
		if (second?.kind !== 'message') throw new Error('not in the graph');
		expect(tensorBytes(second.tensor)).toEqual(floats(60));
		const lists: [Partial<ReturnType<typeof tensorMessage>>, number[]][] = [
			[{ dataType: 7, dims: [2], int64Data: [-1, '9223372036854775807'] }, [...Array(8).fill(255), ...Array(7).fill(255), 127]],
			[{ dataType: 10, dims: [1], int32Data: [0x3c00] }, [0x00, 0x3c]],
			[{ dataType: 9, dims: [2], int32Data: [1, 0] }, [1, 0]],
			[{ dataType: 3, dims: [2], int32Data: [-2, 3] }, [254, 3]],
			[{ dataType: 22, dims: [3], int32Data: [0x21, 0x03] }, [0x21, 0x03]],
			[{ dataType: 12, dims: [1], uint64Data: [4294967295] }, [255, 255, 255, 255]],
			[{ dataType: 11, dims: [1], doubleData: [1] }, [0, 0, 0, 0, 0, 0, 240, 63]],
		];
		for (const [tensor, bytes] of lists)
			expect([...tensorBytes({ externalData: [], dataLocation: 0, dims: [], dataType: 0, ...tensor })]).toEqual(bytes);
	});

	test('64-bit attributes are exact, reals may be infinite, bodies of branches are kept', async () => {
		const body = {
			node: [onnxNode('Add', ['outside', 'inside'], ['sum'])],
			initializer: [tensorMessage('inside', 'float32', [1], floats(1))],
			output: [valueMessage({ name: 'sum', elementType: null, dims: null })],
		};
		const branch: OnnxNode = {
			...onnxNode('If', ['x'], ['h']),
			attribute: [{ name: 'then_branch', type: 5, g: { name: '', input: [], valueInfo: [], ...body } }],
		};
		const graph = await read(
			twoLayers({
				node: [
					onnxNode('MatMul', ['h', 'w2'], ['y']),
					branch,
					onnxNode('Clip', ['x'], ['outside'], { limit: { float: Number.POSITIVE_INFINITY } }),
					{ ...onnxNode('Slice', ['x'], ['unused']), attribute: [{ name: 'end', type: 2, i: '9223372036854775807' }] },
				],
			}),
		);
		const found = graph.nodes.find(({ opType }) => opType === 'If') as OnnxNode;
		expect(tensorsRead(found)).toEqual(['x', 'outside']);
		expect(graph.nodes.find(({ opType }) => opType === 'Slice')?.attribute[0]?.i).toBe('9223372036854775807');
		expect(graph.nodes.find(({ opType }) => opType === 'Clip')?.attribute[0]?.f).toBe(Number.POSITIVE_INFINITY);
		expect(graph.nodes.indexOf(found)).toBeGreaterThan(graph.nodes.findIndex(({ opType }) => opType === 'Clip'));
	});
});

describe('mistakes are one InputError with a place', () => {
	const cases: [string, ModelMessage, RegExp][] = [
		['a cycle', twoLayers({ node: [onnxNode('Add', ['x', 'b'], ['y']), onnxNode('Relu', ['y'], ['b'])] }), /cycle among 2/],
		['an input that nothing writes', twoLayers({ node: [onnxNode('Relu', ['z'], ['y'])] }), /found the input "z"/],
		[
			'a tensor written twice',
			twoLayers({ node: [onnxNode('Relu', ['x'], ['y']), onnxNode('Abs', ['x'], ['y'])] }),
			/second time/,
		],
		['no operators', twoLayers({ node: [] }), /found 0 operators/],
		['an output from nowhere', twoLayers({ output: [value('z', [1])] }), /output: found "z"/],
		[
			'too few bytes',
			twoLayers({ initializer: [tensorMessage('w1', 'float32', [30, 30], floats(400))] }),
			/found 1600 bytes, expected 3600/,
		],
		['an unknown type', twoLayers({ initializer: [{ name: 'w1', dims: [1], dataType: 99 }] }), /data type 99/],
		['a negative dimension', twoLayers({ initializer: [{ name: 'w1', dims: [-1], dataType: 1 }] }), /shape \[-1\]/],
		[
			'a way out of the folder',
			twoLayers({ initializer: [externalTensorMessage('w1', 'float32', [1], { location: '../secret', offset: 0 })] }),
			/external data at "..\/secret"/,
		],
	];
	test.each(cases)('%s', async (_, model, expected) => {
		const error = await read(model).catch((reason: unknown) => reason);
		expect(error).toBeInstanceOf(InputError);
		expect((error as Error).message).toMatch(expected);
	});

	test('whatever bytes come, and wherever a file is cut or changed: a graph or an InputError', async () => {
		const file = writeOnnxModel(twoLayers());
		const attempt = async (bytes: Uint8Array): Promise<void> => {
			try {
				await readOnnxGraph(memorySource('fuzz.onnx', bytes));
			} catch (error) {
				if (!(error instanceof InputError)) throw error;
			}
		};
		await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), attempt), { numRuns: 1500 });
		await fc.assert(
			fc.asyncProperty(
				fc.nat(file.length),
				fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { maxLength: 6 }),
				async (length, changes) => {
					const changed = file.slice();
					for (const [at, byte] of changes) changed[at] = byte;
					await attempt(changed);
					await attempt(changed.slice(0, length));
				},
			),
			{ numRuns: 1500 },
		);
	});

	test('branches within branches without end are refused', async () => {
		let graph = message([1, message([2, 'y'], [4, 'Relu'])]);
		for (let depth = 0; depth < 400; depth++) graph = message([1, message([5, message([1, 'g'], [6, graph])])]);
		await expect(readOnnxGraph(memorySource('deep.onnx', message([7, graph])))).rejects.toBeInstanceOf(InputError);
	}, 30_000);
});

test('types by number', () => {
	expect([0, 1, 10, 16, 24].map(elementTypeOf)).toEqual([undefined, 'float32', 'float16', 'bfloat16', undefined]);
});

import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { graphIntegers, graphText, graphTexts, parseTfjs, type TfjsModel } from './index.ts';

const dense = (name: string, inputs: readonly string[]) => ({
	class_name: 'Dense',
	name,
	config: { name, units: 2 },
	inbound_nodes: inputs.length === 0 ? [] : [inputs.map((input) => [input, 0, 0, {}])],
});

/** Two groups; the second lies in two files. */
const manifest = [
	{
		paths: ['group1-shard1of1.bin'],
		weights: [
			{ name: 'a', shape: [2], dtype: 'float32' },
			{ name: 'b', shape: [3], dtype: 'float32', quantization: { dtype: 'uint8', min: -1, scale: 0.5 } },
		],
	},
	{
		paths: ['folder/group2-shard1of2.bin', 'folder/group2-shard2of2.bin'],
		weights: [
			{ name: 'c', shape: [2], dtype: 'float32', quantization: { dtype: 'uint16', min: 10, scale: 0.25 } },
			{ name: 'd', shape: [2], dtype: 'float32', quantization: { dtype: 'float16' } },
			{ name: 'e', shape: [1], dtype: 'int32' },
			{ name: 'f', shape: [1], dtype: 'int32', quantization: { dtype: 'uint8', min: 0.4, scale: 1 } },
			{ name: 'g', shape: [], dtype: 'bool' },
		],
	},
];
const topology = {
	class_name: 'Model',
	config: {
		name: 'net',
		layers: [dense('last', ['first']), dense('first', [])],
		input_layers: [['first', 0, 0]],
		output_layers: ['last', 0, 0],
	},
};
const text = JSON.stringify({ modelTopology: { model_config: topology }, weightsManifest: manifest });
const bytes = (...parts: ArrayBufferView[]): Uint8Array =>
	Uint8Array.from(parts.flatMap(({ buffer, byteOffset, byteLength }) => [...new Uint8Array(buffer, byteOffset, byteLength)]));
const shards = new Map([
	['group1-shard1of1.bin', bytes(Float32Array.of(1.5, -2), Uint8Array.of(0, 2, 255))],
	// 1 and -1.5 in float16; the first file ends within a number.
	['group2-shard1of2.bin', bytes(Uint16Array.of(0, 65_535), Uint8Array.of(0x00))],
	['group2-shard2of2.bin', bytes(Uint8Array.of(0x3c, 0x00, 0xbe), Int32Array.of(-7), Uint8Array.of(3, 1))],
]);

test('weights of all stored types, across files that end within a number', () => {
	const file = parseTfjs(text, 'model.json');
	expect(file.shards).toEqual(['group1-shard1of1.bin', 'group2-shard1of2.bin', 'group2-shard2of2.bin']);
	const { weights } = file.load(shards);
	expect(Object.fromEntries([...weights].map(([name, { values }]) => [name, Array.from(values)]))).toEqual({
		a: [1.5, -2],
		b: [-1, 0, 126.5],
		c: [10, 10 + 65_535 / 4],
		d: [1, -1.5],
		e: [-7],
		f: [3],
		g: [1],
	});
});

test('layers come in the order in which they can be run, whatever order the file has', () => {
	const model = parseTfjs(text, 'model.json').load(shards);
	if (model.kind !== 'layers') throw new Error(model.kind);
	expect(model.network.layers.map(({ name }) => name)).toEqual(['first', 'last']);
	expect(model.network).toMatchObject({ inputs: ['first'], outputs: ['last'] });
});

const nodes = [
	{
		name: 'y',
		op: 'Conv2D',
		input: ['x:0', 'w', '^x'],
		attr: { padding: { s: 'U0FNRQ==' }, strides: { list: { i: ['1', '2'] } } },
	},
	{ name: 'x', op: 'Placeholder', attr: { fused_ops: { list: { s: ['Qmlhc0FkZA==', 'Relu'] } } } },
	{ name: 'w', op: 'Const' },
];
const graphFile = (changed: readonly object[]) => JSON.stringify({ modelTopology: { node: changed }, weightsManifest: [] });

test('graphs: attributes as texts and numbers, inputs without their marks', () => {
	const model = parseTfjs(graphFile(nodes), 'model.json').load(new Map());
	if (model.kind !== 'graph') throw new Error(model.kind);
	const [x, , y] = model.nodes;
	expect(model.nodes.map(({ name }) => name)).toEqual(['x', 'w', 'y']);
	expect(y?.inputs).toEqual(['x', 'w']);
	expect([graphText(y!, 'padding', ''), graphIntegers(y!, 'strides'), graphTexts(x!, 'fused_ops')]).toEqual([
		'SAME',
		[1, 2],
		['BiasAdd', 'Relu'],
	]);
});

test.for<[string, () => unknown, RegExp]>([
	[
		'a missing file',
		() => parseTfjs(text, 'model.json').load(new Map([...shards].slice(0, 2))),
		/model\.json.*1 of 3 weight files missing: group2-shard2of2\.bin/,
	],
	[
		'a file that is cut short',
		() => parseTfjs(text, 'model.json').load(new Map([...shards, ['group1-shard1of1.bin', new Uint8Array(10)]])),
		/group1-shard1of1\.bin.*10 bytes.*11 bytes/,
	],
	[
		'weights of texts',
		() => parseTfjs(text.replace('"bool"', '"string"'), 'model.json').load(shards),
		/g: found weights of string/,
	],
	['what is no JSON', () => parseTfjs('{', 'model.json'), /no JSON/],
	['JSON of something else', () => parseTfjs('{"name": "x"}', 'package.json'), /package\.json, modelTopology/],
	[
		'a circle of nodes',
		() => parseTfjs(graphFile([nodes[0]!, { ...nodes[1], input: ['y'] }, nodes[2]!]), 'm').load(new Map()),
		/circle/,
	],
	['a node that is not there', () => parseTfjs(graphFile(nodes.slice(0, 2)), 'm').load(new Map()), /y: found an input from w/],
	[
		'a layer that is used twice',
		() => {
			const first = dense('first', []);
			const twice = { ...dense('last', ['first']), inbound_nodes: [[['first', 0, 0]], [['first', 0, 0]]] };
			const config = { ...topology.config, layers: [first, twice] };
			const changed = { modelTopology: { ...topology, config }, weightsManifest: [] };
			return parseTfjs(JSON.stringify(changed), 'm').load(new Map());
		},
		/last: found 2 uses/,
	],
])('%s is refused by name', ([, read, message]) => {
	expect(read).toThrow(InputError);
	expect(read).toThrow(message);
});

test('changed texts and bytes give a model or an InputError, nothing else', () => {
	const read = (changed: string, files: ReadonlyMap<string, Uint8Array>): TfjsModel | undefined => {
		try {
			return parseTfjs(changed, 'broken.json').load(files);
		} catch (error) {
			expect(error).toBeInstanceOf(InputError);
			return undefined;
		}
	};
	const piece = fc.constantFrom('0', '-1', '1e9', 'null', '[]', '{}', '"x"', 'true', '', '[[', '9'.repeat(30));
	fc.assert(
		fc.property(
			fc.constantFrom(text, graphFile(nodes)),
			fc.nat({ max: 1000 }),
			fc.nat({ max: 12 }),
			piece,
			fc.nat({ max: 12 }),
			(source, at, removed, inserted, cut) => {
				const place = at % source.length;
				const files = new Map(
					[...shards].map(([name, content]) => [name, content.subarray(0, Math.max(0, content.length - cut))]),
				);
				read(source.slice(0, place) + inserted + source.slice(place + removed), cut % 2 === 0 ? shards : files);
			},
		),
		{ numRuns: 1500 },
	);
	// Whole values replaced, so that the JSON stays sound.
	const values = [...text.matchAll(/"[^"]*"(?!:)|-?\d+(\.\d+)?/g)];
	fc.assert(
		fc.property(fc.nat({ max: values.length - 1 }), piece, (which, inserted) => {
			const found = values[which]!;
			read(text.slice(0, found.index) + inserted + text.slice(found.index + found[0].length), shards);
		}),
		{ numRuns: 1500 },
	);
});

import { InputError } from '@assay/contract';
import { expect, test } from 'vitest';
import { memorySource } from './byte-source.ts';
import { initializerBytes, writeChangedGraph } from './changed-graph.ts';
import { readOnnxGraph } from './read-graph.ts';
import { tensorMessage } from './tensor-bytes.ts';
import { onnxNode, valueMessage, writeOnnxModel } from './write-graph.ts';

const reals = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const big = Float32Array.from({ length: 4096 }, (_, i) => i);

async function read(bytes: Uint8Array) {
	const source = memorySource('x.onnx', bytes);
	return { source, graph: await readOnnxGraph(source) };
}

const file = writeOnnxModel({
	irVersion: 8,
	producerName: 'somebody',
	opsetImport: [
		{ domain: '', version: 17 },
		{ domain: 'com.microsoft', version: 1 },
	],
	graph: {
		name: 'sum',
		node: [onnxNode('Add', ['x', 'a'], ['s']), onnxNode('Add', ['s', 'b'], ['y'])],
		initializer: [
			tensorMessage('a', 'float32', [2], reals(1, 2)),
			tensorMessage('b', 'float32', [4096], new Uint8Array(big.buffer)),
		],
		input: [valueMessage({ name: 'x', elementType: 'float32', dims: ['n', 1] })],
		output: [valueMessage({ name: 'y', elementType: 'float32', dims: null })],
	},
});

test('nothing changed: operators, weights, inputs, outputs and operator sets are what they were', async () => {
	const { source, graph } = await read(file);
	const again = await read(await writeChangedGraph(graph, source, { producerName: 'us', replaced: new Map() }));
	expect(again.graph.nodes).toEqual(graph.nodes);
	expect([again.graph.inputs, again.graph.outputs, again.graph.opsets, again.graph.irVersion]).toEqual([
		graph.inputs,
		graph.outputs,
		graph.opsets,
		graph.irVersion,
	]);
	expect(again.graph.producer).toBe('us');
	for (const [name, stored] of graph.initializers) {
		const other = again.graph.initializers.get(name);
		if (other === undefined) throw new Error(`no ${name}`);
		expect(other.dims).toEqual(stored.dims);
		expect(await initializerBytes(other, again.source)).toEqual(await initializerBytes(stored, source));
	}
});

test('weights are replaced, others come beside them, and operators read them', async () => {
	const { source, graph } = await read(file);
	const replaced = new Map([
		['a', tensorMessage('a', 'float32', [2], reals(5, 6))],
		['c', tensorMessage('c', 'float32', [1], reals(7))],
	]);
	const nodes = graph.nodes.map((node) => ({ ...node, input: node.input.map((name) => (name === 'b' ? 'c' : name)) }));
	const again = await read(await writeChangedGraph(graph, source, { producerName: 'us', replaced, nodes }));
	expect([...again.graph.initializers.keys()]).toEqual(['a', 'b', 'c']);
	expect(again.graph.nodes.map(({ input }) => input)).toEqual([
		['x', 'a'],
		['s', 'c'],
	]);
	for (const [name, values] of [
		['a', reals(5, 6)],
		['c', reals(7)],
	] as const) {
		const stored = again.graph.initializers.get(name);
		expect(stored === undefined ? undefined : await initializerBytes(stored, again.source)).toEqual(values);
	}
});

test('weights in another file are refused by name', async () => {
	const { source, graph } = await read(file);
	const [stored] = [...graph.initializers.values()];
	if (stored === undefined) throw new Error('no weights');
	const elsewhere = { ...stored, data: { kind: 'other-file', location: 'weights.bin', offset: 0 } as const };
	const graphElsewhere = { ...graph, initializers: new Map([['a', elsewhere]]) };
	const written = writeChangedGraph(graphElsewhere, source, { producerName: 'us', replaced: new Map() });
	await expect(written).rejects.toThrow(/x\.onnx, a: found weights in weights\.bin/);
	await expect(written).rejects.toBeInstanceOf(InputError);
});

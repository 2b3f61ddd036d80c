import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@assay/contract';
import { memorySource, onnxNode, readOnnxGraph, tensorMessage, valueMessage, writeOnnxModel } from '@assay/models/onnx';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blockBytes, type GeneratedModel, generateModel } from '../generate-model.ts';
import { balancedCuts } from './balanced-cuts.ts';
import { type CutGraph, cutGraph } from './cut-graph.ts';
import { findRepetition } from './period.ts';

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'superpipeline-cut-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const shape = { blocks: 5, width: 192, heads: 4, hiddenWidth: 256, tokens: 9, batch: 1, vocabulary: 100, seed: 1 };
const options = { dimensions: new Map<string, number>(), mostCarried: 2, units: 4, largestSharedBytes: Number.POSITIVE_INFINITY };

async function cutGenerated(family: GeneratedModel['family'], changes: Partial<typeof options> = {}): Promise<CutGraph> {
	const path = await generateModel({ family, ...shape }, folder, async () => undefined);
	const graph = await readOnnxGraph(memorySource('model.onnx', new Uint8Array(await readFile(path))));
	return cutGraph(graph, { ...options, ...changes }, 'model.onnx');
}

describe('generated models', () => {
	test('a language model: its blocks are the units, equal ones; the tied embedding counts once, outside', async () => {
		const { parts, by } = await cutGenerated('language');
		expect(by).toBe('repetition');
		const units = parts.filter(({ streamed }) => streamed);
		expect(units).toHaveLength(shape.blocks);
		expect(new Set(units.map(({ signature }) => signature)).size).toBe(1);
		for (const unit of units) {
			const small = unit.constants.reduce(
				(sum, { bytes, elementType }) => sum + (elementType === 'float32' && bytes > 4 ? bytes : 0),
				0,
			);
			const mask = 4 * shape.tokens ** 2;
			expect(unit.weightBytes + small - mask).toBe(blockBytes(shape));
			expect(unit.outputs).toHaveLength(1);
			expect(unit.inputs).toHaveLength(1);
		}
		const [before] = parts;
		const after = parts.at(-1);
		for (const part of [before, after]) {
			expect(part?.streamed).toBe(false);
			expect(part?.tied.map(({ name }) => name)).toEqual(['embedding']);
			expect(part?.weights).toEqual([]);
		}
	});

	test('every operator belongs to one part, in order, and a part needs only what came before', async () => {
		for (const family of ['language', 'vision', 'vision-language'] as const) {
			const { parts, graph } = await cutGenerated(family);
			expect(parts.flatMap(({ nodes }) => nodes)).toEqual(graph.nodes);
			const there = new Set(graph.inputs.map(({ name }) => name));
			for (const part of parts) {
				for (const name of part.inputs) expect(there.has(name), `${family}: ${name}`).toBe(true);
				for (const name of part.outputs) there.add(name);
			}
			for (const { name } of graph.outputs) expect(there.has(name)).toBe(true);
		}
	});

	test('a vision-language model has two stacks: the text side is found, and the vision side is cut too where it is too large to stay', async () => {
		const whole = await cutGenerated('vision-language');
		expect(whole.parts.filter(({ streamed }) => streamed)).toHaveLength(shape.blocks);
		const { parts } = await cutGenerated('vision-language', { largestSharedBytes: 2 * blockBytes(shape) });
		const streamed = parts.filter((part) => part.streamed);
		expect(streamed.length).toBeGreaterThanOrEqual(2 * shape.blocks - 1);
		expect(Math.max(...streamed.map(({ weightBytes }) => weightBytes))).toBeLessThan(2.5 * blockBytes(shape));
	});
});

describe('graphs put together by hand', () => {
	const weight = (name: string, rows: number, columns: number) =>
		tensorMessage(name, 'float32', [rows, columns], new Uint8Array(4 * rows * columns));
	const value = (name: string) => valueMessage({ name, elementType: 'float32', dims: [1, 256] });
	const read = (graph: Parameters<typeof writeOnnxModel>[0]['graph']) =>
		readOnnxGraph(memorySource('hand.onnx', writeOnnxModel({ irVersion: 8, opsetImport: [{ domain: '', version: 17 }], graph })));

	test('one operator is nothing to cut', async () => {
		const graph = await read({
			node: [onnxNode('MatMul', ['x', 'w'], ['y'])],
			initializer: [weight('w', 256, 256)],
			input: [value('x')],
			output: [value('y')],
		});
		expect(() => cutGraph(graph, options, 'hand.onnx')).toThrow(InputError);
		expect(() => cutGraph(graph, options, 'hand.onnx')).toThrow(/hand\.onnx: found 1 operators and no place/);
	});

	test('a graph in which everything is tied to everything is refused', async () => {
		const names = ['a', 'b', 'c', 'd', 'e', 'f'];
		const graph = await read({
			node: [...names.map((name) => onnxNode('MatMul', ['x', `w${name}`], [name])), onnxNode('Sum', names, ['y'])].toSpliced(
				1,
				0,
			),
			initializer: names.map((name) => weight(`w${name}`, 256, 256)),
			input: [value('x')],
			output: [value('y')],
		});
		const { parts } = cutGraph(graph, { ...options, units: 6 }, 'hand.onnx');
		// Only the first two products can be parted: from the third on, too much would cross.
		expect(parts.length).toBeLessThanOrEqual(4);
	});

	test('a weight that two units use is tied; constants written as operators are weights', async () => {
		const constant = (name: string) => ({
			...onnxNode('Constant', [], [name]),
			attribute: [{ name: 'value', type: 4, t: weight(name, 256, 256) }],
		});
		const layer = (i: number) => [
			onnxNode('MatMul', [`x${i}`, `w${i}`], [`m${i}`]),
			onnxNode('MatMul', [`m${i}`, 'tied'], [`r${i}`]),
			onnxNode('Relu', [`r${i}`], [`x${i + 1}`]),
		];
		const graph = await read({
			node: [constant('w0'), constant('w1'), constant('tied'), ...layer(0), ...layer(1)],
			initializer: [],
			input: [value('x0')],
			output: [value('x2')],
		});
		const { parts } = cutGraph(graph, { ...options, units: 2 }, 'hand.onnx');
		expect(parts.flatMap(({ nodes }) => nodes).every(({ opType }) => opType !== 'Constant')).toBe(true);
		expect(parts.reduce((sum, { weightBytes }) => sum + weightBytes, 0)).toBe(2 * 256 * 256 * 4);
		expect(parts.filter(({ tied }) => tied.length > 0).length).toBeGreaterThan(1);
	});
});

describe('repetition', () => {
	const find = (text: string, weights?: number[]) => findRepetition([...text], weights ?? [...text].map(() => 1), () => 0);

	test.each([
		['xababababy', { start: 1, period: 2, count: 4 }],
		['aaaa', { start: 0, period: 1, count: 4 }],
		['xyz', undefined],
		['abcabcab', { start: 0, period: 3, count: 2 }],
		['ppqabcabcabcq', { start: 3, period: 3, count: 3 }],
	])('%s', (text, expected) => expect(find(text)).toEqual(expected));

	test('the stretch that holds most weight wins over the longest', () => {
		expect(find('aaaaaabb', [1, 1, 1, 1, 1, 1, 9, 9])).toEqual({ start: 6, period: 1, count: 2 });
	});

	test('of several places to enter, the cheapest', () => {
		expect(findRepetition([...'ababa'], [1, 1, 1, 1, 1], (start) => (start === 1 ? 1 : 2))).toEqual({
			start: 1,
			period: 2,
			count: 2,
		});
	});
});

test('balanced cuts: no way to cut has a smaller largest unit', () => {
	const best = (weights: readonly number[], units: number): number => {
		if (units === 1) return weights.reduce((sum, one) => sum + one, 0);
		let least = Number.POSITIVE_INFINITY;
		for (let first = 1; first <= weights.length; first++) {
			const head = weights.slice(0, first).reduce((sum, one) => sum + one, 0);
			least = Math.min(least, first === weights.length ? head : Math.max(head, best(weights.slice(first), units - 1)));
		}
		return least;
	};
	fc.assert(
		fc.property(fc.array(fc.nat(50), { minLength: 1, maxLength: 9 }), fc.integer({ min: 1, max: 5 }), (weights, units) => {
			const sizes = balancedCuts(weights, units);
			expect(sizes.length).toBeLessThanOrEqual(units);
			expect(sizes.reduce((sum, one) => sum + one, 0)).toBe(weights.length);
			let at = 0;
			const largest = Math.max(
				...sizes.map((size) => {
					at += size;
					return weights.slice(at - size, at).reduce((sum, one) => sum + one, 0);
				}),
			);
			expect(largest).toBe(best(weights, units));
		}),
	);
});

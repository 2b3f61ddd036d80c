import { createContext, InputError, memoryFile, parseInputs } from '@assay/contract';
import { findModel, listModels } from '@assay/models';
import { onnxNode, tensorMessage, valueMessage, writeOnnxModel } from '@assay/models/onnx';
import { describe, expect, test } from 'vitest';
import fusemax from '../index.ts';
import { readAttention } from './onnx-attention.ts';
import { resolveSubject } from './resolve-subject.ts';
import { attentionOf, productsOf } from './subject.ts';
import { transformerSubject } from './transformer-subject.ts';

const resolve = (raw: Record<string, unknown>) => resolveSubject(parseInputs(fusemax, raw), createContext());

describe('models', () => {
	test('Llama 3 8B: four query heads share each key head, and the products are those of its config', async () => {
		const subject = await resolve({ model: { name: 'llama-3-8b' } });
		expect(subject.heads).toEqual({ heads: 32, kvHeads: 8, queryKeyWidth: 128, valueWidth: 128 });
		expect(attentionOf(subject, 2, 1000, 10)).toEqual({
			batch: 2,
			heads: 8,
			queryKeyWidth: 128,
			valueWidth: 128,
			keys: 1000,
			queries: 40,
		});
		// Weights of a layer's seven matrices: 4096 (4096 + 2 1024) + 4096² + 3 4096 14336.
		const weights = productsOf(subject, 1).reduce((sum, { inner, outer, count }) => sum + inner * outer * count, 0);
		expect(weights).toBe(4096 * (4096 + 2048) + 4096 ** 2 + 3 * 4096 * 14_336);
	});
	test('a mixture of experts: rows of the experts’ products add up to tokens times active experts', () => {
		const products = productsOf(transformerSubject(findModel('mixtral-8x7b')), 1000).filter(({ name }) =>
			name.startsWith('experts'),
		);
		for (const { rows, count } of products) expect(rows * count).toBe(2000);
	});
	test('latent attention has wider queries than values', async () => {
		expect((await resolve({ model: { name: 'deepseek-v3' } })).heads).toEqual({
			heads: 128,
			kvHeads: 128,
			queryKeyWidth: 192,
			valueWidth: 128,
		});
	});
	test('every known model gives an attention, ten of Llama, Mistral and GPT-2 among them', () => {
		const names = listModels().map(({ name }) => name);
		for (const name of names) {
			const { heads } = transformerSubject(findModel(name));
			expect(heads.heads % heads.kvHeads).toBe(0);
		}
		expect(names.filter((name) => /^(llama-[23]|mistral|gpt2)/.test(name)).length).toBeGreaterThanOrEqual(10);
	});
	test('a published shape by name, and widths of one’s own, which win', async () => {
		expect((await resolve({ model: { name: 'XLM' } })).heads.queryKeyWidth).toBe(128);
		expect(await resolve({ shape: { heads: 4, queryKeyWidth: 80, kvHeads: 2 } })).toMatchObject({
			heads: { heads: 4, kvHeads: 2, queryKeyWidth: 80, valueWidth: 80 },
			products: [],
		});
	});
	test.each([
		[{ shape: { heads: 4 } }, /shape\.queryKeyWidth: found nothing, expected a number of at least 1/],
		[{ shape: { heads: 4, queryKeyWidth: 64, kvHeads: 3 } }, /shape\.kvHeads: found 3, expected a divisor of heads, 4/],
		[{ model: { name: 'bart' } }, /model\.name: found "bart"/],
	])('%j is refused with its place', async (raw, message) => {
		await expect(resolve(raw)).rejects.toThrow(message);
		await expect(resolve(raw)).rejects.toBeInstanceOf(InputError);
	});
});

type Nodes = Parameters<typeof onnxNode>;
function onnx(nodes: Nodes[], inputs: Record<string, (number | string)[]>, output: string, domain = '', opset = 17): Uint8Array {
	const graph = {
		name: 'graph',
		node: nodes.map(([opType, input, out, attributes]) => ({
			...onnxNode(opType, input, out, attributes),
			domain: /Attention/.test(opType) ? domain : '',
		})),
		input: Object.entries(inputs).map(([name, dims]) => valueMessage({ name, elementType: 'float32', dims })),
		output: [valueMessage({ name: output, elementType: 'float32', dims: null })],
		initializer: [tensorMessage('scale', 'float32', [], new Uint8Array(Float32Array.of(0.125).buffer))],
	};
	return writeOnnxModel({
		irVersion: 10,
		opsetImport: [
			{ domain: '', version: opset },
			{ domain: 'com.microsoft', version: 1 },
		],
		graph,
	});
}
const read = (bytes: Uint8Array, dimensions = '') => readAttention(memoryFile('model.onnx', bytes), dimensions);

describe('attention in ONNX graphs', () => {
	const pattern: Nodes[] = [
		['MatMul', ['q', 'kt'], ['logits']],
		['Mul', ['logits', 'scale'], ['scaled']],
		['Add', ['scaled', 'mask'], ['masked']],
		['Softmax', ['masked'], ['weights'], { axis: -1 }],
		['MatMul', ['weights', 'v'], ['result']],
	];
	test('product, scale, mask, softmax, product; open sizes are given', async () => {
		const bytes = onnx(
			pattern,
			{
				q: ['batch', 12, 'queries', 64],
				kt: ['batch', 12, 64, 'keys'],
				v: ['batch', 12, 'keys', 80],
				mask: ['batch', 1, 'queries', 'keys'],
			},
			'result',
		);
		expect(await read(bytes, 'batch=3, queries=100, keys=700')).toMatchObject({
			heads: { heads: 12, kvHeads: 12, queryKeyWidth: 64, valueWidth: 80 },
			stated: { batch: 3, queries: 100, keys: 700 },
			layers: 1,
		});
		await expect(read(bytes, 'batch=3')).rejects.toThrow(/no size for queries, keys/);
	});
	test('heads folded into the batch', async () => {
		const bytes = onnx(pattern, { q: [24, 50, 64], kt: [24, 64, 50], v: [24, 50, 64], mask: [1, 50, 50] }, 'result');
		expect(await read(bytes)).toMatchObject({ heads: { heads: 24 }, stated: { batch: 1, keys: 50, queries: 50 } });
	});
	test('the operator of ONNX, with fewer key heads', async () => {
		const bytes = onnx(
			[['Attention', ['q', 'k', 'v'], ['result']]],
			{ q: [2, 8, 10, 64], k: [2, 2, 30, 64], v: [2, 2, 30, 96] },
			'result',
			'',
			23,
		);
		expect(await read(bytes)).toMatchObject({
			heads: { heads: 8, kvHeads: 2, queryKeyWidth: 64, valueWidth: 96 },
			stated: { batch: 2, queries: 10, keys: 30 },
		});
	});
	test('fused operators of onnxruntime', async () => {
		const grouped = onnx(
			[['GroupQueryAttention', ['q', 'k', 'v', '', '', 'q', 'q'], ['result'], { num_heads: 8, kv_num_heads: 2 }]],
			{ q: [2, 10, 512], k: [2, 10, 128], v: [2, 10, 128] },
			'result',
			'com.microsoft',
		);
		expect(await read(grouped)).toMatchObject({
			heads: { heads: 8, kvHeads: 2, queryKeyWidth: 64, valueWidth: 64 },
			stated: { batch: 2, queries: 10, keys: 10 },
		});
		const multi = onnx(
			[['MultiHeadAttention', ['q', 'k', 'v'], ['result'], { num_heads: 8 }]],
			{ q: [2, 10, 512], k: [2, 20, 512], v: [2, 20, 256] },
			'result',
			'com.microsoft',
		);
		expect(await read(multi)).toMatchObject({ heads: { heads: 8, queryKeyWidth: 64, valueWidth: 32 }, stated: { keys: 20 } });
	});
	test('of several, the one with the most work; a softmax that is no attention is none', async () => {
		const two: Nodes[] = [
			...pattern,
			...pattern.map(
				([op, input, output, attributes]): Nodes => [
					op,
					input.map((one) => (one === 'scale' ? one : `${one}2`)),
					output.map((one) => `${one}2`),
					attributes,
				],
			),
			['Concat', ['result', 'result2'], ['both'], { axis: 2 }],
		];
		const bytes = onnx(
			two,
			{
				q: [1, 1, 5, 64],
				kt: [1, 1, 64, 9],
				v: [1, 1, 9, 64],
				mask: [1, 1, 5, 9],
				q2: [1, 1, 50, 64],
				kt2: [1, 1, 64, 90],
				v2: [1, 1, 90, 64],
				mask2: [1, 1, 50, 90],
			},
			'both',
		);
		expect(await read(bytes)).toMatchObject({
			stated: { queries: 50, keys: 90 },
			layers: 1,
			notes: [expect.stringMatching(/2 attentions in the graph, 1 with these shapes; the other 1/)],
		});
		const classifier = onnx([['Softmax', ['x'], ['y'], { axis: -1 }]], { x: [1, 10] }, 'y');
		await expect(read(classifier)).rejects.toThrow(/model\.onnx: found no attention/);
	});
	test('what is no graph is refused', async () => {
		await expect(read(new Uint8Array([1, 2, 3]))).rejects.toBeInstanceOf(InputError);
	});
});

import { createRandom, InputError } from '@assay/contract';
import { memorySource, onnxNode, readOnnxGraph, type TensorMessage, tensorMessage } from '@assay/models/onnx';
import { Conversions, smallFloat } from '@assay/numerics';
import fc from 'fast-check';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { channelOrder } from '../ksort/channel-order.ts';
import { headScores } from '../ksort/head-scores.ts';
import { float32Tensor, type OnnxParts, onnxAttention, onnxFile, onnxScores, spreadColumns, wholeTensor } from '../test-data.ts';
import { findAttentions } from './find-attentions.ts';
import { onnxLayer, rewriteOnnx } from './onnx-layers.ts';

const [batch, tokens, width, heads, headDim] = [2, 5, 24, 3, 8];
const random = createRandom(7);
const floats = (dims: readonly number[]): Float32Array => spreadColumns(random, dims);
const weight = (name: string, dims: readonly number[]): TensorMessage => float32Tensor(name, dims, floats(dims));
const separate = (): OnnxParts => onnxAttention(random, { heads, headDim });
/** Everything after the projections of queries, keys and values. */
const { node: attention, initializer: usual } = onnxScores({ heads, headDim });

/** As GPT-2: one Gemm, cut along its columns. */
function splitColumns(): OnnxParts {
	const one = (name: string, out: string, perm: number[]) => [
		onnxNode('Reshape', [name, 'by-heads'], [`h${name}`]),
		onnxNode('Transpose', [`h${name}`], [out], { perm }),
	];
	return {
		node: [
			onnxNode('Reshape', ['x', 'rows'], ['xr']),
			onnxNode('Gemm', ['xr', 'w', 'b'], ['p'], { transB: 1 }),
			onnxNode('Reshape', ['p', 'packed'], ['pr']),
			onnxNode('Split', ['pr', 'thirds'], ['sq', 'sk', 'sv'], { axis: 2 }),
			...one('sq', 'q', [0, 2, 1, 3]),
			...one('sk', 'kt', [0, 2, 3, 1]),
			...one('sv', 'v', [0, 2, 1, 3]),
			...attention,
		],
		initializer: [
			...usual,
			wholeTensor('by-heads', [0, 0, heads, headDim]),
			wholeTensor('rows', [-1, width]),
			wholeTensor('packed', [batch, tokens, 3 * width]),
			wholeTensor('thirds', [width, width, width]),
			// Rows are channels here, with spreads of their own.
			tensorMessage('w', 'float32', [3 * width, width], new Uint8Array(transposed(floats([width, 3 * width]), width).buffer)),
			weight('b', [3 * width]),
		],
	};
}

function transposed(values: Float32Array, rows: number): Float32Array {
	const columns = values.length / rows;
	return Float32Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)] as number);
}

/** As vision transformers: heads of all three by one reshape, then an index for each. */
function gatherParts(): OnnxParts {
	return {
		node: [
			onnxNode('MatMul', ['x', 'w'], ['p']),
			onnxNode('Add', ['p', 'b'], ['a']),
			onnxNode('Reshape', ['a', 'parts'], ['h']),
			onnxNode('Transpose', ['h'], ['t'], { perm: [2, 0, 3, 1, 4] }),
			...['q0', 'k0', 'v'].map((out, index) => onnxNode('Gather', ['t', `part${index}`], [out], { axis: 0 })),
			onnxNode('Mul', ['q0', 'scale'], ['q']),
			onnxNode('Transpose', ['k0'], ['kt'], { perm: [0, 1, 3, 2] }),
			...attention,
		],
		initializer: [
			...usual,
			wholeTensor('parts', [batch, tokens, 3, heads, headDim]),
			...[0, 1, 2].map((index) => wholeTensor(`part${index}`, [index], [])),
			weight('w', [width, 3 * width]),
			weight('b', [3 * width]),
		],
	};
}

function fused(): OnnxParts {
	const node = onnxNode('Attention', ['x', 'w', 'b'], ['y'], { num_heads: heads });
	return {
		node: [{ ...node, domain: 'com.microsoft' }],
		initializer: [weight('w', [width, 3 * width]), weight('b', [3 * width])],
	};
}

const fileOf = (parts: OnnxParts): Uint8Array => onnxFile(parts, [batch, tokens, width]);

async function outputOf(file: Uint8Array, input: Float32Array): Promise<Float32Array> {
	const session = await InferenceSession.create(file);
	const { y } = await session.run({ x: new Tensor('float32', input, [batch, tokens, width]) });
	return Float32Array.from(y?.data as Float32Array);
}

async function sorted(file: Uint8Array) {
	const conversions = await Conversions.create();
	const open = async (bytes: Uint8Array) => {
		const source = memorySource('x.onnx', bytes);
		return { source, graph: await readOnnxGraph(source) };
	};
	const onnx = await open(file);
	const attentions = findAttentions(onnx.graph, 'x.onnx');
	const shape = {
		layers: attentions.length,
		heads,
		keyValueHeads: heads,
		headDim,
		rotary: { width: 0, convention: 'halves', base: 1 },
		gainOffset: 0,
	} as const;
	const scoresOf = async (from: typeof onnx) =>
		Promise.all(
			attentions.map(async (one, index) => headScores(await onnxLayer(from, one, index, conversions), shape, 'row-norm')),
		);
	const scores = await scoresOf(onnx);
	const orders = scores.map((layer) => layer.map((head) => channelOrder(head, shape.rotary, 'free')));
	const bytes = await rewriteOnnx(onnx, attentions, orders);
	return { attentions, scores, bytes, after: await scoresOf(await open(bytes)) };
}

test.for([
	['three projections with biases', separate],
	['one Gemm whose rows are cut', splitColumns],
	['parts by index', gatherParts],
	['Microsoft’s Attention', fused],
] as const)('%s: onnxruntime computes the same, keys come in descending order of their norms', async ([, build]) => {
	const file = fileOf(build());
	const { attentions, scores, bytes, after } = await sorted(file);
	expect(attentions.map((one) => [one.heads, one.headDim])).toEqual([[heads, headDim]]);
	for (const [head, norms] of (after[0] ?? []).entries()) {
		expect([...norms]).toEqual([...(scores[0]?.[head] ?? [])].sort((a, b) => b - a));
		expect([...norms]).not.toEqual([...(scores[0]?.[head] ?? [])]);
	}
	const input = Float32Array.from({ length: batch * tokens * width }, () => random.normal());
	const [before, changed] = [await outputOf(file, input), await outputOf(bytes, input)];
	const largest = before.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
	before.forEach((value, i) => void expect(Math.abs((changed[i] as number) - value) / largest).toBeLessThan(1e-5));
});

test('half precision: bytes move, and norms are those of the decoded values', async () => {
	const half = smallFloat('fp16');
	const { node, initializer } = separate();
	const narrow = initializer.map((tensor) => {
		if (!/^[wb][qkv]$/.test(tensor.name ?? '')) return tensor;
		const values = new Float32Array((tensor.rawData as Uint8Array).slice().buffer);
		const codes = Uint16Array.from(values, (value) => half.encode(value));
		return tensorMessage(tensor.name ?? '', 'float16', tensor.dims?.map(Number) ?? [], new Uint8Array(codes.buffer));
	});
	const { scores, after } = await sorted(fileOf({ node, initializer: narrow }));
	for (const [head, norms] of (after[0] ?? []).entries())
		expect([...norms]).toEqual([...(scores[0]?.[head] ?? [])].sort((a, b) => b - a));
});

describe('refused, naming the operator or the tensor', () => {
	const { node, initializer } = separate();
	const between = (...added: typeof node) => [
		...node.filter(({ output }) => output?.[0] !== 'kt'),
		onnxNode('Transpose', ['hk'], ['kh'], { perm: [0, 2, 1, 3] }),
		...added,
		onnxNode('Transpose', ['turned'], ['kt'], { perm: [0, 1, 3, 2] }),
	];
	test.for<[string, OnnxParts, RegExp]>([
		['no attention', { node: [onnxNode('Relu', ['x'], ['y'])], initializer: [] }, /x\.onnx: found no attention/],
		[
			'a rotary embedding',
			{
				node: between(onnxNode('Mul', ['kh', 'cosines'], ['turned'])),
				initializer: [...initializer, weight('cosines', [1, 1, tokens, headDim])],
			},
			/turned: found Mul by channel.*rotary/,
		],
		[
			'halves that are turned round',
			{ node: between(onnxNode('Concat', ['kh', 'kh'], ['turned'], { axis: 3 })), initializer },
			/kh: found queries or keys that others read too|turned: found Concat/,
		],
		[
			'keys that the graph gives out as well',
			{
				node: [...node, onnxNode('Relu', ['ak'], ['more'])],
				initializer,
			},
			/ak: found queries or keys that others read too/,
		],
		[
			'one weight for queries and keys',
			{
				node: node.map((one) => ({ ...one, input: one.input?.map((name) => (name === 'wk' ? 'wq' : name)) })),
				initializer,
			},
			/wq: found weights that others read too/,
		],
		[
			'an operator that is taken apart nowhere',
			{ node: [{ ...onnxNode('MultiHeadAttention', ['x'], ['y']), domain: 'com.microsoft' }], initializer: [] },
			/found the operator MultiHeadAttention/,
		],
		[
			'keys that are given',
			{ node: node.map((one) => (one.output?.[0] === 'pk' ? onnxNode('MatMul', ['x', 'x'], ['pk']) : one)), initializer },
			/pk: found a product of computed tensors/,
		],
	])('%s', async ([, graph, message]) => {
		const read = readOnnxGraph(memorySource('x.onnx', fileOf(graph))).then((found) => findAttentions(found, 'x.onnx'));
		await expect(read).rejects.toThrow(message);
		await expect(read).rejects.toBeInstanceOf(InputError);
	});
	test('broken files end in an InputError or are read: bytes changed anywhere, four shapes of graphs', async () => {
		const files = [separate(), splitColumns(), gatherParts(), fused()].map(fileOf);
		const anywhere = fc.tuple(fc.nat(3), fc.nat(), fc.integer({ min: 0, max: 255 }));
		await fc.assert(
			fc.asyncProperty(anywhere, async ([which, place, byte]) => {
				const file = files[which] as Uint8Array;
				const changed = file.with(place % file.length, byte);
				try {
					await sorted(changed);
				} catch (error) {
					expect(error).toBeInstanceOf(InputError);
				}
			}),
			{ numRuns: 150 },
		);
	});
	test('weights that are not finite', async () => {
		const broken = initializer.map((tensor) =>
			tensor.name === 'wk'
				? tensorMessage('wk', 'float32', [width, width], new Uint8Array(floats([width, width]).with(3, Number.NaN).buffer))
				: tensor,
		);
		await expect(sorted(fileOf({ node, initializer: broken }))).rejects.toThrow(/wk: found NaN at value 3/);
	});
});

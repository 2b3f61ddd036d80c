import { createRandom, InputError } from '@assay/contract';
import { memorySource, onnxNode, readOnnxGraph, type TensorMessage, tensorMessage, valueMessage } from '@assay/models/onnx';
import { smallFloat } from '@assay/numerics';
import fc from 'fast-check';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { channelOrder } from '../ksort/channel-order.ts';
import { float32Tensor, type OnnxParts, onnxAttention, onnxFile, onnxScores, spreadColumns, wholeTensor } from '../test-data.ts';
import { expectSameOutput, sortOnnx } from '../testing/sort-onnx.ts';
import { findAttentions } from './find-attentions.ts';

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

/** Six heads of queries, two of keys and values. */
const [sharing, shared, small] = [6, 2, 8];

/** As decoders with grouped queries are written: key heads get an axis behind them, are expanded along it, and are made heads again. */
function repeatedKeys(): OnnxParts {
	const one = (name: string) => [
		onnxNode('MatMul', ['x', `w${name}`], [`p${name}`]),
		onnxNode('Reshape', [`p${name}`, name === 'q' ? 'by-heads' : 'by-few'], [`h${name}`]),
		onnxNode('Transpose', [`h${name}`], [`t${name}`], { perm: [0, 2, 1, 3] }),
	];
	const repeated = (name: string, out: string) => [
		onnxNode('Unsqueeze', [`t${name}`, 'behind'], [`u${name}`]),
		onnxNode('Expand', [`u${name}`, 'often'], [`e${name}`]),
		onnxNode('Reshape', [`e${name}`, 'all'], [out]),
	];
	const scores = onnxScores({ heads: sharing, headDim: small });
	return {
		node: [
			...one('q'),
			onnxNode('Identity', ['tq'], ['q']),
			...one('k'),
			...repeated('k', 'k'),
			onnxNode('Transpose', ['k'], ['kt'], { perm: [0, 1, 3, 2] }),
			...one('v'),
			...repeated('v', 'v'),
			...scores.node,
		],
		initializer: [
			...scores.initializer,
			wholeTensor('by-heads', [0, 0, sharing, small]),
			wholeTensor('by-few', [0, 0, shared, small]),
			wholeTensor('behind', [2]),
			wholeTensor('often', [batch, shared, sharing / shared, tokens, small]),
			wholeTensor('all', [batch, sharing, tokens, small]),
			weight('wq', [width, sharing * small]),
			...['wk', 'wv'].map((name) => weight(name, [width, shared * small])),
		],
	};
}

/** Microsoft's operator for the scores, with one bias for all three operands. */
function fusedHeads(): OnnxParts {
	const node = onnxNode('MultiHeadAttention', ['pq', 'pk', 'pv', 'bias'], ['y'], { num_heads: heads });
	return {
		node: [
			...['q', 'k', 'v'].map((name) => onnxNode('MatMul', ['x', `w${name}`], [`p${name}`])),
			{ ...node, domain: 'com.microsoft' },
		],
		initializer: [...['wq', 'wk', 'wv'].map((name) => weight(name, [width, width])), weight('bias', [3 * width])],
	};
}

function fusedGroups(): OnnxParts {
	const inputs = ['aq', 'ak', 'pv', '', '', 'lengths', 'total'];
	const node = onnxNode('GroupQueryAttention', inputs, ['y', 'present-k', 'present-v'], {
		num_heads: sharing,
		kv_num_heads: shared,
	});
	const int32 = (name: string, values: number[], dims: number[]) =>
		tensorMessage(name, 'int32', dims, new Uint8Array(Int32Array.from(values).buffer));
	return {
		node: [
			...['q', 'k', 'v'].map((name) => onnxNode('MatMul', ['x', `w${name}`], [`p${name}`])),
			onnxNode('Add', ['pq', 'bq'], ['aq']),
			onnxNode('Add', ['pk', 'bk'], ['ak']),
			{ ...node, domain: 'com.microsoft' },
		],
		initializer: [
			weight('wq', [width, sharing * small]),
			...['wk', 'wv'].map((name) => weight(name, [width, shared * small])),
			weight('bq', [sharing * small]),
			weight('bk', [shared * small]),
			int32('lengths', Array<number>(batch).fill(tokens - 1), [batch]),
			int32('total', [tokens], [1]),
		],
	};
}

const noRotation = { width: 0, convention: 'halves', base: 1 } as const;

const fileOf = (parts: OnnxParts): Uint8Array => onnxFile(parts, [batch, tokens, width]);

const sorted = (file: Uint8Array) =>
	sortOnnx(file, (scores) => scores.map((layer) => layer.map((head) => channelOrder(head, noRotation, 'free'))));

test.for([
	['three projections with biases', separate, heads, headDim],
	['one Gemm whose rows are cut', splitColumns, heads, headDim],
	['parts by index', gatherParts, heads, headDim],
	['Microsoft’s Attention', fused, heads, headDim],
	['Microsoft’s MultiHeadAttention', fusedHeads, heads, headDim],
	['keys repeated for the queries that share them', repeatedKeys, sharing, small],
	['Microsoft’s GroupQueryAttention', fusedGroups, sharing, small],
] as const)('%s: onnxruntime computes the same, keys come in descending order of their norms', async ([, build, ours, size]) => {
	const file = fileOf(build());
	const { attentions, scores, bytes, after } = await sorted(file);
	expect(attentions.map((one) => [one.heads, one.headDim])).toEqual([[ours, size]]);
	for (const [head, norms] of (after[0] ?? []).entries()) {
		expect([...norms]).toEqual([...(scores[0]?.[head] ?? [])].sort((a, b) => b - a));
		expect([...norms]).not.toEqual([...(scores[0]?.[head] ?? [])]);
	}
	const input = Float32Array.from({ length: batch * tokens * width }, () => random.normal());
	await expectSameOutput(file, bytes, input, [batch, tokens, width]);
});

test('a cache goes through the graph in the new order, and what comes of it is the same', async () => {
	const { node, initializer } = separate();
	const past = 4;
	const behind = (name: string) => onnxNode('Concat', [`past-${name}`, `t${name}`], [`present-${name}`], { axis: 2 });
	const byHead = (name: string) => onnxNode('Transpose', [`h${name}`], [`t${name}`], { perm: [0, 2, 1, 3] });
	const kept = node.filter(({ output }) => output?.[0] !== 'kt' && output?.[0] !== 'v');
	const cached = [
		...['k', 'v'].flatMap((name) => [byHead(name), behind(name)]),
		onnxNode('Transpose', ['present-k'], ['kt'], { perm: [0, 1, 3, 2] }),
		onnxNode('Identity', ['present-v'], ['v']),
	];
	const value = (name: string, dims: readonly number[]) => valueMessage({ name, elementType: 'float32', dims });
	const file = onnxFile({ node: [...kept.slice(0, -6), ...cached, ...kept.slice(-6)], initializer }, [batch, tokens, width], {
		inputs: ['k', 'v'].map((name) => value(`past-${name}`, [batch, heads, past, headDim])),
		outputs: [valueMessage({ name: 'present-k', elementType: 'float32', dims: null })],
	});
	const { attentions, orders, bytes } = await sorted(file);
	expect(attentions[0]?.key.caches).toEqual(['present-k']);

	const deviates = (count: number): Float32Array => Float32Array.from({ length: count }, () => random.normal());
	const [x, pastK, pastV] = [
		deviates(batch * tokens * width),
		deviates(batch * width * past),
		deviates(batch * width * past),
	] as const;
	/** Channels of [batch, heads, tokens, channels] in the new order. */
	const moved = (values: Float32Array, count: number): Float32Array =>
		Float32Array.from(values, (_, i) => {
			const [row, place] = [Math.floor(i / headDim), i % headDim];
			const order = orders[0]?.[Math.floor(row / count) % heads] as Int32Array;
			return values[row * headDim + (order[place] as number)] as number;
		});
	const run = async (from: Uint8Array, keys: Float32Array) => {
		const session = await InferenceSession.create(from);
		const tensor = (values: Float32Array) => new Tensor('float32', values, [batch, heads, past, headDim]);
		const feeds = { x: new Tensor('float32', x, [batch, tokens, width]), 'past-k': tensor(keys), 'past-v': tensor(pastV) };
		const { y, 'present-k': present } = await session.run(feeds);
		return [y?.data as Float32Array, present?.data as Float32Array] as const;
	};
	const [before, keys] = await run(file, pastK);
	const [after, sortedKeys] = await run(bytes, moved(pastK, past));
	const largest = before.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
	before.forEach((one, i) => void expect(Math.abs((after[i] as number) - one) / largest).toBeLessThan(1e-5));
	moved(keys, past + tokens).forEach((one, i) => void expect(sortedKeys[i]).toBeCloseTo(one, 4));
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
			{ node: [{ ...onnxNode('QAttention', ['x'], ['y']), domain: 'com.microsoft' }], initializer: [] },
			/found the operator QAttention/,
		],
		[
			'queries, keys and values in one operand',
			{ node: [{ ...onnxNode('MultiHeadAttention', ['x'], ['y']), domain: 'com.microsoft' }], initializer: [] },
			/y: found packed operands/,
		],
		[
			'rotary positions inside an operator, without stored tables',
			{
				node: [{ ...onnxNode('GroupQueryAttention', ['x', 'x', 'x'], ['y'], { do_rotary: 1 }), domain: 'com.microsoft' }],
				initializer: [],
			},
			/y: found tables of cosines and sines that are not stored/,
		],
		[
			'keys put behind others that the graph makes',
			{ node: between(onnxNode('Relu', ['x'], ['r']), onnxNode('Concat', ['r', 'kh'], ['turned'], { axis: 2 })), initializer },
			/turned: found Concat, expected a cache/,
		],
		[
			'keys that are broadcast',
			{ node: between(onnxNode('Expand', ['kh', 'by-heads'], ['turned'])), initializer },
			/turned: found Expand/,
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
	test('broken files end in an InputError or are read: bytes changed anywhere, seven shapes of graphs', async () => {
		const files = [separate(), splitColumns(), gatherParts(), fused(), fusedHeads(), repeatedKeys(), fusedGroups()].map(fileOf);
		const anywhere = fc.tuple(fc.nat(6), fc.nat(), fc.integer({ min: 0, max: 255 }));
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

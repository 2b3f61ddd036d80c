import { createRandom, InputError } from '@assay/contract';
import { memorySource, type OnnxNode, onnxNode, readOnnxGraph, type TensorMessage, tensorMessage } from '@assay/models/onnx';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { float32Tensor, type OnnxParts, onnxFile, onnxScores, spreadColumns, wholeTensor } from '../test-data.ts';
import { expectSameOutput, sortOnnx } from '../testing/sort-onnx.ts';
import { findAttentions } from './find-attentions.ts';
import { sharedOrders } from './shared-order.ts';

const [batch, tokens, width, heads, keyHeads, headDim] = [2, 5, 24, 4, 2, 16];
const random = createRandom(13);
const weight = (name: string, dims: readonly number[]): TensorMessage => float32Tensor(name, dims, spreadColumns(random, dims));
const microsoft = (node: OnnxNode): OnnxNode => ({ ...node, domain: 'com.microsoft' });
const pairs = headDim / 2;
const frequencies = Float32Array.from({ length: pairs }, (_, pair) => 10 ** (-pair / pairs));

/** Cosines or sines [positions, columns], for each pair once, or twice side by side. */
const table = (name: string, of: (angle: number) => number, columns: number, count = pairs, dims: number[] = [tokens, columns]) =>
	float32Tensor(
		name,
		dims,
		Float32Array.from({ length: tokens * columns }, (_, i) =>
			of(Math.floor(i / columns) * (frequencies[(i % columns) % count] as number)),
		),
	);

/** `x * cos + rotate_half(x) * sin`, with two slices or one split. */
function rotateHalf(name: string, out: string, isSplit: boolean): OnnxNode[] {
	const cut = isSplit
		? [onnxNode('Split', [name, 'halves'], [`${name}1`, `${name}2`], { axis: -1 })]
		: [
				onnxNode('Slice', [name, 'zero', 'half', 'last', 'one'], [`${name}1`]),
				onnxNode('Slice', [name, 'half', 'end', 'last', 'one'], [`${name}2`]),
			];
	return [
		onnxNode('Mul', [name, 'cos'], [`${name}c`]),
		...cut,
		onnxNode('Neg', [`${name}2`], [`${name}n`]),
		onnxNode('Concat', [`${name}n`, `${name}1`], [`${name}r`], { axis: -1 }),
		onnxNode('Mul', [`${name}r`, 'sin'], [`${name}s`]),
		onnxNode('Add', [`${name}c`, `${name}s`], [out]),
	];
}

const constants = [
	wholeTensor('zero', [0]),
	wholeTensor('one', [1]),
	wholeTensor('half', [pairs]),
	wholeTensor('halves', [pairs, pairs]),
	wholeTensor('last', [3]),
	wholeTensor('end', [Number.MAX_SAFE_INTEGER]),
];

/** A decoder's attention with grouped keys; `turn` makes `q` and `k` of `tq` and `tk`, all [batch, heads, tokens, channels]. */
function decoder(
	turn: readonly OnnxNode[],
	stored: readonly TensorMessage[],
	{ isBiased = true, isTiled = false } = {},
): OnnxParts {
	const one = (name: string, shape: string) => [
		onnxNode('MatMul', ['x', `w${name}`], [`p${name}`]),
		...(isBiased ? [onnxNode('Add', [`p${name}`, `b${name}`], [`a${name}`])] : []),
		onnxNode('Reshape', [`${isBiased ? 'a' : 'p'}${name}`, shape], [`h${name}`]),
		onnxNode('Transpose', [`h${name}`], [`t${name}`], { perm: [0, 2, 1, 3] }),
	];
	const repeated = (from: string, out: string) => [
		onnxNode('Unsqueeze', [from, 'behind'], [`u${out}`]),
		isTiled ? onnxNode('Tile', [`u${out}`, 'times'], [`e${out}`]) : onnxNode('Expand', [`u${out}`, 'often'], [`e${out}`]),
		onnxNode('Reshape', [`e${out}`, 'all'], [out]),
	];
	const scores = onnxScores({ heads, headDim });
	return {
		node: [
			...one('q', 'by-heads'),
			...one('k', 'by-few'),
			...one('v', 'by-few'),
			...turn,
			...repeated('k', 'rk'),
			...repeated('tv', 'v'),
			onnxNode('Transpose', ['rk'], ['kt'], { perm: [0, 1, 3, 2] }),
			...scores.node,
		],
		initializer: [
			...scores.initializer,
			...constants,
			...stored,
			wholeTensor('by-heads', [0, 0, heads, headDim]),
			wholeTensor('by-few', [0, 0, keyHeads, headDim]),
			wholeTensor('behind', [2]),
			wholeTensor('often', [batch, keyHeads, heads / keyHeads, tokens, headDim]),
			wholeTensor('times', [1, 1, heads / keyHeads, 1, 1]),
			wholeTensor('all', [batch, heads, tokens, headDim]),
			...['q', 'k', 'v'].flatMap((name) => {
				const channels = (name === 'q' ? heads : keyHeads) * headDim;
				return [weight(`w${name}`, [width, channels]), weight(`b${name}`, [channels])];
			}),
		],
	};
}

const bothHalves = (isSplit = false) => [...rotateHalf('tq', 'q', isSplit), ...rotateHalf('tk', 'k', isSplit)];
const wide = (dims?: number[]) => [table('cos', Math.cos, headDim, pairs, dims), table('sin', Math.sin, headDim, pairs, dims)];
/** Rows of tables by position, an axis for heads added. */
const gathered = ['cos', 'sin'].flatMap((name) => [
	onnxNode('Gather', [`${name}-table`, 'positions'], [`${name}-rows`], { axis: 0 }),
	onnxNode('Unsqueeze', [`${name}-rows`, 'one'], [name]),
]);
const positions = wholeTensor(
	'positions',
	Array.from({ length: batch * tokens }, (_, i) => i % tokens),
	[batch, tokens],
);
const gatheredTables = [positions, table('cos-table', Math.cos, headDim), table('sin-table', Math.sin, headDim)];

/** Angles of positions and stored frequencies, as Hugging Face's decoders compute them. */
function computed(): OnnxParts {
	const angles = [
		onnxNode('MatMul', ['frequencies', 'places'], ['by-pair']),
		onnxNode('Transpose', ['by-pair'], ['angles'], { perm: [0, 2, 1] }),
		onnxNode('Concat', ['angles', 'angles'], ['twice'], { axis: -1 }),
		...['Cos', 'Sin'].flatMap((name) => [
			onnxNode(name, ['twice'], [`${name}3`]),
			onnxNode('Mul', [`${name}3`, 'scaling'], [`${name}4`]),
			onnxNode('Unsqueeze', [`${name}4`, 'one'], [name.toLowerCase()]),
		]),
	];
	const stored = [
		float32Tensor('frequencies', [1, pairs, 1], frequencies),
		float32Tensor('scaling', [], Float32Array.of(1.1)),
		wholeTensor(
			'tokens',
			Array.from({ length: tokens }, (_, i) => i),
			[1, 1, tokens],
		),
	];
	return decoder([onnxNode('Cast', ['tokens'], ['places'], { to: 1 }), ...angles, ...bothHalves()], stored, { isBiased: false });
}

/** Microsoft's operator on heads, before products. */
function embedding(interleaved: 0 | 1, turning: number): OnnxParts {
	const one = (from: string, out: string, count: number) =>
		microsoft(
			onnxNode('RotaryEmbedding', [from, 'positions', 'cos', 'sin'], [out], {
				interleaved,
				...(turning < headDim && { rotary_embedding_dim: turning, num_heads: count }),
			}),
		);
	const half = turning / 2;
	return decoder(
		[one('tq', 'q', heads), one('tk', 'k', keyHeads)],
		[positions, table('cos', Math.cos, half, half), table('sin', Math.sin, half, half)],
	);
}

const int32 = (name: string, values: number[], dims: number[]) =>
	tensorMessage(name, 'int32', dims, new Uint8Array(Int32Array.from(values).buffer));

/** Microsoft's GroupQueryAttention, which turns by tables of its own. */
function grouped(rotary_interleaved: 0 | 1): OnnxParts {
	const inputs = ['aq', 'ak', 'pv', '', '', 'lengths', 'total', 'cos', 'sin'];
	const attributes = { num_heads: heads, kv_num_heads: keyHeads, do_rotary: 1, rotary_interleaved };
	return {
		node: [
			...['q', 'k', 'v'].map((name) => onnxNode('MatMul', ['x', `w${name}`], [`p${name}`])),
			onnxNode('Add', ['pq', 'bq'], ['aq']),
			onnxNode('Add', ['pk', 'bk'], ['ak']),
			microsoft(onnxNode('GroupQueryAttention', inputs, ['y', 'present-k', 'present-v'], attributes)),
		],
		initializer: [
			weight('wq', [width, heads * headDim]),
			...['wk', 'wv'].map((name) => weight(name, [width, keyHeads * headDim])),
			weight('bq', [heads * headDim]),
			weight('bk', [keyHeads * headDim]),
			table('cos', Math.cos, pairs),
			table('sin', Math.sin, pairs),
			int32('lengths', Array<number>(batch).fill(tokens - 1), [batch]),
			int32('total', [tokens], [1]),
		],
	};
}

/** The same with queries, keys and values in one operand. */
function groupedTogether(): OnnxParts {
	const { node, initializer } = grouped(0);
	const channels = (heads + 2 * keyHeads) * headDim;
	const together = node.slice(-1).map((one) => ({ ...one, input: ['a', '', '', ...one.input.slice(3)] }));
	return {
		node: [onnxNode('MatMul', ['x', 'w'], ['p']), onnxNode('Add', ['p', 'b'], ['a']), ...together],
		initializer: [
			...initializer.filter(({ name }) => !/^[wb][qkv]$/.test(name ?? '')),
			weight('w', [width, channels]),
			weight('b', [channels]),
		],
	};
}

/** Microsoft's RotaryEmbedding of [batch, tokens, channels] before its MultiHeadAttention. */
function embeddingBeforeOperator(): OnnxParts {
	const turn = (name: string) =>
		microsoft(onnxNode('RotaryEmbedding', [`p${name}`, 'positions', 'cos', 'sin'], [`t${name}`], { num_heads: heads }));
	return {
		node: [
			...['q', 'k', 'v'].map((name) => onnxNode('MatMul', ['x', `w${name}`], [`p${name}`])),
			turn('q'),
			turn('k'),
			microsoft(onnxNode('MultiHeadAttention', ['tq', 'tk', 'pv'], ['y'], { num_heads: heads })),
		],
		initializer: [
			...['wq', 'wk', 'wv'].map((name) => weight(name, [width, heads * headDim])),
			positions,
			table('cos', Math.cos, pairs),
			table('sin', Math.sin, pairs),
		],
	};
}

/** With the weights that operators read. */
function fileOf({ node, initializer }: OnnxParts): Uint8Array {
	const used = new Set(node.flatMap(({ input }) => input));
	const read = initializer.filter(({ name }) => used.has(name ?? ''));
	return onnxFile({ node, initializer: read }, [batch, tokens, width]);
}

const sorted = (file: Uint8Array) =>
	sortOnnx(file, (scores, attentions) =>
		sharedOrders(attentions, scores, 'free').map((order, index) =>
			Array.from({ length: attentions[index]?.keyHeads ?? 0 }, () => order as Int32Array),
		),
	);

async function expectSame(file: Uint8Array, bytes: Uint8Array, name?: string): Promise<void> {
	const input = Float32Array.from({ length: batch * tokens * width }, () => random.normal());
	await expectSameOutput(file, bytes, input, [batch, tokens, width], name);
}

const forms: [string, () => OnnxParts, number, 'halves' | 'interleaved'][] = [
	['stored cosines and sines, two slices', () => decoder(bothHalves(), wide()), 16, 'halves'],
	[
		'the same by one split, without biases, keys tiled',
		() => decoder(bothHalves(true), wide(), { isBiased: false, isTiled: true }),
		16,
		'halves',
	],
	['tables of four axes', () => decoder(bothHalves(), wide([1, 1, tokens, headDim])), 16, 'halves'],
	['rows gathered by position', () => decoder([...gathered, ...bothHalves()], gatheredTables), 16, 'halves'],
	['angles computed from stored frequencies', computed, 16, 'halves'],
	['Microsoft’s RotaryEmbedding by halves', () => embedding(0, 16), 16, 'halves'],
	['Microsoft’s RotaryEmbedding, interleaved', () => embedding(1, 16), 16, 'interleaved'],
	['Microsoft’s RotaryEmbedding of a part of each head', () => embedding(0, 8), 8, 'halves'],
	['Microsoft’s RotaryEmbedding before MultiHeadAttention', embeddingBeforeOperator, 16, 'halves'],
	['Microsoft’s GroupQueryAttention that turns', () => grouped(0), 16, 'halves'],
	['the same of one operand', groupedTogether, 16, 'halves'],
	['the same, interleaved', () => grouped(1), 16, 'interleaved'],
];

test.for(forms)(
	'%s: onnxruntime computes the same with one order for all heads, pairs in descending order',
	async ([, build, turning, convention]) => {
		const file = fileOf(build());
		const { attentions, scores, bytes, after, orders } = await sorted(file);
		expect(attentions.map(({ rotation }) => [rotation?.width, rotation?.convention])).toEqual([[turning, convention]]);
		const [order] = orders[0] as [Int32Array];
		expect([...order].toSorted((a, b) => a - b)).toEqual([...order.keys()]);
		expect([...order]).not.toEqual([...order.keys()]);
		for (const [head, norms] of (after[0] ?? []).entries())
			expect([...norms]).toEqual([...order].map((channel) => scores[0]?.[head]?.[channel]));
		const summed = Array.from({ length: turning / 2 }, (_, pair) => {
			const [a, b] = convention === 'halves' ? [pair, pair + turning / 2] : [2 * pair, 2 * pair + 1];
			return (after[0] ?? []).reduce(
				(sum, norms) => sum + Math.hypot(norms[a] as number, norms[b] as number) / Math.hypot(...norms),
				0,
			);
		});
		for (let pair = 1; pair < summed.length; pair++)
			expect(summed[pair]).toBeLessThanOrEqual((summed[pair - 1] as number) + 1e-12);
		await expectSame(file, bytes);
	},
);

test('a table that something else reads too stays as it is, and a copy is permuted', async () => {
	const parts = decoder([...gathered, ...bothHalves()], gatheredTables);
	const node = [
		...parts.node.map((one) => (one.output[0] === 'y' ? { ...one, name: 'y0', output: ['y0'] } : one)),
		onnxNode('ReduceMax', ['cos-table'], ['most'], { axes: [0], keepdims: 0 }),
		onnxNode('Slice', ['most', 'zero', 'half'], ['upper']),
		onnxNode('ReduceSum', ['upper'], ['sum'], { keepdims: 0 }),
		onnxNode('Add', ['y0', 'sum'], ['y']),
	];
	const file = fileOf({ ...parts, node });
	const { bytes, graph } = await sorted(file);
	expect(graph.initializers.has('cos-table-sorted')).toBe(true);
	expect(graph.initializers.has('sin-table-sorted')).toBe(false);
	await expectSame(file, bytes);
});

test.for<[string, () => OnnxParts, RegExp]>([
	[
		'keys that do not turn with the queries',
		() => decoder([...rotateHalf('tq', 'q', false), onnxNode('Identity', ['tk'], ['k'])], wide()),
		/shares: found queries that turn in another way than keys/,
	],
	[
		'cosines that others read',
		() => {
			const parts = decoder([...gathered, ...bothHalves()], gatheredTables);
			return { ...parts, node: [...parts.node, onnxNode('Relu', ['cos-rows'], ['more'])] };
		},
		/cos-rows: found angles that others read too/,
	],
	[
		'thirds in place of halves',
		() => {
			const parts = decoder(bothHalves(), wide());
			return { ...parts, initializer: [...parts.initializer.filter(({ name }) => name !== 'half'), wholeTensor('half', [3])] };
		},
		/q: found 16 cosines, 16 sines, expected one for each channel/,
	],
	[
		'one cosine for each position',
		() => {
			const column = ['cos', 'sin'].map((name) => weight(name, [headDim, 1]));
			return decoder(bothHalves(), column);
		},
		/cos: found cosines and sines that are not stored by channel/,
	],
	[
		'tables for more channels than a head has',
		() => {
			const parts = embedding(0, 16);
			const doubled = ['cos', 'sin'].map((name) => weight(name, [tokens, headDim]));
			return { ...parts, initializer: [...parts.initializer.filter(({ name }) => name !== 'cos' && name !== 'sin'), ...doubled] };
		},
		/shares: found tables for 32 channels, expected the head’s 16/,
	],
	[
		'tables from an input of the graph',
		() => decoder([...['cos', 'sin'].map((name) => onnxNode('Identity', ['x'], [name])), ...bothHalves()], []),
		/x: found cosines and sines that are not stored/,
	],
	[
		'the operator of ONNX itself',
		() => decoder([onnxNode('RotaryEmbedding', ['tq', 'cos', 'sin'], ['q']), onnxNode('Identity', ['tk'], ['k'])], wide()),
		/q: found RotaryEmbedding of another kind/,
	],
	[
		'heads that are tiled as a whole',
		() => {
			const parts = decoder(bothHalves(), wide(), { isTiled: true });
			return {
				...parts,
				initializer: [...parts.initializer.filter(({ name }) => name !== 'behind'), wholeTensor('behind', [1])],
			};
		},
		/erk: found Tile/,
	],
])('refused by name: %s', async ([, build, message]) => {
	const read = readOnnxGraph(memorySource('x.onnx', fileOf(build()))).then((found) => findAttentions(found, 'x.onnx'));
	await expect(read).rejects.toThrow(message);
	await expect(read).rejects.toBeInstanceOf(InputError);
});

test('broken files end in an InputError or are read: bytes changed anywhere, every form', async () => {
	const files = forms.map(([, build]) => fileOf(build()));
	const anywhere = fc.tuple(fc.nat(files.length - 1), fc.nat(), fc.integer({ min: 0, max: 255 }));
	await fc.assert(
		fc.asyncProperty(anywhere, async ([which, place, byte]) => {
			const file = files[which] as Uint8Array;
			try {
				await sorted(file.with(place % file.length, byte));
			} catch (error) {
				expect(error).toBeInstanceOf(InputError);
			}
		}),
		{ numRuns: 150 },
	);
});

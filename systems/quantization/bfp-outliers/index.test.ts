import { createRandom, type DataFile, InputError, memoryFile } from '@assay/contract';
import { onnxNode } from '@assay/models/onnx';
import { Conversions } from '@assay/numerics';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { blockCodec } from './bfp/key-codec.ts';
import { isUnsafe, isWorthIt, sortingGain, suggestedBlock } from './decision.ts';
import { generateHead } from './heads/generated-heads.ts';
import bfpOutliers from './index.ts';
import { channelOrder } from './ksort/channel-order.ts';
import { cachePlans } from './memory/cache-plans.ts';
import { cachedKeys, keyErrors } from './metrics/key-errors.ts';
import {
	float32Tensor,
	llamaTensors,
	modelConfig,
	normals,
	onnxAttention,
	onnxFile,
	runWith,
	safetensorsFile,
	spreadColumns,
	wholeTensor,
} from './test-data.ts';

function npy(shape: readonly number[], values: Float32Array) {
	const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`;
	const header = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
	const bytes = [0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, header.length & 255, header.length >> 8];
	return Uint8Array.from([...bytes, ...new TextEncoder().encode(header), ...new Uint8Array(values.buffer)]);
}

const quick = { sample: { tokens: 32, queries: 4, randomOrders: 3 } };

test('Llama 2 7B: 524,288 bytes a token in 16 bits, 266,240 in BFP16_64, 202,752 with keys in BFP12_32', async () => {
	const { outputs, artifacts } = await runWith({ ...quick, generated: { heads: 2 } });
	expect(outputs.memory.map(({ bytesPerToken }) => bytesPerToken)).toEqual([524_288, 266_240, 202_752]);
	expect(outputs.memory[2]?.bitsPerValue).toBe(6.1875);
	expect(outputs.format.blockSize).toBe(32);
	const packed = artifacts.get('keys.bfp');
	expect(packed?.length).toBe(outputs.detail?.packedBytes);
	expect(packed?.length).toBe((32 * 128 * 4.25) / 8);
	const panels = bfpOutliers.report(outputs, bfpOutliers.inputs.parse({}));
	expect(JSON.stringify(panels)).not.toMatch(/NaN|undefined|Infinity/);
});

test('bytes of plans: odd mantissas fill up each block to a byte; heads that fail cost their share', () => {
	const [sixteen, , narrow] = cachePlans(64, 5, 16, 0);
	expect([sixteen?.keyBytes, narrow?.keyBytes]).toEqual([128, 4 * 11]);
	expect(cachePlans(128, 4, 32, 0.25)[3]?.keyBytes).toBe(68 + (100 - 68) / 4);
});

describe('errors of drawn heads in 4 bits, 40 seeds, against an independent simulation', () => {
	const size = { headDim: 128, tokens: 192, scaleSpread: 0.3, outlierPairs: 3, outlierFactor: 12, queries: 'quiet' } as const;
	const rotary = { width: 128, convention: 'halves', base: 10_000 } as const;
	test('energy error, mean error per channel and score error of all sizes and orders, within 5 %', async () => {
		const conversions = await Conversions.create();
		const published: Record<string, readonly [number, number, number]> = {
			'128 none': [8.89e-2, 0.675, 0.674],
			'128 free': [8.89e-2, 0.675, 0.674],
			'128 pair': [8.89e-2, 0.675, 0.674],
			'64 none': [6.64e-2, 0.527, 0.527],
			'64 free': [5.86e-2, 0.279, 0.279],
			'64 pair': [5.53e-2, 0.297, 0.297],
			'32 none': [4.29e-2, 0.339, 0.34],
			'32 free': [3.47e-2, 0.113, 0.114],
			'32 pair': [3.23e-2, 0.132, 0.132],
			'16 none': [2.53e-2, 0.192, 0.192],
			'16 free': [2.04e-2, 0.044, 0.045],
			'16 pair': [1.92e-2, 0.056, 0.055],
		};
		const sums = new Map<string, number[]>(Object.keys(published).map((name) => [name, [0, 0, 0]]));
		const codecs = new Map([128, 64, 32, 16].map((n) => [n, blockCodec({ mantissaBits: 4, blockSize: n }, conversions)]));
		for (let seed = 0; seed < 40; seed++) {
			const head = generateHead(size, rotary, createRandom(seed), { layer: 0, head: 0, queries: 24 });
			for (const kind of ['none', 'free', 'pair'] as const)
				for (const [blockSize, codec] of codecs) {
					const errors = keyErrors(head, cachedKeys(head.keys, channelOrder(head.scores, rotary, kind), codec));
					const held = sums.get(`${blockSize} ${kind}`) as number[];
					for (const [place, error] of [errors.energyError, errors.channelError, errors.scoreError].entries())
						held[place] = (held[place] as number) + error / 40;
				}
		}
		for (const [name, expected] of Object.entries(published))
			for (const [place, value] of expected.entries())
				expect(Math.abs((sums.get(name)?.[place] as number) / value - 1), `${name}, column ${place}`).toBeLessThan(0.05);
	});
});

test('errors by hand: two keys, one query, one channel lost', () => {
	const sample = {
		layer: 0,
		head: 0,
		headDim: 2,
		keys: Float32Array.of(1, 2, 3, 4),
		queries: Float32Array.of(1, 1),
		visible: Int32Array.of(2),
		values: Float32Array.of(1, 0, 0, 1),
		scores: Float64Array.of(1, 1),
		rotary: { width: 0, convention: 'halves', base: 10_000 } as const,
	};
	const errors = keyErrors(sample, Float32Array.of(1, 0, 3, 0));
	expect(errors.energyError).toBeCloseTo(20 / 30, 12);
	expect(errors.channelError).toBeCloseTo(0.5, 12);
	expect(errors.scoreError).toBeCloseTo((4 + 16) / (9 + 49), 12);
	const weight = (difference: number) => 1 / (1 + Math.exp(-difference / Math.SQRT2));
	const [exact, changed] = [weight(3 - 7), weight(1 - 3)];
	expect(keyErrors(sample, sample.keys, Float32Array.of(1, 0)).scoreError).toBeCloseTo((4 + 16) / (9 + 49), 12);
	expect(errors.totalVariation).toBeCloseTo(changed - exact, 12);
	expect(errors.outputError).toBeCloseTo((2 * (changed - exact) ** 2) / (exact ** 2 + (1 - exact) ** 2), 12);
});

test('the rule of decision', () => {
	const head = (unsorted: number, sorted: number, scoreError = 0) => ({
		unsorted: { channelError: unsorted },
		sorted: { channelError: sorted, scoreError },
	});
	expect(sortingGain(head(3, 1))).toBe(3);
	expect(isUnsafe(head(1, 1, 0.2))).toBe(false);
	expect(isUnsafe(head(1, 1, 0.21))).toBe(true);
	expect(isWorthIt([head(1.6, 1), ...Array.from({ length: 9 }, () => head(1, 1))])).toBe(true);
	expect(isWorthIt([head(1.5, 1), ...Array.from({ length: 9 }, () => head(1, 1))])).toBe(false);
	expect([128, 64, 48, 40].map(suggestedBlock)).toEqual([32, 32, 24, 20]);
});

test('one’s own weights: every head, rewritten files, orders', async () => {
	const tensors = llamaTensors(createRandom(1), { heads: 4, kvHeads: 2, headDim: 16, hidden: 64, bias: true });
	const file = safetensorsFile(tensors, 'BF16');
	const files = { 'config.json': modelConfig({ attention_bias: true }), 'model.safetensors': file };
	const { outputs, artifacts } = await runWith(
		{
			...quick,
			source: 'weights',
			model: { config: 'config.json' },
			weights: { files: ['model.safetensors'] },
			sort: { key: 'folded' },
		},
		files,
	);
	expect(outputs.heads.map(({ layer, head }) => [layer, head])).toEqual([
		[0, 0],
		[0, 1],
	]);
	expect(outputs.subject.sortedBy).toBe('folded');
	expect([...artifacts.keys()].sort()).toEqual(['keys.bfp', 'permutation.json', 'sorted-model.safetensors']);
	for (const { name, bytes } of outputs.files) expect(artifacts.get(name)?.length).toBe(bytes);
	expect(outputs.isWorthIt).toBe(true);
	expect(outputs.rotation.operationsAfter).toBe(outputs.rotation.operationsBefore);
});

const permutation = z.object({ layers: z.array(z.object({ heads: z.array(z.object({ channels: z.array(z.int()) })) })) });

test('two shards: rows of keys and queries are where permutation.json says, and all else is where it was', async () => {
	const [headDim, hidden] = [16, 64];
	const tensors = llamaTensors(createRandom(1), { heads: 4, kvHeads: 2, headDim, hidden });
	// The norm and the keys, then queries and values.
	const shards = [tensors.slice(0, 2), tensors.slice(2)].map((part, index) =>
		safetensorsFile(part, 'F32', `${index}.safetensors`),
	);
	const [first, second] = shards as [DataFile, DataFile];
	const { artifacts } = await runWith(
		{ ...quick, source: 'weights', model: { config: 'config.json' }, weights: { files: ['0.safetensors', '1.safetensors'] } },
		{ 'config.json': modelConfig(), '0.safetensors': first, '1.safetensors': second },
	);
	const { layers } = permutation.parse(JSON.parse(new TextDecoder().decode(artifacts.get('permutation.json'))));
	// Where k_proj and q_proj start, counted from the files' ends.
	for (const [shard, after, heads] of [
		[first, 2 * headDim * hidden, 2],
		[second, 6 * headDim * hidden, 4],
	] as const) {
		const before = new Uint8Array(await shard.arrayBuffer());
		const rowBytes = 4 * hidden;
		const expected = before.slice();
		for (let head = 0; head < heads; head++) {
			const order = layers[0]?.heads[Math.floor((head * 2) / heads)]?.channels ?? [];
			expect(order.every((channel, place) => channel === place)).toBe(false);
			const start = before.length - 4 * after + head * headDim * rowBytes;
			for (const [place, channel] of order.entries())
				expected.set(before.subarray(start + channel * rowBytes, start + (channel + 1) * rowBytes), start + place * rowBytes);
		}
		expect(artifacts.get(`sorted-${shard.name}`)).toEqual(expected);
	}
});

test('an ONNX graph without rotary positions: its heads, the rewritten graph, the order', async () => {
	const file = onnxFile(onnxAttention(createRandom(2), { heads: 3, headDim: 16 }), ['batch', 'tokens', 48]);
	const { outputs, artifacts } = await runWith(
		{ ...quick, source: 'weights', weights: { files: ['model'] }, format: { blockSizes: [16, 4], queryBits: 8 } },
		{ model: memoryFile('model.onnx', file) },
	);
	expect(outputs.heads.map(({ layer, head }) => [layer, head])).toEqual([
		[0, 0],
		[0, 1],
		[0, 2],
	]);
	expect(outputs.subject).toMatchObject({ name: 'model.onnx', headDim: 16, rotaryWidth: 0 });
	expect(outputs.isWorthIt).toBe(true);
	expect([...artifacts.keys()].sort()).toEqual(['keys.bfp', 'permutation.json', 'sorted-model.onnx']);
	for (const { name, bytes } of outputs.files) expect(artifacts.get(name)?.length).toBe(bytes);
	// Keys and values of one layer with three heads of 16 channels.
	expect(outputs.memory[0]?.bytesPerToken).toBe(2 * 3 * 16 * 2);
});

test('queries in few bits: keys err as before, scores more, and no more with BFP16 than a tenth', async () => {
	const of = async (queryBits?: number) => {
		const raw = {
			...quick,
			generated: { heads: 2 },
			format: { blockSizes: [32], ...(queryBits !== undefined && { queryBits }) },
		};
		const [row] = (await runWith(raw)).outputs.bySize;
		return row?.mean ?? { energyError: Number.NaN, scoreError: Number.NaN };
	};
	const [float32, wide, narrow] = [await of(), await of(8), await of(3)];
	expect([wide.energyError, narrow.energyError]).toEqual([float32.energyError, float32.energyError]);
	expect(Math.abs(wide.scoreError / float32.scoreError - 1)).toBeLessThan(0.1);
	expect(narrow.scoreError).toBeGreaterThan(1.1 * float32.scoreError);
});

test('captured keys: layers and heads in front, queries of the last tokens, rotated here if they are not', async () => {
	const random = createRandom(3);
	const files = {
		k: memoryFile('k.npy', npy([2, 2, 40, 16], normals(random, 2 * 2 * 40 * 16))),
		q: memoryFile('q.npy', npy([2, 4, 8, 16], normals(random, 2 * 4 * 8 * 16))),
	};
	const { outputs } = await runWith(
		{ ...quick, source: 'captured', captured: { keys: 'k', queries: 'q', turned: false } },
		files,
	);
	expect(outputs.heads).toHaveLength(4);
	expect(outputs.bySize[0]?.mean.outputError).toBeNull();
	expect(outputs.subject.sortedBy).toBe('calibrated-rms');
});

test('a model trained here: known outliers leave its function as it was to the last bit, and quantised keys do not', async () => {
	const words =
		'the key of a head holds a channel and the query of a head meets it while the value waits for the sum of all '.split(' ');
	const random = createRandom(4);
	const text = Array.from({ length: 4000 }, () =>
		Array.from({ length: 12 }, () => words[random.integer(words.length)]).join(' '),
	).join('\n');
	const { outputs } = await runWith(
		{
			...quick,
			source: 'trained',
			trained: { text: 'text', headDim: 16, heads: 1, keyValueHeads: 1, layers: 1, steps: 3, batches: 1, outlierFactor: '64' },
			format: { blockSizes: [16, 4] },
		},
		{ text: memoryFile('text.txt', text) },
	);
	const of = (factor: number, size: number | null, order: string) =>
		outputs.perplexity.find((row) => row.outlierFactor === factor && row.blockSize === size && row.order === order)?.perplexity;
	expect(of(64, null, 'none')).toBe(of(1, null, 'none'));
	expect(of(64, 16, 'free')).toBe(of(64, 16, 'none'));
	expect(of(64, 4, 'none')).not.toBe(of(64, null, 'none'));
	expect(outputs.heads[0]?.gain).toBeGreaterThan(1);
});

describe('bad input is one error that names the place', () => {
	const files = {
		config: modelConfig({ num_attention_heads: 6, num_key_value_heads: 2, hidden_size: 36 }),
		weights: memoryFile('model.onnx', 'x'),
		other: memoryFile('other.onnx', onnxFile({ node: [onnxNode('Relu', ['x'], ['y'])], initializer: [] }, [1])),
	};
	test.each<[string, Parameters<typeof runWith>[0], RegExp]>([
		[
			'blocks that do not divide the head',
			{ format: { blockSizes: [48] } },
			/format\.blockSizes\[0\]: found 48 channels.*did you mean (32|64)\?/,
		],
		[
			'an odd number of pairs',
			{ generated: { headDim: 12 }, rotary: { width: 6 }, sort: { order: 'pair' }, format: { blockSizes: [4] } },
			/3 pairs/,
		],
		['no files', { source: 'weights' }, /weights\.files: found no files/],
		['no ONNX file', { source: 'weights', weights: { files: ['weights'] } }, /model\.onnx/],
		['an ONNX graph without attention', { source: 'weights', weights: { files: ['other'] } }, /other\.onnx: found no attention/],
		['two graphs', { source: 'weights', weights: { files: ['weights', 'other'] } }, /found 2 files, model\.onnx among them/],
		['no keys', { source: 'captured' }, /captured\.keys: found nothing/],
		['norms of weights for captured keys', { source: 'captured', sort: { key: 'row-norm' } }, /sort\.key: found row-norm/],
		['a latent', { model: { name: 'deepseek-v2-lite' } }, /latent attention/],
		['more outlier pairs than pairs', { generated: { headDim: 16, outlierPairs: 9 } }, /at most the 8 of a head/],
	])('%s', async (_, raw, message) => {
		const run = runWith({ ...quick, ...raw }, files);
		await expect(run).rejects.toThrow(message);
		await expect(run).rejects.toBeInstanceOf(InputError);
	});
});

test('an ONNX graph whose heads turn by one table: one order, pairs together, and what sharing it keeps', async () => {
	const headDim = 16;
	const one = (name: string) => ({
		...onnxNode('RotaryEmbedding', [`p${name}`, 'positions', 'cos', 'sin'], [`t${name}`], { num_heads: 3 }),
		domain: 'com.microsoft',
	});
	const random = createRandom(4);
	const table = (name: string, of: (angle: number) => number) =>
		float32Tensor(
			name,
			[4, 8],
			Float32Array.from({ length: 32 }, (_, i) => of(Math.floor(i / 8) * 10 ** (-(i % 8) / 8))),
		);
	const parts = {
		node: [
			...['q', 'k', 'v'].map((name) => onnxNode('MatMul', ['x', `w${name}`], [`p${name}`])),
			one('q'),
			one('k'),
			{ ...onnxNode('MultiHeadAttention', ['tq', 'tk', 'pv'], ['y'], { num_heads: 3 }), domain: 'com.microsoft' },
		],
		initializer: [
			...['wq', 'wk', 'wv'].map((name) => float32Tensor(name, [48, 48], spreadColumns(random, [48, 48]))),
			wholeTensor('positions', [0, 1, 2, 3], [1, 4]),
			table('cos', Math.cos),
			table('sin', Math.sin),
		],
	};
	const { outputs, artifacts } = await runWith(
		{ ...quick, source: 'weights', weights: { files: ['model'] }, format: { blockSizes: [4], queryBits: 8 } },
		{ model: memoryFile('model.onnx', onnxFile(parts, [1, 4, 48])) },
	);
	expect(outputs.subject.rotaryWidth).toBe(headDim);
	expect(outputs.format.order).toBe('shared');
	const errors = new Map(outputs.bySize.map((row) => [row.order, row.mean.channelError]));
	expect(errors.get('shared')).toBeLessThan(errors.get('none') as number);
	expect(outputs.notes[0]).toMatch(/same tables.*% of the fall/);
	const file = JSON.parse(new TextDecoder().decode(artifacts.get('permutation.json')));
	const orders: number[][] = file.layers[0].heads.map(({ channels }: { channels: number[] }) => channels);
	expect(new Set(orders.map(String)).size).toBe(1);
	for (let place = 0; place < headDim / 2; place++)
		expect(orders[0]?.[place + headDim / 2]).toBe((orders[0]?.[place] as number) + headDim / 2);
	expect(artifacts.get('sorted-model.onnx')).toBeDefined();
});

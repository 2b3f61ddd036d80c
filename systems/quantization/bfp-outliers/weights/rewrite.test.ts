import { createRandom, type DataFile, InputError, memoryFile } from '@assay/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ChannelOrder, channelOrder } from '../ksort/channel-order.ts';
import { headScores } from '../ksort/head-scores.ts';
import { permuteTable, type Rotary, type RotaryTable, rotaryTable, rotateRows } from '../ksort/rotary.ts';
import { type Dtype, llamaTensors, normals, safetensorsFile } from '../test-data.ts';
import type { AttentionShape } from './attention-shape.ts';
import { type LayerWeights, readLayers, type StoredLayer } from './layer-reader.ts';
import { permutationJson } from './permutation-file.ts';
import { rewritePlan, rewriteSafetensors, type StoredOrders } from './rewrite.ts';

const pause = async () => undefined;
const hidden = 24;
const tokens = 6;

function shapeOf(heads: number, keyValueHeads: number, rotary: Partial<Rotary> = {}): AttentionShape {
	const headDim = 16;
	return {
		layers: 1,
		heads,
		keyValueHeads,
		headDim,
		rotary: { width: headDim, convention: 'halves', base: 10_000, ...rotary },
		gainOffset: 0,
	};
}

async function layersOf(files: readonly DataFile[], shape: AttentionShape): Promise<StoredLayer[]> {
	const layers: StoredLayer[] = [];
	await readLayers(files, shape, ['query', 'key', 'value'], pause, async (layer) => void layers.push(layer));
	return layers;
}

function ordersOf(layers: readonly StoredLayer[], shape: AttentionShape, kind: ChannelOrder): StoredOrders[] {
	return layers.map((layer) => ({
		layer: layer.layer,
		tensors: layer.tensors,
		isGainShared: layer.isGainShared,
		orders: headScores(layer, shape, 'row-norm').map((scores) => channelOrder(scores, shape.rotary, kind)),
	}));
}

async function rewritten(file: DataFile, plan: ReturnType<typeof rewritePlan>): Promise<DataFile> {
	const pieces: Uint8Array[] = [];
	for await (const piece of rewriteSafetensors(file, plan)) pieces.push(piece);
	return memoryFile(file.name, new Uint8Array(Buffer.concat(pieces)));
}

/** Scores of all heads for fixed inputs, in double precision; `tables` by key head. */
function scoresOf(layer: LayerWeights, shape: AttentionShape, tables: readonly RotaryTable[]): Float64Array {
	const inputs = normals(createRandom(77), tokens * hidden);
	const { heads, keyValueHeads, headDim } = shape;
	const project = (kind: 'query' | 'key', head: number, table: RotaryTable): Float32Array => {
		const [weights, bias, gain] = [layer.rows(kind, head), layer.bias(kind, head), layer.gain(kind, head)];
		const rows = new Float32Array(tokens * headDim);
		for (let token = 0; token < tokens; token++) {
			const row = Array.from({ length: headDim }, (_, channel) => {
				let sum = bias?.[channel] ?? 0;
				for (let i = 0; i < hidden; i++)
					sum += (weights[channel * hidden + i] as number) * (inputs[token * hidden + i] as number);
				return sum;
			});
			const size = gain === undefined ? 1 : Math.sqrt(row.reduce((sum, value) => sum + value * value, 0) / headDim);
			rows.set(
				row.map((value, channel) => (value / size) * (gain?.[channel] ?? 1)),
				token * headDim,
			);
		}
		const turned = new Float32Array(rows.length);
		rotateRows(rows, table, turned);
		return turned;
	};
	const scores: number[] = [];
	for (let head = 0; head < heads; head++) {
		const shared = Math.floor((head * keyValueHeads) / heads);
		const table = tables[shared] as RotaryTable;
		const [queries, keys] = [project('query', head, table), project('key', shared, table)];
		for (let q = 0; q < tokens; q++)
			for (let k = 0; k < tokens; k++) {
				let score = 0;
				for (let c = 0; c < headDim; c++) score += (queries[q * headDim + c] as number) * (keys[k * headDim + c] as number);
				scores.push(score);
			}
	}
	return Float64Array.from(scores);
}

async function expectSameScores(file: DataFile, shape: AttentionShape, kind: ChannelOrder): Promise<void> {
	const before = await layersOf([file], shape);
	const orders = ordersOf(before, shape, kind);
	const changed = await rewritten(file, rewritePlan(orders, shape));
	expect(changed.bytes).toBe(file.bytes);
	const after = await layersOf([changed], shape);
	const table = rotaryTable(shape.headDim, shape.rotary);
	const [exact, sorted] = [
		scoresOf(before[0] as LayerWeights, shape, orders[0]?.orders.map(() => table) ?? []),
		scoresOf(after[0] as LayerWeights, shape, orders[0]?.orders.map((order) => permuteTable(table, order)) ?? []),
	];
	const largest = exact.reduce((most, score) => Math.max(most, Math.abs(score)), 0);
	exact.forEach((score, i) => void expect(Math.abs((sorted[i] as number) - score) / largest).toBeLessThan(1e-5));
	// The rows did move, and in descending order of their norms where nothing else constrains them.
	expect(orders[0]?.orders.some((order) => order.some((channel, place) => channel !== place))).toBe(true);
}

describe('scores before and after rewriting agree to 1e-5', () => {
	const cases = [4, 2, 1].flatMap((kvHeads) =>
		(['halves', 'interleaved'] as const).flatMap((convention) =>
			[false, true].map((bias) => [kvHeads, convention, bias] as const),
		),
	);
	test.each(cases)('4 query heads on %i key heads, %s, biases: %s', async (kvHeads, convention, bias) => {
		const shape = shapeOf(4, kvHeads, { convention });
		const file = safetensorsFile(llamaTensors(createRandom(1), { heads: 4, kvHeads, headDim: 16, hidden, bias }));
		await expectSameScores(file, shape, 'free');
		await expectSameScores(file, shape, 'pair');
	});
	test.each(['F32', 'BF16', 'F16'] as const)('weights in %s', async (dtype: Dtype) => {
		const file = safetensorsFile(llamaTensors(createRandom(2), { heads: 4, kvHeads: 2, headDim: 16, hidden }), dtype);
		await expectSameScores(file, shapeOf(4, 2), 'free');
	});
	test('norms of queries and keys: one order for all heads, gains go along', async () => {
		const shape = shapeOf(4, 2);
		const file = safetensorsFile(llamaTensors(createRandom(3), { heads: 4, kvHeads: 2, headDim: 16, hidden, norms: true }));
		const [layer] = await layersOf([file], shape);
		const [first, second] = headScores(layer as LayerWeights, shape, 'row-norm');
		expect(second).toEqual(first);
		await expectSameScores(file, shape, 'free');
	});
	test('half of the channels turn', async () => {
		const file = safetensorsFile(llamaTensors(createRandom(4), { heads: 2, kvHeads: 2, headDim: 16, hidden }));
		await expectSameScores(file, shapeOf(2, 2, { width: 8 }), 'free');
		await expectSameScores(file, shapeOf(2, 2, { width: 8 }), 'pair');
		await expectSameScores(file, shapeOf(2, 2, { width: 0 }), 'free');
	});
	test('Phi-3’s stacked projection and GPT-NeoX’s by heads', async () => {
		const random = createRandom(5);
		const one = (name: string, rows: number) => [
			{ name, shape: [rows, hidden], values: normals(random, rows * hidden) },
			{ name: name.replace('weight', 'bias'), shape: [rows], values: normals(random, rows) },
		];
		await expectSameScores(safetensorsFile(one('model.layers.0.self_attn.qkv_proj.weight', 8 * 16)), shapeOf(4, 2), 'free');
		const neox = 'gpt_neox.layers.0.attention.query_key_value.weight';
		await expectSameScores(safetensorsFile(one(neox, 12 * 16)), shapeOf(4, 4, { width: 4 }), 'pair');
	});
});

test('sorted rows are in descending order of norm, and all other bytes are untouched', async () => {
	const shape = shapeOf(2, 1, { width: 0 });
	const tensors = llamaTensors(createRandom(6), { heads: 2, kvHeads: 1, headDim: 16, hidden });
	const file = safetensorsFile([
		{ name: 'model.embed_tokens.weight', shape: [5, hidden], values: normals(createRandom(7), 5 * hidden) },
		...tensors,
	]);
	const before = await layersOf([file], shape);
	const changed = await rewritten(file, rewritePlan(ordersOf(before, shape, 'free'), shape));
	const [after] = await layersOf([changed], shape);
	const norms = [...(headScores(after as LayerWeights, shape, 'row-norm')[0] ?? [])];
	expect(norms).toEqual([...norms].sort((a, b) => b - a));
	expect(after?.rows('value', 0)).toEqual(before[0]?.rows('value', 0));
	const [old, now] = [new Uint8Array(await file.arrayBuffer()), new Uint8Array(await changed.arrayBuffer())];
	const moved = (2 + 1) * 16 * hidden * 4;
	const different = old.reduce((count, byte, i) => count + Number(byte !== now[i]), 0);
	expect(different).toBeGreaterThan(0);
	expect(different).toBeLessThanOrEqual(moved);
});

test('a layer whose tensors lie in two files, and pieces of any length', async () => {
	const shape = shapeOf(2, 2);
	const tensors = llamaTensors(createRandom(8), { heads: 2, kvHeads: 2, headDim: 16, hidden });
	const whole = safetensorsFile(tensors);
	const parts = [safetensorsFile(tensors.slice(0, 2), 'F32', 'a'), safetensorsFile(tensors.slice(2), 'F32', 'b')];
	const inPieces = parts.map(
		(file): DataFile => ({
			...file,
			stream: async function* () {
				const bytes = new Uint8Array(await file.arrayBuffer());
				for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
			},
		}),
	);
	const [once, split] = [await layersOf([whole], shape), await layersOf(inPieces, shape)];
	expect(split[0]?.rows('key', 1)).toEqual(once[0]?.rows('key', 1));
	await expect(layersOf(parts.slice(0, 1), shape)).rejects.toThrow(/no model\.layers\.0\.self_attn\.q_proj\.weight/);
});

test('permutation.json holds orders and tables', async () => {
	const shape = shapeOf(2, 2);
	const layers = await layersOf(
		[safetensorsFile(llamaTensors(createRandom(9), { heads: 2, kvHeads: 2, headDim: 16, hidden }))],
		shape,
	);
	const orders = ordersOf(layers, shape, 'pair');
	const read: unknown = JSON.parse(permutationJson(orders, shape, 'pair', 'row-norm'));
	expect(read).toMatchObject({
		headDim: 16,
		order: 'pair',
		layers: [{ layer: 0, heads: [{ channels: [...(orders[0]?.orders[0] ?? [])] }, {}] }],
	});
});

describe('refused, naming tensor and reason', () => {
	const random = createRandom(10);
	const good = llamaTensors(random, { heads: 2, kvHeads: 2, headDim: 16, hidden });
	const named = (name: string, rows = 32) => ({ name, shape: [rows, hidden], values: normals(random, rows * hidden) });
	const broken = good.map((tensor) =>
		tensor.name.includes('k_proj') ? { ...tensor, values: tensor.values.with(9, Number.NaN) } : tensor,
	);
	test.each<[string, readonly (typeof good)[number][], RegExp]>([
		['NaN weights', broken, /k_proj\.weight: found NaN at value 9, expected finite numbers/],
		[
			'a fused projection of unknown layout',
			[named('transformer.h.0.attn.c_attn.weight')],
			/c_attn\.weight: found a fused projection/,
		],
		['latent attention', [named('model.layers.0.self_attn.kv_a_proj_with_mqa.weight')], /latent attention/],
		['tied heads', [named('model.layers.0.self_attn.qk_proj.weight')], /qk_proj\.weight.*one projection for queries and keys/],
		['packed weights', [named('model.layers.0.self_attn.k_proj.qweight')], /packed weights/],
		['another model’s rows', [named('model.layers.0.self_attn.k_proj.weight', 48)], /found shape \[48, 24\], expected 32 rows/],
		['no attention', [named('model.embed_tokens.weight')], /without a key projection/],
	])('%s', async (_, tensors, message) => {
		const shape = shapeOf(2, 2);
		const reading = layersOf([safetensorsFile(tensors)], shape).then((layers) => ordersOf(layers, shape, 'free'));
		await expect(reading).rejects.toThrow(message);
		await expect(reading).rejects.toBeInstanceOf(InputError);
	});
	test('keys head by head, but fewer than queries', async () => {
		const file = safetensorsFile([named('gpt_neox.layers.0.attention.query_key_value.weight', 64)]);
		await expect(layersOf([file], shapeOf(2, 1))).rejects.toThrow(/2 query heads on 1 key heads, expected as many/);
	});
	test('broken files end in an InputError or are read: bytes changed anywhere', async () => {
		const bytes = new Uint8Array(await safetensorsFile(good.slice(0, 3)).arrayBuffer());
		await fc.assert(
			fc.asyncProperty(fc.nat(1200), fc.integer({ min: 0, max: 255 }), fc.boolean(), async (place, byte, cut) => {
				const changed = cut ? bytes.slice(0, place) : bytes.with(place, byte);
				try {
					await layersOf([memoryFile('x.safetensors', changed)], shapeOf(2, 2));
				} catch (error) {
					expect(error).toBeInstanceOf(InputError);
				}
			}),
			{ numRuns: 150 },
		);
	});
});

import { createRandom } from '@assay/contract';
import { Conversions } from '@assay/numerics';
import { expect, test } from 'vitest';
import { blockCodec, type KeyCodec } from '../bfp/key-codec.ts';
import { packKeys } from '../heads/analyze-head.ts';
import { cachedKeys } from '../metrics/key-errors.ts';
import { bestGroupingCost } from '../testing/best-grouping.ts';
import { channelOrder } from './channel-order.ts';
import { blocksWithOutliers, outlierRatio, rowNorms } from './channel-scores.ts';
import { groupingCost } from './grouping-cost.ts';
import {
	gatherRows,
	permuteTable,
	type Rotary,
	rotaryTable,
	rotateAdjacentPairs,
	rotateRows,
	rotationOperations,
} from './rotary.ts';

const conventions = ['halves', 'interleaved'] as const;
const none: Rotary = { width: 0, convention: 'halves', base: 10_000 };

test('free order: descending scores, equals as they were; channels that turn stay in front', () => {
	const scores = Float64Array.of(1, 3, 2, 3, 9, 5);
	expect([...channelOrder(scores, none, 'free')]).toEqual([4, 5, 1, 3, 2, 0]);
	expect([...channelOrder(scores, { ...none, width: 4 }, 'free')]).toEqual([1, 3, 2, 0, 4, 5]);
});

test('rising order: outliers, then the others from the quietest up', () => {
	const scores = Float64Array.of(2, 1, 20, 3, 2, 30);
	expect([...channelOrder(scores, none, 'rising')]).toEqual([5, 2, 1, 0, 4, 3]);
});

test('pair order: pairs by their joint norm, partners side by side, for both conventions', () => {
	const scores = Float64Array.of(1, 3, 2, 3, 9, 5, 0, 7);
	expect([...channelOrder(scores, { ...none, width: 8 }, 'pair')]).toEqual([0, 4, 3, 7, 1, 5, 2, 6]);
	expect([...channelOrder(scores, { ...none, width: 8, convention: 'interleaved' }, 'pair')]).toEqual([4, 5, 6, 7, 2, 3, 0, 1]);
});

test('an odd number of pairs is refused in pair order, not in free order', () => {
	const odd = { ...none, width: 6 };
	expect(() => channelOrder(new Float64Array(8), odd, 'pair')).toThrow(/3 pairs, expected an even number of pairs/);
	expect([...channelOrder(new Float64Array(8), odd, 'free')]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('row norms with a gain and a bias, by hand', () => {
	const weights = Float32Array.of(3, 4, 1, 0);
	expect([...rowNorms(weights, 2)]).toEqual([5, 1]);
	expect([...rowNorms(weights, 2, Float32Array.of(1, 0), Float32Array.of(4, 0))]).toEqual([5, 1]);
	expect(outlierRatio(Float64Array.of(1, 1, 1, 10))).toBe(10);
	const spread = Float64Array.of(9, 1, 1, 1, 9, 1, 1, 1);
	expect(blocksWithOutliers(spread, channelOrder(spread, none, 'none'), 4)).toBe(2);
	expect(blocksWithOutliers(spread, channelOrder(spread, none, 'free'), 4)).toBe(1);
});

test.each(conventions)(
	'one pair order, three ways through the rotary embedding (%s): the same bytes in the cache',
	(convention) => {
		const random = createRandom(3);
		const [headDim, tokens] = [128, 50];
		for (const width of [128, 32]) {
			const rotary: Rotary = { width, convention, base: 10_000 };
			const scores = Float64Array.from({ length: headDim }, () => Math.exp(random.normal()));
			const rows = Float32Array.from({ length: headDim * tokens }, (_, i) => (scores[i % headDim] as number) * random.normal());
			const order = channelOrder(scores, rotary, 'pair');
			const table = rotaryTable(headDim, rotary);
			const permuted = new Float32Array(rows.length);
			gatherRows(rows, order, permuted);

			const byTables = new Float32Array(rows.length);
			const after = permuteTable(table, order);
			rotateRows(permuted, after, byTables, 7);

			const turned = new Float32Array(rows.length);
			rotateRows(rows, table, turned, 7);
			const byGather = new Float32Array(rows.length);
			gatherRows(turned, order, byGather);

			const byPairs = new Float32Array(rows.length);
			const frequencies = after.frequency.subarray(0, width).filter((_, place) => place % 2 === 0);
			rotateAdjacentPairs(permuted, headDim, frequencies, byPairs, 7);

			expect(byTables).toEqual(byGather);
			expect(byPairs).toEqual(byGather);
			const own = Int32Array.from(order.keys());
			const bytes = [byTables, byGather, byPairs].map(
				(keys) =>
					packKeys(
						{ keys, headDim, layer: 0, head: 0, queries: keys, visible: new Int32Array(), values: null, scores, rotary },
						own,
						{ mantissaBits: 4, blockSize: 32 },
					).bytes,
			);
			expect(bytes[1]).toEqual(bytes[0]);
			expect(bytes[2]).toEqual(bytes[0]);
			expect(bytes[0]?.length).toBe(tokens * 4 * 17);
			expect(rotationOperations(after)).toBe(rotationOperations(table));
		}
	},
);

test.each(conventions)('free order through permuted tables (%s) is the gather of turned keys', (convention) => {
	const random = createRandom(4);
	const rotary: Rotary = { width: 64, convention, base: 500_000 };
	const rows = Float32Array.from({ length: 64 * 20 }, () => random.normal());
	const order = random.shuffle(Int32Array.from({ length: 64 }, (_, i) => i));
	const table = rotaryTable(64, rotary);
	const [permuted, byTables, turned, byGather] = Array.from({ length: 4 }, () => new Float32Array(rows.length)) as [
		Float32Array,
		Float32Array,
		Float32Array,
		Float32Array,
	];
	gatherRows(rows, order, permuted);
	rotateRows(permuted, permuteTable(table, order), byTables);
	rotateRows(rows, table, turned);
	gatherRows(turned, order, byGather);
	expect(byTables).toEqual(byGather);
});

test('rotation by the definition with complex numbers: (a + ib) e^(i position frequency)', () => {
	const out = new Float32Array(4);
	rotateRows(Float32Array.of(1, 2, 3, 4), rotaryTable(4, { width: 4, convention: 'halves', base: 100 }), out, 3);
	const [angle, slower] = [3, 3 * 100 ** -0.5];
	expect(out[0]).toBeCloseTo(Math.cos(angle) - 3 * Math.sin(angle), 6);
	expect(out[2]).toBeCloseTo(3 * Math.cos(angle) + Math.sin(angle), 6);
	expect(out[1]).toBeCloseTo(2 * Math.cos(slower) - 4 * Math.sin(slower), 6);
	expect(out[3]).toBeCloseTo(4 * Math.cos(slower) + 2 * Math.sin(slower), 6);
});

test('a block as large as the head gains nothing: 1000 random heads, bit for bit', async () => {
	const conversions = await Conversions.create();
	const random = createRandom(9);
	const codecs = new Map([16, 64, 128].map((size) => [size, blockCodec({ mantissaBits: 4, blockSize: size }, conversions)]));
	for (let head = 0; head < 1000; head++) {
		const headDim = [16, 64, 128][head % 3] as number;
		const scores = Float64Array.from({ length: headDim }, () => Math.exp(2 * random.normal()));
		const keys = Float32Array.from({ length: headDim }, (_, i) => (scores[i % headDim] as number) * random.normal());
		const codec = codecs.get(headDim) as KeyCodec;
		const unsorted = cachedKeys(keys, channelOrder(scores, none, 'none'), codec);
		const sorted = cachedKeys(keys, channelOrder(scores, none, 'free'), codec);
		expect(Buffer.compare(Buffer.from(sorted.buffer), Buffer.from(unsorted.buffer))).toBe(0);
	}
});

test('no grouping of 12 channels has smaller steps than the sorted one', () => {
	const random = createRandom(10);
	for (let trial = 0; trial < 30; trial++) {
		const scores = Float64Array.from({ length: 12 }, () => Math.exp(1.5 * random.normal()));
		const cost = (kind: 'none' | 'free') => groupingCost(scores, channelOrder(scores, none, kind), 4, 4);
		const best = bestGroupingCost(scores, 4, 4);
		expect(cost('free') / best).toBeCloseTo(1, 12);
		expect(cost('none')).toBeGreaterThanOrEqual(best);
	}
});

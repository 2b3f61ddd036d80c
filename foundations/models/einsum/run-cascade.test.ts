import { createRandom } from '@assay/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Expression, Index } from './cascade.ts';
import { checkCascade } from './check-cascade.ts';
import { operationsPerPoint, pointsOf } from './count-operations.ts';
import { arithmeticFormats, roundToBfloat16, roundToFloat16 } from './number-rounding.ts';
import { parseCascade } from './parse-cascade.ts';
import { rankSizes } from './rank-sizes.ts';
import { runCascade } from './run-cascade.ts';
import { onePass, threePass } from './test-data.ts';

const checked = (text: string) => checkCascade(parseCascade(text));
const normal = (seed: string, count: number, scale = 1) => {
	const random = createRandom(seed);
	return Float64Array.from({ length: count }, () => scale * random.normal());
};

/** Softmax attention written out, row by row; rows without any finite logit give 0. */
function attention(
	q: Float64Array,
	k: Float64Array,
	v: Float64Array,
	e: number,
	f: number,
	m: number,
	p: number,
	bias?: Float64Array,
) {
	const result = new Float64Array(f * p);
	for (let row = 0; row < p; row++) {
		const logits = Array.from({ length: m }, (_, key) => {
			let sum = bias?.[key * p + row] ?? 0;
			for (let i = 0; i < e; i++) sum += (q[i * p + row] as number) * (k[i * m + key] as number);
			return sum;
		});
		const largest = Math.max(...logits);
		if (largest === Number.NEGATIVE_INFINITY) continue;
		const weights = logits.map((logit) => Math.exp(logit - largest));
		const total = weights.reduce((sum, weight) => sum + weight, 0);
		for (let i = 0; i < f; i++)
			result[i * p + row] = weights.reduce((sum, weight, key) => sum + weight * (v[i * m + key] as number), 0) / total;
	}
	return result;
}

const worst = (a: Float64Array, b: Float64Array) =>
	a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0);

describe('attention', () => {
	const [e, f, m, p] = [16, 12, 70, 33];
	const [q, k, v] = [normal('q', e * p), normal('k', e * m), normal('v', f * m)];
	const sizes = { E: e, F: f, M: m, P: p };
	const reference = attention(q, k, v, e, f, m, p);

	test.each([1, 7, 16, 32, 70, 100])(
		'in one pass with tiles of %i keys (70 in all) equals softmax written out, to 1e-13',
		async (tile) => {
			const { values, notFinite } = await runCascade(checked(onePass), {
				sizes: { ...sizes, M0: tile },
				inputs: { Q: q, K: k, V: v },
			});
			expect(worst(values('AV'), reference)).toBeLessThan(1e-13);
			expect(notFinite).toEqual([]);
		},
	);

	test.each([
		['float64', 1e-13],
		['float32', 2e-6],
		['bfloat16', 0.1],
		['float16', 0.02],
	] as const)('in %s both cascades stay within %f of float64', async (format, bound) => {
		for (const [text, more] of [
			[threePass, {}],
			[onePass, { M0: 32 }],
		] as const) {
			const { values } = await runCascade(checked(text), { sizes: { ...sizes, ...more }, inputs: { Q: q, K: k, V: v }, format });
			expect(worst(values('AV'), reference)).toBeLessThan(bound);
		}
	});

	test('a logit of 1e4 among others, one of -1e4, and equal logits: no undefined number in any format', async () => {
		for (const scale of [1e4, -1e4, 0]) {
			const large = Float64Array.from({ length: e * p }, (_, i) => (i < p ? scale : 0));
			const keys = Float64Array.from({ length: e * m }, (_, i) => (i === 40 ? 1 : 0));
			const expected = attention(large, keys, v, e, f, m, p);
			for (const format of arithmeticFormats) {
				const { values, notFinite } = await runCascade(checked(onePass), {
					sizes: { ...sizes, M0: 16 },
					inputs: { Q: large, K: keys, V: v },
					format,
				});
				expect(notFinite).toEqual([]);
				expect(worst(values('AV'), expected)).toBeLessThan(format === 'float64' ? 1e-12 : format === 'float32' ? 1e-5 : 0.1);
			}
		}
	});

	test('masks: a tile that is masked whole changes nothing, a row that is masked whole gives 0', async () => {
		const text = onePass
			.replace('input Q[e, p]', 'input MASK[m, p], Q[e, p]')
			.replace('QK[m, p] = sum(e) Q[e, p] * K[e, m]', 'S[m, p] = sum(e) Q[e, p] * K[e, m]; QK[m, p] = S[m, p] + MASK[m, p]');
		const mask = Float64Array.from({ length: m * p }, (_, i) => {
			const [key, row] = [Math.floor(i / p), i % p];
			return row === 3 || key < 16 || (key >= 32 && key < 48) || key > row + 40 ? Number.NEGATIVE_INFINITY : 0;
		});
		const { values, notFinite } = await runCascade(checked(text), {
			sizes: { ...sizes, M0: 16 },
			inputs: { Q: q, K: k, V: v, MASK: mask },
		});
		expect(worst(values('AV'), attention(q, k, v, e, f, m, p, mask))).toBeLessThan(1e-13);
		expect(values('AV').filter((_, i) => i % p === 3)).toEqual(new Float64Array(f));
		expect(notFinite).toEqual([]);
	});

	test('without the maximum, logits beyond 11.09 overflow float16 and the run says so', async () => {
		const text = `input L[m, p]; S[m, p] = exp(L[m, p])`;
		const run = async (logit: number) =>
			(await runCascade(checked(text), { sizes: { M: 1, P: 1 }, inputs: { L: [logit] }, format: 'float16' })).notFinite;
		expect(await run(11.08)).toEqual([]);
		expect(await run(11.1)).toEqual([{ tensor: 'S', overflowed: 1, invalid: 0 }]);
	});
});

/** One Einsum on small random shapes, by recursion over single points: nothing in common with the row-wise arithmetic. */
function bruteForce(
	text: string,
	sizes: Record<string, number>,
	inputs: Record<string, Float64Array>,
): Map<string, Map<string, number>> {
	const { einsums, tensors } = checked(text);
	const results = new Map<string, Map<string, number>>();
	for (const { name, ranks } of tensors.values()) {
		const values = inputs[name];
		if (values === undefined) continue;
		const stored = new Map<string, number>();
		points(ranks, sizes).forEach((point, i) => {
			stored.set(ranks.map((rank) => point[rank]).join(), values[i] as number);
		});
		results.set(name, stored);
	}
	for (const { tensor, ranks, reduction, expression } of einsums) {
		const stored = new Map<string, number>();
		for (const point of points(ranks, sizes)) {
			const values = points(reduction?.ranks ?? [], sizes).map((inner) => evaluate(expression, { ...point, ...inner }));
			const value =
				reduction === null
					? (values[0] as number)
					: reduction.by === 'sum'
						? values.reduce((a, b) => a + b, 0)
						: Math[reduction.by](...values);
			stored.set(ranks.map((rank) => point[rank]).join(), value);
		}
		results.set(tensor, stored);
	}
	function evaluate(one: Expression, point: Record<string, number>): number {
		switch (one.kind) {
			case 'number':
				return one.value;
			case 'size':
				return sizes[one.size] as number;
			case 'read':
				return results.get(one.tensor)?.get(one.indices.map((i: Index) => ('rank' in i ? point[i.rank] : 'x')).join()) as number;
			case 'negate':
				return -evaluate(one.of, point);
			case 'call': {
				const [x = 0, y = 0] = one.of.map((inner) => evaluate(inner, point));
				return one.name === 'max' || one.name === 'min' ? Math[one.name](x, y) : Math[one.name](x);
			}
			case 'binary': {
				const [left, right] = [evaluate(one.left, point), evaluate(one.right, point)];
				return { '+': left + right, '-': left - right, '*': left * right, '/': left / right }[one.operator];
			}
		}
	}
	return results;
}

function points(ranks: readonly string[], sizes: Record<string, number>): Record<string, number>[] {
	return ranks.reduce<Record<string, number>[]>(
		(all, rank) =>
			all.flatMap((point) => Array.from({ length: sizes[rank.toUpperCase()] as number }, (_, i) => ({ ...point, [rank]: i }))),
		[{}],
	);
}

test('random Einsums over three tensors agree with a point-by-point evaluation', async () => {
	const term = fc.constantFrom('A[a, b]', 'B[b, c]', 'C[c]', '2', 'B2');
	const operator = fc.constantFrom(' + ', ' - ', ' * ');
	const expressions = fc
		.tuple(term, operator, term, operator, term, fc.constantFrom('', 'abs', 'tanh'), fc.constantFrom('sum', 'max', 'min'))
		.map(([x, o1, y, o2, z, f, by]) => ({ text: f === '' ? `(${x}${o1}${y})${o2}${z}` : `${f}(${x}${o1}${y}${o2}${z})`, by }));
	await fc.assert(
		fc.asyncProperty(
			expressions,
			fc.subarray(['a', 'b', 'c']),
			fc.record({ A: fc.integer({ min: 1, max: 4 }), B: fc.integer({ min: 1, max: 4 }), C: fc.integer({ min: 1, max: 4 }) }),
			async ({ text, by }, left, sizes) => {
				const used = ['a', 'b', 'c'].filter((rank) => new RegExp(`\\[[^\\]]*${rank}`).test(text));
				const reduced = used.filter((rank) => !left.includes(rank));
				const reduce = reduced.length === 0 ? '' : `${by}(${reduced.join(', ')}) `;
				const cascade = `size B2 = 3; input A[a, b], B[b, c], C[c]; X[${left.join(', ')}] = ${reduce}${text}`;
				const inputs = {
					A: normal('a', sizes.A * sizes.B),
					B: normal('b', sizes.B * sizes.C),
					C: normal('c', sizes.C),
				};
				const { values } = await runCascade(checked(cascade), { sizes, inputs });
				const expected = bruteForce(cascade, { ...sizes, B2: 3 }, inputs).get('X');
				expect(worst(values('X'), Float64Array.from(expected?.values() ?? []))).toBeLessThan(1e-12);
			},
		),
		{ numRuns: 200 },
	);
});

test('a rank split three ways with a ragged end gives the sum of all that is there, in any order of reductions', async () => {
	const text = `split m = (m2 * M1 + m1) * M0 + m0; input X[m]
		A[m2, m1] = sum(m0) X[m]; B[m2] = sum(m1) A[m2, m1]; C[] = sum(m2) B[m2]; D[] = max(m) X[m]; Y[m] = X[m] / C[]`;
	for (const [m, m1, m0] of [
		[17, 2, 3],
		[24, 4, 3],
		[5, 4, 8],
		[1, 1, 1],
	] as const) {
		const x = normal(`x${m}`, m);
		const { values } = await runCascade(checked(text), { sizes: { M: m, M1: m1, M0: m0 }, inputs: { X: x } });
		const total = x.reduce((sum, value) => sum + value, 0);
		expect(values('C')[0]).toBeCloseTo(total, 12);
		expect(values('D')[0]).toBe(Math.max(...x));
		expect(values('Y')).toHaveLength(m);
		expect(
			worst(
				values('Y'),
				x.map((value) => value / total),
			),
		).toBeLessThan(1e-12);
	}
});

test('running tensors: Fibonacci numbers, two generations that need each other', async () => {
	const text = `size N = 20
		A[0] = 0; B[0] = 1
		A[n+1] = B[n]
		B[n+1] = A[n] + B[n]
		F[] = A[N]`;
	expect((await runCascade(checked(text), { inputs: {} })).values('F')[0]).toBe(6765);
});

test('missing and wrong sizes and inputs are named', async () => {
	const run = (sizes: Record<string, number>, inputs: Record<string, number[]>) =>
		runCascade(checked('input X[m]; Y[] = sum(m) X[m]'), { sizes, inputs });
	await expect(run({}, { X: [1] })).rejects.toThrow(/sizes\.M: found no size, expected a number, as in size M = 64/);
	await expect(run({ M: 2 }, { X: [1] })).rejects.toThrow(/inputs\.X: found 1 numbers, expected 2/);
	await expect(run({ M: 2 }, {})).rejects.toThrow(/inputs\.X: found nothing/);
	await expect(run({ M: 2, N: 1 }, { X: [1, 2] })).rejects.toThrow(/sizes\.N: found a size, expected one of M/);
	await expect(run({ M: 2 ** 30 }, { X: [1] })).rejects.toThrow(/numbers in all tensors/);
	const square = checked('input X[a], Y[b]; Z[] = sum(a, b) X[a] * Y[b]');
	await expect(runCascade(square, { sizes: { A: 2 ** 20, B: 2 ** 20 }, inputs: {} })).rejects.toThrow(
		/1\.1e\+12 points in all Einsums/,
	);
});

test('rounding: values from the definitions of the formats, and the nearest of all float16 numbers', () => {
	// 65504 is the largest float16, 2^-24 the smallest; 2049 lies between 2048 and 2050 and goes to the even one.
	expect([65_504, 65_519, 65_520, 2049, 2051, 2 ** -24, 2 ** -25, 2 ** -25 * 1.01, 0.1].map(roundToFloat16)).toEqual([
		65_504,
		65_504,
		Number.POSITIVE_INFINITY,
		2048,
		2052,
		2 ** -24,
		0,
		2 ** -24,
		0.0999755859375,
	]);
	expect([257, 259, 1 + 2 ** -8, 3.140625, Number.NEGATIVE_INFINITY].map(roundToBfloat16)).toEqual([
		256,
		260,
		1,
		3.140625,
		Number.NEGATIVE_INFINITY,
	]);
	const all = Array.from({ length: 0x7c00 }, (_, bits) =>
		bits < 1024 ? bits * 2 ** -24 : (1024 + (bits & 1023)) * 2 ** ((bits >> 10) - 25),
	);
	fc.assert(
		fc.property(fc.double({ min: 0, max: 65_504, noNaN: true }), (value) => {
			const single = Math.fround(value);
			const rounded = roundToFloat16(single);
			const above = all.findIndex((one) => one >= single);
			const nearest = Math.min(
				Math.abs((all[above] as number) - single),
				Math.abs((all[Math.max(0, above - 1)] as number) - single),
			);
			expect(Math.abs(rounded - single)).toBe(nearest);
			expect(all).toContain(rounded);
		}),
		{ numRuns: 300 },
	);
});

test('operations: a product summed is one multiply-accumulate; deferring the division divides F P times instead of M P', () => {
	const count = (text: string, sizes: Record<string, number>) => {
		const cascade = checked(text);
		const resolved = rankSizes(cascade, sizes);
		return (kind: 'multiplyAccumulates' | 'divisions' | 'exponentials') =>
			cascade.einsums.reduce((sum, einsum) => sum + operationsPerPoint(einsum)[kind] * pointsOf(einsum, resolved), 0);
	};
	const sizes = { E: 64, F: 64, M: 1 << 20, P: 10 };
	const eager = count(threePass, sizes);
	expect(eager('multiplyAccumulates')).toBe((64 + 64) * 2 ** 20 * 10);
	expect(eager('divisions')).toBe(2 ** 20 * 10);
	expect(count(onePass, { ...sizes, M0: 256 })('divisions')).toBe(64 * 10);
	expect(count(onePass, { ...sizes, M: 1000, M0: 256 })('exponentials')).toBe((1000 + 4) * 10);
});

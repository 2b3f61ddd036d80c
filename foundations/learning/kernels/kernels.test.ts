import { createRandom } from '@assay/contract';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { adamReference, adamScalars } from '../adam.ts';
import { matrix, multiply, transpose } from '../matrix.ts';
import { Arena } from '../memory-layout.ts';
import { compileKernels } from './compile.ts';
import { createKernelMemory, instantiateKernels, type Kernels } from './kernels.ts';
import { MATMUL_SCRATCH_BYTES } from './matmul.ts';

let kernels: Kernels;
beforeAll(async () => {
	kernels = instantiateKernels(await compileKernels(), createKernelMemory(64 * 1024 * 1024));
});

/** Places arrays in the memory and returns their addresses; views stay valid while the memory does not grow. */
function place(arena: Arena, values: ArrayLike<number>): { at: number; view: Float32Array } {
	const at = arena.floats(values.length, 4);
	const view = arena.view(at, values.length);
	view.set(values);
	return { at, view };
}

const normals = (count: number, seed = 1, spread = 1): Float32Array => {
	const random = createRandom(seed);
	return Float32Array.from({ length: count }, () => spread * random.normal());
};

const worst = (ours: ArrayLike<number>, exact: (index: number) => number, scale: (value: number) => number): number => {
	let largest = 0;
	for (let i = 0; i < ours.length; i++) largest = Math.max(largest, Math.abs((ours[i] as number) - exact(i)) / scale(exact(i)));
	return largest;
};

test('a product is what three nested scalar loops compute, bit for bit, for any sizes, strides and transposition', () => {
	const size = fc.integer({ min: 1, max: 21 });
	const depth = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 250, max: 530 }));
	fc.assert(
		fc.property(size, size, depth, fc.boolean(), fc.boolean(), fc.boolean(), (m, n, k, flipA, flipB, accumulate) => {
			const arena = new Arena(kernels.memory);
			const scratch = arena.bytes(MATMUL_SCRATCH_BYTES);
			const extra = 3;
			const a = place(arena, normals((flipA ? k : m) * ((flipA ? m : k) + extra), 1));
			const b = place(arena, normals((flipB ? n : k) * ((flipB ? k : n) + extra), 2));
			const c = place(arena, normals(m * (n + extra), 3));
			const A = flipA ? transpose(matrix(a.at, k, m, m + extra)) : matrix(a.at, m, k, k + extra);
			const B = flipB ? transpose(matrix(b.at, n, k, k + extra)) : matrix(b.at, k, n, n + extra);
			const expected = c.view.slice();
			for (let i = 0; i < m; i++) {
				for (let j = 0; j < n; j++) {
					let sum = accumulate ? (expected[i * (n + extra) + j] as number) : 0;
					for (let l = 0; l < k; l++) {
						const left = a.view[flipA ? l * (m + extra) + i : i * (k + extra) + l] as number;
						const right = b.view[flipB ? j * (k + extra) + l : l * (n + extra) + j] as number;
						sum = Math.fround(sum + Math.fround(left * right));
					}
					expected[i * (n + extra) + j] = sum;
				}
			}
			multiply(kernels, A, B, matrix(c.at, m, n, n + extra), scratch, accumulate);
			expect(c.view).toEqual(expected);
		}),
		{ numRuns: 150 },
	);
});

test('sizes that do not fit are refused', () => {
	expect(() => multiply(kernels, matrix(0, 2, 3), matrix(0, 2, 3), matrix(0, 2, 3), 0)).toThrow(RangeError);
});

test('Adam gives the bits of the scalar reference, step after step, with and without weight decay', () => {
	for (const weightDecay of [0, 0.1]) {
		const arena = new Arena(kernels.memory);
		const count = 1003;
		const p = place(arena, normals(count, 1));
		const m = place(arena, new Float32Array(count));
		const v = place(arena, new Float32Array(count));
		const [rp, rm, rv] = [p.view.slice(), m.view.slice(), v.view.slice()];
		for (let step = 1; step <= 30; step++) {
			const g = place(arena, normals(count, 100 + step, 10 ** ((step % 9) - 6)));
			const options = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay };
			const scalars = adamScalars(options, step, step % 2 === 0 ? 0.25 : 1);
			kernels.adam(p.at, m.at, v.at, g.at, count, ...scalars);
			adamReference(rp, rm, rv, g.view, scalars);
		}
		expect([p.view, m.view, v.view]).toEqual([rp, rm, rv]);
	}
});

test('Adam moves as the textbook formula in float64 says', () => {
	const arena = new Arena(kernels.memory);
	const count = 64;
	const p = place(arena, normals(count, 1));
	const m = place(arena, new Float32Array(count));
	const v = place(arena, new Float32Array(count));
	const exact = Float64Array.from(p.view);
	const [em, ev] = [new Float64Array(count), new Float64Array(count)];
	const options = { learningRate: 1e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 };
	for (let step = 1; step <= 20; step++) {
		const g = place(arena, normals(count, step));
		kernels.adam(p.at, m.at, v.at, g.at, count, ...adamScalars(options, step));
		for (let i = 0; i < count; i++) {
			const gradient = g.view[i] as number;
			em[i] = 0.9 * em[i]! + 0.1 * gradient;
			ev[i] = 0.999 * ev[i]! + 0.001 * gradient ** 2;
			const step1 = (1e-2 * (em[i]! / (1 - 0.9 ** step))) / (Math.sqrt(ev[i]! / (1 - 0.999 ** step)) + 1e-8);
			exact[i] = exact[i]! * (1 - 1e-2 * 0.01) - step1;
		}
	}
	expect(
		worst(
			p.view,
			(i) => exact[i]!,
			() => 1,
		),
	).toBeLessThan(2e-6);
});

test('GELU and its slope are within 4e-7 of the tanh form in float64', () => {
	const arena = new Arena(kernels.memory);
	const inputs = Float32Array.from({ length: 4003 }, (_, i) => (i - 2001) / 150);
	const x = place(arena, inputs);
	const y = place(arena, inputs);
	const ones = place(arena, new Float32Array(inputs.length).fill(1));
	const argument = (value: number) => Math.sqrt(2 / Math.PI) * (value + 0.044715 * value ** 3);
	kernels.geluForward(x.at, y.at, inputs.length);
	const scale = (i: number) => Math.max(1, Math.abs(inputs[i]!));
	const exact = (i: number) => 0.5 * inputs[i]! * (1 + Math.tanh(argument(inputs[i]!)));
	for (let i = 0; i < inputs.length; i++) expect(Math.abs(y.view[i]! - exact(i)) / scale(i)).toBeLessThan(4e-7);
	kernels.geluBackward(x.at, ones.at, y.at, inputs.length);
	for (let i = 0; i < inputs.length; i++) {
		const value = inputs[i]!;
		const t = Math.tanh(argument(value));
		const slope = 0.5 * (1 + t) + 0.5 * value * (1 - t * t) * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * value * value);
		expect(Math.abs(y.view[i]! - slope) / scale(i)).toBeLessThan(1e-6);
	}
});

test('causal softmax sums to one over what each row sees, is zero beyond, and matches float64', () => {
	for (const n of [1, 2, 3, 7, 33]) {
		const arena = new Arena(kernels.memory);
		const scores = normals(n * n, n, 8);
		const s = place(arena, scores);
		kernels.causalSoftmaxForward(s.at, n, 0.37);
		const exact = new Float64Array(n * n);
		for (let i = 0; i < n; i++) {
			const seen = Array.from({ length: i + 1 }, (_, j) => 0.37 * scores[i * n + j]!);
			const largest = Math.max(...seen);
			const total = seen.reduce((sum, value) => sum + Math.exp(value - largest), 0);
			for (const [j, value] of seen.entries()) exact[i * n + j] = Math.exp(value - largest) / total;
		}
		for (let i = 0; i < n * n; i++) expect(s.view[i]).toBeCloseTo(exact[i]!, 6);
		const dp = place(arena, normals(n * n, n + 1));
		const incoming = Float64Array.from(dp.view);
		kernels.causalSoftmaxBackward(s.at, dp.at, n, 0.37);
		for (let i = 0; i < n; i++) {
			let total = 0;
			for (let j = 0; j <= i; j++) total += exact[i * n + j]! * incoming[i * n + j]!;
			for (let j = 0; j < n; j++)
				expect(dp.view[i * n + j]).toBeCloseTo(j > i ? 0 : 0.37 * exact[i * n + j]! * (incoming[i * n + j]! - total), 6);
		}
	}
});

test('cross-entropy: losses within 1e-6 of float64, and a gradient that sums to zero', () => {
	const arena = new Arena(kernels.memory);
	const [rows, classes] = [9, 101];
	const logits = normals(rows * classes, 5, 6);
	const l = place(arena, logits);
	const losses = place(arena, new Float32Array(rows));
	const targets = arena.floats(rows);
	const wanted = new Int32Array(kernels.memory.buffer, targets, rows).map((_, i) => (i * 37) % classes);
	new Int32Array(kernels.memory.buffer, targets, rows).set(wanted);
	kernels.crossEntropy(l.at, targets, losses.at, rows, classes, 0.5);
	for (let i = 0; i < rows; i++) {
		const row = logits.subarray(i * classes, (i + 1) * classes);
		const largest = Math.max(...row);
		const total = row.reduce((sum, value) => sum + Math.exp(value - largest), 0);
		const exact = largest + Math.log(total) - row[wanted[i]!]!;
		expect(Math.abs(losses.view[i]! - exact) / Math.max(1, exact)).toBeLessThan(1e-6);
		expect(l.view.subarray(i * classes, (i + 1) * classes).reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 6);
		expect(l.view[i * classes + 3]).toBeCloseTo(0.5 * (Math.exp(row[3]! - largest) / total - (wanted[i] === 3 ? 1 : 0)), 6);
	}
});

test('the logarithm behind the loss is within 3e-7 over its whole range', () => {
	const arena = new Arena(kernels.memory);
	const losses = place(arena, [0]);
	const target = arena.floats(1);
	new Int32Array(kernels.memory.buffer, target, 1)[0] = 0;
	// With logits (0, d) and target 0 the loss is ln(1 + e^d) for d <= 0, the logarithm of 1 to 2 ...
	for (let d = -12; d <= 0; d += 0.0137) {
		const l = place(arena, [0, d]);
		kernels.crossEntropy(l.at, target, losses.at, 1, 2, 1);
		expect(Math.abs(losses.view[0]! - Math.log1p(Math.exp(Math.fround(d))))).toBeLessThan(3e-7);
	}
	// ... and n equal logits give ln n.
	for (const n of [2, 3, 5, 100, 4097, 50_257]) {
		const l = place(arena, new Float32Array(n));
		kernels.crossEntropy(l.at, target, losses.at, 1, n, 1);
		expect(losses.view[0]! / Math.log(n)).toBeCloseTo(1, 6);
	}
});

test('column sums, filled rows, sums and norms', () => {
	const arena = new Arena(kernels.memory);
	const [rows, width] = [7, 13];
	const x = place(arena, normals(rows * width, 4));
	const out = place(arena, new Float32Array(width).fill(1));
	kernels.addColumnSums(x.at, out.at, rows, width);
	for (let j = 0; j < width; j++) {
		let sum = 1;
		for (let i = 0; i < rows; i++) sum = Math.fround(sum + x.view[i * width + j]!);
		expect(out.view[j]).toBe(sum);
	}
	expect(kernels.sumOfSquares(x.at, rows, width)).toBeCloseTo(
		x.view.reduce((sum, value) => sum + value * value, 0),
		4,
	);
	const filled = place(arena, new Float32Array(rows * width));
	kernels.fillRows(out.at, filled.at, rows, width);
	for (let i = 0; i < rows; i++) expect(filled.view.subarray(i * width, (i + 1) * width)).toEqual(out.view);
	kernels.add(x.at, filled.at, x.at, 5);
	expect(Number.isFinite(x.view[4])).toBe(true);
});

/** Rounds to the nearest multiple of 2^-shift below the leading bit, ties to even, by exact float64 arithmetic. */
function roundTo(value: number, fractionBits: number, smallestExponent: number, largest: number): number {
	if (!Number.isFinite(value) || value === 0) return value;
	const magnitude = Math.abs(value);
	const unit = 2 ** (Math.max(Math.floor(Math.log2(magnitude)), smallestExponent) - fractionBits);
	const below = Math.floor(magnitude / unit);
	const rest = magnitude / unit - below;
	const rounded = (rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below) * unit;
	return Math.sign(value) * (rounded > largest ? Number.POSITIVE_INFINITY : rounded);
}

test('both 16-bit formats round to nearest even, keep infinities and not-a-number, and come back exactly', () => {
	const bits = new Uint32Array(1);
	const float = new Float32Array(bits.buffer);
	fc.assert(
		fc.property(
			fc.array(fc.oneof(fc.integer({ min: 0, max: 2 ** 32 - 1 }), edges), { minLength: 1, maxLength: 40 }),
			(patterns) => {
				const arena = new Arena(kernels.memory);
				const values = Float32Array.from(patterns, (pattern) => {
					bits[0] = pattern;
					return float[0] as number;
				});
				const source = place(arena, values);
				const halves = arena.floats(values.length);
				const back = place(arena, values);
				kernels.float32ToFloat16(source.at, halves, values.length);
				kernels.float16ToFloat32(halves, back.at, values.length);
				for (const [i, value] of values.entries()) expect(back.view[i]).toBe(roundTo(value, 10, -14, 65504));
				kernels.float32ToBfloat16(source.at, halves, values.length);
				kernels.bfloat16ToFloat32(halves, back.at, values.length);
				for (const [i, value] of values.entries()) expect(back.view[i]).toBe(roundTo(value, 7, -126, 3.3895313892515355e38));
			},
		),
		{ numRuns: 400 },
	);
});

/** Patterns around where float16 begins, ends and changes its rounding. */
const edges = fc
	.record({
		base: fc.constantFrom(
			0x33000000,
			0x33800000,
			0x38800000,
			0x477fe000,
			0x477ff000,
			0x47800000,
			0x7f800000,
			0x7f7fffff,
			0x3f800000,
		),
		step: fc.integer({ min: -3, max: 0x3000 }),
		negative: fc.boolean(),
	})
	.map(({ base, step, negative }) => (base + step + (negative ? 2 ** 31 : 0)) % 2 ** 32);

test('a module compiled for shared memory gives the same bits', async () => {
	const shared = instantiateKernels(await compileKernels({ shared: true }), createKernelMemory(1 << 20, { shared: true }));
	const values = normals(97, 8);
	const results = [kernels, shared].map((one) => {
		const x = new Float32Array(one.memory.buffer, 1024, values.length);
		x.set(values);
		one.geluForward(1024, 1024, values.length);
		return x.slice();
	});
	expect(results[0]).toEqual(results[1]);
});

test('memories beyond what 32 bits address are refused', () => {
	expect(() => createKernelMemory(5e9)).toThrow(RangeError);
});

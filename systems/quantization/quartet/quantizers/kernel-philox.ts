/** Philox4x32-10 for four counters at a time: word w of lane l is word w of the block that lane l counts to. */
import type { Code, Expression, Variable } from '@assay/webassembly';

const MULTIPLIERS = [0xd2511f53 | 0, 0xcd9e8d57 | 0] as const;
const WEYL = [0x9e3779b9 | 0, 0xbb67ae85 | 0] as const;
const ROUNDS = 10;

/** Writes four vectors of random words to `words`. */
export function philoxLanes(code: Code, counters: Expression, key0: Variable, key1: Variable, words: readonly Variable[]): void {
	const { i32, i32x4, v128 } = code.module;
	const [c0, c1, c2, c3] = words as [Variable, Variable, Variable, Variable];
	c0.set(counters);
	for (const word of [c1, c2, c3]) word.set(i32x4.splat(code.int(0)));
	const keys = [code.let('i32', key0.get()), code.let('i32', key1.get())] as const;
	const round = code.let('i32', code.int(0));
	code.count(
		round,
		() => code.int(ROUNDS),
		1,
		() => {
			const high0 = code.let('v128', highProducts(code, c0, MULTIPLIERS[0]));
			const high1 = code.let('v128', highProducts(code, c2, MULTIPLIERS[1]));
			const low0 = code.let('v128', i32x4.mul(c0.get(), i32x4.splat(code.int(MULTIPLIERS[0]))));
			c0.set(v128.xor(v128.xor(high1.get(), c1.get()), i32x4.splat(keys[0].get())));
			c1.set(i32x4.mul(c2.get(), i32x4.splat(code.int(MULTIPLIERS[1]))));
			c2.set(v128.xor(v128.xor(high0.get(), c3.get()), i32x4.splat(keys[1].get())));
			c3.set(low0.get());
			for (const [index, key] of keys.entries()) key.set(i32.add(key.get(), code.int(WEYL[index as 0 | 1])));
		},
	);
}

/** The upper halves of four products of unsigned integers. */
function highProducts(code: Code, x: Variable, multiplier: number): Expression {
	const { i64x2, i32x4, i8x16 } = code.module;
	const factor = () => i32x4.splat(code.int(multiplier));
	return i8x16.shuffle(
		i64x2.extmul_low_i32x4_u(x.get(), factor()),
		i64x2.extmul_high_i32x4_u(x.get(), factor()),
		[4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31],
	);
}

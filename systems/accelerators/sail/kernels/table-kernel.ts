/**
 * The product by tables on a CPU's vector unit, one token at a time.
 *
 * Four int8 activations have 16 subset sums, and a byte shuffle looks 16 columns up at once: the bits of four weights of a column, one plane, are
 * the address (Wei et al., T-MAC, EuroSys 2025). Sums take 16 bits, so the table is kept as low and high bytes, and interleaving what both shuffles
 * give makes 16-bit numbers again. After a scale group the planes are weighed by powers of two, the sign plane negatively, and the integer is
 * scaled.
 */
import type { Assembler, Code, Expression, Variable } from '@assay/webassembly';
import { VECTOR_DEPTH } from './packed-weights.ts';

/** Widths of weights that there are kernels for. */
export const TABLE_BITS = [1, 2, 3, 4, 5, 6, 7, 8] as const;
/** Largest scale group: its 64 sums of at most 512 fill 16 bits. */
export const MOST_SCALE_GROUP = 256;

const INTERLEAVE_LOW = [0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23];
const INTERLEAVE_HIGH = [8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31];
const EVEN_BYTES = [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30];
const ODD_BYTES = EVEN_BYTES.map((byte) => byte + 1);

/** `tables(activations, tables, groups)`: 32 bytes a group of four int8 activations, low bytes of its 16 sums, then high ones. */
export function defineTables(assembler: Assembler): void {
	assembler.define('tables', ['i32', 'i32', 'i32'], (code, activations, tables, groups) => {
		const { module } = code;
		const { i16x8, i8x16, v128, i32 } = module;
		/** Ones where a pattern of the half (0 to 7, 8 to 15) has a bit. */
		const mask = (half: 0 | 1, bit: number): Expression => {
			const bytes = Array.from({ length: 16 }, (_, byte) => (((half * 8 + (byte >> 1)) >> bit) & 1 ? 255 : 0));
			return v128.const(bytes);
		};
		code.for(groups.get, (group) => {
			const place = code.let('i32', code.sum(activations.get(), code.times(group.get(), 4)));
			const halves = ([0, 1] as const).map((half) => {
				const sums = code.let('v128', i16x8.splat(code.int(0)));
				for (let bit = 0; bit < 4; bit++) {
					const activation = i16x8.splat(i32.load8_s(bit, 1, place.get()));
					sums.set(i16x8.add(sums.get(), v128.and(activation, mask(half, bit))));
				}
				return sums;
			});
			const [low, high] = halves as [Variable, Variable];
			const table = code.let('i32', code.sum(tables.get(), code.product(group.get(), code.int(32))));
			code.emit(v128.store(0, 16, table.get(), i8x16.shuffle(low.get(), high.get(), EVEN_BYTES)));
			code.emit(v128.store(16, 16, table.get(), i8x16.shuffle(low.get(), high.get(), ODD_BYTES)));
		});
		return undefined;
	});
}

/**
 * `tableProduct<bits>(patterns, tables, scales, output, columns, depth, scaleGroup)`: output[n] = sum over scale groups of scale[group, n] times the
 * integer product. Scales are float32, a row of all columns for each scale group; `depth` is a multiple of `scaleGroup`, that of eight.
 */
export function defineTableProduct(bits: number): (assembler: Assembler) => void {
	return (assembler) => {
		assembler.define(
			`tableProduct${bits}`,
			['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
			(code, patterns, tables, scales, output, columns, depth, scaleGroup) => {
				const { module } = code;
				const { i16x8, v128, f32x4, i32 } = module;
				const next = code.let('i32', patterns.get());
				const column = code.let('i32', code.int(0));
				code.count(column, columns.get, 16, () => {
					const results = [0, 1, 2, 3].map(() => code.let('v128', f32x4.splat(module.f32.const(0))));
					const table = code.let('i32', tables.get());
					const scale = code.let('i32', code.sum(scales.get(), code.times(column.get(), 4)));
					const start = code.let('i32', code.int(0));
					code.while(
						() => i32.lt_s(start.get(), depth.get()),
						() => {
							const sums = Array.from({ length: bits }, () => [0, 1].map(() => code.let('v128', i16x8.splat(code.int(0)))));
							const inside = code.let('i32', code.int(0));
							code.count(inside, scaleGroup.get, VECTOR_DEPTH, () => {
								const entries = [0, 16, 32, 48].map((offset) => code.let('v128', v128.load(offset, 16, table.get())));
								for (const [bit, halves] of sums.entries()) {
									const addresses = code.let('v128', v128.load(16 * bit, 16, next.get()));
									lookUpHalf(code, addresses, false, entries[0] as Variable, entries[1] as Variable, halves);
									lookUpHalf(code, addresses, true, entries[2] as Variable, entries[3] as Variable, halves);
								}
								table.set(code.sum(table.get(), code.int(64)));
								next.set(code.sum(next.get(), code.int(16 * bits)));
							});
							weighPlanes(code, sums, results, scale);
							scale.set(code.sum(scale.get(), code.times(columns.get(), 4)));
							start.set(code.sum(start.get(), scaleGroup.get()));
						},
					);
					for (const [quarter, result] of results.entries())
						code.emit(v128.store(16 * quarter, 4, code.sum(output.get(), code.times(column.get(), 4)), result.get()));
				});
				return undefined;
			},
		);
	};
}

/** Looks 16 columns up by the low or the high halves of their addresses and adds the 16-bit sums. */
function lookUpHalf(
	code: Code,
	addresses: Variable,
	isHigh: boolean,
	lowBytes: Variable,
	highBytes: Variable,
	sums: readonly Variable[],
): void {
	const { i8x16, i16x8, v128 } = code.module;
	const half = isHigh ? i8x16.shr_u(addresses.get(), code.int(4)) : v128.and(addresses.get(), i8x16.splat(code.int(15)));
	const index = code.let('v128', half);
	const low = code.let('v128', i8x16.swizzle(lowBytes.get(), index.get()));
	const high = code.let('v128', i8x16.swizzle(highBytes.get(), index.get()));
	for (const [which, shuffle] of [INTERLEAVE_LOW, INTERLEAVE_HIGH].entries()) {
		const sum = sums[which] as Variable;
		sum.set(i16x8.add(sum.get(), i8x16.shuffle(low.get(), high.get(), shuffle)));
	}
}

/** Adds the planes of a scale group by powers of two, scales them and adds them to the results of 16 columns. */
function weighPlanes(code: Code, sums: readonly (readonly Variable[])[], results: readonly Variable[], scale: Variable): void {
	const { i32x4, f32x4, v128 } = code.module;
	for (const [quarter, result] of results.entries()) {
		const widen = quarter % 2 === 0 ? i32x4.extend_low_i16x8_s : i32x4.extend_high_i16x8_s;
		const total = code.let('v128', i32x4.splat(code.int(0)));
		for (const [bit, halves] of sums.entries()) {
			const plane = i32x4.shl(widen((halves[quarter >> 1] as Variable).get()), code.int(bit));
			// One bit is a sign alone.
			total.set(bit === sums.length - 1 ? i32x4.sub(total.get(), plane) : i32x4.add(total.get(), plane));
		}
		const scaled = f32x4.mul(f32x4.convert_i32x4_s(total.get()), v128.load(16 * quarter, 4, scale.get()));
		result.set(f32x4.add(result.get(), scaled));
	}
}

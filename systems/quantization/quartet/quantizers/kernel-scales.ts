/** How the kernels choose each group's power of two, and what values are multiplied by before and after they are rounded. */
import type { Code, Expression, Variable } from '@assay/webassembly';
import { promoted } from './kernel-transform.ts';
import { GROUP, questConstants } from './quantizer.ts';

/** Where in scratch the factors of four groups lie. */
const SCRATCH_FACTORS = 2 * 128 * 16;
/** The rule that goes by the largest magnitude; 0 to 2 round the deviation's exponent. */
const FROM_LARGEST = 3;

interface Scaling {
	readonly start: Variable;
	readonly scratch: Variable;
	readonly scaleRule: Variable;
	readonly shrink: Variable;
	readonly correction: Variable;
	readonly scales: Variable;
	readonly scaleIndex: Variable;
	readonly size: Variable;
}

/** Exponents of four groups of 32; leaves shrink 2^-k and correction / shrink 2^k for each lane in scratch. */
export function chooseScales(code: Code, s: Scaling): void {
	const { i32, i64, f32, f64, f32x4, f64x2, v128, i32x4 } = code.module;
	const zero = () => f64x2.splat(f64.const(0));
	const [low, high] = [code.let('v128', zero()), code.let('v128', zero())];
	const largest = code.let('v128', f32x4.splat(f32.const(0)));
	const eachVector = (body: (x: Variable) => void): void => {
		const at = code.let('i32', s.start.get());
		const x = code.declare('v128');
		const end = code.let('i32', code.sum(s.start.get(), code.int(16 * GROUP)));
		code.count(at, end.get, 16, () => {
			x.set(v128.load(0, 4, at.get()));
			body(x);
		});
	};
	const fromLargest = code.let('i32', i32.eq(s.scaleRule.get(), code.int(FROM_LARGEST)));
	code.if(
		fromLargest.get(),
		() => eachVector((x) => largest.set(f32x4.pmax(largest.get(), f32x4.abs(x.get())))),
		() => {
			const upper = (x: Variable) => promoted(code, x, 'high');
			eachVector((x) => {
				low.set(f64x2.add(low.get(), promoted(code, x, 'low')));
				high.set(f64x2.add(high.get(), upper(x)));
			});
			const count = () => f64x2.splat(f64.const(GROUP));
			const means = [low, high].map((sum) => code.let('v128', f64x2.div(sum.get(), count())));
			low.set(zero());
			high.set(zero());
			eachVector((x) => {
				for (const [half, sum] of [low, high].entries()) {
					const wide = promoted(code, x, half === 0 ? 'low' : 'high');
					const difference = code.let('v128', f64x2.sub(wide, (means[half] as Variable).get()));
					sum.set(f64x2.add(sum.get(), f64x2.mul(difference.get(), difference.get())));
				}
			});
			for (const sum of [low, high]) {
				const deviation = f64x2.sqrt(f64x2.div(sum.get(), count()));
				const scaled = f64x2.mul(deviation, f64x2.splat(f64.const(questConstants.step)));
				sum.set(f64x2.add(scaled, f64x2.splat(f64.const(questConstants.floor))));
			}
		},
	);
	const exponent = code.declare('i32');
	for (let lane = 0; lane < 4; lane++) {
		code.if(
			fromLargest.get(),
			() => {
				const bits = i32x4.extract_lane(largest.get(), lane);
				// Largest magnitudes below 2^-125 get the smallest scale anyway.
				exponent.set(i32.sub(i32.shr_u(bits, code.int(23)), code.int(127 + 2)));
			},
			() => {
				const value = code.let('f64', f64x2.extract_lane((lane < 2 ? low : high).get(), lane % 2));
				const shifted = i64.shr_u(i64.reinterpret(value.get()), i64.extend_u(code.int(52)));
				exponent.set(i32.sub(i32.wrap(shifted), code.int(1023)));
				const power = () =>
					code.module.f64.reinterpret(
						i64.shl(i64.extend_s(code.sum(exponent.get(), code.int(1023))), i64.extend_u(code.int(52))),
					);
				const fraction = code.let('f64', f64.div(value.get(), power()));
				const up = code.let('i32', code.int(0));
				code.if(i32.eq(s.scaleRule.get(), code.int(1)), () => up.set(f64.gt(fraction.get(), f64.const(Math.SQRT2))));
				code.if(i32.eq(s.scaleRule.get(), code.int(2)), () => up.set(f64.gt(fraction.get(), f64.const(1))));
				exponent.set(code.sum(exponent.get(), up.get()));
			},
		);
		exponent.set(code.module.select(i32.lt_s(exponent.get(), code.int(-127)), code.int(-127), exponent.get()));
		exponent.set(code.module.select(i32.gt_s(exponent.get(), code.int(127)), code.int(127), exponent.get()));
		const power = (of: Expression) =>
			f64.reinterpret(i64.shl(i64.extend_s(code.sum(of, code.int(1023))), i64.extend_u(code.int(52))));
		const inverse = f64.mul(s.shrink.get(), power(i32.sub(code.int(0), exponent.get())));
		const output = f64.mul(f64.div(s.correction.get(), s.shrink.get()), power(exponent.get()));
		code.emit(f32.store(SCRATCH_FACTORS + 4 * lane, 4, s.scratch.get(), f32.demote(inverse)));
		code.emit(f32.store(SCRATCH_FACTORS + 16 + 4 * lane, 4, s.scratch.get(), f32.demote(output)));
		code.if(s.scales.get(), () => {
			const perGroup = code.product(i32.shr_u(s.size.get(), code.int(5)), code.int(lane));
			const at = code.sum(s.scales.get(), s.scaleIndex.get(), perGroup);
			code.emit(i32.store8(0, 1, at, code.sum(exponent.get(), code.int(127))));
		});
	}
}

/** The factors that `chooseScales` left. */
export function factorsAt(code: Code, scratch: Variable): { inverse: () => Expression; output: () => Expression } {
	const { v128 } = code.module;
	const inverse = code.let('v128', v128.load(SCRATCH_FACTORS, 4, scratch.get()));
	const output = code.let('v128', v128.load(SCRATCH_FACTORS + 16, 4, scratch.get()));
	return { inverse: inverse.get, output: output.get };
}

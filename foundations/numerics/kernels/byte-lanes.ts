/** Rows of float32 to and from rows of bytes: sixteen values at a time, then one at a time. */
import { type Code, type Expression, type Lanes, scalarLanes, type Variable, vectorLanes } from '@assay/webassembly';

/**
 * Stores as bytes what `convert` makes of each of `count` floats: integers from 0 to 255, or, if signed, from -128 to 127. Both addresses are
 * moved on past the row.
 */
export function narrowRow(
	code: Code,
	{
		source,
		target,
		count,
		isSigned = false,
	}: { source: Variable; target: Variable; count: () => Expression; isSigned?: boolean },
	convert: (lanes: Lanes, value: Expression) => Expression,
): void {
	const { i32, i16x8, i8x16, v128 } = code.module;
	const vectors = vectorLanes(code);
	const scalars = scalarLanes(code);
	const left = code.let('i32', count());
	code.while(
		() => i32.gt_s(left.get(), code.int(15)),
		() => {
			const four = (byte: number) => code.let('v128', convert(vectors, v128.load(byte, 4, source.get())));
			const [a, b, c, d] = [four(0), four(16), four(32), four(48)];
			const low = i16x8.narrow_i32x4_s(a.get(), b.get());
			const high = i16x8.narrow_i32x4_s(c.get(), d.get());
			code.emit(v128.store(0, 1, target.get(), isSigned ? i8x16.narrow_i16x8_s(low, high) : i8x16.narrow_i16x8_u(low, high)));
			source.set(code.sum(source.get(), code.int(64)));
			target.set(code.sum(target.get(), code.int(16)));
			left.set(code.sum(left.get(), code.int(-16)));
		},
	);
	code.while(
		() => i32.gt_s(left.get(), code.int(0)),
		() => {
			code.emit(i32.store8(0, 1, target.get(), convert(scalars, scalars.load(source.get()))));
			source.set(code.sum(source.get(), code.int(4)));
			target.set(code.sum(target.get(), code.int(1)));
			left.set(code.sum(left.get(), code.int(-1)));
		},
	);
}

/** Stores the floats that `convert` makes of each of `count` bytes, read as integers. Both addresses are moved on past the row. */
export function widenRow(
	code: Code,
	{
		source,
		target,
		count,
		isSigned = false,
	}: { source: Variable; target: Variable; count: () => Expression; isSigned?: boolean },
	convert: (lanes: Lanes, integers: Variable) => Expression,
): void {
	const { i32, i16x8, i32x4, v128 } = code.module;
	const left = code.let('i32', count());
	const turn = (lanes: Lanes, read: () => Expression): void =>
		code.while(
			() => i32.ge_s(left.get(), code.int(lanes.width)),
			() => {
				const integers = code.let(lanes.integer, read());
				lanes.store(target.get(), convert(lanes, integers));
				source.set(code.sum(source.get(), code.int(lanes.width)));
				target.set(code.sum(target.get(), code.int(4 * lanes.width)));
				left.set(code.sum(left.get(), code.int(-lanes.width)));
			},
		);
	turn(vectorLanes(code), () => {
		const bytes = v128.load32_zero(0, 1, source.get());
		return isSigned
			? i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(bytes))
			: i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes));
	});
	turn(scalarLanes(code), () => (isSigned ? i32.load8_s(0, 1, source.get()) : i32.load8_u(0, 1, source.get())));
}

/** A float held between two bounds, in each lane; not-a-number stays. */
export function clampLanes(code: Code, lanes: Lanes, value: Expression, lowest: Expression, highest: Expression): Expression {
	const { f32, f32x4 } = code.module;
	if (lanes.width === 1) return f32.max(f32.min(value, highest), lowest);
	// One instruction each where the full rules on signed zeros take several; a bound comes second, so not-a-number passes.
	return f32x4.pmax(f32x4.pmin(value, highest), lowest);
}

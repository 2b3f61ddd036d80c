/**
 * The arithmetic of either four floats at once or of one. A kernel's loop body written against `Lanes` is generated twice, once for
 * the bulk of a row and once for its rest.
 */
import type binaryen from 'binaryen';

type Expression = binaryen.ExpressionRef;

/** What lanes need of the function they write into. */
export interface Target {
	readonly module: binaryen.Module;
	emit(expression: Expression): void;
	int(value: number): Expression;
	let(type: 'v128', value: Expression): { get(): Expression };
}

/** Arithmetic on four floats or on one. Masks are vectors of all-ones or a 0/1 integer. */
export interface Lanes {
	readonly width: 4 | 1;
	/** Type of floats, and of integers and masks. */
	readonly float: 'v128' | 'f32';
	readonly integer: 'v128' | 'i32';
	load(address: Expression): Expression;
	store(address: Expression, value: Expression): void;
	/** Stores the low 16 bits of each integer at consecutive places. */
	storeHalves(address: Expression, integers: Expression): void;
	/** Loads 16-bit unsigned integers. */
	loadHalves(address: Expression): Expression;
	/** The same float in every lane. */
	splat(value: Expression): Expression;
	constant(value: number): Expression;
	add(a: Expression, b: Expression): Expression;
	sub(a: Expression, b: Expression): Expression;
	mul(a: Expression, b: Expression): Expression;
	div(a: Expression, b: Expression): Expression;
	sqrt(a: Expression): Expression;
	abs(a: Expression): Expression;
	min(a: Expression, b: Expression): Expression;
	max(a: Expression, b: Expression): Expression;
	/** To the nearest integer, ties to even. */
	nearest(a: Expression): Expression;
	/** Integer part, saturating. */
	toInteger(a: Expression): Expression;
	toFloat(a: Expression): Expression;
	bitsOf(a: Expression): Expression;
	fromBits(a: Expression): Expression;
	integerConstant(value: number): Expression;
	integerAdd(a: Expression, b: Expression): Expression;
	integerSub(a: Expression, b: Expression): Expression;
	and(a: Expression, b: Expression): Expression;
	or(a: Expression, b: Expression): Expression;
	shiftLeft(a: Expression, bits: number): Expression;
	shiftRight(a: Expression, bits: number): Expression;
	/** Comparison of unsigned integers. */
	above(a: Expression, b: Expression): Expression;
	/** Lane by lane: `a` where the mask is set, else `b`; integers. */
	select(mask: Expression, a: Expression, b: Expression): Expression;
}

export function vectorLanes(code: Target): Lanes {
	const { module } = code;
	const { f32x4, i32x4, v128 } = module;
	return {
		width: 4,
		float: 'v128',
		integer: 'v128',
		load: (address) => v128.load(0, 4, address),
		store: (address, value) => code.emit(v128.store(0, 4, address, value)),
		storeHalves: (address, integers) => {
			const kept = code.let('v128', integers);
			const low = v128.and(kept.get(), i32x4.splat(code.int(0xffff)));
			const narrowed = code.let('v128', module.i16x8.narrow_i32x4_u(low, i32x4.splat(code.int(0))));
			code.emit(v128.store64_lane(0, 2, 0, address, narrowed.get()));
		},
		loadHalves: (address) => v128.load16x4_u(0, 2, address),
		splat: (value) => f32x4.splat(value),
		constant: (value) => f32x4.splat(module.f32.const(value)),
		add: f32x4.add,
		sub: f32x4.sub,
		mul: f32x4.mul,
		div: f32x4.div,
		sqrt: f32x4.sqrt,
		abs: f32x4.abs,
		min: f32x4.min,
		max: f32x4.max,
		nearest: f32x4.nearest,
		toInteger: i32x4.trunc_sat_f32x4_s,
		toFloat: f32x4.convert_i32x4_s,
		bitsOf: (a) => a,
		fromBits: (a) => a,
		integerConstant: (value) => i32x4.splat(code.int(value)),
		integerAdd: i32x4.add,
		integerSub: i32x4.sub,
		and: v128.and,
		or: v128.or,
		shiftLeft: (a, bits) => i32x4.shl(a, code.int(bits)),
		shiftRight: (a, bits) => i32x4.shr_u(a, code.int(bits)),
		above: i32x4.gt_u,
		select: (mask, a, b) => v128.bitselect(a, b, mask),
	};
}

export function scalarLanes(code: Target): Lanes {
	const { module } = code;
	const { f32, i32 } = module;
	return {
		width: 1,
		float: 'f32',
		integer: 'i32',
		load: (address) => f32.load(0, 4, address),
		store: (address, value) => code.emit(f32.store(0, 4, address, value)),
		storeHalves: (address, integers) => code.emit(i32.store16(0, 2, address, integers)),
		loadHalves: (address) => i32.load16_u(0, 2, address),
		splat: (value) => value,
		constant: (value) => f32.const(value),
		add: f32.add,
		sub: f32.sub,
		mul: f32.mul,
		div: f32.div,
		sqrt: f32.sqrt,
		abs: f32.abs,
		min: f32.min,
		max: f32.max,
		nearest: f32.nearest,
		toInteger: i32.trunc_s_sat.f32,
		toFloat: f32.convert_s.i32,
		bitsOf: i32.reinterpret,
		fromBits: f32.reinterpret,
		integerConstant: (value) => code.int(value),
		integerAdd: i32.add,
		integerSub: i32.sub,
		and: i32.and,
		or: i32.or,
		shiftLeft: (a, bits) => i32.shl(a, code.int(bits)),
		shiftRight: (a, bits) => i32.shr_u(a, code.int(bits)),
		above: i32.gt_u,
		select: (mask, a, b) => module.select(mask, a, b),
	};
}

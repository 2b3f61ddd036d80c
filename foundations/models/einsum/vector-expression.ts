/**
 * Expressions computed for a whole row of points at once: the loop over the innermost rank runs inside each operation, over flat arrays.
 * What does not change along that rank is computed once. Every operation rounds to the format of the arithmetic.
 *
 * Two rules make running maxima work: minus infinity less anything is minus infinity (so that its exponential is 0 and not undefined),
 * and 0 / 0 is 0 (the mean of nothing).
 */
import type { BinaryOperator, Expression, FunctionName } from './cascade.ts';
import { type ArithmeticFormat, roundAll } from './number-rounding.ts';
import type { RankSizes } from './rank-sizes.ts';
import type { StoredTensor } from './stored-tensor.ts';

export type Numbers = Float64Array | Float32Array;

/** Values along the row: `values[offset + i * stride]`. */
export interface Row {
	values: Numbers;
	offset: number;
	stride: number;
}

/** Computes the row that belongs to the current point of the other ranks. */
export interface RowExpression {
	/** Whether values differ along the row. */
	readonly varies: boolean;
	/** The first `count` values; the row is valid until the next call. */
	row(point: Int32Array, count: number): Row;
}

export interface RowOptions {
	readonly format: ArithmeticFormat;
	/** The rank along the row; null where there is none. */
	readonly along: string | null;
	readonly length: number;
	/** Position of each rank in a point. */
	readonly position: ReadonlyMap<string, number>;
	readonly tensors: ReadonlyMap<string, StoredTensor>;
	readonly sizes: RankSizes;
}

export const newNumbers = (format: ArithmeticFormat, length: number): Numbers =>
	format === 'float64' ? new Float64Array(length) : new Float32Array(length);

/** Builds what computes an expression row by row. */
export function rowExpression(expression: Expression, options: RowOptions): RowExpression {
	switch (expression.kind) {
		case 'number':
			return constant(expression.value, options);
		case 'size':
			return constant(options.sizes.named(expression.size), options);
		case 'read':
			return readRow(expression, options);
		case 'negate':
			return operation([expression.of], options, (to, count, [a]) => {
				const { values, offset, stride } = a as Row;
				for (let i = 0; i < count; i++) to[i] = -(values[offset + i * stride] as number);
			});
		case 'binary':
			return operation([expression.left, expression.right], options, binaryLoops[expression.operator]);
		case 'call':
			return operation(expression.of, options, callLoops[expression.name]);
	}
}

function constant(value: number, { format }: RowOptions): RowExpression {
	const values = newNumbers(format, 1);
	values[0] = value;
	roundAll(values, 1, format);
	const row: Row = { values, offset: 0, stride: 0 };
	return { varies: false, row: () => row };
}

function readRow({ tensor, indices }: Extract<Expression, { kind: 'read' }>, options: RowOptions): RowExpression {
	const stored = options.tensors.get(tensor);
	if (stored === undefined) throw new RangeError(`no tensor ${tensor}`);
	let fixed = 0;
	let along = 0;
	const strides: number[] = [];
	const positions: number[] = [];
	for (const [i, index] of indices.entries()) {
		const stride = stored.strides[i] as number;
		if (index.kind === 'last') fixed += stride * options.sizes.named(index.size);
		if (index.kind !== 'rank' && index.kind !== 'next') continue;
		if (index.kind === 'next') fixed += stride;
		if (index.rank === options.along) along = stride;
		else {
			strides.push(stride);
			positions.push(options.position.get(index.rank) as number);
		}
	}
	const row: Row = { values: stored.values, offset: 0, stride: along };
	return {
		varies: along > 0,
		row(point) {
			let offset = fixed;
			for (let i = 0; i < strides.length; i++) offset += (strides[i] as number) * (point[positions[i] as number] as number);
			row.offset = offset;
			return row;
		},
	};
}

type Loop = (to: Numbers, count: number, of: readonly Row[]) => void;

function operation(of: readonly Expression[], options: RowOptions, loop: Loop): RowExpression {
	const inner = of.map((one) => rowExpression(one, options));
	const varies = inner.some((one) => one.varies);
	const values = newNumbers(options.format, varies ? options.length : 1);
	const row: Row = { values, offset: 0, stride: varies ? 1 : 0 };
	const rows: Row[] = [];
	const rounds = options.format === 'float16' || options.format === 'bfloat16';
	return {
		varies,
		row(point, count) {
			const own = varies ? count : 1;
			for (let i = 0; i < inner.length; i++) rows[i] = (inner[i] as RowExpression).row(point, own);
			loop(values, own, rows);
			if (rounds) roundAll(values, own, options.format);
			return row;
		},
	};
}

/** A loop over pairs. Written out for each operator, so that the operator is compiled into it. */
const binaryLoops: Readonly<Record<BinaryOperator, Loop>> = {
	'+': (to, count, [a, b]) => {
		const { values: x, offset: i0, stride: si } = a as Row;
		const { values: y, offset: j0, stride: sj } = b as Row;
		for (let i = 0; i < count; i++) to[i] = (x[i0 + i * si] as number) + (y[j0 + i * sj] as number);
	},
	'-': (to, count, [a, b]) => {
		const { values: x, offset: i0, stride: si } = a as Row;
		const { values: y, offset: j0, stride: sj } = b as Row;
		for (let i = 0; i < count; i++) {
			const left = x[i0 + i * si] as number;
			to[i] = left === Number.NEGATIVE_INFINITY ? left : left - (y[j0 + i * sj] as number);
		}
	},
	'*': (to, count, [a, b]) => {
		const { values: x, offset: i0, stride: si } = a as Row;
		const { values: y, offset: j0, stride: sj } = b as Row;
		for (let i = 0; i < count; i++) to[i] = (x[i0 + i * si] as number) * (y[j0 + i * sj] as number);
	},
	'/': (to, count, [a, b]) => {
		const { values: x, offset: i0, stride: si } = a as Row;
		const { values: y, offset: j0, stride: sj } = b as Row;
		for (let i = 0; i < count; i++) {
			const left = x[i0 + i * si] as number;
			const right = y[j0 + i * sj] as number;
			to[i] = left === 0 && right === 0 ? 0 : left / right;
		}
	},
};

const single =
	(of: (value: number) => number): Loop =>
	(to, count, [a]) => {
		const { values, offset, stride } = a as Row;
		for (let i = 0; i < count; i++) to[i] = of(values[offset + i * stride] as number);
	};

const pair =
	(of: (left: number, right: number) => number): Loop =>
	(to, count, [a, b]) => {
		const { values: x, offset: i0, stride: si } = a as Row;
		const { values: y, offset: j0, stride: sj } = b as Row;
		for (let i = 0; i < count; i++) to[i] = of(x[i0 + i * si] as number, y[j0 + i * sj] as number);
	};

const callLoops: Readonly<Record<FunctionName, Loop>> = {
	exp: (to, count, [a]) => {
		const { values, offset, stride } = a as Row;
		for (let i = 0; i < count; i++) to[i] = Math.exp(values[offset + i * stride] as number);
	},
	log: single(Math.log),
	sqrt: single(Math.sqrt),
	abs: single(Math.abs),
	tanh: single(Math.tanh),
	max: pair(Math.max),
	min: pair(Math.min),
};

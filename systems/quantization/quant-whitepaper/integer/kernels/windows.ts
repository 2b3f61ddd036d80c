/** Steps that are the same for bytes and for floats: rows that are copied, and the largest value of each window. */
import type { Assembler, Code, Expression, Variable } from '@assay/webassembly';

/** Copies the first `bytes` of each row. Rows are short: a call to the engine's own copy would take longer. */
export function defineCopyRows(assembler: Assembler): void {
	assembler.define('copyRows', ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], (code, from, fromRow, to, toRow, bytes, rows) => {
		const { i32, v128 } = code.module;
		const [source, target] = [code.let('i32', from.get()), code.let('i32', to.get())];
		const sixteens = code.let('i32', i32.and(bytes.get(), code.int(-16)));
		const fours = code.let('i32', i32.and(bytes.get(), code.int(-4)));
		code.for(rows.get, () => {
			const at = code.let('i32', code.int(0));
			const [read, write] = [() => code.sum(source.get(), at.get()), () => code.sum(target.get(), at.get())];
			code.count(at, sixteens.get, 16, () => code.emit(v128.store(0, 1, write(), v128.load(0, 1, read()))));
			code.count(at, fours.get, 4, () => code.emit(i32.store(0, 1, write(), i32.load(0, 1, read()))));
			code.count(at, bytes.get, 1, () => code.emit(i32.store8(0, 1, write(), i32.load8_u(0, 1, read()))));
			source.set(code.sum(source.get(), fromRow.get()));
			target.set(code.sum(target.get(), toRow.get()));
		});
		return undefined;
	});
}

/** How the values of a kind are read, compared and written. */
export interface PooledValues {
	readonly type: 'i32' | 'f32';
	readonly bytes: 1 | 4;
	readonly least: (code: Code) => Expression;
	readonly load: (code: Code, place: Expression) => Expression;
	readonly larger: (code: Code, a: Variable, b: Variable) => Expression;
	readonly store: (code: Code, place: Expression, value: Expression) => Expression;
}

export const BYTES: PooledValues = {
	type: 'i32',
	bytes: 1,
	least: (code) => code.int(-128),
	load: (code, place) => code.module.i32.load8_s(0, 1, place),
	larger: (code, a, b) => code.module.select(code.module.i32.gt_s(a.get(), b.get()), a.get(), b.get()),
	store: (code, place, value) => code.module.i32.store8(0, 1, place, value),
};

export const FLOATS: PooledValues = {
	type: 'f32',
	bytes: 4,
	least: (code) => code.module.f32.const(Number.NEGATIVE_INFINITY),
	load: (code, place) => code.module.f32.load(0, 4, place),
	larger: (code, a, b) => code.module.f32.max(a.get(), b.get()),
	store: (code, place, value) => code.module.f32.store(0, 4, place, value),
};

/** out = the largest value of each window, what lies outside the image left out. */
export function defineMaxPool(assembler: Assembler, { type, bytes, least, load, larger, store }: PooledValues): void {
	assembler.define(
		'maxPool',
		['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
		(code, source, target, planes, height, width, outHeight, outWidth, tall, wide, down, across, top, left) => {
			const { i32, select } = code.module;
			const plane = code.let('i32', source.get());
			const out = code.let('i32', target.get());
			const most = (a: Expression, b: Expression) => {
				const [one, other] = [code.let('i32', a), code.let('i32', b)];
				return code.let('i32', select(i32.gt_s(one.get(), other.get()), one.get(), other.get()));
			};
			const fewest = (a: Expression, b: Expression) => {
				const [one, other] = [code.let('i32', a), code.let('i32', b)];
				return code.let('i32', select(i32.lt_s(one.get(), other.get()), one.get(), other.get()));
			};
			code.for(planes.get, () => {
				const row = code.let('i32', i32.sub(code.int(0), top.get()));
				code.for(outHeight.get, () => {
					const firstLine = most(row.get(), code.int(0));
					const lines = fewest(code.sum(row.get(), tall.get()), height.get());
					const column = code.let('i32', i32.sub(code.int(0), left.get()));
					code.for(outWidth.get, () => {
						const first = most(column.get(), code.int(0));
						const columns = fewest(code.sum(column.get(), wide.get()), width.get());
						const largest = code.let(type, least(code));
						const line = code.let('i32', firstLine.get());
						code.count(line, lines.get, 1, () => {
							const at = code.let('i32', first.get());
							code.count(at, columns.get, 1, () => {
								const place = code.sum(code.product(line.get(), width.get()), at.get());
								const value = code.let(type, load(code, code.sum(plane.get(), code.product(place, code.int(bytes)))));
								largest.set(larger(code, value, largest));
							});
						});
						code.emit(store(code, out.get(), largest.get()));
						out.set(code.sum(out.get(), code.int(bytes)));
						column.set(code.sum(column.get(), across.get()));
					});
					row.set(code.sum(row.get(), down.get()));
				});
				plane.set(code.sum(plane.get(), code.product(code.product(height.get(), width.get()), code.int(bytes))));
			});
			return undefined;
		},
	);
}

/** The kernel's further parameters. */
export type MaxPool = (
	source: number,
	out: number,
	planes: number,
	height: number,
	width: number,
	outHeight: number,
	outWidth: number,
	tall: number,
	wide: number,
	down: number,
	across: number,
	top: number,
	left: number,
) => void;

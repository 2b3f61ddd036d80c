/**
 * Matrix product C (+)= A B with strides for A and B, so that one kernel serves A·B, Aᵀ·B and A·Bᵀ and slices of each.
 *
 * A panel of 8 columns by up to 256 rows of B is copied into `scratch` side by side; then 4 x 8 blocks of C are held in
 * eight vector registers while a row of the panel and four elements of A are multiplied in. Every element of C is one sum over
 * k in ascending order, rounded after each product and each addition: exactly what three nested scalar loops compute,
 * bit for bit, whatever the sizes.
 */
import type { Assembler, Code, Expression, Variable } from '@assay/webassembly';

const PANEL_COLUMNS = 8;
const PANEL_DEPTH = 256;
const BLOCK_ROWS = 4;

/** Bytes of scratch memory that a product needs, whatever its size. */
export const MATMUL_SCRATCH_BYTES = PANEL_COLUMNS * PANEL_DEPTH * 4;

/**
 * `matmul(a, aRow, aColumn, b, bRow, bColumn, c, cRow, m, n, k, accumulate, scratch)`: strides in bytes, sizes in elements.
 * C is m x n with adjacent columns.
 */
export function defineMatmul(assembler: Assembler): void {
	const parameters = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const;
	assembler.define('matmul', parameters, (code, a, aRow, aColumn, b, bRow, bColumn, c, cRow, m, n, k, accumulate, scratch) => {
		const { i32 } = code.module;
		const start = code.let('i32', code.int(0));
		code.count(start, k.get, PANEL_DEPTH, () => {
			const left = code.let('i32', i32.sub(k.get(), start.get()));
			const depth = code.let(
				'i32',
				code.module.select(i32.lt_s(left.get(), code.int(PANEL_DEPTH)), left.get(), code.int(PANEL_DEPTH)),
			);
			const column = code.let('i32', code.int(0));
			code.count(column, n.get, PANEL_COLUMNS, () => {
				const columns = code.let('i32', i32.sub(n.get(), column.get()));
				const panelSource = code.let(
					'i32',
					code.sum(b.get(), code.product(start.get(), bRow.get()), code.product(column.get(), bColumn.get())),
				);
				packPanel(code, panelSource, bRow, bColumn, columns, depth, scratch);
				const fresh = code.let('i32', i32.and(i32.eqz(accumulate.get()), i32.eqz(start.get())));
				const row = code.let('i32', code.int(0));
				const aStart = code.let('i32', code.sum(a.get(), code.product(start.get(), aColumn.get())));
				const cStart = code.let('i32', code.sum(c.get(), code.times(column.get(), 4)));
				const bulk = code.let('i32', i32.and(m.get(), code.int(-BLOCK_ROWS)));
				const block = (rows: number) => {
					multiplyBlock(code, rows, { aStart, aRow, aColumn, cStart, cRow, columns, depth, scratch, fresh });
					aStart.set(code.sum(aStart.get(), code.product(aRow.get(), code.int(rows))));
					cStart.set(code.sum(cStart.get(), code.product(cRow.get(), code.int(rows))));
				};
				code.count(row, bulk.get, BLOCK_ROWS, () => block(BLOCK_ROWS));
				code.count(row, m.get, 1, () => block(1));
			});
		});
		return undefined;
	});
}

/** Copies up to eight columns of B side by side; missing columns become zeros. */
function packPanel(
	code: Code,
	source: Variable,
	bRow: Variable,
	bColumn: Variable,
	columns: Variable,
	depth: Variable,
	scratch: Variable,
): void {
	const { i32, f32, v128 } = code.module;
	const from = code.let('i32', source.get());
	const to = code.let('i32', scratch.get());
	const next = () => {
		from.set(code.sum(from.get(), bRow.get()));
		to.set(code.sum(to.get(), code.int(4 * PANEL_COLUMNS)));
	};
	const whole = i32.and(i32.eq(bColumn.get(), code.int(4)), i32.ge_s(columns.get(), code.int(PANEL_COLUMNS)));
	code.if(
		whole,
		() =>
			code.for(depth.get, () => {
				for (const offset of [0, 16]) code.emit(v128.store(offset, 4, to.get(), v128.load(offset, 4, from.get())));
				next();
			}),
		() =>
			code.for(depth.get, () => {
				for (let j = 0; j < PANEL_COLUMNS; j++) {
					const inside = i32.gt_s(columns.get(), code.int(j));
					const place = code.sum(from.get(), code.product(bColumn.get(), code.int(j)));
					code.if(
						inside,
						() => code.emit(f32.store(4 * j, 4, to.get(), f32.load(0, 4, place))),
						() => code.emit(f32.store(4 * j, 4, to.get(), f32.const(0))),
					);
				}
				next();
			}),
	);
}

interface Block {
	readonly aStart: Variable;
	readonly aRow: Variable;
	readonly aColumn: Variable;
	readonly cStart: Variable;
	readonly cRow: Variable;
	readonly columns: Variable;
	readonly depth: Variable;
	readonly scratch: Variable;
	readonly fresh: Variable;
}

/** `rows` x 8 elements of C, in registers over the whole depth of the panel. */
function multiplyBlock(code: Code, rows: number, block: Block): void {
	const { i32, f32, f32x4, v128 } = code.module;
	const zero = () => f32x4.splat(f32.const(0));
	const aPlaces = Array.from({ length: rows }, (_, r) =>
		code.let('i32', code.sum(block.aStart.get(), code.product(block.aRow.get(), code.int(r)))),
	);
	const cPlaces = Array.from({ length: rows }, (_, r) =>
		code.let('i32', code.sum(block.cStart.get(), code.product(block.cRow.get(), code.int(r)))),
	);
	const sums = cPlaces.map(() => [code.let('v128', zero()), code.let('v128', zero())] as const);
	const whole = () => i32.ge_s(block.columns.get(), code.int(PANEL_COLUMNS));
	const eachColumn = (visit: (row: number, half: 0 | 1, lane: number, offset: number) => void) => {
		for (let j = 0; j < PANEL_COLUMNS; j++) {
			code.if(i32.gt_s(block.columns.get(), code.int(j)), () => {
				for (let r = 0; r < rows; r++) visit(r, j < 4 ? 0 : 1, j % 4, 4 * j);
			});
		}
	};
	const at = (row: number): Expression => (cPlaces[row] as Variable).get();
	const sum = (row: number, half: 0 | 1): Variable => (sums[row] as readonly [Variable, Variable])[half];
	code.if(i32.eqz(block.fresh.get()), () =>
		code.if(
			whole(),
			() => {
				for (let r = 0; r < rows; r++) for (const half of [0, 1] as const) sum(r, half).set(v128.load(16 * half, 4, at(r)));
			},
			() =>
				eachColumn((r, half, lane, offset) =>
					sum(r, half).set(f32x4.replace_lane(sum(r, half).get(), lane, f32.load(offset, 4, at(r)))),
				),
		),
	);
	const panel = code.let('i32', block.scratch.get());
	code.for(block.depth.get, () => {
		const low = code.let('v128', v128.load(0, 4, panel.get()));
		const high = code.let('v128', v128.load(16, 4, panel.get()));
		for (const [r, place] of aPlaces.entries()) {
			const element = code.let('v128', v128.load32_splat(0, 4, place.get()));
			sum(r, 0).set(f32x4.add(sum(r, 0).get(), f32x4.mul(element.get(), low.get())));
			sum(r, 1).set(f32x4.add(sum(r, 1).get(), f32x4.mul(element.get(), high.get())));
			place.set(code.sum(place.get(), block.aColumn.get()));
		}
		panel.set(code.sum(panel.get(), code.int(4 * PANEL_COLUMNS)));
	});
	code.if(
		whole(),
		() => {
			for (let r = 0; r < rows; r++)
				for (const half of [0, 1] as const) code.emit(v128.store(16 * half, 4, at(r), sum(r, half).get()));
		},
		() =>
			eachColumn((r, half, lane, offset) => code.emit(f32.store(offset, 4, at(r), f32x4.extract_lane(sum(r, half).get(), lane)))),
	);
}

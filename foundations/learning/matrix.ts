/** Strided views of float32 matrices in a kernel memory, and their product. */
import type { Address, Kernels } from './kernels/kernels.ts';

export interface Matrix {
	readonly start: Address;
	readonly rows: number;
	readonly columns: number;
	readonly rowBytes: number;
	readonly columnBytes: number;
}

/** A row-major matrix; `rowLength` floats from one row to the next (the number of columns unless told). */
export function matrix(start: Address, rows: number, columns: number, rowLength: number = columns): Matrix {
	return { start, rows, columns, rowBytes: 4 * rowLength, columnBytes: 4 };
}

/** The same floats seen with rows and columns swapped. */
export function transpose({ start, rows, columns, rowBytes, columnBytes }: Matrix): Matrix {
	return { start, rows: columns, columns: rows, rowBytes: columnBytes, columnBytes: rowBytes };
}

/**
 * out = a b, or out += a b. `out` is row-major and overlaps neither factor; `scratch` has `MATMUL_SCRATCH_BYTES`.
 * Every element is summed over k in ascending order. Raises a RangeError for sizes that do not fit.
 */
export function multiply(kernels: Kernels, a: Matrix, b: Matrix, out: Matrix, scratch: Address, accumulate = false): void {
	if (a.columns !== b.rows || a.rows !== out.rows || b.columns !== out.columns || out.columnBytes !== 4)
		throw new RangeError(`no product of ${a.rows} x ${a.columns} and ${b.rows} x ${b.columns} into ${out.rows} x ${out.columns}`);
	kernels.matmul(
		a.start,
		a.rowBytes,
		a.columnBytes,
		b.start,
		b.rowBytes,
		b.columnBytes,
		out.start,
		out.rowBytes,
		out.rows,
		out.columns,
		a.columns,
		accumulate ? 1 : 0,
		scratch,
	);
}

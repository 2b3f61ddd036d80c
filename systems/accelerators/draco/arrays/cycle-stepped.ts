/**
 * A systolic array stepped cycle by cycle, element by element, on real numbers: what the closed forms of `systolic.ts` are checked against.
 *
 * Every element has registers for the value that passes to the right and the one that passes down; both move one element a cycle, and
 * operands enter at the left and upper edge, one cycle later for each row and column. Output-stationary elements add products to a sum of
 * their own, which then leaves downwards, one row a cycle. Weight- and input-stationary elements hold an operand, loaded one row a cycle, and
 * partial sums move down.
 */
import type { SystolicDataflow } from './systolic.ts';

/** A row-major matrix. */
export interface Matrix {
	readonly rows: number;
	readonly columns: number;
	readonly values: Float64Array;
}

/** The product `windows` (M x T) times `kernels` (T x N) on an array of `rows` x `columns`, and the cycles it took. */
export function stepProduct(
	windows: Matrix,
	kernels: Matrix,
	array: { readonly rows: number; readonly columns: number },
	dataflow: SystolicDataflow,
): { readonly product: Matrix; readonly cycles: number } {
	const product: Matrix = {
		rows: windows.rows,
		columns: kernels.columns,
		values: new Float64Array(windows.rows * kernels.columns),
	};
	let cycles = 0;
	const at = ({ rows, columns, values }: Matrix, row: number, column: number): number =>
		row < rows && column < columns ? (values[row * columns + column] as number) : 0;
	const add = (row: number, column: number, value: number): void => {
		if (row < product.rows && column < product.columns)
			product.values[row * product.columns + column] = at(product, row, column) + value;
	};
	const depth = windows.columns;
	if (dataflow === 'output-stationary') {
		for (let top = 0; top < windows.rows; top += array.rows) {
			for (let left = 0; left < kernels.columns; left += array.columns) {
				cycles += outputFold(
					array,
					depth,
					(row, t) => at(windows, top + row, t),
					(t, column) => at(kernels, t, left + column),
					(row, column, value) => add(top + row, left + column, value),
				);
			}
		}
		return { product, cycles };
	}
	const isWeight = dataflow === 'weight-stationary';
	const across = isWeight ? kernels.columns : windows.rows;
	const streamed = isWeight ? windows.rows : kernels.columns;
	for (let top = 0; top < depth; top += array.rows) {
		for (let left = 0; left < across; left += array.columns) {
			cycles += stationaryFold(
				array,
				streamed,
				(row, column) => (isWeight ? at(kernels, top + row, left + column) : at(windows, left + column, top + row)),
				(n, row) => (isWeight ? at(windows, n, top + row) : at(kernels, top + row, n)),
				(n, column, value) => (isWeight ? add(n, left + column, value) : add(left + column, n, value)),
			);
		}
	}
	return { product, cycles };
}

/** One fold of stationary outputs; returns its cycles. */
function outputFold(
	{ rows, columns }: { readonly rows: number; readonly columns: number },
	depth: number,
	fromLeft: (row: number, t: number) => number,
	fromAbove: (t: number, column: number) => number,
	store: (row: number, column: number, value: number) => void,
): number {
	const right = new Float64Array(rows * columns);
	const below = new Float64Array(rows * columns);
	const sums = new Float64Array(rows * columns);
	let cycle = 0;
	/** Elements that still expect operands; the last to get them is the one in the lower right corner. */
	for (let computing = true; computing; cycle++) {
		computing = false;
		for (let row = rows - 1; row >= 0; row--) {
			for (let column = columns - 1; column >= 0; column--) {
				const element = row * columns + column;
				const left = column === 0 ? operand(cycle - row, depth, (t) => fromLeft(row, t)) : (right[element - 1] as number);
				const above =
					row === 0 ? operand(cycle - column, depth, (t) => fromAbove(t, column)) : (below[element - columns] as number);
				sums[element] = (sums[element] as number) + left * above;
				right[element] = left;
				below[element] = above;
				if (cycle - row - column < depth - 1) computing = true;
			}
		}
	}
	for (let step = 0; step < rows; step++, cycle++) {
		// The lowest row leaves, all others move down.
		const leaving = rows - 1 - step;
		for (let column = 0; column < columns; column++) store(leaving, column, sums[(rows - 1) * columns + column] as number);
		sums.copyWithin(columns, 0, (rows - 1) * columns);
	}
	return cycle;
}

/** One fold of a stationary operand; returns its cycles. */
function stationaryFold(
	{ rows, columns }: { readonly rows: number; readonly columns: number },
	streamed: number,
	held: (row: number, column: number) => number,
	fromLeft: (n: number, row: number) => number,
	store: (n: number, column: number, value: number) => void,
): number {
	const operands = new Float64Array(rows * columns);
	let cycle = 0;
	for (; cycle < rows; cycle++) {
		// A row enters at the top, those before it move down.
		operands.copyWithin(columns, 0, (rows - 1) * columns);
		for (let column = 0; column < columns; column++) operands[column] = held(rows - 1 - cycle, column);
	}
	const right = new Float64Array(rows * columns);
	const below = new Float64Array(rows * columns);
	let missing = streamed * columns;
	for (let step = 0; missing > 0; step++, cycle++) {
		for (let row = rows - 1; row >= 0; row--) {
			for (let column = columns - 1; column >= 0; column--) {
				const element = row * columns + column;
				const left = column === 0 ? operand(step - row, streamed, (n) => fromLeft(n, row)) : (right[element - 1] as number);
				const above = row === 0 ? 0 : (below[element - columns] as number);
				const sum = above + left * (operands[element] as number);
				right[element] = left;
				below[element] = sum;
				const n = step - row - column;
				if (row === rows - 1 && n >= 0 && n < streamed) {
					store(n, column, sum);
					missing--;
				}
			}
		}
	}
	return cycle;
}

/** What enters at an edge: zeros before and after the stream. */
function operand(index: number, length: number, read: (index: number) => number): number {
	return index >= 0 && index < length ? read(index) : 0;
}

/** Numbers in rows, parted by commas, semicolons or blanks; a first line of words is passed over. */
import { InputError, show } from '@assay/contract';
import type { NumberArray } from './sample-set.ts';

/** Raises an InputError that names line and column. */
export function readCsv(text: string, name: string): NumberArray {
	const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
	const rows = lines.map((line) => line.trim().split(/[\s,;]+/));
	const hasHeader = rows[0]?.some((cell) => Number.isNaN(Number(cell))) === true;
	const data = hasHeader ? rows.slice(1) : rows;
	const columns = data[0]?.length ?? 0;
	if (columns === 0) throw new InputError({ path: [name], found: 'no rows', expected: 'rows of numbers' });
	const values = new Float32Array(data.length * columns);
	for (const [index, row] of data.entries()) {
		const line = `line ${index + (hasHeader ? 2 : 1)}`;
		if (row.length !== columns)
			throw new InputError({ path: [name, line], found: `${row.length} numbers`, expected: `${columns}, as in the first row` });
		for (const [column, cell] of row.entries()) {
			const value = Number(cell);
			if (cell === '' || !Number.isFinite(value))
				throw new InputError({ path: [name, line, `column ${column + 1}`], found: show(cell), expected: 'a number' });
			values[index * columns + column] = value;
		}
	}
	return { shape: [data.length, columns], values };
}

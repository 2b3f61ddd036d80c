/** Tables as text that other programs read: RFC 4180. */
import type { Value } from './panel.ts';

/** One cell: nothing for null, numbers in full precision, quotes where a comma, a quote or a line end would part the cell. */
export function csvCell(value: Value | undefined): string {
	const text = value === null || value === undefined ? '' : String(value);
	return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Lines of cells, each ended by CR LF. */
export function csvText(rows: readonly (readonly (Value | undefined)[])[]): string {
	return rows.map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

/** Bandwidths between the GPUs of a node as a matrix: TransferBench's tables, or CSV with a header and a name per row. */
import { InputError } from '@assay/contract';

/** `bytesPerSecond[from][to]`; NaN on the diagonal. */
export interface LinkMatrix {
	readonly names: readonly string[];
	readonly bytesPerSecond: readonly Float64Array[];
}

/** Widest matrix that is read. */
export const maxMatrixDevices = 64;

/** A matrix from rows in GB/s, null where a device meets itself. */
export function linkMatrixFromRows(rows: readonly (readonly (number | null)[])[]): LinkMatrix {
	return {
		names: rows.map((_, i) => `GPU ${i}`),
		bytesPerSecond: rows.map((row) => Float64Array.from(row, (value) => (value === null ? Number.NaN : value * 1e9))),
	};
}

/** The first `devices` of a node: what a smaller group of ranks sees. */
export function subMatrix({ names, bytesPerSecond }: LinkMatrix, devices: number): LinkMatrix {
	return { names: names.slice(0, devices), bytesPerSecond: bytesPerSecond.slice(0, devices).map((row) => row.slice(0, devices)) };
}

/**
 * Reads the first matrix between devices in a text: a line of column names whose first cell contains SRC or source, then a
 * line per source. Columns beyond the devices (totals) and rows of totals are passed over, and so is everything around it.
 * Raises an `InputError` that names file and line if there is none, or a value is missing.
 */
export function readLinkMatrix(text: string, fileName: string): LinkMatrix {
	const lines = text.split(/\r?\n/);
	const headerAt = lines.findIndex((line) => /\b(src|source)\b/i.test(line) && deviceNames(line).length > 1);
	if (headerAt < 0)
		throw new InputError({
			path: [fileName],
			found: 'no line of column names with SRC or source in front',
			expected: 'a matrix of TransferBench, or a CSV with a row and a column per GPU',
		});
	const names = deviceNames(lines[headerAt] ?? '');
	if (names.length > maxMatrixDevices)
		throw new InputError({
			path: [fileName, `line ${headerAt + 1}`],
			found: `${names.length} devices`,
			expected: `at most ${maxMatrixDevices}`,
		});
	const rows: Float64Array[] = [];
	for (let at = headerAt + 1; at < lines.length && rows.length < names.length; at++) {
		const line = lines[at] ?? '';
		const label = deviceNames(line)[0];
		if (label === undefined) {
			if (line.trim() === '' || /^[\s=+|-]*$/.test(line)) continue;
			break;
		}
		rows.push(readRow(line, rows.length, names, [fileName, `line ${at + 1}`]));
	}
	if (rows.length !== names.length)
		throw new InputError({
			path: [fileName, `line ${headerAt + 1}`],
			found: `${rows.length} rows for ${names.length} columns`,
			expected: 'a row per column',
		});
	return { names, bytesPerSecond: rows };
}

function readRow(line: string, self: number, names: readonly string[], place: string[]): Float64Array {
	const cells = line.includes(',')
		? line
				.split(',')
				.slice(1)
				.map((cell) => cell.trim())
		: line
				.replace(/^\s*(?:gpu|dev|device)\s*_?:?\s*\d+\s*[|:]?/i, '')
				.trim()
				.split(/[\s|]+/);
	return Float64Array.from(names, (name, column) => {
		if (column === self) return Number.NaN;
		const value = Number(cells[column] === '' ? Number.NaN : cells[column]);
		if (!(value > 0 && value < 1e6))
			throw new InputError({
				path: [...place, name],
				found: JSON.stringify(cells[column] ?? 'nothing'),
				expected: 'a bandwidth in GB/s',
			});
		return value * 1e9;
	});
}

/** GPU 00, gpu0, Device 3: the names in a line, without those of totals. */
function deviceNames(line: string): string[] {
	return [...line.matchAll(/\b(?:gpu|dev|device)\s*_?:?\s*(\d{1,3})\b/gi)].map(([, number]) => `GPU ${Number(number)}`);
}

/** Slowest link of a matrix, and links more than five median absolute deviations below the median. */
export function linkSummary({ bytesPerSecond }: LinkMatrix): {
	readonly slowestBytesPerSecond: number;
	readonly medianBytesPerSecond: number;
	readonly slowLinks: readonly { readonly from: number; readonly to: number }[];
} {
	const values = bytesPerSecond.flatMap((row) => [...row].filter((value) => !Number.isNaN(value)));
	const middle = median(values);
	const spread = 1.4826 * median(values.map((value) => Math.abs(value - middle)));
	const slowLinks = bytesPerSecond.flatMap((row, from) =>
		[...row].flatMap((value, to) => (value < middle - 5 * Math.max(spread, 0.01 * middle) ? [{ from, to }] : [])),
	);
	return { slowestBytesPerSecond: Math.min(...values), medianBytesPerSecond: middle, slowLinks };
}

function median(values: readonly number[]): number {
	const sorted = Float64Array.from(values).sort();
	const half = sorted.length >> 1;
	return sorted.length % 2 === 1 ? (sorted[half] as number) : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
}

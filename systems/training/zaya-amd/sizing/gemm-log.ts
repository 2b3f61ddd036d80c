/** Reads what hipblaslt-bench prints: a line of column names with m, n, k and us, and lines of values. Other lines are passed over. */
import { InputError } from '@assay/contract';

/** A timed matrix product. */
export interface GemmMeasurement {
	readonly m: number;
	readonly n: number;
	readonly k: number;
	readonly groups: number;
	readonly seconds: number;
	readonly line: number;
}

const maxRows = 100_000;

/** Reads a log. Raises an `InputError` that names the file if it holds no product. */
export function readGemmLog(text: string, fileName: string): GemmMeasurement[] {
	const found: GemmMeasurement[] = [];
	let columns: { m: number; n: number; k: number; us: number; batch: number } | undefined;
	for (const [index, raw] of text.split(/\r?\n/).entries()) {
		const cells = raw
			.replace(/^\s*\[\d+\]:?/, '')
			.split(',')
			.map((cell) => cell.trim().toLowerCase());
		const names = { m: cells.indexOf('m'), n: cells.indexOf('n'), k: cells.indexOf('k'), us: cells.indexOf('us') };
		if (Math.min(names.m, names.n, names.k, names.us) >= 0) {
			columns = { ...names, batch: cells.findIndex((name) => name === 'batch_count' || name === 'groups') };
			continue;
		}
		if (columns === undefined) continue;
		const [m, n, k, us] = [columns.m, columns.n, columns.k, columns.us].map((at) => Number(cells[at] || Number.NaN)) as [
			number,
			number,
			number,
			number,
		];
		const groups = columns.batch < 0 ? 1 : Number(cells[columns.batch] || 1);
		const whole = [m, n, k, groups].every((size) => Number.isInteger(size) && size >= 1 && size <= 1e8);
		if (!whole || !(us > 0 && us < 1e10)) continue;
		found.push({ m, n, k, groups, seconds: us / 1e6, line: index + 1 });
		if (found.length > maxRows)
			throw new InputError({ path: [fileName], found: `more than ${maxRows} products`, expected: `at most ${maxRows}` });
	}
	if (found.length === 0)
		throw new InputError({
			path: [fileName],
			found: 'no line of values below columns m, n, k, us',
			expected: 'the output of hipblaslt-bench, or a CSV with those columns',
		});
	return found;
}

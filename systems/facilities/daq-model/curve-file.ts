/**
 * Two-column CSV files: efficiency curves (energy, efficiency), complexity tables (bytes, operations). A header line, a
 * byte-order mark, either line ending, `,`, `;` or tab between columns and unsorted rows are all accepted.
 */
import { type DataFile, InputError, show } from '@assay/contract';
import type { CurvePoints } from './interpolation.ts';

const limitBytes = 4 * 1024 * 1024;
const limitRows = 100_000;

/** A file's pairs of numbers, in the order of its lines. */
export async function readPairs(file: DataFile): Promise<{ x: number[]; y: number[] }> {
	return parsePairs(await file.text(limitBytes), file.name);
}

/** Pairs of numbers of a CSV text; `name` names the file in errors. */
export function parsePairs(text: string, name: string): { x: number[]; y: number[] } {
	const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
	const x: number[] = [];
	const y: number[] = [];
	for (const [index, line] of lines.entries()) {
		if (line.trim() === '') continue;
		const cells = line.split(/[,;\t]/).map((cell) => cell.trim());
		const [first, second] = cells.map((cell) => (cell === '' ? Number.NaN : Number(cell)));
		const header = x.length === 0 && cells.every((cell) => cell === '' || Number.isNaN(Number(cell)));
		if (header) continue;
		if (first === undefined || second === undefined || !Number.isFinite(first) || !Number.isFinite(second)) {
			throw new InputError({ path: [name, `line ${index + 1}`], found: show(line), expected: 'two numbers' });
		}
		if (x.length >= limitRows)
			throw new InputError({ path: [name], found: `more than ${limitRows} rows`, expected: `at most ${limitRows}` });
		x.push(first);
		y.push(second);
	}
	return { x, y };
}

/** An efficiency curve from a file. */
export async function readCurve(file: DataFile): Promise<CurvePoints> {
	const { x, y } = await readPairs(file);
	return { energiesGeV: x, efficiencies: y };
}

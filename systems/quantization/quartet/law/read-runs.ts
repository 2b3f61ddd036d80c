/** The user's own trainings: a CSV with a line for each, columns in any order. */
import { InputError, nearestName } from '@assay/contract';
import type { TrainingRun } from './loss-law.ts';

/** A training with the precisions of its products: names of the user's own, `bf16` for exact ones. */
export interface NamedRun extends TrainingRun {
	readonly forward: string;
	readonly backward: string;
}

const COLUMNS = ['parameters', 'tokens', 'loss', 'forward', 'backward'] as const;
type ColumnName = (typeof COLUMNS)[number];
/** What others call them. */
const ALIASES: Readonly<Record<string, ColumnName>> = {
	n: 'parameters',
	n_nonembedding: 'parameters',
	d: 'tokens',
	l: 'loss',
	c4_val_loss: 'loss',
	val_loss: 'loss',
};
const REQUIRED = ['parameters', 'tokens', 'loss'] as const;
const MOST_RUNS = 10_000;

/**
 * Columns `parameters`, `tokens`, `loss` (or N, D, loss), and where precisions were mixed `forward` and `backward`. Raises an InputError that
 * names the line and the column.
 */
export function readRuns(text: string, fileName: string): NamedRun[] {
	const lines = text.split(/\r?\n/);
	const columns = readHeader(lines[0] ?? '', fileName);
	const runs: NamedRun[] = [];
	for (const [index, line] of lines.entries()) {
		if (index === 0 || line.trim() === '') continue;
		const cells = line.split(',').map((cell) => cell.trim());
		const path = [fileName, `line ${index + 1}`];
		if (runs.length >= MOST_RUNS) throw new InputError({ path, found: 'one run more', expected: `at most ${MOST_RUNS} runs` });
		const number = (name: (typeof REQUIRED)[number], least: number, most: number): number => {
			const cell = cells[columns[name] as number] ?? '';
			const value = cell === '' ? Number.NaN : Number(cell);
			if (!(value >= least && value <= most))
				throw new InputError({
					path: [...path, name],
					found: cell === '' ? 'nothing' : cell.slice(0, 40),
					expected: `a number from ${least} to ${most}`,
				});
			return value;
		};
		const word = (name: 'forward' | 'backward'): string => {
			const place = columns[name];
			const cell = place === undefined ? '' : (cells[place] ?? '');
			return cell === '' ? 'bf16' : cell.slice(0, 60).toLowerCase();
		};
		runs.push({
			parameters: number('parameters', 1, 1e15),
			tokens: number('tokens', 1, 1e18),
			loss: number('loss', 1e-6, 1e3),
			forward: word('forward'),
			backward: word('backward'),
		});
	}
	if (runs.length === 0)
		throw new InputError({ path: [fileName], found: 'no lines below the header', expected: 'a line for each training' });
	return runs;
}

function readHeader(line: string, fileName: string): Partial<Record<ColumnName, number>> {
	const columns: Partial<Record<ColumnName, number>> = {};
	const names = line.split(',').map((name) => name.trim().toLowerCase());
	for (const [index, name] of names.entries()) {
		const known = COLUMNS.find((column) => column === name) ?? ALIASES[name];
		if (known !== undefined && columns[known] === undefined) columns[known] = index;
	}
	for (const name of REQUIRED) {
		if (columns[name] !== undefined) continue;
		const spare = names.filter((one) => one !== '' && !COLUMNS.some((column) => column === one));
		throw new InputError({
			path: [fileName, 'line 1'],
			found: line.trim() === '' ? 'no header' : line.slice(0, 60),
			expected: `a column ${name}`,
			nearest: nearestName(name, spare) === undefined ? undefined : name,
		});
	}
	return columns;
}

/** The user's own accuracies: lines `value,value,...;accuracy`, each a network and what training it gave. The search then chooses among these. */
import { InputError } from '@assay/contract';

export interface AccuracyRow {
	readonly values: readonly number[];
	readonly accuracy: number;
}

const MAX_ROWS = 5000;
const MAX_VALUE = 4096;

/**
 * Reads CSV: one column for each decision of the backbone, then the accuracy in per cent; a header line is optional.
 * Raises an `InputError` that names the line.
 */
export function readAccuracyTable(content: string, name: string, decisions: readonly string[]): AccuracyRow[] {
	const expected = `${decisions.join(',')},accuracy: whole numbers up to ${MAX_VALUE}, and per cent`;
	const rows: AccuracyRow[] = [];
	for (const [index, line] of content.split(/\r?\n/).entries()) {
		if (line.trim() === '') continue;
		const cells = line.split(',').map((cell) => cell.trim());
		if (index === 0 && cells.some((cell) => /^[a-z]/i.test(cell))) continue;
		const numbers = cells.map((cell) => (cell === '' ? Number.NaN : Number(cell)));
		const values = numbers.slice(0, -1);
		const accuracy = numbers[numbers.length - 1] ?? Number.NaN;
		const isWhole = values.every(
			(value, i) => Number.isInteger(value) && value >= (decisions[i]?.startsWith('SK') ? 0 : 1) && value <= MAX_VALUE,
		);
		const isDeep = decisions.some(
			(decision, i) => (decision === 'height' && (values[i] ?? 0) > 7) || (decision.startsWith('SK') && (values[i] ?? 0) > 16),
		);
		if (values.length !== decisions.length || !isWhole || isDeep || !(accuracy >= 0 && accuracy <= 100))
			throw new InputError({ path: [name, `line ${index + 1}`], found: JSON.stringify(line.slice(0, 80)), expected });
		if (rows.length === MAX_ROWS)
			throw new InputError({ path: [name], found: `more than ${MAX_ROWS} lines`, expected: `at most ${MAX_ROWS}` });
		rows.push({ values, accuracy });
	}
	if (rows.length === 0) throw new InputError({ path: [name], found: 'no line with numbers', expected });
	return rows;
}

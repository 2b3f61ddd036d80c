/** How much faster 4-bit products are than 8-bit ones, as a function of the model's size. */
import { InputError } from '@assay/contract';

/** Speeds over FP8: above 1 is faster. */
export interface Speeds {
	readonly forward: number;
	readonly backward: number;
}

/** Measured for a model of so many parameters. */
export interface SpeedPoint extends Speeds {
	readonly parameters: number;
}

export type SpeedsOf = (parameters: number) => Speeds;

/** The same whatever the size. */
export function constantSpeeds(forward: number, backward: number): SpeedsOf {
	return () => ({ forward, backward });
}

/**
 * Straight lines in the number of parameters between measured points; beyond the last the last, and below the first nothing is known: null
 * speeds stand for "no 4-bit kernel", so that 8 bits win there. Points in ascending order.
 */
export function interpolatedSpeeds(points: readonly SpeedPoint[]): SpeedsOf {
	return (parameters) => {
		const first = points[0];
		if (first === undefined || parameters < first.parameters) return { forward: 0, backward: 0 };
		const above = points.findIndex((point) => point.parameters >= parameters);
		if (above === 0) return first;
		if (above < 0) return points.at(-1) as SpeedPoint;
		const [low, high] = [points[above - 1] as SpeedPoint, points[above] as SpeedPoint];
		const share = (parameters - low.parameters) / (high.parameters - low.parameters);
		const between = (a: number, b: number) => a + share * (b - a);
		return { forward: between(low.forward, high.forward), backward: between(low.backward, high.backward) };
	};
}

const COLUMNS = ['parameters', 'fp8_forward_ms', 'fp8_backward_ms', 'fp4_forward_ms', 'fp4_backward_ms'] as const;
const MOST_ROWS = 1000;

/**
 * Measured times of a model's (or a layer's) forward and backward products in both precisions, a line for each size. Raises an InputError
 * that names line and column.
 */
export function readLatencies(text: string, fileName: string): SpeedPoint[] {
	const [header = '', ...lines] = text.split(/\r?\n/);
	const names = header.split(',').map((name) => name.trim().toLowerCase());
	const places = COLUMNS.map((column) => {
		const place = names.indexOf(column);
		if (place < 0)
			throw new InputError({
				path: [fileName, 'line 1'],
				found: header.trim() === '' ? 'no header' : header.slice(0, 60),
				expected: `a column ${column}; there are ${COLUMNS.join(', ')}`,
			});
		return place;
	});
	const points: SpeedPoint[] = [];
	for (const [index, line] of lines.entries()) {
		if (line.trim() === '') continue;
		if (points.length >= MOST_ROWS)
			throw new InputError({ path: [fileName, `line ${index + 2}`], found: 'one size more', expected: `at most ${MOST_ROWS}` });
		const cells = line.split(',').map((cell) => cell.trim());
		const [parameters, ...times] = places.map((place, column) => {
			const cell = cells[place] ?? '';
			const value = cell === '' ? Number.NaN : Number(cell);
			if (!(value > 1e-9 && value < 1e15))
				throw new InputError({
					path: [fileName, `line ${index + 2}`, COLUMNS[column] as string],
					found: cell === '' ? 'nothing' : cell.slice(0, 40),
					expected: 'a number above 0',
				});
			return value;
		}) as [number, number, number, number, number];
		points.push({ parameters, forward: times[0] / times[2], backward: times[1] / times[3] });
	}
	if (points.length === 0)
		throw new InputError({ path: [fileName], found: 'no lines below the header', expected: 'a line for each size' });
	return points.sort((a, b) => a.parameters - b.parameters);
}

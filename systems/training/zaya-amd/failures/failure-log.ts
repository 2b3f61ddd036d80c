/** Failure logs: a CSV of time, node and class. Rates and shapes of the gaps are estimated from it. */
import { InputError, show } from '@assay/contract';
import { CsvError, parse } from 'csv-parse/browser/esm/sync';
import type { FailureClass } from './failure-classes.ts';

/** One failure. */
export interface LoggedFailure {
	/** From the first failure of the log. */
	readonly hours: number;
	readonly node: string;
	readonly failureClass: string;
}

/** What a log says of a class. */
export interface EstimatedClass {
	readonly failures: number;
	/** Whether the shape was estimated: it takes ten gaps. */
	readonly shapeEstimated: boolean;
	readonly estimate: FailureClass;
}

const maxRows = 200_000;
const gapsForShape = 10;

/**
 * Reads a log. Columns `time` (hours, or a date and time), `node`, `class`; their order does not matter. Raises an `InputError` that
 * names file, line and column.
 */
export function readFailureLog(text: string, fileName: string): LoggedFailure[] {
	let rows: string[][];
	try {
		rows = parse(text, { bom: true, trim: true, skip_empty_lines: true, to: maxRows + 2 });
	} catch (error) {
		if (!(error instanceof CsvError)) throw error;
		throw new InputError({ path: [fileName], found: error.message, expected: 'a CSV with the columns time, node, class' });
	}
	const header = (rows[0] ?? []).map((name) => name.toLowerCase());
	const column = (name: string): number => {
		const at = header.findIndex(
			(written) => written === name || written.startsWith(`${name}_`) || written.startsWith(`${name} `),
		);
		if (at < 0)
			throw new InputError({ path: [fileName, 'line 1'], found: show(header.join(',')), expected: 'columns time, node, class' });
		return at;
	};
	const [timeAt, nodeAt, classAt] = [column('time'), column('node'), column('class')];
	if (rows.length - 1 > maxRows)
		throw new InputError({ path: [fileName], found: `more than ${maxRows} failures`, expected: `at most ${maxRows}` });
	const failures = rows.slice(1).map((row, i) => ({
		hours: readHours(row[timeAt] ?? '', [fileName, `line ${i + 2}`, 'time']),
		node: row[nodeAt] ?? '',
		failureClass: row[classAt] || 'any',
	}));
	failures.sort((a, b) => a.hours - b.hours);
	const first = failures[0];
	if (first === undefined || failures.length < 2)
		throw new InputError({ path: [fileName], found: `${failures.length} failures`, expected: 'at least two' });
	return failures.map((failure) => ({ ...failure, hours: failure.hours - first.hours }));
}

function readHours(written: string, place: string[]): number {
	const number = Number(written);
	if (written !== '' && Number.isFinite(number)) return number;
	// Without a zone, as in most logs, a date and time is taken as UTC.
	const zoned = /(z|[+-]\d\d:?\d\d)$/i.test(written) ? written : `${written.replace(' ', 'T')}${written.length <= 10 ? '' : 'Z'}`;
	const milliseconds = Date.parse(zoned);
	if (Number.isFinite(milliseconds)) return milliseconds / 3_600_000;
	throw new InputError({ path: place, found: show(written), expected: 'hours, or a date and time such as 2025-03-01 12:30:00' });
}

/**
 * Rates by class for a cluster of so many nodes, and the Weibull shape of the gaps by maximum likelihood where there are enough. Effects,
 * replacement and surviving copies are those of `template`: a log does not tell them.
 */
export function estimateClasses(
	failures: readonly LoggedFailure[],
	nodes: number,
	template: Omit<FailureClass, 'name' | 'nodeMtbfHours' | 'weibullShape'>,
): EstimatedClass[] {
	const span = (failures.at(-1)?.hours ?? 0) || 1e-9;
	const names = [...new Set(failures.map(({ failureClass }) => failureClass))].sort();
	return names.map((name) => {
		const times = failures.filter((one) => one.failureClass === name).map(({ hours }) => hours);
		const gaps = times
			.slice(1)
			.map((hours, i) => hours - (times[i] as number))
			.filter((gap) => gap > 0);
		const shapeEstimated = gaps.length >= gapsForShape;
		return {
			failures: times.length,
			shapeEstimated,
			estimate: {
				...template,
				name,
				nodeMtbfHours: (nodes * span) / times.length,
				weibullShape: shapeEstimated ? weibullShape(gaps) : 1,
			},
		};
	});
}

/** Maximum-likelihood shape of positive samples, by bisection on its equation; within 0.05 and 50. */
export function weibullShape(samples: readonly number[]): number {
	const logs = samples.map(Math.log);
	const largest = Math.max(...logs);
	const meanLog = logs.reduce((sum, one) => sum + one, 0) / logs.length;
	const excess = (shape: number): number => {
		let weights = 0;
		let weighted = 0;
		for (const log of logs) {
			const weight = Math.exp(shape * (log - largest));
			weights += weight;
			weighted += weight * log;
		}
		return weighted / weights - 1 / shape - meanLog;
	};
	let low = 0.05;
	let high = 50;
	for (let i = 0; i < 80; i++) {
		const middle = Math.sqrt(low * high);
		if (excess(middle) < 0) low = middle;
		else high = middle;
	}
	return Math.sqrt(low * high);
}

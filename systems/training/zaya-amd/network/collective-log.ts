/**
 * Reads what nccl-tests and rccl-tests print, as text or as CSV. A row of theirs ends in groups of time (µs), algorithm
 * bandwidth, bus bandwidth (GB/s) and wrong values, first out of place, then in place. Rows are recognised by their shape and
 * everything else (warnings of other ranks, lines cut in two) is counted and passed over.
 */
import { InputError } from '@assay/contract';
import { busFactor, type Collective } from '@assay/machines';

/** Whether a collective wrote its result over its input. */
export type Placement = 'out-of-place' | 'in-place';

/** One timed message. */
export interface Measurement {
	/** Message as the tests count it. */
	readonly bytes: number;
	readonly seconds: number;
	readonly placement: Placement;
}

/** A measurement with what the log printed beside it. */
export interface LogMeasurement extends Measurement {
	/** Null where the log has no such column. */
	readonly printedBusGigabytesPerSecond: number | null;
	/** Values that came out wrong; null where the log did not check. */
	readonly wrongValues: number | null;
	/** Half a unit in the last printed place of the time. */
	readonly roundingSeconds: number;
	readonly line: number;
}

/** What a log holds. */
export interface CollectiveLog {
	/** Null where the log names no test. */
	readonly collective: Collective | null;
	/** Null where the log lists no ranks. */
	readonly ranks: number | null;
	readonly rows: readonly LogMeasurement[];
	/** Lines that are neither rows, comments nor empty. */
	readonly ignoredLines: number;
	readonly wrongValues: number;
}

const maxRows = 100_000;

const testNames: readonly (readonly [RegExp, Collective])[] = [
	[/all_?reduce/i, 'all-reduce'],
	[/all_?gather/i, 'all-gather'],
	[/reduce_?scatter/i, 'reduce-scatter'],
	[/all_?to_?all|alltoallv?/i, 'all-to-all'],
	[/send_?recv/i, 'send-receive'],
	[/broadcast/i, 'broadcast'],
	[/\breduce_perf/i, 'reduce'],
];

/** Reads a log. Raises an `InputError` that names the file if it has no row. */
export function readCollectiveLog(text: string, fileName: string): CollectiveLog {
	const lines = text.split(/\r?\n/);
	const first = lines.find((line) => line.trim() !== '') ?? '';
	const header = first.split(',').map((name) => name.trim().toLowerCase());
	const log = header.length > 1 && sizeColumn(header) >= 0 ? readCsv(lines, header) : readText(lines);
	if (log.rows.length === 0)
		throw new InputError({
			path: [fileName],
			found: `${lines.length} lines without a row of results`,
			expected: 'the output of nccl-tests or rccl-tests, or a CSV with columns such as bytes, out_of_place_us, in_place_us',
		});
	if (log.rows.length > maxRows)
		throw new InputError({ path: [fileName], found: `${log.rows.length} rows`, expected: `at most ${maxRows}` });
	return log;
}

function readText(lines: readonly string[]): CollectiveLog {
	const rows: LogMeasurement[] = [];
	let collective: Collective | null = null;
	let ranks = 0;
	let ignoredLines = 0;
	for (const [index, raw] of lines.entries()) {
		// Launchers put the process before each line: [1,0]<stdout>: or 0:
		const line = raw.replace(/^\s*(?:\[\d+,\d+\]\s*<std(?:out|err)>:?|\d+:)\s*/, '').trim();
		if (line === '') continue;
		collective ??= /_perf|collective test/i.test(line) ? testName(line) : null;
		const rank = /^#\s*Rank\s+(\d+)\b/i.exec(line);
		if (rank !== null) ranks = Math.max(ranks, Number(rank[1]) + 1);
		if (line.startsWith('#')) continue;
		const found = readRow(line.split(/\s+/), index + 1);
		if (found.length === 0) ignoredLines++;
		rows.push(...found);
	}
	return { collective, ranks: ranks === 0 ? null : ranks, rows, ignoredLines, wrongValues: countWrong(rows) };
}

/** size, count, type, perhaps operation and root, then one or two groups of four. */
function readRow(tokens: readonly string[], line: number): LogMeasurement[] {
	const [size, count, type] = tokens;
	if (size === undefined || count === undefined || type === undefined) return [];
	if (!/^\d{1,16}$/.test(size) || !/^\d{1,16}$/.test(count) || !/^[a-z][a-z0-9_]*$/i.test(type)) return [];
	const bytes = Number(size);
	const rest = tokens.length - 3;
	const groups = rest >= 8 && rest <= 10 ? 2 : rest >= 4 && rest <= 6 ? 1 : 0;
	const rows: LogMeasurement[] = [];
	for (let group = 0; group < groups; group++) {
		const at = tokens.length - 4 * (groups - group);
		const [time = '', algorithm = '', bus = '', wrong = ''] = tokens.slice(at, at + 4);
		if (/^n\/a$/i.test(time)) continue;
		if (![time, algorithm, bus].every(isNumber) || !(isNumber(wrong) || /^n\/a$/i.test(wrong))) return [];
		const row = measurement(bytes, time, group === 0 ? 'out-of-place' : 'in-place', bus, wrong, line);
		if (row !== undefined) rows.push(row);
	}
	return rows;
}

function readCsv(lines: readonly string[], header: readonly string[]): CollectiveLog {
	const rows: LogMeasurement[] = [];
	let ignoredLines = 0;
	const size = sizeColumn(header);
	const columns = (['out-of-place', 'in-place'] as const).map((placement) => {
		const mine = (name: string) => (placement === 'in-place') === /(^|[^a-z])in.?place/.test(name.replace(/out.?of.?place/, ''));
		const find = (pattern: RegExp) => header.findIndex((name) => pattern.test(name) && mine(name));
		return { placement, time: find(/(_|^)us$|time/), bus: find(/busbw|bus_bw/), wrong: find(/wrong|error/) };
	});
	let seenHeader = false;
	for (const [index, line] of lines.entries()) {
		if (line.trim() === '') continue;
		if (!seenHeader) {
			seenHeader = true;
			continue;
		}
		const cells = line.split(',').map((cell) => cell.trim());
		const bytes = Number(cells[size]);
		let found = 0;
		for (const { placement, time, bus, wrong } of columns) {
			const written = cells[time];
			if (written === undefined || !isNumber(written) || !(bytes > 0)) continue;
			const row = measurement(bytes, written, placement, cells[bus] ?? '', cells[wrong] ?? '', index + 1);
			if (row !== undefined) found += rows.push(row) > 0 ? 1 : 0;
		}
		if (found === 0) ignoredLines++;
	}
	return { collective: null, ranks: null, rows, ignoredLines, wrongValues: countWrong(rows) };
}

function measurement(
	bytes: number,
	time: string,
	placement: Placement,
	bus: string,
	wrong: string,
	line: number,
): LogMeasurement | undefined {
	const seconds = Number(time) / 1e6;
	if (!(bytes > 0 && Number.isSafeInteger(bytes) && seconds > 0 && seconds < 1e6)) return undefined;
	const decimals = /\.(\d+)$/.exec(time)?.[1]?.length ?? 0;
	return {
		bytes,
		seconds,
		placement,
		printedBusGigabytesPerSecond: isNumber(bus) ? Number(bus) : null,
		wrongValues: isNumber(wrong) ? Number(wrong) : null,
		roundingSeconds: 0.5e-6 * 10 ** -decimals,
		line,
	};
}

/**
 * Rows whose printed bus bandwidth is not what size and time give: by more than the last printed place (0.005 GB/s) and what the
 * rounding of the time can explain. Such a log was edited, or counts its bytes in another way.
 */
export function inconsistentRows(rows: readonly LogMeasurement[], collective: Collective, ranks: number): LogMeasurement[] {
	return rows.filter(({ bytes, seconds, roundingSeconds, printedBusGigabytesPerSecond: printed }) => {
		if (printed === null) return false;
		const bus = (busFactor(collective, ranks) * bytes) / seconds / 1e9;
		return Math.abs(bus - printed) > 0.00501 + (bus * roundingSeconds) / seconds;
	});
}

function testName(line: string): Collective | null {
	return testNames.find(([pattern]) => pattern.test(line))?.[1] ?? null;
}

function sizeColumn(header: readonly string[]): number {
	return header.findIndex((name) => /^(bytes|size|size_bytes|message_bytes)$/.test(name));
}

function countWrong(rows: readonly LogMeasurement[]): number {
	return rows.reduce((sum, { wrongValues }) => sum + (wrongValues ?? 0), 0);
}

function isNumber(text: string): boolean {
	return /^[+-]?\d{1,20}(\.\d{1,12})?(e[+-]?\d{1,3})?$/i.test(text);
}

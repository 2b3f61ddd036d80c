/**
 * Reads a CSV file as a stream, row by row, with the line and column of whatever is wrong in it. The file may be of any
 * size; a single record may not (1 MiB), so that bytes that are no CSV at all cannot fill the memory.
 */
import { pipeline } from 'node:stream/promises';
import { type DataFile, InputError, nearestName, show } from '@assay/contract';
import { CsvError, parse } from 'csv-parse';
import { parse as parseWhole } from 'csv-parse/sync';
import { z } from 'zod';

/** One row, by column name. Its readers raise an InputError with file, line and column. */
export interface TableRow<Column extends string> {
	/** Line in the file, counted from 1. */
	readonly line: number;
	text(column: Column): string;
	/** A finite number. */
	number(column: Column, min: number, max: number): number;
	/** A finite number above zero. */
	positive(column: Column, max: number): number;
	/** A whole number; `12.0` counts as one. */
	integer(column: Column, min: number, max: number): number;
	error(column: Column, found: string, expected: string): InputError;
}

export interface TableOptions<Column extends string> {
	/** Columns the header must name; others are ignored. */
	readonly columns: readonly Column[];
	readonly maxRows: number;
	readonly pause: () => Promise<void>;
}

const headerLimitBytes = 1 << 16;

/** The column names in the first line of a CSV file, which must lie within its first 64 KiB. */
export async function readHeader(file: DataFile): Promise<string[]> {
	let start = '';
	const decoder = new TextDecoder();
	for await (const chunk of file.stream()) {
		start += decoder.decode(chunk.subarray(0, headerLimitBytes), { stream: true });
		if (start.includes('\n') || start.length >= headerLimitBytes) break;
	}
	const line = (start.split(/\r?\n/, 1)[0] ?? '').slice(0, headerLimitBytes);
	try {
		const names = z.array(z.array(z.string())).parse(parseWhole(line, { bom: true, relax_column_count: true }));
		return (names[0] ?? []).map((name) => name.trim());
	} catch (error) {
		throw unreadable(file.name, error);
	}
}

/** Calls `onRow` for every row. */
export async function readTable<Column extends string>(
	file: DataFile,
	options: TableOptions<Column>,
	onRow: (row: TableRow<Column>) => void,
): Promise<void> {
	const positions = new Map<Column, number>();
	let fields: readonly string[] = [];
	let line = 0;
	let rows = 0;
	const error = (column: string, found: string, expected: string): InputError =>
		new InputError({ path: [file.name, `line ${line}`, `column ${column}`], found, expected });
	const text = (column: Column): string => (fields[positions.get(column) ?? -1] ?? '').trim();
	const number = (column: Column, min: number, max: number): number => {
		const written = text(column);
		const value = written === '' ? Number.NaN : Number(written);
		if (!(value >= min && value <= max)) throw error(column, show(written), `a number from ${min} to ${max}`);
		return value;
	};
	const row: TableRow<Column> = {
		get line() {
			return line;
		},
		text,
		number,
		positive: (column, max) => {
			const written = text(column);
			const value = written === '' ? Number.NaN : Number(written);
			if (!(value > 0 && value <= max)) throw error(column, show(written), `a number above 0, at most ${max}`);
			return value;
		},
		integer: (column, min, max) => {
			const written = text(column);
			const value = written === '' ? Number.NaN : Number(written);
			if (!(Number.isInteger(value) && value >= min && value <= max)) {
				throw error(column, show(written), `a whole number from ${min} to ${max}`);
			}
			return value;
		},
		error,
	};
	await parseRecords(file, async (record, at) => {
		line = at;
		if (positions.size === 0) {
			locate(file.name, record, options.columns, positions);
			return;
		}
		if (record.length === 1 && record[0]?.trim() === '') return;
		if (++rows > options.maxRows) {
			throw new InputError({
				path: [file.name, `line ${line}`],
				found: 'one more row',
				expected: `at most ${options.maxRows} rows`,
			});
		}
		fields = record;
		onRow(row);
		if (rows % 512 === 0) await options.pause();
	});
	if (positions.size === 0) {
		throw new InputError({ path: [file.name], found: 'an empty file', expected: `a header with ${options.columns.join(', ')}` });
	}
}

function locate<Column extends string>(
	file: string,
	header: readonly string[],
	columns: readonly Column[],
	positions: Map<Column, number>,
): void {
	const names = header.map((name) => name.trim());
	for (const column of columns) {
		const position = names.indexOf(column);
		if (position < 0) {
			throw new InputError({
				path: [file, 'line 1'],
				found: `the columns ${show(names.slice(0, 12).join(', '))}`,
				expected: `a column ${column}`,
				nearest: nearestName(column, names),
			});
		}
		positions.set(column, position);
	}
}

const recordLimitBytes = 1 << 20;

/** One record as the parser hands it over. */
const parsedRecord = z.object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) });

/** Feeds a file to the CSV parser. */
async function parseRecords(file: DataFile, onRecord: (record: string[], line: number) => Promise<void>): Promise<void> {
	const parser = parse({
		bom: true,
		info: true,
		relax_column_count: true,
		skip_empty_lines: true,
		max_record_size: recordLimitBytes,
	});
	try {
		await pipeline(file.stream(), parser, async (records: AsyncIterable<unknown>) => {
			for await (const item of records) {
				const { record, info } = parsedRecord.parse(item);
				await onRecord(record, info.lines);
			}
		});
	} catch (error) {
		throw unreadable(file.name, error);
	}
}

/** A parser's complaint as an InputError; anything else as it is. */
function unreadable(file: string, error: unknown): unknown {
	if (!(error instanceof CsvError)) return error;
	const lines: unknown = error['lines'];
	return new InputError({
		path: [file, ...(typeof lines === 'number' ? [`line ${lines}`] : [])],
		found: error.code === 'CSV_MAX_RECORD_SIZE' ? `a row longer than ${recordLimitBytes} bytes` : error.message.slice(0, 120),
		expected: 'rows of comma-separated values, quoted as RFC 4180 says',
	});
}

/**
 * The three tables a system is written in: Detectors, Processors, Global. A table comes from a sheet of a workbook or from a
 * CSV file; here it is rows of cells whatever it came from. Older tables are read as they are: `Reduction` for `Reduction
 * Ratio`, no `Classifier` column (a node with skill is Gaussian, the rest Dummy), a sheet called Triggers for Processors.
 * Columns the model does not know are kept as notes and written back.
 */
import { csvCell, InputError, nearestName, type Path, parseOrExplain, show } from '@assay/contract';
import { CsvError, parse } from 'csv-parse/browser/esm/sync';
import type { z } from 'zod';
import type { Detector, Processor, SystemDescription, SystemNode } from './graph.ts';
import { detectorOf, detectorSchema, processorOf, processorSchema, yearSchema } from './json-graph.ts';

export type Cell = string | number | boolean | null;
export type Table = readonly (readonly Cell[])[];

interface Column {
	/** Heads the column is known by; the first is written. */
	readonly heads: readonly [string, ...string[]];
	/** Name of the field in the JSON schema. */
	readonly field: string;
	readonly kind: 'number' | 'name' | 'names' | 'polynomial';
	readonly required?: true;
}

const sharedColumns: readonly Column[] = [
	{ heads: ['Link Efficiency (J/bit)'], field: 'linkEnergyJPerBit', kind: 'number', required: true },
	{ heads: ['Op Efficiency (J/op)'], field: 'opEnergyJPerOp', kind: 'number', required: true },
	{ heads: ['Compression'], field: 'compression', kind: 'number', required: true },
	{ heads: ['Routing Latency'], field: 'routingLatencyS', kind: 'number' },
	{ heads: ['Complexity'], field: 'complexity', kind: 'polynomial' },
	{ heads: ['Parallelism'], field: 'parallelism', kind: 'polynomial' },
];

const detectorColumns: readonly Column[] = [
	{ heads: ['Category'], field: 'outputs', kind: 'names', required: true },
	{ heads: ['Detector'], field: 'name', kind: 'name', required: true },
	{ heads: ['Data (bytes)'], field: 'dataBytes', kind: 'number', required: true },
	{ heads: ['Sample Rate'], field: 'sampleRateHz', kind: 'number', required: true },
	...sharedColumns,
];

const processorColumns: readonly Column[] = [
	{ heads: ['Name'], field: 'name', kind: 'name', required: true },
	{ heads: ['Output'], field: 'outputs', kind: 'names', required: true },
	{ heads: ['Data (bytes)'], field: 'dataBytes', kind: 'number', required: true },
	{ heads: ['Reduction Ratio', 'Reduction'], field: 'reductionRatio', kind: 'number', required: true },
	{ heads: ['Classifier'], field: 'classifier', kind: 'name' },
	{ heads: ['Skill mean'], field: 'skillMean', kind: 'number', required: true },
	{ heads: ['Skill variance'], field: 'skillVariance', kind: 'number', required: true },
	{ heads: ['Skill boost'], field: 'skillBoost', kind: 'number' },
	...sharedColumns,
];

const limitRows = 5001;
const limitColumns = 100;

/** A system from its three tables. */
export interface SystemTables {
	readonly detectors: { readonly table: Table; readonly place: Path };
	readonly processors: { readonly table: Table; readonly place: Path };
	readonly global: { readonly table: Table; readonly place: Path };
}

/** Reads a system; raises one InputError naming sheet, row and column. */
export function systemFromTables(tables: SystemTables, place: Path): SystemDescription {
	const detectors = readRows(tables.detectors.table, detectorColumns, tables.detectors.place).map((row): Detector => {
		return detectorOf(checked(detectorSchema, row, detectorColumns), row.place, 'Category');
	});
	const processors = readRows(tables.processors.table, processorColumns, tables.processors.place).map((row): Processor => {
		const node = checked(processorSchema, row, processorColumns);
		const older = row.fields['classifier'] === undefined && node.skillMean > 0;
		return processorOf(older ? { ...node, classifier: 'Gaussian' } : node, row.place, 'Output');
	});
	return { detectors, processors, technologyYear: readYear(tables.global.table, tables.global.place), place };
}

interface Row {
	readonly fields: Record<string, unknown>;
	readonly place: Path;
}

function readRows(table: Table, columns: readonly Column[], place: Path): Row[] {
	if (table.length > limitRows) {
		throw new InputError({ path: place, found: `${table.length} rows`, expected: `at most ${limitRows}` });
	}
	const headRow = table.findIndex((row) => row.some((cell) => cell !== null && cell !== ''));
	const heads = (table[headRow] ?? []).map((cell) => String(cell ?? '').trim());
	const known = assignColumns(heads, columns, [...place, `row ${headRow + 1}`]);
	const rows: Row[] = [];
	for (const [index, cells] of table.entries()) {
		if (index <= headRow || cells.every((cell) => cell === null || String(cell).trim() === '')) continue;
		rows.push(readRow(cells, heads, known, [...place, `row ${index + 1}`]));
	}
	return rows;
}

/** Which column of the model each head of the table is. */
function assignColumns(heads: readonly string[], columns: readonly Column[], place: Path): (Column | undefined)[] {
	if (heads.length > limitColumns) {
		throw new InputError({ path: place, found: `${heads.length} columns`, expected: `at most ${limitColumns}` });
	}
	const known = heads.map((head) =>
		columns.find((column) => column.heads.some((name) => name.toLowerCase() === head.toLowerCase())),
	);
	for (const [index, column] of known.entries()) {
		if (column !== undefined && known.indexOf(column) < index) {
			throw new InputError({
				path: [...place, heads[index] ?? ''],
				found: 'the column a second time',
				expected: 'every column once',
			});
		}
	}
	const unknownHeads = heads.filter((head, index) => head !== '' && known[index] === undefined);
	for (const column of columns) {
		if (known.includes(column)) continue;
		const near = nearestName(column.heads[0], unknownHeads);
		if (column.required === undefined && near === undefined) continue;
		throw new InputError({
			path: place,
			found: near === undefined ? `no column ${show(column.heads[0])}` : `the column ${show(near)}`,
			expected: `the column ${show(column.heads[0])}`,
			nearest: near === undefined ? undefined : column.heads[0],
		});
	}
	return known;
}

function readRow(cells: readonly Cell[], heads: readonly string[], known: readonly (Column | undefined)[], place: Path): Row {
	const fields: Record<string, unknown> = {};
	const notes: Record<string, string> = {};
	for (const [index, cell] of cells.entries()) {
		const head = heads[index] ?? '';
		const column = known[index];
		const empty = cell === null || (typeof cell === 'string' && cell.trim() === '');
		if (column === undefined) {
			if (!empty && head !== '' && cell !== null) notes[head] = String(cell);
			else if (!empty && head === '') {
				throw new InputError({
					path: [...place, `column ${index + 1}`],
					found: show(cell),
					expected: 'nothing beyond the named columns',
				});
			}
			continue;
		}
		if (empty) {
			if (column.kind === 'names') fields[column.field] = [];
			continue;
		}
		fields[column.field] = readCell(cell, column, [...place, head]);
	}
	for (const column of known) if (column?.kind === 'names' && fields[column.field] === undefined) fields[column.field] = [];
	if (Object.keys(notes).length > 0) fields['notes'] = notes;
	return { fields, place };
}

function readCell(cell: string | number | boolean, column: Column, place: Path): unknown {
	switch (column.kind) {
		case 'name':
			return String(cell).trim();
		case 'names':
			// Some of the published workbooks write "None" for no output.
			return String(cell).trim() === 'None'
				? []
				: String(cell)
						.split(';')
						.map((one) => one.trim());
		case 'polynomial':
			return String(cell)
				.split(';')
				.map((one) => readNumber(one, place));
		case 'number':
			return readNumber(cell, place);
	}
}

function readNumber(cell: string | number | boolean, place: Path): number {
	const value = typeof cell === 'number' ? cell : typeof cell === 'string' && cell.trim() !== '' ? Number(cell) : Number.NaN;
	if (!Number.isFinite(value)) throw new InputError({ path: place, found: show(cell), expected: 'a finite number' });
	return value;
}

/** Checks a row against the schema of its kind; errors name the column's head, not the field. */
function checked<S extends z.ZodType>(schema: S, row: Row, columns: readonly Column[]): z.output<S> {
	try {
		return parseOrExplain(schema, row.fields, row.place);
	} catch (error) {
		if (!(error instanceof InputError)) throw error;
		const field = error.path[row.place.length];
		const column = columns.find((one) => one.field === field);
		const found = error.found === 'nothing' ? 'an empty cell' : error.found;
		throw new InputError({
			path: [...row.place, column?.heads[0] ?? String(field ?? '')],
			found,
			expected: error.expected,
			nearest: error.nearest,
		});
	}
}

function readYear(table: Table, place: Path): number {
	const headRow = table.findIndex((row) => row.some((cell) => cell !== null && cell !== ''));
	const column = (table[headRow] ?? []).findIndex(
		(cell) =>
			String(cell ?? '')
				.trim()
				.toLowerCase() === 'year',
	);
	if (column === -1)
		throw new InputError({ path: [...place, `row ${headRow + 1}`], found: 'no column "Year"', expected: 'the column "Year"' });
	const cell = table[headRow + 1]?.[column] ?? null;
	const at: Path = [...place, `row ${headRow + 2}`, 'Year'];
	if (cell === null || cell === '') throw new InputError({ path: at, found: 'an empty cell', expected: 'a year' });
	return parseOrExplain(yearSchema, readNumber(cell, at), at);
}

/** Rows of a CSV text. Cells stay text; numbers are read where a column asks for them. */
export function parseCsv(text: string, file: string): Table {
	try {
		return parse(text, {
			bom: true,
			relax_column_count: true,
			skip_empty_lines: false,
			record_delimiter: ['\r\n', '\n', '\r'],
			max_record_size: 100_000,
		});
	} catch (error) {
		if (!(error instanceof CsvError)) throw error;
		const line = /line (\d+)/.exec(error.message)?.[1];
		throw new InputError({
			path: line === undefined ? [file] : [file, `line ${line}`],
			found: `text that is not CSV (${error.message.slice(0, 120)})`,
			expected: 'rows of cells separated by commas',
		});
	}
}

/** The three tables of a system, heads first; reading them back gives the same system. */
export function systemToTables(description: SystemDescription): { detectors: Cell[][]; processors: Cell[][]; global: Cell[][] } {
	return {
		detectors: writeRows(description.detectors, detectorColumns),
		processors: writeRows(description.processors, processorColumns),
		global: [['Year'], [description.technologyYear]],
	};
}

function writeRows(nodes: readonly SystemNode[], columns: readonly Column[]): Cell[][] {
	const written = columns.filter(
		(column) => column.required === true || nodes.some((node) => Reflect.get(node, column.field) !== undefined),
	);
	const notes = [...new Set(nodes.flatMap((node) => Object.keys(node.notes ?? {})))];
	return [
		[...written.map((column) => column.heads[0]), ...notes],
		...nodes.map((node) => [
			...written.map((column) => writeCell(Reflect.get(node, column.field))),
			...notes.map((note) => writeNote(node.notes?.[note])),
		]),
	];
}

function writeCell(value: unknown): Cell {
	if (Array.isArray(value)) return value.length === 0 ? null : value.join(';');
	return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' ? value : null;
}

/** A note as a cell; what reads as a number was one. */
function writeNote(note: string | undefined): Cell {
	if (note === undefined) return null;
	return Number.isFinite(Number(note)) && String(Number(note)) === note ? Number(note) : note;
}

/** A table as CSV text: cells that need it are quoted, lines end in a line feed. */
export function tableToCsv(table: Table): string {
	return `${table.map((row) => row.map(csvCell).join(',')).join('\n')}\n`;
}

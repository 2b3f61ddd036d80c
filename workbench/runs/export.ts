/** Runs as files that other tools read: one row a run, one column a figure. */
import { csvText } from '@assay/contract';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { flatten, type Scalar } from './flatten.ts';
import type { Run } from './run-record.ts';

export type ExportFormat = 'csv' | 'json' | 'parquet';

interface Table {
	readonly columns: readonly string[];
	readonly rows: readonly (readonly Scalar[])[];
}

/** Serialises runs. JSON keeps their full structure; CSV and Parquet hold every scalar input and output. */
export function exportRuns(runs: readonly Run[], format: ExportFormat): Uint8Array {
	if (format === 'json') return new TextEncoder().encode(`${JSON.stringify(runs, null, 2)}\n`);
	const table = tableOf(runs);
	return format === 'csv' ? new TextEncoder().encode(csvText([table.columns, ...table.rows])) : parquet(table);
}

function tableOf(runs: readonly Run[]): Table {
	const flat = runs.map((run) => {
		const facts: [string, Scalar][] = [
			['id', run.id],
			['system', run.system],
			['version', run.version],
			['seed', run.seed],
			['status', run.status],
			['created', run.createdAt],
			['started', run.startedAt],
			['ended', run.endedAt],
		];
		for (const [path, value] of flatten(run.inputs)) facts.push([`inputs.${path}`, value]);
		if (run.outputs !== null) for (const [path, value] of flatten(run.outputs)) facts.push([`outputs.${path}`, value]);
		return new Map(facts);
	});
	const columns = [...new Set(flat.flatMap((row) => [...row.keys()]))];
	return { columns, rows: flat.map((row) => columns.map((column) => row.get(column) ?? null)) };
}

function parquet(table: Table): Uint8Array {
	const columnData = table.columns.map((name, index) => {
		const values = table.rows.map((row) => row[index] ?? null);
		const present = values.filter((value) => value !== null);
		if (present.every((value) => typeof value === 'number'))
			return { name, data: values, type: 'DOUBLE' as const, nullable: true };
		if (present.every((value) => typeof value === 'boolean'))
			return { name, data: values, type: 'BOOLEAN' as const, nullable: true };
		return {
			name,
			data: values.map((value) => (value === null ? null : String(value))),
			type: 'STRING' as const,
			nullable: true,
		};
	});
	return new Uint8Array(parquetWriteBuffer({ columnData }));
}

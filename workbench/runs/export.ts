/**
 * Runs as files that other tools read: one row a run, one column a figure. Runs come in batches and bytes go out in chunks; neither all runs nor
 * the whole file is ever held. Tables need their columns before their first row, so for them the runs are read twice.
 */
import { csvText, InputError, show } from '@assay/contract';
import { flatten, type Scalar } from './flatten.ts';
import type { ParquetColumn, ParquetType } from './results/parquet-stream.ts';
import type { Run } from './run-record.ts';

export const EXPORT_FORMATS = ['csv', 'jsonl', 'json', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** The format of a name, as `csv`. Raises an InputError that names `place` if there is none of it. */
export function exportFormat(name: string, place: string): ExportFormat {
	const format = EXPORT_FORMATS.find((one) => one === name.toLowerCase());
	if (format === undefined) throw new InputError({ path: [place], found: show(name), expected: EXPORT_FORMATS.join(', ') });
	return format;
}

/**
 * The bytes of a file with the runs. JSON (one list) and JSON Lines (a run a line) keep their full structure; CSV and Parquet hold every scalar
 * input and output. `batches` is called once for each time the runs are read. A figure that no run had when the first reading passed it has
 * no column.
 */
export async function* exportRuns(
	batches: () => AsyncIterable<readonly Run[]>,
	format: ExportFormat,
): AsyncGenerator<Uint8Array> {
	const encoder = new TextEncoder();
	switch (format) {
		case 'jsonl':
			for await (const runs of batches()) yield encoder.encode(runs.map((run) => `${JSON.stringify(run)}\n`).join(''));
			return;
		case 'json': {
			let before = '[\n';
			for await (const runs of batches()) {
				if (runs.length === 0) continue;
				yield encoder.encode(before + runs.map((run) => JSON.stringify(run, null, 2)).join(',\n'));
				before = ',\n';
			}
			yield encoder.encode(before === '[\n' ? '[]\n' : '\n]\n');
			return;
		}
		case 'csv': {
			const columns = await columnsOf(batches());
			yield encoder.encode(csvText([columns.map(({ name }) => name)]));
			for await (const runs of batches()) yield encoder.encode(csvText(runs.map((run) => rowOf(run, columns))));
			return;
		}
		case 'parquet': {
			const columns = await columnsOf(batches());
			const { parquetStream } = await import('./results/parquet-stream.ts');
			yield* parquetStream(columns, rowsOf(batches(), columns));
		}
	}
}

async function* rowsOf(batches: AsyncIterable<readonly Run[]>, columns: readonly ParquetColumn[]): AsyncGenerator<Scalar[]> {
	for await (const runs of batches) for (const run of runs) yield rowOf(run, columns);
}

function rowOf(run: Run, columns: readonly ParquetColumn[]): Scalar[] {
	const facts = factsOf(run);
	return columns.map(({ name }) => facts.get(name) ?? null);
}

/** Every column that some run has: facts, then inputs, then outputs, each in the order it is first met. */
async function columnsOf(batches: AsyncIterable<readonly Run[]>): Promise<ParquetColumn[]> {
	const types = new Map<string, ParquetType | null>();
	for await (const runs of batches) {
		for (const run of runs) {
			for (const [name, value] of factsOf(run)) {
				const type =
					value === null ? null : typeof value === 'number' ? 'DOUBLE' : typeof value === 'boolean' ? 'BOOLEAN' : 'STRING';
				const known = types.get(name) ?? null;
				if (known === null || type === null) types.set(name, known ?? type);
				else if (known !== type) types.set(name, 'STRING');
			}
		}
	}
	const side = (name: string): number => (name.startsWith('inputs.') ? 1 : name.startsWith('outputs.') ? 2 : 0);
	// A column that is empty throughout is one of numbers.
	return [...types].map(([name, type]) => ({ name, type: type ?? 'DOUBLE' })).sort((a, b) => side(a.name) - side(b.name));
}

function factsOf(run: Run): Map<string, Scalar> {
	const facts = new Map<string, Scalar>([
		['id', run.id],
		['system', run.system],
		['version', run.version],
		['seed', run.seed],
		['status', run.status],
		['created', run.createdAt],
		['started', run.startedAt],
		['ended', run.endedAt],
	]);
	for (const [path, value] of flatten(run.inputs)) facts.set(`inputs.${path}`, value);
	if (run.outputs !== null) for (const [path, value] of flatten(run.outputs)) facts.set(`outputs.${path}`, value);
	return facts;
}

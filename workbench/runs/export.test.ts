import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import { compareRuns } from './compare.ts';
import { type ExportFormat, exportRuns } from './export.ts';
import type { Run } from './run-record.ts';

const run = (id: string, a: number, y: number | null): Run => ({
	id,
	system: 's',
	version: 1,
	seed: 0,
	inputs: { a, name: 'x, "y"', on: true },
	status: y === null ? 'failed' : 'done',
	sweep: null,
	position: null,
	createdAt: '2026-01-01T00:00:00.000Z',
	startedAt: null,
	endedAt: null,
	progress: 1,
	note: '',
	outputs: y === null ? null : { y, series: Array(100).fill(0) },
	headline: null,
	error: null,
	environment: null,
	log: [],
	userId: null,
});
const runs = [run('one', 1, 0.1 + 0.2), run('two', 2, null)];

async function* inBatches(all: readonly Run[], size: number): AsyncGenerator<readonly Run[]> {
	for (let from = 0; from < all.length; from += size) yield all.slice(from, from + size);
}
async function exported(format: ExportFormat, all: readonly Run[] = runs, size = 1): Promise<Uint8Array> {
	const chunks: Uint8Array[] = [];
	for await (const chunk of exportRuns(() => inBatches(all, size), format)) chunks.push(chunk);
	return new Uint8Array(Buffer.concat(chunks));
}
const text = async (format: ExportFormat, all: readonly Run[] = runs): Promise<string> =>
	new TextDecoder().decode(await exported(format, all));

test('CSV holds a row a run and a column a figure, in full precision', async () => {
	const [head, first, second] = (await text('csv')).split('\r\n');
	expect(head).toBe('id,system,version,seed,status,created,started,ended,inputs.a,inputs.name,inputs.on,outputs.y');
	expect(first).toBe('one,s,1,0,done,2026-01-01T00:00:00.000Z,,,1,"x, ""y""",true,0.30000000000000004');
	expect(second).toMatch(/,2,"x, ""y""",true,$/);
});

test('Parquet is read back by another library', async () => {
	const bytes = await exported('parquet');
	const rows = await parquetReadObjects({ file: bytes.slice().buffer });
	expect(rows).toMatchObject([
		{ id: 'one', 'inputs.a': 1, 'inputs.on': true, 'outputs.y': 0.1 + 0.2 },
		{ id: 'two', 'inputs.a': 2 },
	]);
	expect(rows[1]?.['outputs.y'] ?? null).toBeNull();
});

test('JSON and JSON Lines keep everything', async () => {
	expect(JSON.parse(await text('json'))).toEqual(runs);
	expect(JSON.parse(await text('json', []))).toEqual([]);
	const lines = (await text('jsonl')).split('\n');
	expect(lines.pop()).toBe('');
	expect(lines.map((line) => JSON.parse(line))).toEqual(runs);
});

test('a column that comes late, or changes its kind, is there from the first row on', async () => {
	const late = [run('one', 1, 2), { ...run('two', 2, 3), outputs: { y: 'none', z: true } }];
	const [head, first] = (await text('csv', late)).split('\r\n');
	expect(head).toMatch(/,outputs\.y,outputs\.z$/);
	expect(first).toMatch(/,2,$/);
	const rows = await parquetReadObjects({ file: (await exported('parquet', late)).slice().buffer });
	expect(rows.map((row) => [row['outputs.y'], row['outputs.z'] ?? null])).toEqual([
		['2', null],
		['none', true],
	]);
});

test('Parquet of many row groups has every row in its place', async () => {
	const many = Array.from({ length: 12_345 }, (_, index) =>
		run(`run ${index}`, index, index % 3 === 0 ? null : Math.sqrt(index)),
	);
	const file = (await exported('parquet', many, 200)).slice().buffer;
	const metadata = parquetMetadata(file);
	expect(metadata.row_groups.length).toBeGreaterThan(2);
	const rows = await parquetReadObjects({ file });
	expect(rows.map((row) => [row['id'], row['inputs.a'], row['outputs.y'] ?? null])).toEqual(
		many.map(({ id }, index) => [id, index, index % 3 === 0 ? null : Math.sqrt(index)]),
	);
});

test.for(['csv', 'jsonl', 'json', 'parquet'] as const)(
	'%s is written while it is read: between two chunks at most a row group of runs has been taken, and none when nobody reads on',
	async (format) => {
		let taken = 0;
		async function* endless(): AsyncGenerator<readonly Run[]> {
			for (let batch = 0; batch < 100; batch++) {
				taken += 200;
				yield Array.from({ length: 200 }, (_, index) => run(`${batch}-${index}`, index, index));
			}
		}
		const chunks = exportRuns(endless, format);
		const readings = format === 'csv' || format === 'parquet' ? 1 : 0;
		let before = 0;
		for await (const _ of chunks) {
			const firstReading = before === 0 ? readings * 20_000 : 0;
			expect(taken - before - firstReading).toBeLessThanOrEqual(5000);
			before = taken;
		}
		expect(taken).toBe((readings + 1) * 20_000);
		taken = 0;
		const cut = exportRuns(endless, format);
		await cut.next();
		await cut.return(undefined);
		const atCut = taken;
		await new Promise((resolve) => setImmediate(resolve));
		expect(taken).toBe(atCut);
	},
);

test('runs are compared figure by figure', () => {
	const { inputs, outputs } = compareRuns([run('a', 2, 10), run('b', 2, 15)]);
	expect(inputs.every((figure) => !figure.differs)).toBe(true);
	expect(outputs).toEqual([{ path: 'y', values: [10, 15], differs: true, ratio: 1.5 }]);
});

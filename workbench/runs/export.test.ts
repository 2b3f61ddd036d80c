import { parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import { compareRuns } from './compare.ts';
import { exportRuns } from './export.ts';
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

test('CSV holds a row a run and a column a figure, in full precision', () => {
	const [head, first, second] = new TextDecoder().decode(exportRuns(runs, 'csv')).split('\r\n');
	expect(head).toBe('id,system,version,seed,status,created,started,ended,inputs.a,inputs.name,inputs.on,outputs.y');
	expect(first).toBe('one,s,1,0,done,2026-01-01T00:00:00.000Z,,,1,"x, ""y""",true,0.30000000000000004');
	expect(second).toMatch(/,2,"x, ""y""",true,$/);
});

test('Parquet is read back by another library', async () => {
	const bytes = exportRuns(runs, 'parquet');
	const rows = await parquetReadObjects({ file: bytes.slice().buffer });
	expect(rows).toMatchObject([
		{ id: 'one', 'inputs.a': 1, 'inputs.on': true, 'outputs.y': 0.1 + 0.2 },
		{ id: 'two', 'inputs.a': 2 },
	]);
	expect(rows[1]?.['outputs.y'] ?? null).toBeNull();
});

test('JSON keeps everything', () => expect(JSON.parse(new TextDecoder().decode(exportRuns(runs, 'json')))).toEqual(runs));

test('runs are compared figure by figure', () => {
	const { inputs, outputs } = compareRuns([run('a', 2, 10), run('b', 2, 15)]);
	expect(inputs.every((figure) => !figure.differs)).toBe(true);
	expect(outputs).toEqual([{ path: 'y', values: [10, 15], differs: true, ratio: 1.5 }]);
});

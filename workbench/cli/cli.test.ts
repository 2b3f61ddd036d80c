/** The command line as its users meet it: as a process. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunStore } from '@assay/runs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startAssay } from './testing/assay-process.ts';

const quick = ['--trace.durationSeconds', '3', '--trace.requestsPerSecond', '10'];
let home: string;

const start = (...words: string[]) => startAssay(home, words);
const assay = (...words: string[]) => start(...words).ended;

async function until(condition: () => Promise<boolean>): Promise<void> {
	for (let attempt = 0; attempt < 600; attempt++) {
		if (await condition()) return;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	throw new Error('waited 30 s in vain');
}

beforeAll(async () => {
	home = await mkdtemp(join(tmpdir(), 'assay-cli-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

describe('a run', () => {
	test('prints its report, is kept, shown, repeated byte for byte, compared, exported and deleted', async () => {
		const first = await assay('run', 'splitwise', ...quick, '--seed', '3', '--out', 'report');
		expect(first).toMatchObject({ status: 0 });
		expect(first.out).toContain('Service-level objectives');
		expect(await readdir(join(home, 'report'))).toEqual(
			expect.arrayContaining(['report.html', 'inputs.json', 'outputs.json', 'requests.csv']),
		);
		const listed = JSON.parse((await assay('runs', 'list', '--json')).out);
		expect(listed).toMatchObject({ format: 1, runs: [{ system: 'splitwise', seed: 3, status: 'done' }] });
		const { id } = listed.runs[0];
		const shown = JSON.parse((await assay('runs', 'show', id, '--json')).out).run;
		expect(shown.outputs).toEqual(JSON.parse(await readFile(join(home, 'report/outputs.json'), 'utf8')));
		expect((await assay('runs', 'repeat', id)).error).toContain('byte for byte');
		const other = JSON.parse(
			(await assay('run', 'splitwise', '--inputs', 'report/inputs.json', '--set', 'trace.requestsPerSecond=20', '--json')).out,
		).run;
		expect(other.inputs.trace).toMatchObject({ durationSeconds: 3, requestsPerSecond: 20 });
		const compared = JSON.parse((await assay('runs', 'compare', id, other.id, '--json')).out);
		const differing = compared.inputs.filter((figure: { differs: boolean }) => figure.differs);
		expect(differing).toEqual([{ path: 'trace.requestsPerSecond', values: [10, 20], differs: true, ratio: 2 }]);
		for (const format of ['csv', 'json', 'parquet'])
			expect((await assay('runs', 'export', '--out', `all.${format}`)).status).toBe(0);
		expect((await readFile(join(home, 'all.csv'), 'utf8')).trim().split('\r\n')).toHaveLength(4);
		expect((await assay('runs', 'delete', id)).status).toBe(0);
		expect((await assay('runs', 'show', id)).status).toBe(2);
	});

	test('keeps the file it was given, so that it repeats after the file has changed', async () => {
		const rows = Array.from(
			{ length: 30 },
			(_, i) => `2023-11-16 18:00:${String(i).padStart(2, '0')}.0000000,${100 + i},${5 + i}`,
		);
		await writeFile(join(home, 'mine.csv'), ['TIMESTAMP,ContextTokens,GeneratedTokens', ...rows].join('\n'));
		const { run } = JSON.parse((await assay('run', 'splitwise', '--trace.file', 'mine.csv', '--json')).out);
		expect(run.inputs.trace.file).toMatch(/^blob:[0-9a-f]{64}\/mine\.csv$/);
		await writeFile(join(home, 'mine.csv'), 'gone');
		expect((await assay('runs', 'repeat', run.id)).error).toContain('byte for byte');
	});

	test('is stopped by Ctrl-C within a second, marked stopped, and can be resumed', async () => {
		const running = start('run', 'splitwise', '--trace.durationSeconds', '2500', '--seed', '77', '--json');
		const store = await RunStore.open(home);
		try {
			const mine = async () => (await store.list({ system: 'splitwise', limit: 100 })).find((run) => run.seed === 77);
			await until(async () => ((await mine())?.progress ?? 0) > 0);
			const asked = performance.now();
			running.process.kill('SIGINT');
			const ended = await running.ended;
			// Shown, not asserted: a busy machine may be slower than the second that an idle one takes.
			console.log(`stopped after ${Math.round(performance.now() - asked)} ms`);
			expect(ended.status).toBe(130);
			const run = await mine();
			expect(run?.status).toBe('stopped');
			expect(JSON.parse(ended.out).run).toMatchObject({ id: run?.id, status: 'stopped', outputs: null });
			expect(ended.error).toContain(`assay runs resume ${run?.id}`);
		} finally {
			await store.close();
		}
	});

	test('that was killed is found as interrupted and works after being resumed', async () => {
		const running = start('run', 'splitwise', '--trace.durationSeconds', '240', '--seed', '78');
		const store = await RunStore.open(home);
		try {
			const mine = async () => (await store.list({ system: 'splitwise', limit: 100 })).find((run) => run.seed === 78);
			await until(async () => (await mine())?.status === 'running');
			running.process.kill('SIGKILL');
			await running.ended;
			const { runs } = JSON.parse((await assay('runs', 'list', '--status', 'interrupted', '--json')).out);
			expect(runs).toMatchObject([{ seed: 78 }]);
			expect((await assay('runs', 'resume', runs[0].id)).status).toBe(0);
			expect((await mine())?.status).toBe('done');
		} finally {
			await store.close();
		}
	});
});

describe('a sweep', () => {
	test('that is killed in the middle of 200 runs goes on: 200 results, none twice, the finished ones not computed again', async () => {
		const words = [
			'sweep',
			'splitwise',
			'--set',
			'trace.durationSeconds=2',
			'--grid',
			'trace.requestsPerSecond=1..50',
			'--grid',
			'cluster.promptMachines=1,2,3,4',
			'--json',
		];
		const running = start(...words);
		const store = await RunStore.open(home);
		try {
			const runs = async () => (await store.list({ system: 'splitwise', limit: 1000 })).filter((run) => run.sweep !== null);
			await until(async () => (await runs()).filter((run) => run.status === 'done').length >= 40);
			running.process.kill('SIGKILL');
			await running.ended;
			const before = new Map((await runs()).filter((run) => run.status === 'done').map((run) => [run.id, run]));
			expect(before.size).toBeLessThan(200);
			const ended = await assay(...words);
			expect(ended.status).toBe(0);
			const document = JSON.parse(ended.out);
			expect(document.sweep.counts).toMatchObject({ done: 200, queued: 0, failed: 0 });
			const after = await runs();
			expect(after).toHaveLength(200);
			expect(new Set(after.map((run) => JSON.stringify(run.inputs))).size).toBe(200);
			for (const run of after) if (before.has(run.id)) expect(run).toEqual(before.get(run.id));
		} finally {
			await store.close();
		}
	});

	test('draws at random from the seed alone and shows the best first', async () => {
		const words = [
			'sweep',
			'splitwise',
			...['trace.durationSeconds=2', 'trace.requestsPerSecond=10'].flatMap((one) => ['--set', one]),
		];
		const random = ['--random', 'transfer.gibibytesPerSecond=1..100:log', '--samples', '4', '--seed', '5'];
		const first = JSON.parse((await assay(...words, ...random, '--json')).out);
		const again = JSON.parse((await assay(...words, ...random, '--json', '--again')).out);
		const settings = (document: { runs: { settings: unknown; outputs: unknown }[] }) =>
			document.runs.map((run) => [run.settings, run.outputs]);
		expect(settings(again)).toEqual(settings(first));
		expect(again.sweep.id).not.toBe(first.sweep.id);
	});
});

describe('bad input', () => {
	test.for([
		[['run', 'splitwse'], 'did you mean splitwise'],
		[['run', 'splitwise', '--trace.requestsPerSecnd', '3'], 'did you mean trace.requestsPerSecond'],
		[['run', 'splitwise', '--trace.requestsPerSecond', 'many'], 'trace.requestsPerSecond: found "many", expected a number'],
		[['run', 'splitwise', '--seed', '-1'], '--seed: found "-1", expected an integer'],
		[['run', 'splitwise', '--set', 'nothing'], 'expected path=value'],
		[['run', 'splitwise', '--set', '__proto__.x=1'], 'expected a path'],
		[['run', 'splitwise', '--inputs', 'missing.yaml'], 'no such file'],
		[['run', 'splitwise', '--inputs', 'broken.yaml'], 'broken.yaml, line 3'],
		[['run', 'splitwise', '--trace.file', 'missing.csv'], 'or the name of a source'],
		[['run', 'splitwise', '--example', 'none'], 'example: found "none"'],
		[['run', 'splitwise', 'surplus'], 'found "surplus"'],
		[['sweep', 'splitwise'], 'nothing to vary'],
		[['sweep', 'splitwise', '--grid', 'trace.requestsPerSecond=5..1'], 'rising'],
		[['reproduce', 'splitwise', '--claim', 'S99'], 'one of S1'],
		[['runs', 'show', 'zzz'], 'identifier of a run'],
		[['runs', 'list', '--status', 'dne'], 'did you mean done'],
		[['data', 'fetch', 'azure-llm-2023-cod'], 'did you mean azure-llm-2023-code'],
		[['machines', 'show', 'h10000'], 'found "h10000"'],
		[['models', 'show', 'llama-3-8c'], 'did you mean llama-3-8b'],
		[['formats', 'e4m33'], 'fractionBits'],
		[['sweep', 'draco', '--method', 'random', '--minimize', 'x'], '--vary: found nothing'],
		[['sweep', 'draco', '--method', 'random', '--vary', 'array.rows=1..x', '--minimize', 'x'], 'found "1..x"'],
		[['sweep', 'draco', '--method', 'random', '--vary', 'array.rows=1..9'], '--minimize: found nothing'],
		[['formats', 'mxfp5'], 'did you mean mxfp4'],
		[['completion', 'bsh'], 'did you mean bash'],
		[['rnu'], 'Did you mean run'],
		[['worker'], 'DATABASE_URL: found nothing, expected the address of a PostgreSQL'],
		[['workers'], 'DATABASE_URL: found nothing'],
		[['worker', '--memory-limit', 'much'], '--memory-limit: found "much", expected a positive number of GiB'],
		[['sweep', 'splitwise', '--grid', 'trace.durationSeconds=1', '--executor', 'elsewhere'], 'expected local or distributed'],
		[['sweep', 'splitwise', '--grid', 'trace.durationSeconds=1', '--executor', 'distributed'], 'DATABASE_URL: found nothing'],
		[['sweep', 'splitwise', '--grid', 'trace.durationSeconds=1', '--detach'], '--executor distributed beside it'],
		[['sweep', 'daq-model', '--saltelli', '8', '--vary', 'l1tRatio=40..400'], 'vary: found one input'],
		[['sweep', 'daq-model', '--saltelli', '8', '--grid', 'l1tRatio=40'], '--saltelli: found --grid or --random beside it'],
		[['runs', 'list', '--where', 'outputs.x<=1'], '--sweep: found nothing'],
		[['runs', 'export', '--out', 'runs.xlsx'], 'expected csv, jsonl, json, parquet'],
		[['sweeps', 'sensitivity', 'none', '--output', 'x'], 'sweep: found "none"'],
		[['sweeps', 'stop', 'none'], 'sweep: found "none", expected the identifier of a sweep'],
	] as const)('%j is answered in one line, with status 2', async ([words, message]) => {
		await writeFile(join(home, 'broken.yaml'), 'trace:\n  a: [1, 2\n');
		const { status, out, error } = await assay(...words);
		expect(error).toContain(message);
		expect(error).not.toMatch(/\n\s+at /);
		expect(out).toBe('');
		expect(status).toBe(2);
	});
});

describe('what is at hand', () => {
	test('lists and shows systems, data, machines, models and formats, each also as JSON', async () => {
		for (const words of [
			['systems'],
			['systems', 'show', 'splitwise'],
			['data'],
			['machines'],
			['machines', 'show', '8xh100'],
			['models'],
			['models', 'show', 'llama-3-8b'],
			['formats', 'e2m1', 'posit(8,1)'],
			['sweeps'],
		]) {
			expect((await assay(...words)).status, words.join(' ')).toBe(0);
			expect(JSON.parse((await assay(...words, '--json')).out).format).toBe(1);
		}
	});

	test('`run <system> --help` lists every input with unit and bounds', async () => {
		const { out } = await assay('run', 'splitwise', '--help');
		expect(out).toMatch(/--trace\.requestsPerSecond\s+70\s+0\.01 to 5,000 requests\/s/);
	});

	test('completes verbs, systems, inputs and their values', async () => {
		const complete = async (...words: string[]) => (await assay('complete', '--', ...words)).out.trim().split('\n');
		expect(await complete('re')).toEqual(['reproduce']);
		expect(await complete('run', 'spl')).toEqual(['splitwise']);
		expect(await complete('run', 'splitwise', '--trace.req')).toEqual(['--trace.requestsPerSecond']);
		expect(await complete('run', 'splitwise', '--transfer.network', '')).toEqual(['ideal', 'shared']);
		expect(await complete('papers', 'se')).toEqual(['search']);
		expect(await complete('papers', 'search', 'x', '--mode', 'm')).toEqual(['meaning']);
		expect(await complete('papers', 'show', 'fastp')).toEqual(['fastpathology']);
		expect(await complete('papers', 'list', '--tag', 'serv')).toEqual(['serving']);
		for (const shell of ['bash', 'zsh', 'fish']) expect((await assay('completion', shell)).out).toContain('assay complete');
	});

	test('reproduces claims as the documented JSON', async () => {
		const document = JSON.parse((await assay('reproduce', 'splitwise', '--claim', 'S11', '--json')).out);
		expect(document).toMatchObject({
			system: 'splitwise',
			claims: [{ id: 'S11', evidence: 'quoted', verdict: 'quoted', ours: null }],
		});
	});
});

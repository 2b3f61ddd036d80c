import { writeFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { findSystem } from '@assay/catalog';
import { InputError, nearestName, show } from '@assay/contract';
import { formatDuration, formatNumber, formatValue } from '@assay/report/format';
import { textReport, textTable } from '@assay/report/text';
import {
	type ComparedFigure,
	compareRuns,
	exportFormat,
	exportRuns,
	listedBatches,
	listSelectedRuns,
	parseCondition,
	parseSort,
	type Run,
	type RunStatus,
	RunStore,
	runsAt,
	type Selection,
	selectRuns,
	takeInResults,
} from '@assay/runs';
import { EXIT } from '../failure.ts';
import { integerOption, workingFolder } from '../read-inputs.ts';
import { note, print, printJson, terminalStyle } from '../terminal.ts';
import { panelsOf, writeReport } from '../write-report.ts';
import { workAndReport } from './run.ts';

const STATUSES: readonly RunStatus[] = ['queued', 'running', 'done', 'failed', 'stopped', 'interrupted'];
/** More runs than a list is good for; `runs export` takes any number. */
const ALL = 1_000_000;

async function withStore<T>(work: (store: RunStore) => Promise<T>): Promise<T> {
	const store = await RunStore.open();
	try {
		return await work(store);
	} finally {
		await store.close();
	}
}

interface Filter {
	readonly system?: string;
	readonly sweep?: string;
	readonly status?: string;
	readonly limit?: string;
}

function filterOf(options: Filter) {
	const status = STATUSES.find((one) => one === options.status);
	if (options.status !== undefined && status === undefined) {
		throw new InputError({
			path: ['--status'],
			found: show(options.status),
			expected: `one of ${STATUSES.join(', ')}`,
			nearest: nearestName(options.status, STATUSES),
		});
	}
	if (options.system !== undefined) findSystem(options.system);
	return {
		...(options.system !== undefined && { system: options.system }),
		...(options.sweep !== undefined && { sweep: options.sweep }),
		...(status !== undefined && { status }),
	};
}

/** Runs of one sweep by their settings and figures. */
interface Chosen {
	readonly where?: readonly string[];
	readonly sort?: string;
}

/** What is chosen of a sweep; null where nothing is. */
function chosenOf({ where = [], sort, sweep }: Filter & Chosen): Selection | null {
	if (where.length === 0 && sort === undefined) return null;
	if (sweep === undefined)
		throw new InputError({ path: ['--sweep'], found: 'nothing', expected: 'the sweep whose runs --where and --sort speak of' });
	return { where: where.map((text) => parseCondition(text, '--where')), ...(sort !== undefined && { sort: parseSort(sort) }) };
}

/** `assay runs list` */
export async function listRuns(options: Filter & Chosen & { readonly limit: string; readonly json?: true }): Promise<void> {
	const limit = integerOption(options.limit, 'limit', 1, ALL);
	const chosen = chosenOf(options);
	const runs = await withStore(async (store) => {
		const { sweep, ...filter } = filterOf(options);
		if (chosen === null || sweep === undefined) return store.list({ ...filterOf(options), limit });
		await takeInResults(store, (await store.getSweep(sweep)).id);
		return (await listSelectedRuns(store, sweep, { ...filter, ...chosen }, { offset: 0, limit })).runs;
	});
	if (options.json === true) return printJson({ runs: runs.map(({ outputs, log, ...facts }) => facts) });
	if (runs.length === 0) return print('no runs yet; `assay run splitwise` makes one');
	const rows = runs.map((run) => ({
		id: run.id,
		system: run.system,
		status: run.status === 'running' ? `running, ${Math.floor(run.progress * 100)} %` : run.status,
		created: run.createdAt.slice(0, 16).replace('T', ' '),
		took:
			run.startedAt !== null && run.endedAt !== null
				? formatDuration((Date.parse(run.endedAt) - Date.parse(run.startedAt)) / 1000)
				: null,
		headline: run.headline ?? run.error?.split('\n')[0] ?? run.note,
	}));
	const columns = [
		{ key: 'id', label: 'Run' },
		{ key: 'system', label: 'System' },
		{ key: 'status', label: 'Status' },
		{ key: 'created', label: 'Created (UTC)' },
		{ key: 'took', label: 'Took' },
		{ key: 'headline', label: 'Answer' },
	];
	print(textTable(columns, rows, terminalStyle()));
}

/** `assay runs show <run>` */
export async function showRun(id: string, options: { readonly out?: string; readonly json?: true }): Promise<void> {
	await withStore(async (store) => {
		const run = await store.get(id);
		const artifacts = await store.artifacts(run.id);
		if (options.json === true) printJson({ run: { ...run, artifacts } });
		else {
			const style = terminalStyle();
			print(
				`${style.bold(run.id)}  ${run.system} version ${run.version}, seed ${run.seed}, ${run.status}, created ${run.createdAt}`,
			);
			if (run.headline !== null) print(style.bold(run.headline));
			if (run.error !== null) print(run.error);
			for (const line of run.log) print(`${line.level}: ${line.message}`);
			if (run.status === 'done') print(`\n${textReport(await panelsOf(run), style)}`);
			for (const artifact of artifacts)
				print(`${artifact.name}: ${formatNumber(artifact.bytes)} bytes, ${await store.blobs.file(artifact.sha256)}`);
		}
		if (options.out !== undefined) {
			if (run.status !== 'done')
				throw new InputError({ path: ['run', run.id], found: `a run that is ${run.status}`, expected: 'one that is done' });
			note(`report: ${await writeReport(store, run, options.out)}/report.html`);
		}
	});
}

/** `assay runs compare <runs...>` */
export async function compareVerb(ids: readonly string[], options: { readonly all?: true; readonly json?: true }): Promise<void> {
	if (ids.length < 2) throw new InputError({ path: ['runs'], found: 'one run', expected: 'at least two' });
	const runs = await withStore(async (store) => {
		const found: Run[] = [];
		for (const id of ids) found.push(await store.get(id));
		return found;
	});
	const compared = compareRuns(runs);
	if (options.json === true)
		return printJson({ runs: runs.map(({ id, system, version, seed }) => ({ id, system, version, seed })), ...compared });
	print(figures('Inputs', runs, compared.inputs, options.all === true));
	print(`\n${figures('Outputs', runs, compared.outputs, options.all === true)}`);
}

function figures(title: string, runs: readonly Run[], all: readonly ComparedFigure[], showEqual: boolean): string {
	const style = terminalStyle();
	const shown = showEqual ? all : all.filter((figure) => figure.differs);
	const equal = all.filter((figure) => !figure.differs).length;
	const head = `${style.bold(title)}: ${all.length - equal} differ, ${equal} equal`;
	if (shown.length === 0) return head;
	const columns = [
		{ key: 'mark', label: ' ' },
		{ key: 'path', label: title.slice(0, -1) },
		...runs.map((run) => ({ key: run.id, label: run.id })),
		{ key: 'ratio', label: 'Last ÷ first', digits: 5 },
	];
	const rows = shown.map((figure) => ({
		mark: figure.differs ? '≠' : '=',
		path: figure.path,
		...Object.fromEntries(runs.map((run, index) => [run.id, formatValue(figure.values[index] ?? null, { digits: 6 })])),
		ratio: figure.ratio,
	}));
	return `${head}\n${textTable(columns, rows, style)}`;
}

/** `assay runs export [runs...]` */
export async function exportVerb(ids: readonly string[], options: Filter & Chosen & { readonly out: string }): Promise<void> {
	const format = exportFormat(extname(options.out).slice(1), '--out');
	await withStore(async (store) => {
		let written = 0;
		async function* counted(batches: AsyncIterable<readonly Run[]>): AsyncGenerator<readonly Run[]> {
			written = 0;
			for await (const batch of batches) {
				written += batch.length;
				yield batch;
			}
		}
		const batches = await batchesOf(store, ids, options);
		const path = resolve(workingFolder(), options.out);
		await writeFile(
			path,
			exportRuns(() => counted(batches()), format),
		);
		note(`${written} runs: ${path}`);
	});
}

/** The runs to export, read anew each time they are asked for. */
async function batchesOf(
	store: RunStore,
	ids: readonly string[],
	options: Filter & Chosen,
): Promise<() => AsyncIterable<readonly Run[]>> {
	if (ids.length > 0) {
		const runs = await Promise.all(ids.map((id) => store.get(id)));
		return async function* named() {
			yield runs;
		};
	}
	const { sweep, ...filter } = filterOf(options);
	const chosen = chosenOf(options);
	if (chosen === null || sweep === undefined) return () => listedBatches(store, filterOf(options));
	await takeInResults(store, sweep);
	const positions = await selectRuns(store, sweep, { ...filter, ...chosen });
	return () => runsAt(store, sweep, positions);
}

/** `assay runs repeat <run>` */
export async function repeatRun(id: string, options: { readonly json?: true }): Promise<void> {
	await withStore(async (store) => {
		const before = await store.get(id);
		const { card } = await findSystem(before.system).load();
		if (card.version !== before.version)
			note(`warning: the run was made by version ${before.version} of ${before.system}, this is version ${card.version}`);
		const added = await store.add({ system: before.system, version: card.version, seed: before.seed, inputs: before.inputs });
		const after = await workAndReport(store, added, options);
		if (after.status !== 'done' || before.status !== 'done') return;
		const files = async (run: Run): Promise<string> => JSON.stringify(await store.artifacts(run.id));
		const same =
			JSON.stringify(before.outputs) === JSON.stringify(after.outputs) && (await files(before)) === (await files(after));
		note(
			same
				? `identical to run ${before.id}, byte for byte`
				: `differs from run ${before.id}; see \`assay runs compare ${before.id} ${after.id}\``,
		);
		if (!same) process.exitCode = EXIT.failure;
	});
}

/** `assay runs resume <run>` */
export async function resumeRun(id: string, options: { readonly json?: true }): Promise<void> {
	await withStore(async (store) => {
		const run = await store.get(id);
		if (run.status === 'done' || run.status === 'running')
			throw new InputError({
				path: ['run', run.id],
				found: `a run that is ${run.status}`,
				expected: 'one that was interrupted, stopped or failed',
			});
		await workAndReport(store, run, options);
	});
}

/** `assay runs delete <runs...>` */
export async function deleteRuns(ids: readonly string[], options: { readonly json?: true }): Promise<void> {
	await withStore(async (store) => {
		const deleted: string[] = [];
		for (const id of ids) {
			const run = await store.get(id);
			await store.remove(run.id);
			deleted.push(run.id);
			if (options.json !== true) note(`deleted ${run.id}`);
		}
		if (options.json === true) printJson({ deleted });
	});
}

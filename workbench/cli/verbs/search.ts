/** `assay sweep <system> --method ...`: looks for the inputs with the best outputs. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findSystem } from '@assay/catalog';
import { describeFields, InputError, type Row, type System, show } from '@assay/contract';
import { formatNumber } from '@assay/report/format';
import { textTable } from '@assay/report/text';
import {
	EXPORT_FORMATS,
	exportRuns,
	HALVING,
	RunStore,
	type SearchSpecification,
	type SearchTrial,
	searchBound,
	searchRange,
	startSearch,
	sweepBatches,
	workOnSearch,
} from '@assay/runs';
import { isBetter, paretoFront, violationOf } from '@assay/search';
import { EXIT } from '../failure.ts';
import { type InputOptions, integerOption, readInputs, workingFolder } from '../read-inputs.ts';
import { type ExecutorOptions, openSweepExecutor, type SweepExecutor } from '../sweep-executor.ts';
import { note, Progress, print, printJson, stopSignal, terminalStyle } from '../terminal.ts';

interface SearchOptions extends InputOptions, ExecutorOptions {
	readonly method: string;
	readonly vary: readonly string[];
	readonly minimize: readonly string[];
	readonly maximize: readonly string[];
	readonly keep: readonly string[];
	readonly evaluations: string;
	readonly population: string;
	readonly fidelity?: string;
	readonly out?: string;
	readonly again?: true;
	readonly json?: true;
}

const MOST_SHOWN = 20;

export async function searchVerb(slug: string, options: SearchOptions): Promise<void> {
	const system = await findSystem(slug).load();
	const { inputs, folder } = await readInputs(system, options);
	const store = await RunStore.open();
	const signal = stopSignal();
	const progress = new Progress();
	let executor: SweepExecutor | undefined;
	try {
		if (options.detach === true)
			throw new InputError({
				path: ['--detach'],
				found: 'a search',
				expected: 'a sweep: a search says what to run next as it goes',
			});
		executor = await openSweepExecutor(store, options, signal);
		const hands = executor;
		const specification = specificationOf(system, inputs, options);
		const search = await startSearch(store, { system: slug, specification, folder, again: options.again === true });
		const { done } = await store.sweepCounts(search.id);
		note(`search ${search.id}${search.found ? ` was started before: ${done} runs are done` : ''}`);
		const total = search.specification.evaluations;
		const { trials, isOver } = await workOnSearch(store, search, (sweep) =>
			hands.workOff(sweep, (ended) => progress.update(Math.min(1, ended / total), `${ended} runs of about ${total}`)),
		);
		progress.clear();
		if (!isOver) {
			process.exitCode = EXIT.stopped;
			note(`stopped after ${trials.length} runs; the same command goes on from here`);
		}
		const best = bestOf(trials, search.specification);
		const failed = trials.filter(({ run }) => run.status === 'failed');
		if (failed.length > 0) note(`${failed.length} of ${trials.length} runs failed, the first with: ${failed[0]?.run.error}`);
		if (isOver && failed.length === trials.length) process.exitCode = EXIT.failure;
		if (options.json === true) {
			printJson({
				search: { id: search.id, system: slug, runs: trials.length, isOver },
				best: best.map((one) => ({
					run: one.run.id,
					settings: settingsOf(one, search.specification),
					objectives: one.objectives,
				})),
			});
		} else {
			if (trials.length > 0) print(answer(system, best, trials.length, search.specification));
		}
		if (options.out !== undefined) {
			const target = resolve(workingFolder(), options.out);
			await mkdir(target, { recursive: true });
			for (const format of EXPORT_FORMATS)
				await writeFile(
					join(target, `sweep.${format}`),
					exportRuns(() => sweepBatches(store, search.id), format),
				);
			note(`written: ${target}/sweep.{${EXPORT_FORMATS.join(',')}}`);
		}
	} finally {
		progress.clear();
		await executor?.close();
		await store.close();
	}
}

function specificationOf(system: System, inputs: unknown, options: SearchOptions): unknown {
	if (options.vary.length === 0)
		throw new InputError({ path: ['--vary'], found: 'nothing', expected: 'inputs to vary, as path=1..10 or path=a,b' });
	if (options.minimize.length + options.maximize.length === 0)
		throw new InputError({ path: ['--minimize'], found: 'nothing', expected: 'an output, with --minimize or --maximize' });
	const fields = new Map(describeFields(system.inputs).map((field) => [field.path.join('.'), field]));
	return {
		inputs,
		method: options.method,
		vary: options.vary.map((text) => searchRange(...split(text, '--vary', 'path=values'), fields, '--vary')),
		objectives: [
			...options.minimize.map((path) => ({ path, goal: 'minimize' })),
			...options.maximize.map((path) => ({ path, goal: 'maximize' })),
		],
		constraints: options.keep.map((text) => searchBound(text, '--keep')),
		evaluations: integerOption(options.evaluations, 'evaluations', 1, 100_000),
		population: integerOption(options.population, 'population', 4, 10_000),
		seed: integerOption(options.seed, 'seed', 0, 2 ** 32 - 1),
		...(options.fidelity !== undefined && { fidelity: fidelityOf(options.fidelity) }),
	};
}

function fidelityOf(text: string) {
	const [path, full] = split(text, '--fidelity', 'path=whole effort');
	return { path, full: Number(full), ...HALVING };
}

function split(text: string, option: string, expected: string): [string, string] {
	const at = text.indexOf('=');
	if (at <= 0) throw new InputError({ path: [option], found: show(text), expected });
	return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

/** The best run, or with several objectives all that no other beats, among those that keep the constraints and had the full effort. */
function bestOf(trials: readonly SearchTrial[], { objectives }: SearchSpecification): SearchTrial[] {
	const kept = trials.filter((trial) => trial.objectives !== null && trial.fidelity === 1 && violationOf(trial) === 0);
	const directions = objectives.map(({ goal }) => (goal === 'minimize' ? -1 : 1) as 1 | -1);
	if (objectives.length === 1) {
		const [first] = kept;
		return first === undefined
			? []
			: [kept.reduce((best, trial) => (isBetter(trial, best, { directions }) ? trial : best), first)];
	}
	const isOn = paretoFront(
		kept.map((trial) => trial.objectives ?? []),
		directions,
	);
	return kept
		.filter((_, index) => isOn[index])
		.sort((a, b) => (directions[0] as number) * ((b.objectives?.[0] ?? 0) - (a.objectives?.[0] ?? 0)));
}

function settingsOf({ point }: SearchTrial, { vary }: SearchSpecification): Record<string, unknown> {
	return Object.fromEntries(vary.map(({ path }, index) => [path, point[index]]));
}

function answer(system: System, best: readonly SearchTrial[], runs: number, specification: SearchSpecification): string {
	if (best.length === 0) return `None of ${runs} runs gave all figures within the bounds.`;
	const units = new Map(describeFields(system.outputs, 'output').map((field) => [field.path.join('.'), field.unit]));
	const rows = best.slice(0, MOST_SHOWN).map((one): Row => {
		const { run, objectives } = one;
		const settings = Object.entries(settingsOf(one, specification)).map(([path, value]) => [`in ${path}`, cell(value)] as const);
		const figures = specification.objectives.map(({ path }, index) => [path, objectives?.[index] ?? null] as const);
		return { run: run.id, ...Object.fromEntries(settings), ...Object.fromEntries(figures) };
	});
	const columns = [
		{ key: 'run', label: 'Run' },
		...specification.vary.map(({ path }) => ({ key: `in ${path}`, label: path })),
		...specification.objectives.map(({ path }) => {
			const unit = units.get(path);
			return { key: path, label: path, ...(unit !== undefined && { unit }) };
		}),
	];
	const head =
		best.length === 1
			? `Best of ${formatNumber(runs)} runs`
			: `${best.length} of ${formatNumber(runs)} runs that no other beats${best.length > MOST_SHOWN ? `, the first ${MOST_SHOWN}` : ''}`;
	return `${head}\n${textTable(columns, rows, terminalStyle())}`;
}

function cell(value: unknown): string | number | boolean | null {
	return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' ? value : null;
}

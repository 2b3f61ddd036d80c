import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findSystem } from '@assay/catalog';
import { describeFields, InputError, nearestName, type Row, type System, show } from '@assay/contract';
import { textTable } from '@assay/report/text';
import {
	EXPORT_FORMATS,
	exportRuns,
	flatten,
	getAt,
	gridAxis,
	type Run,
	RunStore,
	randomRange,
	startSweep,
	sweepBatches,
} from '@assay/runs';
import { EXIT } from '../failure.ts';
import { type InputOptions, integerOption, readInputs, readStructuredFile, workingFolder } from '../read-inputs.ts';
import { type ExecutorOptions, openSweepExecutor, type SweepExecutor } from '../sweep-executor.ts';
import { note, Progress, print, printJson, stopSignal, terminalStyle } from '../terminal.ts';

interface SweepOptions extends InputOptions, ExecutorOptions {
	readonly grid: readonly string[];
	readonly random: readonly string[];
	readonly samples: string;
	readonly spec?: string;
	readonly show: readonly string[];
	readonly best?: string;
	readonly out?: string;
	readonly again?: true;
	readonly json?: true;
}

/** `assay sweep <system>` */
export async function sweepVerb(slug: string, options: SweepOptions): Promise<void> {
	const system = await findSystem(slug).load();
	const { inputs, folder } = await readInputs(system, options);
	const specification =
		options.spec !== undefined
			? await readStructuredFile(resolve(workingFolder(), options.spec))
			: specificationOf(system, inputs, options);
	const store = await RunStore.open();
	const signal = stopSignal();
	const progress = new Progress();
	let executor: SweepExecutor | undefined;
	try {
		executor = await openSweepExecutor(store, options, signal);
		const sweep = await startSweep(store, { system: slug, specification, folder, again: options.again === true });
		const before = await store.sweepCounts(sweep.id);
		if (sweep.found) note(`sweep ${sweep.id} was started before: ${before.done} of ${sweep.points.length} runs are done`);
		else note(`sweep ${sweep.id}: ${sweep.points.length} runs`);
		let best: number | undefined;
		await executor.workOff(sweep.id, (ended, run) => {
			const value = options.best === undefined || run === undefined ? undefined : figureOf(run, options.best.replace(/^-/, ''));
			if (typeof value === 'number' && (best === undefined || (options.best?.startsWith('-') ? value > best : value < best)))
				best = value;
			progress.update(
				ended / sweep.points.length,
				`${ended} of ${sweep.points.length} runs${best === undefined ? '' : `, best so far ${best}`}`,
			);
		});
		progress.clear();
		if (options.detach === true) return note(`left to the workers; \`assay sweeps\` tells how far it is`);
		const runs = await store.sweepRuns(sweep.id);
		const counts = await store.sweepCounts(sweep.id);
		if (signal.aborted) {
			process.exitCode = EXIT.stopped;
			note(`stopped with ${counts.done} of ${runs.length} runs done; the same command goes on from here`);
		} else if (counts.failed > 0) process.exitCode = EXIT.failure;
		if (options.json === true) {
			printJson({
				sweep: { id: sweep.id, system: slug, counts },
				runs: runs.map((run, index) => ({
					id: run.id,
					settings: sweep.points[index]?.settings ?? {},
					status: run.status,
					outputs: run.outputs,
					error: run.error,
				})),
			});
		} else {
			print(
				table(
					system,
					runs,
					sweep.points.map((point) => point.settings),
					options,
				),
			);
			note(
				Object.entries(counts)
					.filter(([, count]) => count > 0)
					.map(([status, count]) => `${count} ${status}`)
					.join(', '),
			);
		}
		if (options.out !== undefined) {
			const target = resolve(workingFolder(), options.out);
			await mkdir(target, { recursive: true });
			for (const format of EXPORT_FORMATS)
				await writeFile(
					join(target, `sweep.${format}`),
					exportRuns(() => sweepBatches(store, sweep.id), format),
				);
			note(`written: ${target}/sweep.{${EXPORT_FORMATS.join(',')}}`);
		}
	} finally {
		progress.clear();
		await executor?.close();
		await store.close();
	}
}

function specificationOf(system: System, inputs: unknown, options: SweepOptions): unknown {
	const fields = new Map(describeFields(system.inputs).map((field) => [field.path.join('.'), field]));
	const grid = options.grid.map((axis) => gridAxis(...splitAxis(axis, '--grid'), fields, '--grid'));
	const ranges = options.random.map((range) => randomRange(...splitAxis(range, '--random'), '--random'));
	const seed = integerOption(options.seed, 'seed', 0, 2 ** 32 - 1);
	if (grid.length === 0 && ranges.length === 0)
		throw new InputError({
			path: ['sweep'],
			found: 'nothing to vary',
			expected: '--grid path=values, --random path=range or --spec file',
		});
	return {
		inputs,
		grid,
		seed,
		...(ranges.length > 0 && { random: { samples: integerOption(options.samples, 'samples', 1, 100_000), ranges } }),
	};
}

function splitAxis(axis: string, option: string): [string, string] {
	const at = axis.indexOf('=');
	if (at <= 0) throw new InputError({ path: [option], found: show(axis), expected: 'path=values' });
	return [axis.slice(0, at), axis.slice(at + 1)];
}

function figureOf(run: Run, path: string): unknown {
	return run.outputs === null ? null : getAt(run.outputs, path);
}

/** Columns shown unless the user asks for others: the settings and the first few figures that differ between runs. */
function table(
	system: System,
	runs: readonly Run[],
	settings: readonly Readonly<Record<string, unknown>>[],
	options: SweepOptions,
): string {
	const done = runs.filter((run) => run.status === 'done');
	const flat = new Map(done.map((run) => [run.id, flatten(run.outputs)]));
	const known = [...new Set([...flat.values()].flatMap((leaves) => [...leaves.keys()]))];
	const wanted = [...options.show, ...(options.best === undefined ? [] : [options.best.replace(/^-/, '')])];
	for (const path of wanted) {
		if (done.length > 0 && !known.includes(path))
			throw new InputError({
				path: ['--show'],
				found: show(path),
				expected: `the path of an output, for example ${known.slice(0, 3).join(', ')}`,
				nearest: nearestName(path, known),
			});
	}
	const varying = known.filter((path) => {
		const values = [...flat.values()].map((leaves) => leaves.get(path));
		return typeof values[0] === 'number' && values.some((value) => value !== values[0]);
	});
	const shown = wanted.length > 0 ? [...new Set(wanted)] : varying.slice(0, 5);
	const axes = [...new Set(settings.flatMap((setting) => Object.keys(setting)))];
	const units = new Map(describeFields(system.outputs, 'output').map((field) => [field.path.join('.'), field.unit]));
	let rows: Row[] = runs.map((run, index) => {
		const cells: Record<string, string | number | boolean | null> = { run: run.id, status: run.status };
		for (const axis of axes) cells[`in ${axis}`] = scalar(settings[index]?.[axis]);
		for (const path of shown) cells[path] = flat.get(run.id)?.get(path) ?? null;
		return cells;
	});
	if (options.best !== undefined) {
		const path = options.best.replace(/^-/, '');
		const sign = options.best.startsWith('-') ? -1 : 1;
		const key = (row: Row): number => (typeof row[path] === 'number' ? sign * row[path] : Number.POSITIVE_INFINITY);
		rows = [...rows].sort((a, b) => key(a) - key(b));
	}
	const columns = [
		{ key: 'run', label: 'Run' },
		{ key: 'status', label: 'Status' },
		...axes.map((axis) => ({ key: `in ${axis}`, label: axis })),
		...shown.map((path) => {
			const unit = units.get(path);
			return { key: path, label: path, ...(unit !== undefined && { unit }) };
		}),
	];
	return textTable(columns, rows, terminalStyle());
}

function scalar(value: unknown): string | number | boolean | null {
	if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
	return JSON.stringify(value) ?? null;
}

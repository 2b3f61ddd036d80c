import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findSystem } from '@assay/catalog';
import { describeFields, InputError, parseOrExplain, type System, show } from '@assay/contract';
import {
	EXPORT_FORMATS,
	exportRuns,
	getAt,
	gridAxis,
	type Run,
	RunStore,
	randomRange,
	type Sweep,
	saltelliSettings,
	searchRange,
	searchSpecification,
	startSweep,
	sweepBatches,
} from '@assay/runs';
import { EXIT } from '../failure.ts';
import { type InputOptions, integerOption, readInputs, readStructuredFile, workingFolder } from '../read-inputs.ts';
import { type ExecutorOptions, openSweepExecutor, type SweepExecutor } from '../sweep-executor.ts';
import { note, Progress, print, printJsonList, stopSignal } from '../terminal.ts';
import { sensitivityDocument, sensitivityText } from './sensitivity.ts';
import { sweepTable } from './sweep-table.ts';

interface SweepOptions extends InputOptions, ExecutorOptions {
	readonly grid: readonly string[];
	readonly random: readonly string[];
	readonly samples: string;
	readonly spec?: string;
	readonly show: readonly string[];
	readonly best?: string;
	readonly vary: readonly string[];
	readonly saltelli?: string;
	readonly sensitivity: readonly string[];
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
		const counts = await store.sweepCounts(sweep.id);
		if (signal.aborted) {
			process.exitCode = EXIT.stopped;
			note(`stopped with ${counts.done} of ${sweep.points.length} runs done; the same command goes on from here`);
		} else if (counts.failed > 0) process.exitCode = EXIT.failure;
		if (options.json === true) {
			const head = {
				sweep: { id: sweep.id, system: slug, counts },
				...(await sensitivities(store, sweep.id, options.sensitivity)),
			};
			await printJsonList(head, 'runs', listed(store, sweep));
		} else {
			print(await sweepTable(store, system, sweep, options));
			for (const output of options.sensitivity) print(`\n${await sensitivityText(store, sweep.id, output)}`);
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
	if (options.saltelli !== undefined) {
		if (grid.length + options.random.length > 0)
			throw new InputError({ path: ['--saltelli'], found: '--grid or --random beside it', expected: '--vary path=range alone' });
		const vary = options.vary.map((text) => searchRange(...splitAxis(text, '--vary'), fields, '--vary'));
		const seed = integerOption(options.seed, 'seed', 0, 2 ** 32 - 1);
		const points = integerOption(options.saltelli, 'saltelli', 2, 50_000);
		return {
			inputs,
			seed,
			list: saltelliSettings(parseOrExplain(searchSpecification.shape.vary, vary, ['--vary']), points, seed),
		};
	}
	const ranges = options.random.map((range) => randomRange(...splitAxis(range, '--random'), '--random'));
	const seed = integerOption(options.seed, 'seed', 0, 2 ** 32 - 1);
	if (grid.length === 0 && ranges.length === 0)
		throw new InputError({
			path: ['sweep'],
			found: 'nothing to vary',
			expected: '--grid path=values, --random path=range, --saltelli points with --vary, or --spec file',
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

async function* listed(store: RunStore, { id, points }: Sweep): AsyncGenerator<unknown> {
	for await (const batch of sweepBatches(store, id))
		for (const { id: run, position, status, outputs, error } of batch)
			yield { id: run, settings: points[position ?? 0]?.settings ?? {}, status, outputs, error };
}

async function sensitivities(store: RunStore, sweep: string, outputs: readonly string[]) {
	if (outputs.length === 0) return {};
	const found = [];
	for (const output of outputs) found.push(await sensitivityDocument(store, sweep, output));
	return { sensitivity: found };
}

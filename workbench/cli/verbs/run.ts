import { findSystem } from '@assay/catalog';
import { formatDuration } from '@assay/report/format';
import { textReport } from '@assay/report/text';
import {
	calibrate,
	calibrationLines,
	knownCalibration,
	LocalExecutor,
	type Outcome,
	prepareRun,
	type Run,
	RunStore,
	workOnRun,
} from '@assay/runs';
import { dataFolder } from '@assay/sources';
import { EXIT } from '../failure.ts';
import { fieldTable } from '../field-table.ts';
import { type InputOptions, integerOption, readInputs } from '../read-inputs.ts';
import { note, Progress, print, printJson, stopSignal, terminalStyle } from '../terminal.ts';
import { panelsOf, writeReport } from '../write-report.ts';

interface RunOptions extends InputOptions {
	readonly out?: string;
	readonly threads?: string;
	readonly json?: true;
	readonly help?: true;
}

/** `assay run <system>` */
export async function run(slug: string, options: RunOptions, flags: readonly string[]): Promise<void> {
	const system = await findSystem(slug).load();
	if (options.help === true) {
		print(fieldTable(system, terminalStyle()));
		return;
	}
	const { inputs, folder } = await readInputs(system, options, flags);
	const seed = integerOption(options.seed, 'seed', 0, 2 ** 32 - 1);
	const store = await RunStore.open();
	try {
		const added = await store.add(await prepareRun(store, { system: slug, inputs, seed, folder }));
		await workAndReport(store, added, options);
	} finally {
		await store.close();
	}
}

/** Works on a run of the store in the foreground, then prints and writes what was asked for. Returns the run as it ended. */
export async function workAndReport(
	store: RunStore,
	added: Run,
	options: { readonly out?: string; readonly threads?: string; readonly json?: true },
): Promise<Run> {
	const threads = options.threads === undefined ? {} : { threadsPerRun: integerOption(options.threads, 'threads', 1, 256) };
	const executor = new LocalExecutor(dataFolder(), threads);
	const progress = new Progress();
	const started = performance.now();
	const signal = stopSignal();
	let outcome: Outcome;
	try {
		if (!(await store.take(added.id))) throw new Error(`run ${added.id} was taken by another process`);
		outcome = await workOnRun(store, executor, added, signal, {
			onProgress: (fraction, what) => progress.update(fraction, what),
			onLog: (level, message) => {
				progress.clear();
				note(level === 'warning' ? `warning: ${message}` : message);
			},
		});
		const { complete } = await knownCalibration(store, findSystem(added.system));
		if (outcome.kind === 'done' && !complete) {
			progress.update(1, 'comparing the system with published measurements, once for this version');
			await calibrate(store, executor, added.system, signal);
		}
	} finally {
		progress.clear();
		await executor.close();
	}
	const ended = await store.get(added.id);
	if (outcome.kind === 'failed') {
		note(`${outcome.mistake === 'bug' ? '' : 'error: '}${outcome.message}`);
		process.exitCode =
			outcome.mistake === 'input' ? EXIT.badInput : outcome.mistake === 'data' ? EXIT.dataUnavailable : EXIT.failure;
	} else if (outcome.kind === 'stopped') {
		note(`stopped; \`assay runs resume ${ended.id}\` starts it again`);
		process.exitCode = EXIT.stopped;
	}
	if (options.json === true) printJson({ run: { ...ended, artifacts: await store.artifacts(ended.id) } });
	if (ended.status !== 'done') return ended;
	if (options.json !== true) {
		print(textReport(await panelsOf(ended), terminalStyle()));
		print(`\n${terminalStyle().bold(ended.headline ?? '')}`);
		for (const line of calibrationLines(await knownCalibration(store, findSystem(ended.system))))
			print(terminalStyle().dim(line));
	}
	if (options.out !== undefined) note(`report: ${await writeReport(store, ended, options.out)}/report.html`);
	note(`run ${ended.id}, ${formatDuration((performance.now() - started) / 1000)}`);
	return ended;
}

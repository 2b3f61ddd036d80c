/** `assay advise`: what would pay off for a model on a machine. */
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, resolve } from 'node:path';
import { type Advice, adviceLine, advicePanels, advise, type Question, questionSchema, subjectOf } from '@assay/advise';
import { parseOrExplain } from '@assay/contract';
import { formatDuration } from '@assay/report/format';
import { textReport } from '@assay/report/text';
import { LocalExecutor, openReference, RunStore } from '@assay/runs';
import { dataFolder, isSourceName } from '@assay/sources';
import { EXIT } from '../failure.ts';
import { integerOption, workingFolder } from '../read-inputs.ts';
import { note, Progress, print, printJson, stopSignal, terminalStyle } from '../terminal.ts';

interface AdviseOptions {
	readonly model?: string;
	readonly machine?: string;
	readonly machineFile?: string;
	readonly goal: string;
	readonly trace?: string;
	readonly budget?: string;
	readonly hands?: string;
	readonly again?: true;
	readonly json?: true;
}

export async function adviseVerb(options: AdviseOptions): Promise<void> {
	const hands = options.hands === undefined ? availableParallelism() : integerOption(options.hands, 'hands', 1, 256);
	const started = performance.now();
	const store = await RunStore.open();
	const executor = new LocalExecutor(dataFolder(), { hands, threadsPerRun: 1 });
	const progress = new Progress();
	const signal = stopSignal();
	try {
		const question = await questionOf(options, store);
		const subject = await subjectOf(question, (reference) => openReference(reference, store.blobs));
		const advice = await advise(store, executor, subject, { folder: null, again: options.again === true }, signal, {
			onProgress: (fraction, what) => progress.update(fraction, what),
			onAdvised: (item) => {
				progress.clear();
				if ('gains' in item) note(adviceLine(item, subject.goal));
				else note(`${item.system}: ${'reason' in item ? `does not apply: ${item.reason}` : item.message}`);
			},
		});
		progress.clear();
		if (signal.aborted) {
			process.exitCode = EXIT.stopped;
			note('stopped; the same command goes on from here');
		} else if (advice.failed.length > 0) process.exitCode = EXIT.failure;
		if (options.json === true) printJson(adviceDocument(advice, question));
		else print(textReport(advicePanels(advice), terminalStyle()));
		note(
			`${advice.ranking.length} technique${advice.ranking.length === 1 ? '' : 's'} in ${formatDuration((performance.now() - started) / 1000)}; \`assay runs show <run>\` shows where a figure is from`,
		);
	} finally {
		progress.clear();
		await executor.close();
		await store.close();
	}
}

function adviceDocument({ ranking, notApplicable, failed }: Advice, subject: Question): Record<string, unknown> {
	return { subject, ranking, notApplicable, failed };
}

/** Options as a question: an option that names a file stands for that file, kept with the runs. */
async function questionOf(options: AdviseOptions, store: RunStore): Promise<Question> {
	const keep = async (path: string): Promise<string> => `blob:${await store.blobs.keepFile(path)}/${basename(path)}`;
	const model = await fileOf(options.model);
	const machine = options.machineFile === undefined ? await fileOf(options.machine) : undefined;
	const machineFile = options.machineFile === undefined ? machine : resolve(workingFolder(), options.machineFile);
	const trace = options.trace === undefined || isSourceName(options.trace) ? undefined : resolve(workingFolder(), options.trace);
	return parseOrExplain(
		questionSchema,
		{
			...(model === undefined ? options.model !== undefined && { model: options.model } : { modelFile: await keep(model) }),
			...(machine === undefined && options.machine !== undefined && { machine: options.machine }),
			...(machineFile !== undefined && { machineFile: await keep(machineFile) }),
			goal: options.goal,
			...(options.trace !== undefined && { trace: trace === undefined ? options.trace : await keep(trace) }),
			...(options.budget !== undefined && { budget: options.budget }),
		},
		[],
	);
}

/** The path of an option that names a file that is there. */
async function fileOf(option: string | undefined): Promise<string | undefined> {
	if (option === undefined) return undefined;
	const path = resolve(workingFolder(), option);
	const found = await stat(path).catch(() => undefined);
	return found?.isFile() === true ? path : undefined;
}

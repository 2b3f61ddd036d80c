/** Reports of runs: on the terminal, and as a folder of files. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findSystem } from '@assay/catalog';
import { type Panel, parseInputs } from '@assay/contract';
import type { ReportHead } from '@assay/report';
import { calibrationLines, knownCalibration, type Run, type RunStore } from '@assay/runs';
import { workingFolder } from './read-inputs.ts';

/** The panels of a finished run. */
export async function panelsOf(run: Run): Promise<Panel[]> {
	const system = await findSystem(run.system).load();
	return system.report(system.outputs.parse(run.outputs), parseInputs(system, run.inputs));
}

/** Writes report, plots, tables, inputs, outputs and the run's own files into a folder; returns its path. */
export async function writeReport(store: RunStore, run: Run, folder: string): Promise<string> {
	const target = resolve(workingFolder(), folder);
	await mkdir(target, { recursive: true });
	const { card } = await findSystem(run.system).load();
	const head: ReportHead = {
		title: card.title,
		headline: run.headline ?? '',
		facts: [
			['Question', card.question],
			['Paper', `${card.paper.title} (arXiv ${card.paper.arxiv})`],
			['System', `${run.system}, version ${run.version}, seed ${run.seed}`],
			['Run', `${run.id}, ${run.endedAt ?? ''}`],
			...calibrationLines(await knownCalibration(store, findSystem(run.system))).map((line) => ['Trust', line] as const),
			...run.log.map((line) => [line.level === 'warning' ? 'Warning' : 'Note', line.message] as const),
		],
		command: `assay run ${run.system} --inputs inputs.json --seed ${run.seed}`,
		inputs: run.inputs,
	};
	const { reportFiles } = await import('@assay/report');
	const files = reportFiles(head, await panelsOf(run));
	files.set('inputs.json', `${JSON.stringify(run.inputs, null, 2)}\n`);
	files.set('outputs.json', `${JSON.stringify(run.outputs, null, 2)}\n`);
	for (const [name, content] of files) await writeFile(join(target, name), content);
	for (const artifact of await store.artifacts(run.id))
		await copyFile(await store.blobs.file(artifact.sha256), join(target, artifact.name));
	return target;
}

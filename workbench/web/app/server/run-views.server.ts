/** Runs as pages show them. */
import { findSystem } from '@assay/catalog';
import type { Panel } from '@assay/contract';
import type { Run } from '@assay/runs';

export interface RunLine {
	readonly id: string;
	readonly system: string;
	readonly seed: number;
	readonly status: Run['status'];
	readonly headline: string | null;
	readonly createdAt: string;
	/** Seconds of work; null until it has ended. */
	readonly seconds: number | null;
	readonly sweep: string | null;
}

export function runLine(run: Run): RunLine {
	const { id, system, seed, status, headline, createdAt, sweep } = run;
	return { id, system, seed, status, headline, createdAt, sweep, seconds: secondsOf(run) };
}

function secondsOf({ startedAt, endedAt }: Run): number | null {
	return startedAt === null || endedAt === null ? null : (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
}

/** The panels of a run that is done; a run of an older version of its system may no longer fit its report. */
export async function panelsOf(run: Run): Promise<Panel[]> {
	if (run.status !== 'done') return [];
	const system = await findSystem(run.system).load();
	const inputs = system.inputs.safeParse(run.inputs);
	const outputs = system.outputs.safeParse(run.outputs);
	if (!inputs.success || !outputs.success) {
		const paragraphs = [
			`This run is of version ${run.version} of the system; version ${system.card.version} cannot show it. Its inputs and outputs are kept as JSON.`,
		];
		return [{ kind: 'text', title: 'An older run', paragraphs }];
	}
	return system.report(outputs.data, inputs.data);
}

/** Sweeps of made-up runs, written straight into a store. */

import { createRandom } from '@assay/contract';
import type { RunStatus } from '@assay/database';
import type { RunStore } from '../run-store.ts';

export interface MadeRun {
	readonly status: RunStatus;
	readonly inputs: unknown;
	readonly outputs: unknown;
}

/** Runs with numbers, texts, missing figures, ties, failures and a series too long to be a figure. */
export function madeRuns(count: number): MadeRun[] {
	const random = createRandom('made runs');
	const modes = ['plan', 'dispatch', 'Ähre', '10'];
	return Array.from({ length: count }, (_, index): MadeRun => {
		const batch = 2 ** random.integer(8);
		const inputs = { batch, mode: modes[random.integer(modes.length)], isQuick: random.uniform() < 0.5, fixed: 3 };
		const draw = random.uniform();
		if (draw < 0.1) return { status: draw < 0.05 ? 'failed' : 'queued', inputs, outputs: null };
		const rate = random.integer(50);
		return {
			status: 'done',
			inputs,
			outputs: { rate, cost: { dollars: random.uniform() < 0.2 ? null : random.normal() }, index, series: Array(20).fill(1) },
		};
	});
}

/** Adds a sweep of such runs; positions start at 0. */
export async function addMadeSweep(store: RunStore, runs: readonly MadeRun[]): Promise<string> {
	const fingerprint = `made ${Math.random()}`;
	const { id } = await store.addSweep({ system: 'daq-model', version: 1, specification: {}, fingerprint }, []);
	await addMadeRuns(store, id, 0, runs);
	return id;
}

export async function addMadeRuns(store: RunStore, sweep: string, from: number, runs: readonly MadeRun[]): Promise<void> {
	const at = '2026-01-01T00:00:00.000Z';
	const rows = runs.map(({ status, inputs, outputs }, index) => ({
		id: `${sweep}-${from + index}`,
		system: 'daq-model',
		version: 1,
		seed: 0,
		inputs: JSON.stringify(inputs),
		outputs: outputs === null ? null : JSON.stringify(outputs),
		status,
		sweep,
		position: from + index,
		created_at: at,
		ended_at: outputs === null ? null : at,
	}));
	for (let start = 0; start < rows.length; start += 500)
		await store.database
			.insertInto('runs')
			.values(rows.slice(start, start + 500))
			.execute();
}

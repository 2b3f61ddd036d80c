/**
 * A sweep is a list of inputs around a base: the grid of all combinations of its axes, each entry of its list, or random
 * draws from its ranges. The specification and the seed determine the runs, so starting the same sweep again goes on
 * where it stopped.
 */
import { createHash } from 'node:crypto';
import { findSystem } from '@assay/catalog';
import { count, createRandom, InputError, parseInputs, parseOrExplain, requiredQuantity, type System } from '@assay/contract';
import { z } from 'zod';
import { setAt } from './input-path.ts';
import type { LocalExecutor } from './local-executor.ts';
import { keepReferencedFiles } from './references.ts';
import type { Run, RunRequest } from './run-record.ts';
import { workOnRun } from './run-service.ts';
import type { RunStore } from './run-store.ts';

/** More runs than this in one sweep are refused: a mistyped axis should not fill a disk. */
const MAX_RUNS = 100_000;

const finite = { min: -Number.MAX_VALUE, max: Number.MAX_VALUE, unit: '1' };

export const sweepSpecification = z.strictObject({
	inputs: z.unknown().default({}).meta({ description: 'The base inputs; what they leave out has the default.' }),
	grid: z
		.array(z.strictObject({ path: z.string().min(1), values: z.array(z.unknown()).min(1) }))
		.default([])
		.meta({ description: 'Axes; all combinations are run, the last axis varying fastest.' }),
	list: z
		.array(z.record(z.string(), z.unknown()))
		.default([])
		.meta({ description: 'Settings (path: value), one run each, combined with the grid.' }),
	random: z
		.strictObject({
			samples: count({ unit: 'runs', min: 1, max: MAX_RUNS, default: 100, help: 'Random draws.' }),
			ranges: z.array(
				z.strictObject({
					path: z.string().min(1),
					min: requiredQuantity({ ...finite, help: 'Lower end, inclusive.' }),
					max: requiredQuantity({ ...finite, help: 'Upper end, inclusive.' }),
					scale: z.enum(['linear', 'log', 'integer']).default('linear'),
				}),
			),
		})
		.optional(),
	seed: count({ unit: '1', min: 0, max: 4294967295, default: 0, help: 'Seed of every run and of the random draws.' }),
});
export type SweepSpecification = z.output<typeof sweepSpecification>;

/** One run of a sweep: its full inputs and the settings in which it differs from the base. */
export interface SweepPoint {
	readonly settings: Readonly<Record<string, unknown>>;
	readonly inputs: unknown;
}

/** All points of a specification, in order. Raises an InputError that names the point's setting if any is not valid. */
export function sweepPoints(system: System, specification: SweepSpecification): SweepPoint[] {
	let settings: Record<string, unknown>[] = specification.list.length > 0 ? [...specification.list] : [{}];
	const total =
		specification.grid.reduce((product, axis) => product * axis.values.length, settings.length) *
		(specification.random?.samples ?? 1);
	if (total > MAX_RUNS) throw new InputError({ path: ['sweep'], found: `${total} runs`, expected: `at most ${MAX_RUNS}` });
	for (const axis of specification.grid)
		settings = settings.flatMap((setting) => axis.values.map((value) => ({ ...setting, [axis.path]: value })));
	if (specification.random !== undefined) {
		const { samples, ranges } = specification.random;
		for (const [index, range] of ranges.entries()) {
			if (range.max < range.min)
				throw new InputError({
					path: ['random', 'ranges', index, 'max'],
					found: String(range.max),
					expected: `at least ${range.min}`,
				});
			if (range.scale === 'log' && range.min <= 0)
				throw new InputError({
					path: ['random', 'ranges', index, 'min'],
					found: String(range.min),
					expected: 'more than 0 on a log scale',
				});
		}
		settings = settings.flatMap((setting, block) =>
			Array.from({ length: samples }, (_, sample) => {
				const random = createRandom(specification.seed).fork(`sweep/${block}/${sample}`);
				const drawn = ranges.map((range) => [range.path, draw(range, random.fork(range.path).uniform())] as const);
				return { ...setting, ...Object.fromEntries(drawn) };
			}),
		);
	}
	return settings.map((setting) => {
		let inputs: unknown = specification.inputs;
		for (const [path, value] of Object.entries(setting)) inputs = setAt(inputs, path, value);
		return { settings: setting, inputs: parseInputs(system, inputs) };
	});
}

function draw(
	range: { readonly min: number; readonly max: number; readonly scale: 'linear' | 'log' | 'integer' },
	uniform: number,
): number {
	if (range.scale === 'integer') return Math.min(range.max, Math.floor(range.min + uniform * (range.max - range.min + 1)));
	if (range.scale === 'log') return Math.exp(Math.log(range.min) + uniform * (Math.log(range.max) - Math.log(range.min)));
	return range.min + uniform * (range.max - range.min);
}

/** A sweep in the store. */
export interface Sweep {
	readonly id: string;
	/** True if the same sweep had been started before. */
	readonly found: boolean;
	readonly points: readonly SweepPoint[];
}

/** Writes a sweep and its runs into the store, or finds the same one there and queues again what has no result. */
export async function startSweep(
	store: RunStore,
	options: {
		readonly system: string;
		readonly specification: unknown;
		readonly folder: string | null;
		readonly again?: boolean;
		readonly userId?: number;
	},
): Promise<Sweep> {
	const system = await findSystem(options.system).load();
	const specification = parseOrExplain(sweepSpecification, options.specification, ['sweep']);
	const points = sweepPoints(system, specification);
	const requests: RunRequest[] = [];
	for (const point of points) {
		requests.push({
			system: system.card.slug,
			version: system.card.version,
			seed: specification.seed,
			inputs: await keepReferencedFiles(system, point.inputs, store.blobs, options.folder),
		});
	}
	// The fingerprint is over the runs as they will be made, so that a changed file, default or version is another sweep.
	const fingerprint = createHash('sha256').update(JSON.stringify(requests)).digest('hex');
	const sweep = { system: system.card.slug, version: system.card.version, specification, fingerprint };
	let { id, found } = await store.addSweep(sweep, requests, options.userId ?? null);
	if (found && options.again === true) {
		await store.removeSweep(id);
		({ id, found } = await store.addSweep(sweep, requests, options.userId ?? null));
	}
	if (found) await store.requeue(id);
	return { id, found, points };
}

/** Works on the queued runs of a sweep, `executor.hands` at a time, until none is left or the signal aborts. Other processes may work on it too. */
export async function workOnSweep(
	store: RunStore,
	executor: LocalExecutor,
	sweep: string,
	signal: AbortSignal,
	onRun: (run: Run) => void = () => undefined,
): Promise<void> {
	await store.setExecutor(sweep, 'local');
	const hand = async (): Promise<void> => {
		while (!signal.aborted) {
			const run = await store.takeNext(sweep);
			if (run === undefined) return;
			await workOnRun(store, executor, run, signal);
			onRun(await store.get(run.id));
		}
	};
	await Promise.all(Array.from({ length: executor.hands }, hand));
}

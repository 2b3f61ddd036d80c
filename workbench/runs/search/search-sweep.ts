/**
 * A search is a sweep whose runs are made as it goes: the method is told what has run and says what to run next. Since it is told the runs in
 * their order and keeps nothing else, a search that was stopped or killed goes on to the very runs it would have made.
 */
import { createHash } from 'node:crypto';
import { findSystem } from '@assay/catalog';
import { InputError, nearestName, parseInputs, parseOrExplain, type System, show } from '@assay/contract';
import type { Proposal, Trial } from '@assay/search';
import { z } from 'zod';
import { flatten } from '../flatten.ts';
import { getAt, setAt } from '../input-path.ts';
import { keepReferencedFiles } from '../references.ts';
import { sweepBatches } from '../results/run-batches.ts';
import type { Run, RunRequest } from '../run-record.ts';
import type { RunStore } from '../run-store.ts';
import { HALVING, type SearchSpecification, searchMethodOf, searchSpecification } from './search-specification.ts';

export interface SearchSweep {
	readonly id: string;
	readonly specification: SearchSpecification;
	/** True if the same search had been started before. */
	readonly found: boolean;
}

/** Writes a search into the store, or finds the same one there. Raises an InputError for base inputs or a search that cannot be. */
export async function startSearch(
	store: RunStore,
	options: {
		readonly system: string;
		readonly specification: unknown;
		readonly folder: string | null;
		readonly again?: boolean;
		readonly userId?: number;
	},
): Promise<SearchSweep> {
	const system = await findSystem(options.system).load();
	const parsed = withFidelity(system, parseOrExplain(searchSpecification, options.specification, ['search']));
	searchMethodOf(parsed);
	parseInputs(system, parsed.inputs);
	if (parsed.fidelity !== undefined) parseInputs(system, withEffort(parsed.inputs, parsed.fidelity, parsed.fidelity.first));
	const inputs = await keepReferencedFiles(system, parsed.inputs, store.blobs, options.folder);
	const specification = { ...parsed, inputs };
	const { slug, version } = system.card;
	const fingerprint = createHash('sha256')
		.update(JSON.stringify({ slug, version, search: specification }))
		.digest('hex');
	const sweep = { system: slug, version, specification: { search: specification }, fingerprint };
	let { id, found } = await store.addSweep(sweep, [], options.userId ?? null);
	if (found && options.again === true) {
		await store.removeSweep(id);
		({ id, found } = await store.addSweep(sweep, []));
	}
	return { id, specification, found };
}

/** The search that a sweep in the store is; null for a sweep that is none. */
export async function keptSearch(store: RunStore, id: string): Promise<SearchSweep | null> {
	const { specification } = await store.getSweep(id);
	const kept = z.object({ search: searchSpecification }).safeParse(specification);
	return kept.success ? { id, specification: kept.data.search, found: true } : null;
}

/** A trial, and what it takes to find its run: inputs and outputs stay in the store. */
export type SearchTrial = Trial & { readonly run: Pick<Run, 'id' | 'status' | 'error'> };

/**
 * Works on a search until it is over or `workOff` leaves a run undone; that has to work off what is queued of the sweep. Returns all trials
 * that are known, each with its run.
 */
export async function workOnSearch(
	store: RunStore,
	{ id, specification }: SearchSweep,
	workOff: (sweep: string) => Promise<void>,
): Promise<{ readonly trials: readonly SearchTrial[]; readonly isOver: boolean }> {
	const { system: slug, userId } = await store.getSweep(id);
	const system = await findSystem(slug).load();
	const method = searchMethodOf(specification);
	const trials: SearchTrial[] = [];
	const outputs = new KnownOutputs(specification);
	// What failed, failed; only what was cut short is run again.
	await store.requeue(id, ['stopped', 'interrupted']);
	for (;;) {
		const proposals = method.propose(trials);
		if (proposals.length === 0) return { trials, isOver: true };
		const first = trials.length;
		const known = Object.values(await store.sweepCounts(id)).reduce((sum, count) => sum + count, 0);
		await store.appendToSweep(id, known, await requestsOf(system, specification, proposals.slice(Math.max(0, known - first))));
		if (userId !== null) await giveRuns(store, id, userId);
		await workOff(id);
		for await (const run of endedRuns(store, id, first)) {
			const proposal = proposals[trials.length - first];
			if (proposal === undefined) break;
			requireSame(run, proposal, specification);
			outputs.learn(run);
			const { status, error } = run;
			trials.push({ ...trialOf(run, proposal, specification), run: { id: run.id, status, error } });
		}
		if (trials.length < first + proposals.length) return { trials, isOver: false };
		outputs.require();
	}
}

/** Runs of a sweep from a position on, up to the first that has not come to an end. */
async function* endedRuns(store: RunStore, sweep: string, from: number): AsyncGenerator<Run> {
	for await (const batch of sweepBatches(store, sweep, from))
		for (const run of batch) {
			if (run.status !== 'done' && run.status !== 'failed') return;
			yield run;
		}
}

/** Runs of a search belong to who started it. */
async function giveRuns(store: RunStore, sweep: string, userId: number): Promise<void> {
	await store.database
		.updateTable('runs')
		.set({ user_id: userId })
		.where('sweep', '=', sweep)
		.where('user_id', 'is', null)
		.execute();
}

async function requestsOf(
	system: System,
	specification: SearchSpecification,
	proposals: readonly Proposal[],
): Promise<RunRequest[]> {
	return proposals.map((proposal) => ({
		system: system.card.slug,
		version: system.card.version,
		seed: specification.seed,
		inputs: completed(system, inputsOf(proposal, specification)),
	}));
}

/** Inputs with their defaults; as they are where the system refuses them, so that the run says why. */
function completed(system: System, inputs: unknown): unknown {
	try {
		return parseInputs(system, inputs);
	} catch (error) {
		if (error instanceof InputError) return inputs;
		throw error;
	}
}

function inputsOf({ point, fidelity }: Proposal, { inputs, vary, fidelity: effort }: SearchSpecification): unknown {
	let result: unknown = inputs;
	for (const [index, { path }] of vary.entries()) result = setAt(result, path, point[index]);
	return effort === undefined ? result : withEffort(result, effort, fidelity);
}

function withEffort(inputs: unknown, { path, full }: NonNullable<SearchSpecification['fidelity']>, share: number): unknown {
	return setAt(inputs, path, Math.max(1, Math.round(full * share)));
}

/** Successive halving by the input that the system itself names, up to what the base inputs say, unless it was told. */
function withFidelity(system: System, specification: SearchSpecification): SearchSpecification {
	const { method, fidelity, inputs } = specification;
	if (method !== 'successive-halving' || fidelity !== undefined || system.fidelity === undefined) return specification;
	const full = getAt(parseInputs(system, inputs), system.fidelity);
	return typeof full === 'number' ? { ...specification, fidelity: { path: system.fidelity, full, ...HALVING } } : specification;
}

/** Raises an Error where a kept run is not the one that the search would make now. */
function requireSame(run: Run, proposal: Proposal, specification: SearchSpecification): void {
	for (const [index, { path }] of specification.vary.entries())
		if (getAt(run.inputs, path) !== proposal.point[index])
			throw new Error(`run ${run.id} has another ${path} than this search would try: forget it with --again`);
}

/** Which of the outputs that a search wants or bounds some run has had. */
class KnownOutputs {
	private readonly unknown: Set<string>;
	private example: unknown = null;

	constructor({ objectives, constraints }: SearchSpecification) {
		this.unknown = new Set([...objectives, ...constraints].map(({ path }) => path));
	}

	learn({ status, outputs }: Run): void {
		if (status !== 'done') return;
		this.example ??= outputs;
		for (const path of this.unknown) if (getAt(outputs, path) !== undefined) this.unknown.delete(path);
	}

	/** Raises an InputError for one that none of the finished runs has. */
	require(): void {
		const [path] = this.unknown;
		if (path === undefined || this.example === null) return;
		const numbers = [...flatten(this.example)].flatMap(([name, value]) => (typeof value === 'number' ? [name] : []));
		throw new InputError({
			path: ['search', path],
			found: show(path),
			expected: `the path of an output, for example ${numbers.slice(0, 3).join(', ')}`,
			nearest: nearestName(path, numbers),
		});
	}
}

/** What a run says of its point. Outputs that are no numbers count as a failure. */
export function trialOf(run: Run, proposal: Proposal, { objectives, constraints }: SearchSpecification): Trial {
	const figure = (path: string): number => {
		const value = run.outputs === null ? undefined : getAt(run.outputs, path);
		return typeof value === 'number' ? value : Number.NaN;
	};
	const values = objectives.map(({ path }) => figure(path));
	if (run.status !== 'done' || !values.every(Number.isFinite)) return { ...proposal, objectives: null };
	const violations = constraints.map(({ path, relation, bound }) => {
		const beyond = relation === 'at most' ? figure(path) - bound : bound - figure(path);
		// In parts of the bound, so that constraints of different units weigh alike.
		return Number.isNaN(beyond) ? Number.MAX_VALUE : Math.max(0, beyond / (Math.abs(bound) || 1));
	});
	return { ...proposal, objectives: values, violations };
}

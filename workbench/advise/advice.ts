/** Subjects in, ranked gains out: finds who has something to say, runs each once, and reads the gains off the runs. */
import type { Subject } from '@assay/contract';
import {
	calibrate,
	type LocalExecutor,
	prepareRun,
	type Run,
	type RunQueue,
	type RunRequest,
	type RunStore,
	workOnRun,
} from '@assay/runs';
import { type Candidate, findCandidates, type NotApplicable } from './candidates.ts';
import { commandFor } from './command.ts';
import { confidenceOf } from './confidence.ts';
import { type Advised, rank, verdictOf } from './ranking.ts';

/** A technique whose run ended without a result. */
export interface Failure {
	readonly system: string;
	readonly title: string;
	readonly run: string | null;
	readonly message: string;
}

/** A technique whose run is under way or has not begun. */
export interface Pending {
	readonly system: string;
	readonly title: string;
	/** Null until it is queued. */
	readonly run: string | null;
	readonly status: 'missing' | 'queued' | 'running';
	readonly progress: number;
	readonly note: string;
}

/** What is known so far. */
export interface Advice {
	readonly subject: Subject;
	readonly ranking: readonly Advised[];
	readonly pending: readonly Pending[];
	readonly notApplicable: readonly NotApplicable[];
	readonly failed: readonly Failure[];
}

/** A candidate with the request its run is found by. */
export interface Asked extends Candidate {
	readonly request: RunRequest;
}

/** A subject with what is known of it before anything is run. */
export interface Screening {
	readonly subject: Subject;
	readonly asked: readonly Asked[];
	readonly notApplicable: readonly NotApplicable[];
	readonly failed: readonly Failure[];
}

/** The candidates of a subject with their requests, files taken into the store. Raises an InputError for a file that is not there. */
export async function askAll(store: RunStore, subject: Subject, folder: string | null): Promise<Screening> {
	const { candidates, notApplicable, stumbled } = await findCandidates(subject);
	const failed = stumbled.map(({ entry: { card }, message }) => ({ system: card.slug, title: card.title, run: null, message }));
	const asked: Asked[] = [];
	for (const candidate of candidates) {
		const { entry, inputs } = candidate;
		asked.push({ ...candidate, request: await prepareRun(store, { system: entry.card.slug, inputs, seed: 0, folder }) });
	}
	return { subject, asked, notApplicable, failed };
}

/** What is known, and what was asked. */
export interface AdviceSoFar extends Advice {
	readonly asked: readonly Asked[];
}

/** What the runs kept here say, and which are missing. Starts nothing. */
export async function adviceSoFar(store: RunStore, subject: Subject): Promise<AdviceSoFar> {
	const screening = await askAll(store, subject, null);
	const { asked } = screening;
	const runs = await Promise.all(asked.map(({ request }) => store.findSame(request)));
	return { ...(await collect(store, screening, runs)), asked };
}

/** Queues what is missing or has failed, and comparisons with measurements that were never made. */
export async function startMissing(queue: RunQueue, { asked, pending, failed }: AdviceSoFar, userId: number): Promise<void> {
	for (const { entry, request } of asked) {
		const { slug } = entry.card;
		const isMissing = pending.some(({ system, status }) => system === slug && status === 'missing');
		if (isMissing || failed.some(({ system }) => system === slug)) await queue.add(request, userId);
		if (!(await confidenceOf(queue.store, entry)).calibration.complete) queue.calibrate(slug);
	}
}

/** Events of {@link advise}, for whoever watches. */
export interface AdviceEvents {
	/** A technique's run has ended and been read; in the order they end. */
	readonly onAdvised?: (item: Advised | Failure | NotApplicable) => void;
	readonly onProgress?: (fraction: number, note: string) => void;
}

/**
 * Runs what is missing, at most `executor.hands` at once, and compares systems with measurements where that was never done. A run of
 * the very same request that is kept here is used again, unless `again`.
 */
export async function advise(
	store: RunStore,
	executor: LocalExecutor,
	subject: Subject,
	options: { readonly folder: string | null; readonly again?: boolean },
	signal: AbortSignal,
	events: AdviceEvents = {},
): Promise<Advice> {
	const screening = await askAll(store, subject, options.folder);
	const { asked } = screening;
	const fractions = asked.map(() => 0);
	const runs: (Run | undefined)[] = asked.map(() => undefined);
	let next = 0;
	const worker = async (): Promise<void> => {
		while (next < asked.length && !signal.aborted) {
			const index = next++;
			const one = asked[index];
			if (one === undefined) return;
			const tell = (fraction: number, note: string): void => {
				fractions[index] = fraction;
				const done = fractions.reduce((sum, part) => sum + part, 0) / asked.length;
				events.onProgress?.(done, `${one.entry.card.slug}: ${note}`);
			};
			runs[index] = await runOf(store, executor, one.request, options.again === true, signal, (fraction, note) =>
				tell(0.9 * fraction, note),
			);
			if (!(await confidenceOf(store, one.entry)).calibration.complete) {
				tell(0.9, 'comparing with published measurements');
				await calibrate(store, executor, one.entry.card.slug, signal);
			}
			fractions[index] = 1;
			const { advised, failure, reason } = await readRun(store, subject, one, runs[index]);
			const item = advised ?? failure ?? reason;
			if (item !== undefined) events.onAdvised?.(item);
		}
	};
	await Promise.all(Array.from({ length: executor.hands }, worker));
	return collect(store, screening, runs);
}

/** The run of a request: the one kept here, or a new one worked on now. */
async function runOf(
	store: RunStore,
	executor: LocalExecutor,
	request: RunRequest,
	again: boolean,
	signal: AbortSignal,
	onProgress: (fraction: number, note: string) => void,
): Promise<Run> {
	const kept = again ? undefined : await store.findSame(request);
	if (kept?.status === 'done') return kept;
	const added = await store.add(request);
	if (await store.take(added.id)) await workOnRun(store, executor, added, signal, { onProgress });
	return store.get(added.id);
}

async function collect(
	store: RunStore,
	{ subject, asked, notApplicable, failed }: Screening,
	runs: readonly (Run | undefined)[],
): Promise<Advice> {
	const read = await Promise.all(asked.map((one, index) => readRun(store, subject, one, runs[index])));
	return {
		subject,
		ranking: rank(
			read.flatMap(({ advised }) => advised ?? []),
			subject.goal,
		),
		pending: read.flatMap(({ pending }) => pending ?? []),
		notApplicable: [...notApplicable, ...read.flatMap(({ reason }) => reason ?? [])].sort((a, b) =>
			a.system < b.system ? -1 : 1,
		),
		failed: [...failed, ...read.flatMap(({ failure }) => failure ?? [])],
	};
}

/** What one technique's run says, whatever state it is in. */
async function readRun(
	store: RunStore,
	subject: Subject,
	{ entry, system, inputs }: Asked,
	run: Run | undefined,
): Promise<{ advised?: Advised; pending?: Pending; failure?: Failure; reason?: NotApplicable }> {
	const { slug, title, paper } = entry.card;
	if (run === undefined || run.status === 'queued' || run.status === 'running') {
		const state = run === undefined ? 'missing' : run.status === 'queued' ? 'queued' : 'running';
		return {
			pending: { system: slug, title, run: run?.id ?? null, status: state, progress: run?.progress ?? 0, note: run?.note ?? '' },
		};
	}
	if (run.status !== 'done' || system.advise === undefined) {
		const message = run.error?.split('\n')[0] ?? `its run was ${run.status}`;
		return { failure: { system: slug, title, run: run.id, message } };
	}
	const assessed = system.advise.assess(system.outputs.parse(run.outputs));
	if ('reason' in assessed) return { reason: { system: slug, title, reason: assessed.reason } };
	return {
		advised: {
			system: slug,
			title,
			paper: { title: paper.title, arxiv: paper.arxiv },
			gains: assessed.gain,
			against: assessed.against,
			enables: assessed.enables ?? null,
			costs: assessed.costs,
			confidence: await confidenceOf(store, entry, assessed.unchecked),
			run: run.id,
			headline: run.headline ?? '',
			command: commandFor(system, inputs, run.id),
			verdict: verdictOf(assessed.gain, assessed.enables, subject.goal),
		},
	};
}

/** The thread a run or a reproduction is worked on. Its default export is what the executor's pool calls. */
import { findSystem } from '@assay/catalog';
import {
	type ClaimContext,
	type ContextOptions,
	createContext,
	type DataFile,
	DataUnavailableError,
	InputError,
	parseInputs,
	type RunContext,
	type System,
} from '@assay/contract';
import { openBlobs } from './blobs.ts';
import { openReference } from './references.ts';
import type { Artifact, LogLine, RunResult } from './run-record.ts';
import { runInParallel } from './thread-pool.ts';
import { type Order, type Outcome, type Report, StoppedError, type WorkOrder } from './worker-protocol.ts';

export default async function work(order: WorkOrder): Promise<Outcome> {
	const controller = new AbortController();
	const send = (report: Report): void => order.port.postMessage(report);
	order.port.on('message', (message: Order) => {
		if (message.kind === 'stop') controller.abort(new StoppedError());
	});
	try {
		const system = await findSystem(order.work.kind === 'run' ? order.work.request.system : order.work.system).load();
		if (order.work.kind === 'run') return { kind: 'done', result: await runSystem(system, order, controller.signal, send) };
		if (order.work.kind === 'calibrate') await calibrate(system, order, controller.signal, send);
		else await reproduceClaims(system, order, controller.signal, send);
		return { kind: 'done', result: null };
	} catch (error) {
		if (controller.signal.aborted) return { kind: 'stopped' };
		if (error instanceof InputError) return { kind: 'failed', mistake: 'input', message: error.message };
		if (error instanceof DataUnavailableError) return { kind: 'failed', mistake: 'data', message: error.message };
		const mistake = isMissingDependency(error) ? 'dependency' : 'bug';
		return { kind: 'failed', mistake, message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
	} finally {
		order.port.close();
	}
}

/** A package that is not installed, or whose native part does not load on this machine. */
function isMissingDependency(error: unknown): boolean {
	const code = error instanceof Error && 'code' in error ? error.code : undefined;
	return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND' || code === 'ERR_DLOPEN_FAILED';
}

async function runSystem(
	system: System,
	order: WorkOrder,
	signal: AbortSignal,
	send: (report: Report) => void,
): Promise<RunResult> {
	if (order.work.kind !== 'run') throw new TypeError('not a run');
	const { request } = order.work;
	const artifacts: Artifact[] = [];
	const log: LogLine[] = [];
	const blobs = openBlobs(order.dataFolder);
	const context = threadContext(order, request.seed, signal, send, {
		onLog: (level, message) => log.push({ level, message }),
		onArtifact: async (name, content, mediaType) => {
			artifacts.push({ name, mediaType, sha256: await blobs.keep(content), bytes: content.byteLength });
		},
		onArtifactStream: async (name, pieces, mediaType) => {
			artifacts.push({ name, mediaType, ...(await blobs.keepStream(pieces)) });
		},
	});
	const inputs = parseInputs(system, request.inputs);
	// Parsing what came out refuses a NaN or a missing figure here, where it was made, and not in a reader later.
	const outputs = system.outputs.parse(await system.run(inputs, context));
	return { outputs: JSON.stringify(outputs), headline: system.headline(outputs, inputs), artifacts, log };
}

async function reproduceClaims(
	system: System,
	order: WorkOrder,
	signal: AbortSignal,
	send: (report: Report) => void,
): Promise<void> {
	if (order.work.kind !== 'reproduce') throw new TypeError('not a reproduction');
	const { claims: wanted, seed } = order.work;
	const once = createMemory();
	const claims = system.claims.filter((claim) => wanted.includes(claim.id));
	for (const [index, claim] of claims.entries()) {
		if (claim.evidence === 'quoted' || claim.evidence === 'gpu') continue;
		const started = performance.now();
		const context: ClaimContext = {
			...threadContext(
				order,
				seed,
				signal,
				(report) => {
					if (report.kind !== 'progress') return send(report);
					send({ kind: 'progress', fraction: (index + report.fraction) / claims.length, note: `${claim.id}: ${report.note}` });
				},
				{},
			),
			once,
		};
		send({ kind: 'progress', fraction: index / claims.length, note: `${claim.id}: ${claim.says}` });
		let ours: number | null = null;
		let reason: string | null = null;
		try {
			ours = await claim.measure(context);
		} catch (error) {
			if (signal.aborted || !(error instanceof DataUnavailableError)) throw error;
			reason = error.message;
		}
		send({ kind: 'claim', result: { claim: claim.id, ours, reason, seconds: (performance.now() - started) / 1000 } });
	}
	send({ kind: 'progress', fraction: 1, note: 'done' });
}

/** Predicts published measurements anew and tells of the errors. */
async function calibrate(system: System, order: WorkOrder, signal: AbortSignal, send: (report: Report) => void): Promise<void> {
	const checks = system.calibration !== undefined && 'checks' in system.calibration ? system.calibration.checks : [];
	const once = createMemory();
	for (const { against, measure } of checks) {
		const context: ClaimContext = { ...threadContext(order, 0, signal, () => undefined, {}), once };
		try {
			send({ kind: 'calibration', result: { against, ...(await measure(context)), reason: null } });
		} catch (error) {
			if (signal.aborted || !(error instanceof DataUnavailableError)) throw error;
			send({ kind: 'calibration', result: { against, points: null, mean: null, worst: null, reason: error.message } });
		}
	}
}

/** Computes a value once for each key. */
function createMemory(): ClaimContext['once'] {
	const shared = new Map<string, Promise<unknown>>();
	return <T>(key: string, compute: () => Promise<T>): Promise<T> => {
		if (!shared.has(key)) shared.set(key, compute());
		// The map holds under each key what the first caller's `compute` gave, and keys are never shared between types.
		return shared.get(key) as Promise<T>;
	};
}

function threadContext(
	order: WorkOrder,
	seed: number,
	signal: AbortSignal,
	send: (report: Report) => void,
	keep: Pick<ContextOptions, 'onLog' | 'onArtifact' | 'onArtifactStream'>,
): RunContext {
	const blobs = openBlobs(order.dataFolder);
	let lastSent = Number.NEGATIVE_INFINITY;
	return createContext({
		seed,
		signal,
		onProgress: (fraction, note) => {
			const time = performance.now();
			if (fraction < 1 && time - lastSent < 50) return;
			lastSent = time;
			send({ kind: 'progress', fraction, note });
		},
		onLog: (level, message) => {
			keep.onLog?.(level, message);
			send({ kind: 'log', level, message });
		},
		...(keep.onArtifact !== undefined && { onArtifact: keep.onArtifact }),
		...(keep.onArtifactStream !== undefined && { onArtifactStream: keep.onArtifactStream }),
		open: (reference: string): Promise<DataFile> => openReference(reference, blobs, signal),
		...(order.threads > 1 && {
			parallel: (task, items, onResult) => runInParallel(task, items, order.threads, signal, onResult),
		}),
	});
}

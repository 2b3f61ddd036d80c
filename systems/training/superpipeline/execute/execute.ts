/** Runs a prepared model: resident, through a window, with pins and a ring, or a session for each unit. */
import { createHash } from 'node:crypto';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { FILES } from './files.ts';
import type { ExecuteAnswer, ExecuteJob, Policy } from './job.ts';
import { peakResidentBytes } from './peak-memory.ts';
import type { Place, PreparedModel, PreparedPart } from './prepared-model.ts';
import { readInto } from './read-file.ts';
import { RunLog } from './run-log.ts';
import { bytesOf, feedable, type SessionKind, sessionOptions, tensorOver } from './tensors.ts';
import { UnitStream } from './unit-stream.ts';

/** Tensors by the model's names. */
type Tensors = Map<string, ort.Tensor>;

/** Forgotten results of this size, bytes, are given back at once: until the engine collects them they are memory all the same. */
const WORTH_COLLECTING = 1 << 20;

type SlotPolicy = Extract<Policy, { kind: 'window' | 'pin-and-ring' }>;

/** What runs one pass over inputs that are already among the tensors. */
interface Runner {
	pass(tensors: Tensors): Promise<void>;
	close(): Promise<void>;
}

export async function execute(job: ExecuteJob): Promise<ExecuteAnswer> {
	const bareBytes = process.memoryUsage.rss();
	const model: PreparedModel = JSON.parse(await readFile(join(job.folder, FILES.description), 'utf8'));
	const inputs = await readWhole(join(job.folder, FILES.inputs));
	const log = new RunLog(model.parts.length);
	const runner = await runnerOf(job, model, log);
	const passSeconds: number[] = [];
	const hashes: string[] = [];
	let peakBytes = 0;
	for (let pass = -1; pass < job.passes; pass++) {
		if (pass === 0) log.start();
		if (pass === job.passes - 1) log.keepSpans = true;
		const start = performance.now();
		const tensors: Tensors = new Map(model.inputs.map((place) => [place.name, tensorOver(inputs, place.offset, place)]));
		await runner.pass(tensors);
		const seconds = (performance.now() - start) / 1000;
		log.sample();
		// Results that nothing refers to any more are memory of the engine's laziness, not of the model.
		globalThis.gc?.({ type: 'minor' });
		if (pass < 0) continue;
		passSeconds.push(seconds);
		hashes.push(hashOf(model.outputs, tensors));
		// Before results are written out as numbers, which takes memory that no user of the model would need.
		peakBytes = peakResidentBytes();
		if (pass === job.passes - 1 && job.resultFile !== null) await writeFile(job.resultFile, numbersOf(model.outputs, tensors));
	}
	await runner.close();
	return {
		bareBytes,
		peakBytes,
		passSeconds,
		hashes,
		...log.figures(),
	};
}

async function runnerOf(job: ExecuteJob, model: PreparedModel, log: RunLog): Promise<Runner> {
	const { policy, folder, link } = job;
	if (policy.kind === 'resident') return residentRunner(folder, model, policy.like);
	if (policy.kind === 'session-per-unit') return sessionPerUnitRunner(folder, model, log);
	return slotRunner(folder, model, policy, link, log);
}

async function residentRunner(folder: string, model: PreparedModel, kind: SessionKind): Promise<Runner> {
	const session = await ort.InferenceSession.create(join(folder, FILES.resident), sessionOptions(kind));
	return {
		async pass(tensors) {
			const feeds = Object.fromEntries(model.inputs.map(({ name }) => [name, tensors.get(name) as ort.Tensor]));
			for (const [name, tensor] of Object.entries(await session.run(feeds))) tensors.set(name, feedable(tensor));
		},
		close: () => session.release(),
	};
}

function sessionPerUnitRunner(folder: string, model: PreparedModel, log: RunLog): Runner {
	return {
		async pass(tensors) {
			for (const [index, part] of model.parts.entries()) {
				const before = performance.now();
				const session = await ort.InferenceSession.create(join(folder, part.ownSession), sessionOptions('session-per-unit'));
				log.sessionMillis += performance.now() - before;
				const feeds = Object.fromEntries(part.inputs.map(({ tensor }) => [tensor, tensors.get(tensor) as ort.Tensor]));
				const results = await log.compute(index, part.unit, () => session.run(feeds));
				for (const { tensor } of part.outputs) tensors.set(tensor, feedable(results[tensor] as ort.Tensor));
				await session.release();
				dropUnused(model, index, tensors);
			}
		},
		close: async () => undefined,
	};
}

async function slotRunner(
	folder: string,
	model: PreparedModel,
	policy: SlotPolicy,
	link: ExecuteJob['link'],
	log: RunLog,
): Promise<Runner> {
	const sessions = new Map<string, ort.InferenceSession>();
	for (const { session } of model.parts) {
		if (!sessions.has(session))
			sessions.set(session, await ort.InferenceSession.create(join(folder, session), sessionOptions('streamed')));
	}
	log.sessionBytes = process.memoryUsage.rss();
	const file = await open(join(folder, FILES.weights));
	const pinned = new Set(policy.kind === 'pin-and-ring' ? policy.pinned : []);
	const streamed = model.parts.filter(({ unit }) => unit !== null && !pinned.has(unit));
	const options =
		policy.kind === 'window'
			? { slots: policy.window, group: policy.group, mode: policy.mode, link }
			: { slots: policy.slots, group: 1, mode: 'sequential' as const, link };
	const stream = new UnitStream(file, streamed, options);
	log.stream = stream;
	await stream.start();
	const stay = new Map<number, ArrayBuffer>();
	for (const { unit, fileOffset, bytes } of model.parts) {
		if (unit === null || !pinned.has(unit)) continue;
		const buffer = new ArrayBuffer(bytes);
		await readInto(file, fileOffset, new Uint8Array(buffer));
		stay.set(unit, buffer);
	}
	const shared = await readWhole(join(folder, FILES.shared));
	return {
		async pass(tensors) {
			for (const [index, part] of model.parts.entries()) {
				const isStreamed = part.unit !== null && !stay.has(part.unit);
				const slot = part.unit === null ? undefined : (stay.get(part.unit) ?? (await stream.take()));
				const results = await log.compute(index, part.unit, () =>
					(sessions.get(part.session) as ort.InferenceSession).run(feedsOf(part, tensors, slot, shared)),
				);
				for (const { name, tensor } of part.outputs) tensors.set(tensor, feedable(results[name] as ort.Tensor));
				if (isStreamed) stream.release();
				dropUnused(model, index, tensors);
			}
		},
		async close() {
			await stream.finish();
			for (const session of sessions.values()) await session.release();
			await file.close();
		},
	};
}

function feedsOf(
	part: PreparedPart,
	tensors: Tensors,
	slot: ArrayBuffer | undefined,
	shared: ArrayBuffer,
): Record<string, ort.Tensor> {
	const feeds: Record<string, ort.Tensor> = {};
	for (const { name, tensor } of part.inputs) feeds[name] = tensors.get(tensor) as ort.Tensor;
	const feed = (buffer: ArrayBuffer, places: readonly Place[]): void => {
		for (const place of places) feeds[place.name] = tensorOver(buffer, place.offset, place);
	};
	if (slot !== undefined) feed(slot, part.streamed);
	feed(shared, part.shared);
	return feeds;
}

/** Forgets tensors that no later part reads. */
function dropUnused(model: PreparedModel, index: number, tensors: Tensors): void {
	const needed = new Set([
		...model.outputs,
		...model.parts.slice(index + 1).flatMap(({ inputs }) => inputs.map(({ tensor }) => tensor)),
	]);
	let forgotten = 0;
	for (const [name, tensor] of tensors) {
		if (needed.has(name)) continue;
		forgotten += bytesOf(tensor).byteLength;
		tensors.delete(name);
	}
	if (forgotten >= WORTH_COLLECTING) globalThis.gc?.({ type: 'minor' });
}

async function readWhole(path: string): Promise<ArrayBuffer> {
	const file = await open(path);
	try {
		const buffer = new ArrayBuffer((await file.stat()).size);
		await readInto(file, 0, new Uint8Array(buffer));
		return buffer;
	} finally {
		await file.close();
	}
}

function hashOf(names: readonly string[], tensors: Tensors): string {
	const hash = createHash('sha256');
	for (const name of names) hash.update(bytesOf(tensors.get(name) as ort.Tensor));
	return hash.digest('hex');
}

/** All results one after the other as 64-bit floats, for comparisons. */
function numbersOf(names: readonly string[], tensors: Tensors): Uint8Array {
	const all = names.map((name) => Float64Array.from(valuesOf(tensors.get(name) as ort.Tensor), Number));
	const joined = new Float64Array(all.reduce((sum, { length }) => sum + length, 0));
	let at = 0;
	for (const one of all) {
		joined.set(one, at);
		at += one.length;
	}
	return new Uint8Array(joined.buffer);
}

function valuesOf(tensor: ort.Tensor): Iterable<number | bigint> {
	const { buffer, byteOffset, byteLength } = bytesOf(tensor);
	if (tensor.type === 'float16') return new Float16Array(buffer, byteOffset, byteLength / 2);
	return tensor.data as Iterable<number | bigint>;
}

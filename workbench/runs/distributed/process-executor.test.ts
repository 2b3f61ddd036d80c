/** Hands that crash, and more runs than hands. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Work } from '../worker-protocol.ts';
import { ProcessExecutor } from './process-executor.ts';

const never = new AbortController().signal;
const unlimited = { seconds: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };
const run = (inputs: unknown, system = 'splitwise'): Work => ({ kind: 'run', request: { system, version: 1, seed: 0, inputs } });
const short = run({ trace: { durationSeconds: 1, requestsPerSecond: 1 } });
const long = run({ trace: { durationSeconds: 3000, requestsPerSecond: 200, maxRequests: 2_000_000 } });

let folder: string;
let executor: ProcessExecutor;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'assay-hands-'));
	executor = new ProcessExecutor(folder, 2);
});
afterAll(async () => {
	await executor.close();
	await rm(folder, { recursive: true, force: true });
});

test('a crash is that run’s alone, and the next run has a new process', async () => {
	const crashing = executor.execute(long, unlimited, never, {
		onProgress: () => void promisify(execFile)('pkill', ['-SEGV', '-P', String(process.pid), '-f', `hand-process.ts ${folder}`]),
	});
	expect(await crashing).toEqual({ kind: 'failed', mistake: 'crash', message: 'the process at work on it ended (SIGSEGV)' });
	expect((await executor.execute(short, unlimited, never)).kind).toBe('done');
});

test('runs beyond the hands wait for one, and those that are stopped while they wait are not begun', async () => {
	const stop = new AbortController();
	let begun = 0;
	const start = (work: Work, signal: AbortSignal) => executor.execute(work, unlimited, signal, { onBegin: () => begun++ });
	const outcomes = Promise.all([
		start(short, never),
		start(long, stop.signal),
		start(long, stop.signal),
		start(long, stop.signal),
	]);
	await expect.poll(() => begun, { timeout: 20_000 }).toBe(3);
	stop.abort();
	expect((await outcomes).map(({ kind }) => kind)).toEqual(['done', 'stopped', 'stopped', 'stopped']);
	expect(begun).toBe(3);
	// A place that was waited for in vain is not lost.
	expect((await executor.execute(short, unlimited, never)).kind).toBe('done');
});

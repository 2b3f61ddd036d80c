import { createRandom } from '@assay/contract';
import { test } from 'vitest';
import { simulate } from './simulate.ts';
import { bloomSetup } from './test-data.ts';
import { generateTrace } from './trace/generate-trace.ts';
import { embeddedLengths } from './trace/length-distribution.ts';

/** 120 s at 70 requests/s. The published simulator, in Python, takes about 70 s of processor time on such a trace and 40 machines. */
const trace = generateTrace(
	{ requestsPerSecond: 70, durationSeconds: 120, burstShape: 1, lengths: embeddedLengths.conversation },
	createRandom(0),
);
const split = bloomSetup(
	[
		[25, 'dgx-h100', 'prompt'],
		[15, 'dgx-h100', 'token'],
	],
	'mixed-pool',
);
const unsplit = bloomSetup([[40, 'dgx-h100', 'any']], 'token-jsq');

test('8,400 requests on 40 machines', async ({ bench }) => {
	const ours = bench('Assay, Splitwise-HH', async () => void (await simulate(trace, split)));
	const baseline = bench('Assay, Baseline-H100', async () => void (await simulate(trace, unsplit)));
	const rival = bench('rival: Baseline-H100 with an event per iteration, first come first served', () => void perIteration());
	await bench.compare(ours, baseline, rival);
});

interface Job {
	readonly prompt: number;
	left: number;
	started: boolean;
}

/** The plain way to simulate continuous batching, with objects and an event for every iteration; it models no memory and no preemption. */
function perIteration(): number {
	const machines = unsplit.machines.map(({ curves }) => ({
		curves,
		jobs: [] as Job[],
		tokens: 0,
		next: Number.POSITIVE_INFINITY,
	}));
	let finished = 0;
	const start = (machine: (typeof machines)[number], now: number): void => {
		let prompts = 0;
		for (const job of machine.jobs) {
			if (job.started || (prompts > 0 && prompts + job.prompt > 2048)) continue;
			prompts += job.prompt;
			job.started = true;
		}
		const running = machine.jobs.filter((job) => job.started);
		if (running.length === 0) {
			machine.next = Number.POSITIVE_INFINITY;
			return;
		}
		machine.next =
			now + (prompts > 0 ? machine.curves.mixedSeconds(prompts + running.length) : machine.curves.tokenSeconds(running.length));
	};
	for (let arrival = 0; ; ) {
		let first = machines[0];
		for (const machine of machines) if (first === undefined || machine.next < first.next) first = machine;
		const time = trace.arrivalSeconds[arrival] ?? Number.POSITIVE_INFINITY;
		if (first === undefined || (first.next === Number.POSITIVE_INFINITY && time === Number.POSITIVE_INFINITY)) return finished;
		if (time <= first.next) {
			let least = machines[0];
			for (const machine of machines) if (least === undefined || machine.tokens < least.tokens) least = machine;
			const prompt = trace.promptTokens[arrival] ?? 1;
			least?.jobs.push({ prompt, left: trace.outputTokens[arrival] ?? 1, started: false });
			if (least !== undefined) least.tokens += prompt;
			if (least?.next === Number.POSITIVE_INFINITY) start(least, time);
			arrival++;
			continue;
		}
		for (const job of first.jobs) if (job.started) job.left--;
		for (const job of first.jobs) if (job.left === 0) first.tokens -= job.prompt;
		const before = first.jobs.length;
		first.jobs = first.jobs.filter((job) => job.left > 0);
		finished += before - first.jobs.length;
		start(first, first.next);
	}
}

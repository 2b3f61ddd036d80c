import { createRandom, type RunContext } from '@assay/contract';
import { expect, test } from 'vitest';
import { clusterOf } from '../claims/sweeps.ts';
import { evaluate } from '../evaluate.ts';
import { bloomServing, pause } from '../test-data.ts';
import { generateTrace } from '../trace/generate-trace.ts';
import { embeddedLengths } from '../trace/length-distribution.ts';
import { maxRate } from './max-rate.ts';
import { provision } from './provision.ts';
import { smallest } from './search-rows.ts';

const lengths = embeddedLengths.conversation;
const traceAt = (requestsPerSecond: number) =>
	generateTrace({ requestsPerSecond, durationSeconds: 40, burstShape: 1, lengths }, createRandom(11));

/** Threads as the runner has them: the task is found by module and name, items are cloned, and finish in any order. */
const otherThreads: RunContext['parallel'] = async (task, items, onResult) => {
	const found: Record<string, unknown> = await import(task.module);
	expect(found[task.name]).toBe(task);
	const results = new Array(items.length);
	for (const index of [...items.keys()].reverse()) {
		results[index] = structuredClone(await task.run(structuredClone(items[index] as never), pause));
		onResult?.(results[index], index);
	}
	return results;
};
const thisThread: RunContext['parallel'] = (task, items) => Promise.all(items.map((item) => task.run(item, pause)));

test('the pruned search finds what trying every cluster finds, on any threads', async () => {
	const serving = bloomServing();
	const trace = traceAt(14);
	const plan = clusterOf('splitwise-hh', 1, 1);
	const [rows, columns] = [12, 6];
	const request = { plan, requestsPerSecond: 14, trace, stationary: true, maxPromptMachines: rows, maxTokenMachines: columns };
	const [found] = await provision(serving, [request], { parallel: thisThread, pause }, () => undefined);
	const [again] = await provision(serving, [request], { parallel: otherThreads, pause }, () => undefined);
	expect(again).toEqual(found);
	let cheapest = Number.POSITIVE_INFINITY;
	const frontier = new Map<number, number>();
	for (let prompts = 1; prompts <= rows; prompts++) {
		for (let tokens = columns; tokens >= 1; tokens--) {
			if (!(await evaluate(serving, clusterOf('splitwise-hh', prompts, tokens), trace)).feasible) continue;
			frontier.set(prompts, tokens);
			cheapest = Math.min(cheapest, prompts + tokens);
		}
	}
	expect(frontier.size).toBeGreaterThan(2);
	expect(frontier.size).toBeLessThan(rows);
	expect(found?.frontier.map(({ promptMachines, tokenMachines }) => [promptMachines, tokenMachines])).toEqual([...frontier]);
	expect(found?.fewestMachines?.machines).toBe(cheapest);
	expect(found?.cheapest?.dollarsPerHour).toBeCloseTo(cheapest * 8 * 4.76, 9);
	expect(found?.simulated).toBeLessThan(rows * columns);
}, 60_000);

test('the highest rate holds and the next one does not', async () => {
	const serving = bloomServing();
	const plan = clusterOf('baseline-h100', 4, 0);
	const rate = await maxRate(serving, plan, traceAt, { lowest: 1, highest: 100, step: 1 }, pause);
	expect((await evaluate(serving, plan, traceAt(rate))).feasible).toBe(true);
	expect((await evaluate(serving, plan, traceAt(rate + 1))).feasible).toBe(false);
});

test('halving finds the smallest number that passes', async () => {
	for (let high = 1; high <= 12; high++) {
		for (let first = 1; first <= 14; first++) {
			const found = await smallest(1, high, async (value) => value >= first);
			expect(found).toBe(first <= high ? first : -1);
		}
	}
});

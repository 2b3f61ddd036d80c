import { createContext } from '@assay/contract';
import { test } from 'vitest';
import { gptModel } from './claims/predict-published.ts';
import { anneal } from './placement/anneal.ts';
import { exactPlacement } from './placement/exact.ts';
import { enumerateSettings, type SearchSpace } from './search/enumerate-settings.ts';
import { evaluateSettings, searchPlacements } from './search/search.ts';
import { jobFor, pause, problemFor, randomLinks } from './test-data.ts';
import type { TrainingJob } from './training-job.ts';

const space: SearchSpace = {
	tensorParallel: [1, 2, 4, 8],
	microBatches: [1, 2, 4, 8],
	maxVirtualStages: 12,
	recompute: ['none', 'selective', 'full'],
	idleShare: 0.05,
};
const effort = { iterations: 20_000, restarts: 2 };

/** A whole search; `pruned` places only settings that can win, the rival every one that fits. */
async function search(job: TrainingJob, machine: string, pruned: boolean): Promise<void> {
	const problem = problemFor(job, machine);
	const { settings } = enumerateSettings(job, problem.grid, space);
	const candidates = await evaluateSettings(problem, settings, pause);
	await searchPlacements(problem, candidates, pruned ? 10 : candidates.length, effort, createContext({ seed: 1 }));
}

const gpt3 = jobFor('gpt3-175b', 1536);
const turing = jobFor('gpt3-175b', 2520, {
	model: gptModel('turing-530b', { layers: 105, hidden: 20480, heads: 128, vocabulary: 51200, sequenceTokens: 2048 }),
});

const once = { iterations: 1, time: 0, warmup: false } as const;

test('GPT-3 175B on 1,024 GPUs', { timeout: 300_000 }, async ({ bench }) => {
	const ours = bench('bounds first', () => search(gpt3, '128xdgx-a100', true));
	const rival = bench('rival: place every setting that fits', () => search(gpt3, '128xdgx-a100', false));
	await bench.compare(ours, rival, once);
});

/** Calculon's authors name about a minute for its optimum of this model on as many GPUs. */
test('Turing 530B on 5,128 GPUs', { timeout: 300_000 }, async ({ bench }) => {
	const ours = bench('bounds first', () => search(turing, '641xdgx-a100', true));
	const rival = bench('rival: the 1,024 GPUs of GPT-3 175B, every setting placed', () => search(gpt3, '128xdgx-a100', false));
	await bench.compare(ours, rival, once);
});

test('placing 8 nodes', async ({ bench }) => {
	const problem = {
		units: 8,
		rows: 2,
		columns: 4,
		secondsPerByte: randomLinks(8, 1),
		hopBytes: 5e9,
		wrapBytes: 0,
		ringBytes: 5e9,
		rings: 'all stages' as const,
	};
	const exact = bench('branch and bound', () => void exactPlacement(problem));
	const annealed = bench(
		'rival: one annealing run of 20,000 steps',
		async () => void (await anneal({ problem, iterations: 20_000, seed: 'a' }, pause)),
	);
	await bench.compare(exact, annealed);
});

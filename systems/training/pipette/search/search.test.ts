import { createContext } from '@assay/contract';
import { resolveMachine } from '@assay/machines';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clusterRates } from '../cluster-rates.ts';
import { placeAll } from '../placement/place.ts';
import { gradientBytes } from '../setting-time.ts';
import { stageMemory } from '../stage-memory.ts';
import type { MachineRates } from '../stage-times.ts';
import { jobFor, pause, problemFor } from '../test-data.ts';
import { describeSetting, microBatches } from '../training-job.ts';
import { divisors, enumerateSettings, type SearchSpace } from './enumerate-settings.ts';
import { ampRanking, ampSeconds, megatronChoice, rivalChoices, varunaChoice } from './rivals.ts';
import { evaluateSetting, evaluateSettings, searchPlacements, timeInOrder, timeUnplaced } from './search.ts';
import { whyNot } from './why-not.ts';

const space: SearchSpace = {
	tensorParallel: [1, 2, 4, 8],
	microBatches: [1, 2, 4],
	maxVirtualStages: 4,
	recompute: ['none', 'selective', 'full'],
	idleShare: 0.05,
};
const effort = { iterations: 2000, restarts: 1 };

test('every setting divides what it must and fills its nodes', () => {
	for (const [model, machine, batch] of [
		['gpt3-175b', '16xdgx-a100', 256],
		['llama-3-8b', '8xdgx-h100', 96],
		['mixtral-8x7b', '4xdgx-h100', 128],
		['bert-large', '3xdgx-v100', 96],
		['deepseek-v3', '32xdgx-h100', 512],
	] as const) {
		const job = jobFor(model, batch);
		const { grid } = problemFor(job, machine);
		const { settings } = enumerateSettings(job, grid, space);
		expect(settings.length).toBeGreaterThan(20);
		for (const { setting, tiling } of settings) {
			const { pipelineParallel, tensorParallel, dataParallel, expertParallel, virtualStages } = setting;
			expect(tiling.columns * tiling.stagesPerNode).toBe(pipelineParallel);
			expect(tiling.rows * tiling.replicasPerNode).toBe(dataParallel);
			expect(tiling.stagesPerNode * tiling.replicasPerNode * tensorParallel).toBe(grid.devicesPerNode);
			expect(tiling.rows * tiling.columns).toBeLessThanOrEqual(grid.nodes);
			expect(tiling.rows * tiling.columns).toBeGreaterThanOrEqual(0.95 * grid.nodes);
			expect(Number.isInteger(microBatches(job, setting))).toBe(true);
			expect(job.model.layers % (pipelineParallel * virtualStages)).toBe(0);
			if (virtualStages > 1) expect(microBatches(job, setting) % pipelineParallel).toBe(0);
			expect(dataParallel % expertParallel).toBe(0);
			if (job.model.experts === null) expect(expertParallel).toBe(1);
		}
	}
});

test('pruning by bounds loses nothing: the same winner as placing every setting that fits', async () => {
	const job = jobFor('llama-2-13b', 64);
	for (const seed of [1, 2, 3]) {
		const problem = problemFor(job, '6xdgx-a100', { seed });
		const { settings } = enumerateSettings(job, problem.grid, { ...space, idleShare: 0.2 });
		const candidates = await evaluateSettings(problem, settings, pause);
		const { ranking, placed } = await searchPlacements(problem, candidates, 3, effort, createContext({ seed }));
		const fitting = candidates.filter(({ fits }) => fits);
		const placements = await placeAll(
			fitting.map(({ placementProblem, setting }) => ({ problem: placementProblem, name: describeSetting(setting) })),
			effort,
			createContext({ seed }),
		);
		const all = fitting
			.map((candidate, index) => timeInOrder(problem, candidate, placements[index]?.order ?? []).totalSeconds)
			.sort((a, b) => a - b);
		expect(ranking.map(({ time }) => time.totalSeconds)).toEqual(all.slice(0, 3));
		expect(placed).toBeLessThan(fitting.length);
	}
});

test('no placement beats the bound; the parts of a time add up', async () => {
	const job = jobFor('gpt3-6.7b', 128);
	const problem = problemFor(job, '8xdgx-a100');
	const { settings } = enumerateSettings(job, problem.grid, space);
	for (const candidate of await evaluateSettings(problem, settings, pause)) {
		const { totalSeconds, ...parts } = timeUnplaced(problem, candidate);
		expect(totalSeconds).toBeGreaterThanOrEqual(candidate.bound.totalSeconds * (1 - 1e-12));
		expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBeCloseTo(totalSeconds, 9);
	}
});

describe('properties of the model', () => {
	const models = ['gpt3-6.7b', 'llama-3-8b', 'mixtral-8x7b', 'bert-large', 'gemma-2-9b', 'deepseek-v2-lite'] as const;
	const jobs = models.map((model) => jobFor(model, 64));
	const cluster = resolveMachine('4xdgx-a100');
	const base = clusterRates(cluster, 'bf16');
	const cases = fc.record({
		job: fc.constantFrom(...jobs),
		pick: fc.nat(),
		factor: fc.double({ min: 1, max: 20, noNaN: true }),
	});
	const candidateOf = async (job: (typeof jobs)[number], pick: number, machine: MachineRates = base, limitBytes?: number) => {
		const problem = problemFor(job, '4xdgx-a100', { machine, ...(limitBytes !== undefined && { limitBytes }) });
		const { settings } = enumerateSettings(job, problem.grid, space);
		const tiled = settings[pick % settings.length];
		if (tiled === undefined) throw new Error('no settings');
		const [candidate] = await evaluateSettings(problem, [tiled], pause);
		if (candidate === undefined) throw new Error('no candidate');
		return { problem, candidate, seconds: timeUnplaced(problem, candidate).totalSeconds };
	};
	const scaled = (machine: MachineRates, links: number, compute: number, latency: number): MachineRates => ({
		compute: {
			...machine.compute,
			peakFlopsPerSecond: machine.compute.peakFlopsPerSecond * compute,
			memoryBytesPerSecond: machine.compute.memoryBytesPerSecond * compute,
			kernelSeconds: machine.compute.kernelSeconds / latency,
		},
		intraNode: { hopSeconds: machine.intraNode.hopSeconds / latency, bytesPerSecond: machine.intraNode.bytesPerSecond * links },
		interNode: { hopSeconds: machine.interNode.hopSeconds / latency, bytesPerSecond: machine.interNode.bytesPerSecond * links },
		collectiveSeconds: machine.collectiveSeconds / latency,
	});

	test('more bandwidth never predicts slower', async () => {
		await fc.assert(
			fc.asyncProperty(cases, async ({ job, pick, factor }) => {
				const { seconds } = await candidateOf(job, pick);
				const more = await candidateOf(job, pick, scaled(base, factor, 1, 1));
				expect(more.seconds).toBeLessThanOrEqual(seconds * (1 + 1e-12));
			}),
			{ numRuns: 60 },
		);
	});

	test('a machine twice as fast in everything is exactly twice as fast', async () => {
		await fc.assert(
			fc.asyncProperty(cases, async ({ job, pick }) => {
				const { seconds } = await candidateOf(job, pick);
				const twice = await candidateOf(job, pick, scaled(base, 2, 2, 2));
				expect(twice.seconds * 2).toBeCloseTo(seconds, 9);
			}),
			{ numRuns: 60 },
		);
	});

	test('free links leave arithmetic, bubble and step: m·max + (sum - max)/v + step', async () => {
		const free = { hopSeconds: 0, bytesPerSecond: 1e30 };
		const machine: MachineRates = { ...base, intraNode: free, interNode: free, collectiveSeconds: 0 };
		await fc.assert(
			fc.asyncProperty(cases, async ({ job, pick }) => {
				const { problem, candidate } = await candidateOf(job, pick, machine);
				const time = timeUnplaced(problem, candidate);
				const both = candidate.stages.map(({ forwardSeconds, backwardSeconds }) => forwardSeconds + backwardSeconds);
				const max = Math.max(...both);
				const sum = both.reduce((total, one) => total + one, 0);
				const { setting } = candidate;
				const closed = microBatches(job, setting) * max + (sum - max) / setting.virtualStages + time.stepSeconds;
				expect(time.totalSeconds / closed).toBeCloseTo(1, 9);
			}),
			{ numRuns: 60 },
		);
	});

	test('what fits into less memory fits into more', async () => {
		await fc.assert(
			fc.asyncProperty(cases, fc.double({ min: 1e9, max: 100e9, noNaN: true }), async ({ job, pick, factor }, limit) => {
				const less = await candidateOf(job, pick, base, limit);
				const more = await candidateOf(job, pick, base, limit * factor);
				expect(Number(less.candidate.fits)).toBeLessThanOrEqual(Number(more.candidate.fits));
			}),
			{ numRuns: 60 },
		);
	});

	test('splitting or recomputing more never takes more memory', async () => {
		for (const job of jobs) {
			const problem = problemFor(job, '4xdgx-a100');
			const { settings } = enumerateSettings(job, problem.grid, { ...space, idleShare: 0 });
			const candidates = await evaluateSettings(problem, settings, pause);
			for (const none of candidates.filter(({ setting }) => setting.recompute === 'none')) {
				const full = candidates.find(
					({ setting }) => describeSetting(setting) === describeSetting({ ...none.setting, recompute: 'full' }),
				);
				expect(full?.neededBytes).toBeLessThanOrEqual(none.neededBytes * (1 + 1e-9));
			}
		}
	});
});

test('expert parallelism splits experts, but their optimizer state over no more devices than hold the same experts', () => {
	const job = jobFor('mixtral-8x7b', 64);
	const setting = {
		pipelineParallel: 1,
		tensorParallel: 1,
		dataParallel: 32,
		microBatch: 1,
		virtualStages: 1,
		recompute: 'none' as const,
	};
	const alone = stageMemory(job, { ...setting, expertParallel: 1 });
	const shared = stageMemory(job, { ...setting, expertParallel: 8 });
	expect(shared.weightBytes).toBeLessThan(0.3 * alone.weightBytes);
	expect(shared.optimizerBytes).toBeCloseTo(alone.optimizerBytes, -3);
});

describe('rivals', async () => {
	const job = jobFor('gpt3-175b', 256);
	const problem = problemFor(job, '16xdgx-a100');
	const { settings } = enumerateSettings(job, problem.grid, space);
	const candidates = await evaluateSettings(problem, settings, pause);

	test('the rule of thumb fits, uses tensor parallelism first and no interleaving', () => {
		const rule = megatronChoice(problem, candidates);
		expect(rule?.fits).toBe(true);
		expect(rule?.setting).toMatchObject({ tensorParallel: 8, virtualStages: 1, recompute: 'none' });
		// No smaller degree of pipeline parallelism fits.
		const smaller = candidates.filter(
			({ setting, fits }) =>
				fits && setting.recompute === 'none' && setting.pipelineParallel < (rule?.setting.pipelineParallel ?? 0),
		);
		expect(smaller).toEqual([]);
	});

	test('without fast links inside a node the rule prefers pipeline parallelism', () => {
		const { machine } = problem;
		const slow = { ...problem, machine: { ...machine, intraNode: { ...machine.intraNode, bytesPerSecond: 24e9 } } };
		const fast = megatronChoice(problem, candidates)?.setting;
		const rule = megatronChoice(slow, candidates)?.setting;
		expect(rule?.tensorParallel).toBeLessThan(fast?.tensorParallel ?? 0);
		expect(rule?.pipelineParallel).toBeGreaterThan(fast?.pipelineParallel ?? 0);
	});

	test('AMP’s cost, worked by hand', () => {
		const tiled = { columns: 16, rows: 1, stagesPerNode: 1, replicasPerNode: 1 };
		const setting = {
			pipelineParallel: 16,
			tensorParallel: 8,
			dataParallel: 1,
			expertParallel: 1,
			microBatch: 1,
			virtualStages: 1,
			recompute: 'none' as const,
		};
		const candidate = evaluateSetting(problem, { setting, tiling: tiled });
		const slowest = Math.max(...candidate.stages.map(({ forwardSeconds }) => forwardSeconds));
		// 256 micro-batches; 2048 tokens of 12288 values in 16 bits, an eighth on each rank, over 15 boundaries and back.
		const messages = (2 * 15 * 2048 * 12288 * 2) / 8 / (0.75 * 25e9);
		expect(ampSeconds(problem, candidate)).toBeCloseTo((255 + 16) * 3 * slowest + messages, 9);
		const replicas = { ...setting, pipelineParallel: 8, dataParallel: 2 };
		const two = evaluateSetting(problem, { setting: replicas, tiling: { ...tiled, columns: 8, rows: 2 } });
		// All gradients of 12 layers and the embeddings once over the slower link: 2(2 - 1)/2 of them.
		const exchanged = gradientBytes(job, replicas) / (0.75 * 25e9);
		const rest = (127 + 8) * 3 * Math.max(...two.stages.map(({ forwardSeconds }) => forwardSeconds));
		expect(ampSeconds(problem, two)).toBeCloseTo(rest + (messages * 7) / 15 + exchanged, 9);
	});

	test('Varuna has no tensor parallelism, AMP does not mind memory', () => {
		expect(varunaChoice(candidates)?.setting).toMatchObject({ tensorParallel: 1, recompute: 'full' });
		expect(ampRanking(problem, candidates).some(({ fits }) => !fits)).toBe(true);
	});

	test('the search beats all of them that fit, and says why others lost', async () => {
		const { ranking } = await searchPlacements(problem, candidates, 1, effort, createContext({ seed: 1 }));
		const [best] = ranking;
		for (const { candidate } of rivalChoices(problem, candidates)) {
			if (candidate?.fits === true) {
				expect(best?.time.totalSeconds).toBeLessThanOrEqual(timeUnplaced(problem, candidate).totalSeconds);
			}
		}
		expect(whyNot(problem, candidates, best).join('\n')).toMatch(/less time but needs/);
	});

	test('on one node of small memory the rule finds nothing where nothing fits', async () => {
		const small = problemFor(job, '8xa100-80gb');
		const one = await evaluateSettings(small, enumerateSettings(job, small.grid, space).settings, pause);
		expect(megatronChoice(small, one)).toBeUndefined();
		expect((await searchPlacements(small, one, 1, effort, createContext())).ranking).toEqual([]);
	});
});

test('divisors', () => {
	expect(divisors(96)).toEqual([1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 96]);
});

/** How much faster the searched configuration is than AMP's and Varuna's, over clusters with random links. */
import { createRandom, type RunContext } from '@assay/contract';
import { resolveMachine } from '@assay/machines';
import { clusterRates } from '../cluster-rates.ts';
import { generateMatrix, PUBLISHED_SPREAD } from '../links/generate-matrix.ts';
import { nodeSecondsPerByte } from '../links/unit-links.ts';
import { hostNames } from '../prepare.ts';
import { enumerateSettings } from '../search/enumerate-settings.ts';
import { ampRanking, varunaChoice } from '../search/rivals.ts';
import { evaluateSettings, type SearchProblem, searchPlacements, timeUnplaced } from '../search/search.ts';
import { modelledTimer } from '../setting-time.ts';
import { stageMemory } from '../stage-memory.ts';
import type { TrainingJob } from '../training-job.ts';
import { gptModel } from './predict-published.ts';

const NODES = 16;
const GIGABIT = 1e9 / 8;

/** The two kinds of clusters of the paper: eight devices and one port a node, and the memory its authors allow. */
const CLUSTERS = [
	{ device: 'a100-sxm-80gb', intraGigabytes: 300, portGigabits: 200, limitBytes: 70_000e6 },
	{ device: 'v100-sxm2-32gb', intraGigabytes: 150, portGigabits: 100, limitBytes: 20_000e6 },
] as const;

/** One comparison. */
export interface Speedup {
	readonly device: string;
	readonly seed: number;
	readonly overAmp: number;
	readonly overVaruna: number;
}

/** The published script's model (64 layers, width 3072) on 16 nodes of both kinds, for so many random matrices each. */
export async function speedups(seeds: number, context: Pick<RunContext, 'pause' | 'parallel'>): Promise<Speedup[]> {
	const found: Speedup[] = [];
	for (const { device, intraGigabytes, portGigabits, limitBytes } of CLUSTERS) {
		const cluster = resolveMachine({
			device,
			nodes: NODES,
			devicesPerNode: 8,
			intraNode: { kind: 'nvlink', bandwidthBytesPerSecond: intraGigabytes * 1e9 },
			interNode: { kind: 'infiniband', bandwidthBytesPerSecond: (portGigabits * GIGABIT) / 8 },
		});
		const job: TrainingJob = {
			model: gptModel('gpt', { layers: 64, hidden: 3072, heads: 24, vocabulary: 50256, sequenceTokens: 1024 }),
			globalBatch: 256,
			sequenceTokens: 1024,
			precision: 'fp16',
			kernels: 'fused',
			dropout: true,
			sequenceParallel: false,
			shardedOptimizer: false,
		};
		const machine = clusterRates(cluster, job.precision);
		const grid = { nodes: NODES, devicesPerNode: 8, byDevice: false };
		const space = { tensorParallel: [1, 2, 4, 8], microBatches: [1, 2, 4, 8], maxVirtualStages: 1, idleShare: 0 };
		// Megatron-LM 2.5, on which the paper builds, recomputes in full or not at all.
		const { settings } = enumerateSettings(job, grid, { ...space, recompute: ['none', 'full'] });
		for (let seed = 0; seed < seeds; seed++) {
			const random = createRandom(`speedup ${device} ${seed}`);
			const matrix = generateMatrix(hostNames(NODES), machine.interNode.bytesPerSecond, PUBLISHED_SPREAD, random);
			const links = nodeSecondsPerByte(matrix, 1);
			const problem: SearchProblem = {
				job,
				grid,
				machine,
				linksFor: () => links,
				rings: 'all stages',
				timer: modelledTimer(job, machine),
				memoryOf: ({ setting }) => {
					const memory = stageMemory(job, setting);
					return { memory, neededBytes: memory.totalBytes };
				},
				limitBytes,
			};
			const candidates = await evaluateSettings(problem, settings, context.pause);
			const { ranking } = await searchPlacements(
				problem,
				candidates,
				1,
				{ iterations: 10_000, restarts: 1 },
				{ ...context, seed },
			);
			const best = ranking[0]?.time.totalSeconds ?? Number.NaN;
			// AMP's list is tried from the top until a setting runs.
			const amp = ampRanking(problem, candidates).find(({ fits }) => fits);
			const varuna = varunaChoice(candidates);
			found.push({
				device,
				seed,
				overAmp: amp === undefined ? Number.NaN : timeUnplaced(problem, amp).totalSeconds / best,
				overVaruna: varuna === undefined ? Number.NaN : timeUnplaced(problem, varuna).totalSeconds / best,
			});
		}
	}
	return found;
}

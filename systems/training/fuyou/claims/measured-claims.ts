/** Claims about the engine, measured by training here. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Claim, ClaimContext } from '@assay/contract';
import { compileKernels, createKernelMemory, defaultAdam, InMemoryTrainer, instantiateKernels } from '@assay/learning';
import { simulateStep } from '../event-simulation.ts';
import { policies } from '../policies/policies.ts';
import { publishedPlan } from '../published-runs.ts';
import { batchOf } from '../trainer/batches.ts';
import { compareOrders } from '../trainer/compare-orders.ts';
import { StreamingTrainer } from '../trainer/streaming-trainer.ts';

const shape = { batch: 2, sequenceTokens: 32, width: 64, heads: 4, hiddenWidth: 256, layers: 6, vocabulary: 256 } as const;
const STEPS = 5;

async function differingParameters(context: ClaimContext): Promise<number> {
	const trainer = new InMemoryTrainer(instantiateKernels(await compileKernels(), createKernelMemory(1 << 16)), shape, {
		seed: 1,
		adam: defaultAdam,
	});
	const folder = await mkdtemp(join(tmpdir(), 'assay-fuyou-'));
	try {
		const streamed = await StreamingTrainer.open({
			folder,
			shape,
			seed: 1,
			adam: defaultAdam,
			mode: 'inside-backward',
			readBeforeWrite: true,
			keptItems: ['middle'],
			stateCapBytes: 3e6,
			activationCapBytes: 2e5,
			driveThreads: 2,
			requestBytes: 1 << 20,
			throttleBytesPerSecond: 0,
			signal: context.signal,
		});
		try {
			for (let step = 1; step <= STEPS; step++) {
				const { tokens, targets } = batchOf(shape, 1, step);
				trainer.step(tokens, targets);
				await streamed.step();
			}
			const ours = await streamed.parameters();
			return trainer.weights.reduce((count, value, index) => count + (Object.is(value, ours[index]) ? 0 : 1), 0);
		} finally {
			await streamed.close();
		}
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

/** Seconds of the published 13B step at a batch of 32 that the processor's optimizer adds to forward and backward, job by job. */
function exposedOptimizer(stage: 'inside-backward' | 'processor-after-backward'): number {
	const { workload, resources, choice, buffers } = publishedPlan('fuyou', '13b', 32);
	const policy = { ...policies.fuyou, optimizer: stage };
	const step = simulateStep(policy, workload, resources, choice.kept, { buffers, reorderTraffic: stage === 'inside-backward' });
	return step.seconds - step.backwardEndSeconds;
}

export const measuredClaims: readonly Claim[] = [
	{
		id: 'F7',
		says: 'Updates inside backward are synchronous: after five steps no parameter differs from plain Adam in memory.',
		published: { value: 0, unit: 'parameters', where: 'design, active gradient offloading' },
		evidence: 'measured',
		tolerance: { absolute: 0.5, because: 'the same bits or not' },
		effort: 'seconds',
		measure: differingParameters,
	},
	{
		id: 'F8-simulated',
		says: 'The optimizer inside backward hides: at most a tenth of what a separate stage adds remains (13B, batch 32).',
		published: { value: 0.1, unit: '1', where: 'design, active gradient offloading; the bound is ours' },
		evidence: 'simulated',
		tolerance: { bound: 'at most', because: '"hides" is taken to mean a tenth or less' },
		effort: 'seconds',
		measure: async () => exposedOptimizer('inside-backward') / exposedOptimizer('processor-after-backward'),
	},
	{
		id: 'F8-measured',
		says: 'On this computer’s drive a step with the optimizer inside backward is at least 1.25 times as fast as with a separate stage.',
		published: { value: 1.25, unit: 'x', where: 'design, active gradient offloading; the bound is ours' },
		evidence: 'measured',
		tolerance: {
			bound: 'at least',
			because: 'set before measuring, for a step of which moving optimizer state takes 30 to 60 %',
		},
		effort: 'minutes',
		comment: 'A GPT of 10 M parameters; medians of steps taken in turn. Depends on the drive and on what else the computer does.',
		measure: async (context) => (await compareOrders(context)).speedup,
	},
];

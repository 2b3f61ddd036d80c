/** Times the three orders of optimizer work against each other, their steps taken in turn so that a busy computer disturbs all alike. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, quantileSorted, type RunContext, sortedCopy } from '@assay/contract';
import { defaultAdam, type GptShape } from '@assay/learning';
import { totalStateBytes } from './memory-plan.ts';
import { stateLayout } from './state-layout.ts';
import type { StreamingOptions } from './streaming-options.ts';
import { type StepReport, StreamingTrainer } from './streaming-trainer.ts';

/** 9.6 million parameters, 154 MB of state; few tokens, so that moving state is a large part of a step. */
const shape: GptShape = { batch: 1, sequenceTokens: 64, width: 256, heads: 4, hiddenWidth: 1024, layers: 12, vocabulary: 256 };
const ROUNDS = 31;

const ways = [
	{ mode: 'after-backward', readBeforeWrite: false },
	{ mode: 'inside-backward', readBeforeWrite: true },
	{ mode: 'inside-backward', readBeforeWrite: false },
] as const satisfies readonly Pick<StreamingOptions, 'mode' | 'readBeforeWrite'>[];

export interface OrderComparison {
	/** Median steps: after backward, inside with reads first, inside with writes as they come. */
	readonly seconds: readonly [number, number, number];
	/** After backward over inside backward: the median over rounds, as all ratios here. */
	readonly speedup: number;
	/** Reads and writes of state, of the step with the optimizer after backward. */
	readonly stateShare: number;
	/** Inside backward with reads first over writes as they come; below 1: reads first is faster. */
	readonly readsFirst: number;
}

/** Trains in three folders under the system's temporary one. The cap leaves room for all gradients, so none wait on the drive. */
export async function compareOrders(context: Pick<RunContext, 'signal' | 'progress'>): Promise<OrderComparison> {
	const folder = await mkdtemp(join(tmpdir(), 'assay-fuyou-'));
	const trainers: StreamingTrainer[] = [];
	try {
		for (const [index, way] of ways.entries()) {
			trainers.push(
				await StreamingTrainer.open({
					folder: join(folder, String(index)),
					shape,
					seed: 1,
					adam: defaultAdam,
					...way,
					keptItems: ['middle'],
					stateCapBytes: totalStateBytes(stateLayout(shape)) / 2,
					activationCapBytes: 64e6,
					driveThreads: 2,
					requestBytes: 1 << 20,
					throttleBytesPerSecond: 0,
					signal: context.signal,
				}),
			);
		}
		const random = createRandom('orders');
		const rounds: StepReport[][] = [];
		for (let round = 0; round < ROUNDS; round++) {
			const reports: StepReport[] = [];
			// In a new order each round: what a way leaves to the drive's cache disturbs whichever comes next.
			for (const index of random.shuffle([...trainers.keys()])) {
				const trainer = trainers[index];
				if (trainer !== undefined) reports[index] = await trainer.step();
			}
			rounds.push(reports);
			context.progress((round + 1) / ROUNDS, `round ${round + 1} of ${ROUNDS}`);
		}
		const counted = rounds.slice(1);
		const median = (value: (reports: StepReport[]) => number): number => quantileSorted(sortedCopy(counted.map(value)), 0.5);
		const seconds = (reports: StepReport[], way: 0 | 1 | 2): number => reports[way]?.seconds ?? 0;
		return {
			seconds: [median((one) => seconds(one, 0)), median((one) => seconds(one, 1)), median((one) => seconds(one, 2))],
			speedup: median((one) => seconds(one, 0) / seconds(one, 1)),
			stateShare: median((one) => stateSeconds(one[0]) / seconds(one, 0)),
			readsFirst: median((one) => seconds(one, 1) / seconds(one, 2)),
		};
	} finally {
		for (const trainer of trainers) await trainer.close();
		await rm(folder, { recursive: true, force: true });
	}
}

/** Time that reads and writes of optimizer state took in a step. */
function stateSeconds(report: StepReport | undefined): number {
	const moved = (report?.spans ?? []).filter(({ kind }) => kind === 'read state' || kind === 'write state');
	return moved.reduce((sum, { startMillis, endMillis }) => sum + endMillis - startMillis, 0) / 1000;
}

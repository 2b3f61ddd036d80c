/**
 * Real training beside the surrogate: before the search, networks drawn evenly from the space, which tell how far the surrogate ranks as training
 * does; during the search, again and again the designs that the surrogate likes best. The one of them whose networks trained best is chosen.
 */
import type { Random, RunContext } from '@assay/contract';
import { kendallTau } from '../accuracy/rank-correlation.ts';
import type { Inputs } from '../inputs.ts';
import type { Outputs } from '../outputs.ts';
import { drawEvenly, networkOptions } from '../search/design-space.ts';
import type { Evaluator } from '../search/evaluate-design.ts';
import type { SeenDesign } from '../search/search-record.ts';
import { type ResNet9Training, trainResnet9 } from './train-resnet9.ts';

type TrainingOutput = NonNullable<Outputs['training']>;
type TrainedNetwork = TrainingOutput['networks'][number];

export interface CandidateTraining {
	trainDrawn(random: Random): Promise<void>;
	/** Trains the most accurate designs within the limits, by the surrogate, whose networks are not trained yet. */
	trainBest(seen: readonly SeenDesign[]): Promise<void>;
	/** The trained design within the limits that trained best; null where there is none. */
	choose(seen: readonly SeenDesign[]): SeenDesign | null;
	/** In per cent; null for a network that was not trained. */
	accuracyOf(network: string): number | null;
	output(): TrainingOutput;
}

type Context = Pick<RunContext, 'seed' | 'parallel' | 'log'>;

export function candidateTraining(
	evaluator: Evaluator,
	{ drawn, candidates, images, epochs, narrower }: Inputs['train'],
	context: Context,
): CandidateTraining {
	const { space } = evaluator;
	const trained = new Map<string, TrainedNetwork>();

	const trainNetworks = async (designs: readonly Int32Array[], from: TrainedNetwork['from']): Promise<void> => {
		const wanted = new Map<string, { surrogate: number; training: ResNet9Training }>();
		for (const chosen of designs) {
			const networks = evaluator.networks(chosen);
			const options = networkOptions(space, chosen);
			const accuracies = evaluator.accuracies(chosen);
			for (const [i, task] of space.tasks.entries()) {
				const values = task.values(options[i] as Int32Array);
				const { name } = networks[i] as (typeof networks)[number];
				if (values === null || trained.has(name)) continue;
				const training = { values, narrower, images, epochs, seed: context.seed };
				wanted.set(name, { surrogate: accuracies[i] ?? 0, training });
			}
		}
		const results = await context.parallel(
			trainResnet9,
			[...wanted.values()].map(({ training }) => training),
		);
		for (const [i, [network, { surrogate }]] of [...wanted].entries()) {
			const { accuracy, parameters } = results[i] as (typeof results)[number];
			trained.set(network, { network, from, parameters, surrogate, trained: 100 * accuracy });
		}
	};

	/** Weighted over tasks as the surrogate's is; null where some network is not trained. */
	const trainedAccuracy = (chosen: Int32Array): number | null => {
		const networks = evaluator.networks(chosen);
		let sum = 0;
		let weights = 0;
		for (const [i, { weight }] of space.tasks.entries()) {
			if (weight === 0) continue;
			const of = trained.get(networks[i]?.name ?? '');
			if (of === undefined) return null;
			sum += weight * of.trained;
			weights += weight;
		}
		return weights === 0 ? null : sum / weights;
	};

	return {
		async trainDrawn(random) {
			const designs = Array.from({ length: drawn }, () => {
				const chosen = new Int32Array(space.sizes.length);
				drawEvenly(space, random, chosen);
				return chosen;
			});
			await trainNetworks(designs, 'drawn evenly');
		},
		async trainBest(seen) {
			const best = new Map<string, SeenDesign>();
			for (const design of seen) {
				if (!design.isWithin || trainedAccuracy(design.chosen) !== null) continue;
				const key = design.chosen.subarray(0, space.networkDecisions).join();
				if (!best.has(key)) best.set(key, design);
			}
			const chosen = [...best.values()].sort((a, b) => b.accuracy - a.accuracy).slice(0, candidates);
			await trainNetworks(
				chosen.map((design) => design.chosen),
				'candidate',
			);
		},
		choose(seen) {
			let best: SeenDesign | null = null;
			let highest = Number.NEGATIVE_INFINITY;
			for (const design of seen) {
				const accuracy = design.isWithin ? trainedAccuracy(design.chosen) : null;
				if (accuracy === null || accuracy <= highest) continue;
				best = design;
				highest = accuracy;
			}
			return best;
		},
		accuracyOf: (network) => trained.get(network)?.trained ?? null,
		output() {
			const networks = [...trained.values()];
			const tau = (of: readonly TrainedNetwork[]): number | null =>
				kendallTau(
					of.map(({ surrogate }) => surrogate),
					of.map((one) => one.trained),
				);
			return {
				narrower,
				images,
				epochs,
				networks,
				tau: tau(networks),
				tauOfDrawn: tau(networks.filter(({ from }) => from === 'drawn evenly')),
			};
		},
	};
}

/**
 * Shares of variance from runs of any kind. Boosted trees learn the output from the factors; then, on runs that they have not seen, one factor's
 * values are exchanged among the runs, and the rise of the squared error says what that factor is worth (Breiman 2001). For factors that vary
 * independently, half of the rise over the variance is Sobol's total index of the learnt function (Gregorutti, Michel and Saint-Pierre 2017), so
 * shares are in the same terms as those of the designs made for them.
 */
import { createRandom, mean, standardDeviation } from '@assay/contract';
import type { Factor, FactorShare } from '../factor.ts';
import { binFactors } from './binned-factors.ts';
import { fitBoostedTrees, predict } from './gradient-boosting.ts';

const FOLDS = 5;
const REPEATS = 2;
/** Exchanges of each factor in each fold. */
const EXCHANGES = 3;

export interface Importance {
	/** Share of the variance that the trees foretell on runs they have not seen; below 0 if the mean alone would foretell better. */
	readonly explained: number;
	readonly factors: readonly FactorShare[];
}

/** Importances of the factors for an output that varies, by cross-validation: at least ten runs. Every output is finite. */
export function permutationImportance(factors: readonly Factor[], outputs: Float64Array, seed: number): Importance {
	const random = createRandom(seed).fork('permutation importance');
	const count = outputs.length;
	const variance = standardDeviation(outputs) ** 2;
	/** Rises of each factor, a list of folds for each repeat. */
	const rises = factors.map(() => Array.from({ length: REPEATS }, (): number[] => []));
	let errors = 0;
	for (let repeat = 0; repeat < REPEATS; repeat++) {
		const order = random.fork(`order ${repeat}`).shuffle(Uint32Array.from({ length: count }, (_, run) => run));
		for (let fold = 0; fold < FOLDS; fold++) {
			const own = random.fork(`fold ${repeat}/${fold}`);
			const tested = order.filter((_, place) => place % FOLDS === fold);
			const known = order.filter((_, place) => place % FOLDS !== fold).sort();
			const data = binFactors(factors, outputs, known);
			const trees = fitBoostedTrees(data, outputs, known, own.fork('trees'));
			const error = Float64Array.from(tested, (run) => ((outputs[run] as number) - predict(trees, data, run)) ** 2);
			const before = mean(error);
			errors += (before * tested.length) / count / REPEATS;
			for (const [at, byRepeat] of rises.entries()) {
				let after = 0;
				for (let exchange = 0; exchange < EXCHANGES; exchange++) {
					const others = own.fork(`exchange ${at}/${exchange}`).shuffle(tested.slice());
					for (const [place, run] of tested.entries())
						after += ((outputs[run] as number) - predict(trees, data, run, at, others[place])) ** 2;
				}
				byRepeat[repeat]?.push((after / EXCHANGES / tested.length - before) / (2 * variance));
			}
		}
	}
	return {
		explained: 1 - errors / (variance * (1 - 1 / count)),
		factors: factors.map(({ name }, at) => {
			const byRepeat = rises[at] ?? [];
			const value = mean(byRepeat.flat());
			// Folds of one repeat test different runs: their scatter is that of small samples, and of their mean √folds times less.
			const scatter = Math.sqrt(mean(byRepeat.map((folds) => standardDeviation(folds) ** 2)) / FOLDS);
			return { name, alone: null, total: { value, low: value - 1.96 * scatter, high: value + 1.96 * scatter } };
		}),
	};
}

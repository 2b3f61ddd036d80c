/**
 * Everything that is estimated from trainings: the law, what 4-bit products count for, and how certain both are. Intervals come from a
 * bootstrap: as many trainings are drawn, with repetition, and all is fitted anew.
 */
import type { Random } from '@assay/contract';
import { type FreeFactor, fitEfficiency } from './fit-efficiency.ts';
import { fitLaw, type LawFit } from './fit-law.ts';
import { type Efficiency, FULL_PRECISION, type TrainingRun } from './loss-law.ts';

/** Trainings by the products that were 4-bit. */
export interface RunSets {
	readonly exact: readonly TrainingRun[];
	readonly forward: readonly TrainingRun[];
	readonly backward: readonly TrainingRun[];
	readonly both: readonly TrainingRun[];
}

export interface Estimate {
	readonly fit: LawFit;
	/** Of forward trainings alone and of backward trainings alone. */
	readonly separate: Efficiency;
	/** Of the trainings with both at once; null without any. */
	readonly joint: Efficiency | null;
}

/** Fits the law and the factors. Without forward or backward trainings those of both count, without any 1. `start`: a fit nearby. */
export async function estimate(sets: RunSets, pause: () => Promise<void>, start?: Estimate): Promise<Estimate> {
	const fit = await fitLaw(sets.exact, { pause, ...(start !== undefined && { start: start.fit.law }) });
	const { law } = fit;
	const factor = async (runs: readonly TrainingRun[], free: FreeFactor) => {
		await pause();
		if (runs.length === 0) return null;
		const near = free === 'both' ? (start?.joint ?? undefined) : start?.separate;
		const { parameters, tokens } = fitEfficiency(law, runs, free, near);
		return { parameters, tokens };
	};
	const joint = await factor(sets.both, 'both');
	const separate = {
		parameters: ((await factor(sets.forward, 'parameters')) ?? joint ?? FULL_PRECISION).parameters,
		tokens: ((await factor(sets.backward, 'tokens')) ?? joint ?? FULL_PRECISION).tokens,
	};
	return { fit, separate, joint };
}

/** Estimates of `rounds` samples of the trainings. */
export async function bootstrap(
	sets: RunSets,
	central: Estimate,
	rounds: number,
	random: Random,
	pause: () => Promise<void>,
): Promise<Estimate[]> {
	const draw = (runs: readonly TrainingRun[]) => runs.map(() => runs[random.integer(runs.length)] as TrainingRun);
	const estimates: Estimate[] = [];
	for (let round = 0; round < rounds; round++) {
		const drawn = { exact: draw(sets.exact), forward: draw(sets.forward), backward: draw(sets.backward), both: draw(sets.both) };
		estimates.push(await estimate(drawn, pause, central));
	}
	return estimates;
}

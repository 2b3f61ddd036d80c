/** How much each input accounts for of what varies in an output, by the best means that the runs allow. */
import { createRandom } from '@assay/contract';
import { factorialShares } from './designs/full-factorial.ts';
import { saltelliPoints, saltelliShares } from './designs/saltelli.ts';
import { type Factor, type FactorShare, levelsOf } from './factor.ts';
import { permutationImportance } from './surrogate/permutation-importance.ts';

export interface KnownSensitivity {
	readonly isKnown: true;
	/**
	 * `grid`: all combinations were run, shares are exact. `saltelli`: estimated from a design made for it. `surrogate`: of a model fitted to
	 * the runs.
	 */
	readonly basis: 'grid' | 'saltelli' | 'surrogate';
	/** Runs the shares rest on, and runs that had an output. */
	readonly runs: number;
	readonly available: number;
	/** Of a surrogate: share of the variance that it foretells on runs it has not seen. */
	readonly explained: number | null;
	/** Largest share first. Inputs that always changed together are one, their names joined by commas. */
	readonly factors: readonly FactorShare[];
}

export type Sensitivity = KnownSensitivity | { readonly isKnown: false; readonly reason: string };

/** Runs that a surrogate is fitted to; more would cost seconds and tell little more. */
const MOST_RUNS = 2000;
/** Fewer runs than this, or than so many for each input, say nothing. */
const LEAST_RUNS = 30;
const LEAST_RUNS_A_FACTOR = 5;
/** Half of an interval beyond which a design says nothing. */
const WIDEST = 0.25;
/** A surrogate that foretells less than this share of the variance says nothing. */
const LEAST_EXPLAINED = 0.5;

/**
 * Shares of the variance of `outputs`, a number for each run and NaN where it has none. Factors have a value for each run. The same
 * arguments give the same shares.
 */
export function sensitivityOf(factors: readonly Factor[], outputs: ArrayLike<number>, seed = 0): Sensitivity {
	const all = Float64Array.from(outputs);
	const able = Uint32Array.from(all, (_, run) => run).filter((run) => Number.isFinite(all[run]));
	const values = Float64Array.from(able, (run) => all[run] as number);
	const inputs = joinedFactors(factors, able);
	if (values.every((value) => value === values[0]))
		return unknown(values.length === 0 ? 'No run has this output.' : 'This output is the same in all runs.');
	if (inputs.length === 0) return unknown('No input differs between the runs that have this output.');
	const known = (basis: KnownSensitivity['basis'], runs: number, shares: readonly FactorShare[], explained: number | null) => ({
		isKnown: true as const,
		basis,
		runs,
		available: values.length,
		explained,
		factors: [...shares].sort((a, b) => b.total.value - a.total.value),
	});
	const restricted = inputs.map((factor) => restrict(factor, able));
	const exact = able.length === all.length ? factorialShares(restricted, values) : null;
	if (exact !== null) return known('grid', values.length, exact, null);
	const points = saltelliPoints(inputs);
	const estimated = points === 0 ? null : saltelliShares(inputs, all.subarray(0, points * (inputs.length + 2)), seed);
	if (estimated !== null) {
		const widest = estimated.reduce((most, { total }) => Math.max(most, (total.high - total.low) / 2), 0);
		if (widest <= WIDEST) return known('saltelli', points * (inputs.length + 2), estimated, null);
		return unknown(`The design's ${points} points are too few: they tell shares to ±${Math.round(100 * widest)} % only.`);
	}
	const least = Math.max(LEAST_RUNS, LEAST_RUNS_A_FACTOR * inputs.length);
	if (values.length < least)
		return unknown(`${values.length} runs are too few to tell for ${inputs.length} inputs: at least ${least} are needed.`);
	const sample = createRandom(seed)
		.fork('sample')
		.shuffle(Uint32Array.from(values, (_, run) => run))
		.subarray(0, MOST_RUNS)
		.sort();
	const sampled = Float64Array.from(sample, (run) => values[run] as number);
	if (sampled.every((value) => value === sampled[0])) return unknown('This output is the same in almost all runs.');
	const { explained, factors: shares } = permutationImportance(
		restricted.map((factor) => restrict(factor, sample)),
		sampled,
		seed,
	);
	if (!(explained >= LEAST_EXPLAINED))
		return unknown(
			`A model fitted to the runs foretells ${Math.round(100 * Math.max(0, explained))} % of what varies, too little to tell which input matters.`,
		);
	return known('surrogate', sample.length, shares, explained);
}

const unknown = (reason: string): Sensitivity => ({ isKnown: false, reason });

const restrict = (factor: Factor, runs: Uint32Array): Factor => ({
	name: factor.name,
	values: Array.from(runs, (run) => factor.values[run] ?? null),
});

/** Factors that differ among some runs; those that always change together are one. */
function joinedFactors(factors: readonly Factor[], runs: Uint32Array): Factor[] {
	const joined = new Map<string, Factor>();
	for (const factor of factors) {
		const { values } = restrict(factor, runs);
		const { codes, count } = levelsOf(values);
		if (count < 2) continue;
		// Where hardly a value comes twice, any two factors change together; twins among them are those that rise or fall together.
		const key = 2 * count <= runs.length ? codes.join() : orderOf(values);
		const twin = joined.get(key);
		joined.set(key, twin === undefined ? factor : { name: `${twin.name}, ${factor.name}`, values: twin.values });
	}
	return [...joined.values()];
}

/** The runs from one end of a factor's values to the other, beginning at the end that has the earlier run; of what is no number, its values. */
function orderOf(values: Factor['values']): string {
	if (!values.every((value) => typeof value === 'number')) return JSON.stringify(values);
	const order = values.map((_, run) => run).sort((a, b) => Number(values[a]) - Number(values[b]) || a - b);
	return (order[0] as number) <= (order.at(-1) as number) ? order.join() : order.reverse().join();
}

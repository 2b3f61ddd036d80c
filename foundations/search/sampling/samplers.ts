/** Methods that fix all points before anything is known: grid, chance, Latin hypercube, Sobol. */
import { createRandom } from '@assay/contract';
import type { Proposal, SearchMethod, SearchProblem } from '../search-method.ts';
import type { Dimension, Point, SearchSpace, Value } from '../search-space.ts';
import { Sobol } from './sobol.ts';

const full = (point: Point): Proposal => ({ point, fidelity: 1 });

/** Everything that is left, at once. */
function fixedPlan(name: string, count: number, at: (index: number) => Point): SearchMethod {
	return {
		name,
		propose: (trials) => Array.from({ length: Math.max(0, count - trials.length) }, (_, i) => full(at(trials.length + i))),
	};
}

/** All combinations of `levels` values of each range and all options, the last dimension first to change. */
export function grid(space: SearchSpace, levels: number): SearchMethod {
	if (!(Number.isSafeInteger(levels) && levels >= 1)) throw new RangeError(`${levels} levels`);
	const axes = space.dimensions.map((dimension) => valuesOf(dimension, levels));
	const count = axes.reduce((product, values) => product * values.length, 1);
	return fixedPlan('grid', count, (index) => {
		let rest = index;
		return axes
			.toReversed()
			.map((values) => {
				const value = values[rest % values.length] as Value;
				rest = Math.floor(rest / values.length);
				return value;
			})
			.reverse();
	});
}

/** Ends included; whole numbers once each. */
function valuesOf(dimension: Dimension, levels: number): Value[] {
	if (dimension.kind === 'choice') return [...dimension.options];
	const { min, max, kind, scale } = dimension;
	if (kind === 'integer' && max - min + 1 <= levels) return Array.from({ length: max - min + 1 }, (_, i) => min + i);
	const values = Array.from({ length: levels }, (_, i) => {
		const share = levels === 1 ? 0.5 : i / (levels - 1);
		const value = scale === 'log' ? min * (max / min) ** share : min + (max - min) * share;
		return kind === 'integer' ? Math.round(value) : Math.min(max, Math.max(min, value));
	});
	return [...new Set(values)];
}

/** `count` points by chance. */
export function randomSampling({ space, seed }: SearchProblem, count: number): SearchMethod {
	const random = createRandom(seed).fork('random sampling');
	return fixedPlan('random', count, (index) => {
		const own = random.fork(index);
		return space.at(Float64Array.from(space.dimensions, () => own.uniform()));
	});
}

/** `count` points of which, in each dimension, one lies in each of `count` equal stretches (McKay, Beckman and Conover 1979). */
export function latinHypercube({ space, seed }: SearchProblem, count: number): SearchMethod {
	const random = createRandom(seed).fork('latin hypercube');
	const columns = space.dimensions.map((_, dimension) =>
		random.fork(dimension).shuffle(Float64Array.from({ length: count }, (_, stretch) => stretch)),
	);
	return fixedPlan('latin hypercube', count, (index) => {
		const own = random.fork(`point ${index}`);
		return space.at(columns.map((column) => ((column[index] as number) + own.uniform()) / count));
	});
}

/** The first `count` points of Sobol's sequence, shifted by the seed. Raises a RangeError beyond its dimensions. */
export function sobolSampling({ space, seed }: SearchProblem, count: number): SearchMethod {
	const sobol = new Sobol(space.dimensions.length, { seed });
	return fixedPlan('sobol', count, (index) => space.at(sobol.at(index)));
}

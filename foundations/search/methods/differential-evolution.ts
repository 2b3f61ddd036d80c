/**
 * Differential evolution (Storn and Price 1997), rand/1/bin: each member of a population is challenged by a point made of three others'
 * differences, and the better of the two stays. One objective.
 */
import { createRandom } from '@assay/contract';
import { isBetter, type SearchMethod, type SearchProblem, type Trial } from '../search-method.ts';
import type { Evolution } from './nsga2.ts';

const DIFFERENCE_WEIGHT = 0.7;
const CROSSOVER_CHANCE = 0.9;

export function differentialEvolution(
	{ space, goal, seed }: SearchProblem,
	{ population, generations }: Evolution,
): SearchMethod {
	if (!(Number.isSafeInteger(population) && population >= 4))
		throw new RangeError(`a population of ${population}: at least 4 are needed`);
	const random = createRandom(seed).fork('differential evolution');
	return {
		name: 'differential evolution',
		propose(trials) {
			const generation = Math.floor(trials.length / population);
			if (generation >= generations) return [];
			const members: Trial[] = trials.slice(0, Math.min(population, trials.length));
			for (const [place, challenger] of trials.slice(population, generation * population).entries()) {
				const member = place % population;
				if (!isBetter(members[member] as Trial, challenger, goal)) members[member] = challenger;
			}
			const at = (member: number) => space.coordinates((members[member] as Trial).point);
			return Array.from({ length: population - (trials.length % population) }, (_, rest) => {
				const member = (trials.length % population) + rest;
				const own = random.fork(`generation ${generation}, ${member}`);
				if (generation === 0) return { point: space.at(Float64Array.from(space.dimensions, () => own.uniform())), fidelity: 1 };
				const others = own.shuffle(Array.from({ length: population }, (_, i) => i).filter((i) => i !== member)).slice(0, 3);
				const [base, plus, minus] = others.map(at) as [Float64Array, Float64Array, Float64Array];
				const forced = own.integer(space.dimensions.length);
				const challenger = at(member).map((coordinate, index) => {
					if (index !== forced && own.uniform() >= CROSSOVER_CHANCE) return coordinate;
					const moved = (base[index] as number) + DIFFERENCE_WEIGHT * ((plus[index] as number) - (minus[index] as number));
					return reflect(moved);
				});
				return { point: space.at(challenger), fidelity: 1 };
			});
		},
	};
}

/** Back into the unit interval, as off a mirror at its ends. */
function reflect(value: number): number {
	const folded = Math.abs(value) % 2;
	return folded > 1 ? 2 - folded : folded;
}

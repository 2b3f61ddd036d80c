/**
 * NSGA-II (Deb, Pratap, Agarwal and Meyarivan 2002): a population ranked by fronts and, within a front, by how lonely a point is. Whatever
 * violates constraints less comes before whatever violates them more, and failures come last. Serves one objective as well.
 */
import { createRandom } from '@assay/contract';
import { gainsOf, type Proposal, type SearchMethod, type SearchProblem, type Trial, violationOf } from '../search-method.ts';
import { crossover, mutate } from './variation.ts';

export interface Evolution {
	/** An even number of at least 4. */
	readonly population: number;
	readonly generations: number;
}

const CROSSOVER_CHANCE = 0.9;

/** Rank of a trial's front, and its distance to its neighbours there. */
interface Standing {
	readonly trial: Trial;
	readonly rank: number;
	readonly crowding: number;
}

export function nsga2(problem: SearchProblem, { population, generations }: Evolution): SearchMethod {
	if (!(Number.isSafeInteger(population) && population >= 4 && population % 2 === 0))
		throw new RangeError(`a population of ${population}: an even number of at least 4 is needed`);
	const { space, goal, seed } = problem;
	const random = createRandom(seed).fork('nsga-ii');
	/** The latest population, with the trial it ended with, so that it is not found again from the first generation on. */
	let latest: { readonly trials: number; readonly last: Trial; readonly kept: readonly Standing[] } | undefined;
	return {
		name: 'nsga-ii',
		propose(trials) {
			const generation = Math.floor(trials.length / population);
			if (generation >= generations) return [];
			const inGeneration = trials.length % population;
			let proposals: Proposal[];
			if (generation === 0) {
				proposals = Array.from({ length: population }, (_, index) => {
					const own = random.fork(`first ${index}`);
					return { point: space.at(Float64Array.from(space.dimensions, () => own.uniform())), fidelity: 1 };
				});
			} else {
				const parents = survivors(trials.slice(0, generation * population));
				proposals = Array.from({ length: population }, (_, index) => {
					const own = random.fork(`generation ${generation}, ${index}`);
					const [a, b] = [tournament(parents, own), tournament(parents, own)].map(({ trial }) => space.coordinates(trial.point));
					const child =
						own.uniform() < CROSSOVER_CHANCE ? crossover(space, a as Float64Array, b as Float64Array, own) : (a as Float64Array);
					return { point: space.at(mutate(space, child, own)), fidelity: 1 };
				});
			}
			return proposals.slice(inGeneration);
		},
	};

	function tournament(parents: readonly Standing[], own: ReturnType<typeof createRandom>): Standing {
		const a = parents[own.integer(parents.length)] as Standing;
		const b = parents[own.integer(parents.length)] as Standing;
		return compareStandings(a, b) <= 0 ? a : b;
	}

	/** What is left of all generations, each competing with its parents. */
	function survivors(trials: readonly Trial[]): readonly Standing[] {
		const isKnown = latest !== undefined && latest.trials <= trials.length && trials[latest.trials - 1] === latest.last;
		let kept = isKnown && latest !== undefined ? latest.kept : [];
		for (let first = isKnown && latest !== undefined ? latest.trials : 0; first < trials.length; first += population) {
			const all = [...kept.map(({ trial }) => trial), ...trials.slice(first, first + population)];
			kept = standings(all, goal.directions.length).sort(compareStandings).slice(0, population);
		}
		latest = { trials: trials.length, last: trials.at(-1) as Trial, kept };
		return kept;
	}

	function standings(trials: readonly Trial[], objectives: number): Standing[] {
		const facts = trials.map((trial) => ({ trial, gains: gainsOf(trial, goal), violation: violationOf(trial) }));
		const result: Standing[] = [];
		let rank = 0;
		for (let left = facts; left.length > 0; rank++) {
			const front = left.filter((one) => !left.some((other) => dominates(other, one)));
			const crowding = crowdingDistances(
				front.map(({ gains }) => gains),
				objectives,
			);
			for (const [index, { trial }] of front.entries()) result.push({ trial, rank, crowding: crowding[index] as number });
			const taken = new Set(front);
			left = left.filter((one) => !taken.has(one));
		}
		return result;
	}
}

function compareStandings(a: Standing, b: Standing): number {
	if (a.rank !== b.rank) return a.rank - b.rank;
	// Both may be infinite.
	return a.crowding === b.crowding ? 0 : b.crowding - a.crowding;
}

interface Facts {
	readonly gains: readonly number[] | null;
	readonly violation: number;
}

/** Deb's constrained domination. */
function dominates(a: Facts, b: Facts): boolean {
	if (a.gains === null || b.gains === null) return a.gains !== null;
	if (a.violation !== b.violation) return a.violation < b.violation;
	let isBetter = false;
	for (const [axis, gain] of a.gains.entries()) {
		const other = b.gains[axis] as number;
		if (gain < other) return false;
		if (gain > other) isBetter = true;
	}
	return isBetter;
}

/** For each point the sum over objectives of the gap between its neighbours; the ends are infinitely lonely. */
function crowdingDistances(front: readonly (readonly number[] | null)[], objectives: number): Float64Array {
	const distances = new Float64Array(front.length);
	const known = [...front.keys()].filter((index) => front[index] !== null);
	for (let axis = 0; axis < objectives; axis++) {
		const gain = (index: number): number => front[index]?.[axis] as number;
		const order = known.toSorted((a, b) => gain(a) - gain(b));
		const [lowest, highest] = [order[0], order.at(-1)];
		if (lowest === undefined || highest === undefined) continue;
		const span = gain(highest) - gain(lowest);
		for (const end of [lowest, highest]) distances[end] = Number.POSITIVE_INFINITY;
		if (span === 0) continue;
		for (let i = 1; i + 1 < order.length; i++) {
			const index = order[i] as number;
			distances[index] = (distances[index] as number) + (gain(order[i + 1] as number) - gain(order[i - 1] as number)) / span;
		}
	}
	return distances;
}

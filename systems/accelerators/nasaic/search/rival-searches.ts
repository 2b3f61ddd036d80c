/** What the paper compares with, and two more: network first, hardware first, chance, and a genetic algorithm. */
import type { Random } from '@assay/contract';
import { chipOf, drawEvenly } from './design-space.ts';
import { type Evaluator, type Limits, meetsLimits } from './evaluate-design.ts';
import { accuracySearch, allOpen, type OnEpisode, policySearch, type SearchEffort } from './policy-search.ts';
import { createRecord, type SearchResult } from './search-record.ts';

const MONTE_CARLO_CHIPS = 10_000;
const BATCH = 50;
const TOURNAMENT = 3;
const MUTATIONS = 1.5;

type Search = (
	evaluator: Evaluator,
	worst: Limits,
	effort: SearchEffort,
	random: Random,
	onEpisode: OnEpisode,
) => Promise<SearchResult>;

/** Most accurate networks first, then hardware for them. */
export const networkThenHardware: Search = async (evaluator, worst, effort, random, onEpisode) => {
	const networks = await accuracySearch(evaluator, effort, random.fork('networks'), (share) => onEpisode(share / 2));
	return policySearch(evaluator, networks, worst, effort, random.fork('hardware'), (share) => onEpisode(0.5 + share / 2));
};

/** The chip that comes closest below the limits with networks of the middle of the space, out of 10,000 by chance; then networks for it. */
export const hardwareThenNetwork: Search = async (evaluator, worst, effort, random, onEpisode) => {
	const { space, limits } = evaluator;
	const chosen = Int32Array.from(space.sizes, (size) => Math.floor((size - 1) / 2));
	let chip: Int32Array | undefined;
	let closest = Number.POSITIVE_INFINITY;
	const drawing = random.fork('chips');
	for (let i = 0; i < MONTE_CARLO_CHIPS; i++) {
		drawEvenly(space, drawing, chosen, space.networkDecisions);
		const cost = evaluator.cost(chosen);
		// Distance to the corner of the box of limits; a chip beyond them is farther than any within.
		const distance = Math.hypot(cost.latency / limits.latency - 1, cost.energy / limits.energy - 1, cost.area / limits.area - 1);
		const key = meetsLimits(cost, limits) ? distance : 10 + distance;
		if (chip === undefined || key < closest) {
			chip = chosen.slice();
			closest = key;
		}
		if (i % BATCH === 0) await onEpisode((0.5 * i) / MONTE_CARLO_CHIPS);
	}
	const fixed = allOpen(space);
	fixed.set((chip as Int32Array).subarray(space.networkDecisions), space.networkDecisions);
	// The chip is given, so one try an episode.
	return policySearch(evaluator, fixed, worst, { ...effort, tries: 1 }, random.fork('networks'), (share) =>
		onEpisode(0.5 + share / 2),
	);
};

/** As many designs by chance as the paper's search tries. */
export const monteCarlo: Search = async (evaluator, worst, { episodes, tries }, random, onEpisode) => {
	const record = createRecord(evaluator, worst);
	const chosen = new Int32Array(evaluator.space.sizes.length);
	for (let i = 0; i < episodes * tries; i++) {
		drawEvenly(evaluator.space, random, chosen);
		record.consider(chosen, evaluator.accuracy(chosen));
		if (i % BATCH === 0) await onEpisode(i / (episodes * tries));
	}
	return record.result();
};

/** A genetic algorithm of as many designs: tournaments of three, uniform crossover, mutations, and the best kept. */
export const geneticSearch: Search = async (evaluator, worst, { episodes, tries }, random, onEpisode) => {
	const { space } = evaluator;
	const record = createRecord(evaluator, worst);
	const budget = episodes * tries;
	const size = Math.min(BATCH, budget);
	const fitness = (chosen: Int32Array): number => {
		const design = record.consider(chosen, evaluator.accuracy(chosen));
		return design.accuracy / 100 - 10 * record.penaltyOf(design);
	};
	let population = Array.from({ length: size }, () => {
		const chosen = new Int32Array(space.sizes.length);
		drawEvenly(space, random, chosen);
		return { chosen, fitness: fitness(chosen) };
	});
	const pick = () => {
		let best = population[random.integer(size)] as (typeof population)[number];
		for (let i = 1; i < TOURNAMENT; i++) {
			const other = population[random.integer(size)] as (typeof population)[number];
			if (other.fitness > best.fitness) best = other;
		}
		return best.chosen;
	};
	for (let done = size; done < budget; done += size) {
		const elite = population.reduce((a, b) => (b.fitness > a.fitness ? b : a));
		const children = Array.from({ length: Math.min(size, budget - done) }, () => {
			const [a, b] = [pick(), pick()];
			const chosen = a.map((option, t) => {
				if (random.uniform() < MUTATIONS / a.length) return random.integer(space.sizes[t] as number);
				return random.uniform() < 0.5 ? option : (b[t] as number);
			});
			makeAllowed(evaluator, chosen);
			return { chosen, fitness: fitness(chosen) };
		});
		population = [elite, ...population.slice(children.length + 1), ...children].slice(0, size);
		while (population.length < size) population.push(elite);
		await onEpisode(done / budget);
	}
	return record.result();
};

/** Replaces options that the limits rule out by the nearest that they allow. */
function makeAllowed({ space }: Evaluator, chosen: Int32Array): void {
	for (let t = 0; t < chosen.length; t++) {
		const allowed = new Uint8Array(space.sizes[t] as number);
		space.mask(t, chosen, allowed);
		for (let distance = 0; ; distance++) {
			const near = [(chosen[t] as number) - distance, (chosen[t] as number) + distance].find((option) => allowed[option] === 1);
			if (near === undefined) continue;
			chosen[t] = near;
			break;
		}
	}
}

/** The same accelerators in a few words: `<dla, 576, 56> <shi, 1792, 8>`. */
export function describeChip(evaluator: Evaluator, chosen: Int32Array): string {
	return chipOf(evaluator.space, chosen)
		.map(({ mapping, elements, bandwidth }) => `<${mapping.name}, ${elements}, ${bandwidth}>`)
		.join(' ');
}

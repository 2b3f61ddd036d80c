/** What a search over a system's inputs is: what varies, what is wanted, how to look for it. */
import { count, InputError, requiredQuantity } from '@assay/contract';
import {
	bayesianOptimization,
	type Dimension,
	differentialEvolution,
	latinHypercube,
	nsga2,
	randomSampling,
	type SearchMethod,
	type SearchProblem,
	SearchSpace,
	simulatedAnnealing,
	sobolSampling,
	successiveHalving,
} from '@assay/search';
import { z } from 'zod';

/** More runs than this in one search are refused: a mistyped number should not fill a disk. */
const MAX_RUNS = 100_000;

export const SEARCH_METHODS = [
	'random',
	'latin-hypercube',
	'sobol',
	'successive-halving',
	'evolution',
	'nsga-ii',
	'annealing',
	'bayesian',
] as const;

const finite = { min: -Number.MAX_VALUE, max: Number.MAX_VALUE, unit: '1' };
const path = z.string().min(1);
const value = z.union([z.string(), z.number(), z.boolean()]);

export const searchSpecification = z.strictObject({
	inputs: z.unknown().default({}).meta({ description: 'The base inputs; what they leave out has the default.' }),
	vary: z
		.array(
			z.union([
				z.strictObject({
					path,
					min: requiredQuantity({ ...finite, help: 'Lower end, inclusive.' }),
					max: requiredQuantity({ ...finite, help: 'Upper end, inclusive.' }),
					scale: z.enum(['linear', 'log', 'integer', 'log-integer']).default('linear'),
				}),
				z.strictObject({ path, values: z.array(value).min(1) }),
			]),
		)
		.min(1)
		.meta({ description: 'Inputs that may vary: a range, or some values.' }),
	objectives: z
		.array(z.strictObject({ path, goal: z.enum(['minimize', 'maximize']) }))
		.min(1)
		.meta({ description: 'Outputs that are wanted small or large.' }),
	constraints: z
		.array(
			z.strictObject({
				path,
				relation: z.enum(['at most', 'at least']),
				bound: requiredQuantity({ ...finite, help: 'The bound, inclusive.' }),
			}),
		)
		.default([])
		.meta({ description: 'Outputs that must keep a bound.' }),
	method: z.enum(SEARCH_METHODS),
	evaluations: count({ unit: 'runs', min: 1, max: MAX_RUNS, default: 100, help: 'Runs in all.' }),
	population: count({ unit: 'runs', min: 4, max: 10_000, default: 20, help: 'Of evolution: runs of a generation.' }),
	fidelity: z
		.strictObject({
			path,
			full: requiredQuantity({ min: 1, max: Number.MAX_SAFE_INTEGER, unit: '1', help: 'The whole effort.' }),
			factor: requiredQuantity({
				min: 1.1,
				max: 100,
				unit: '1',
				help: 'Each round has so many times fewer points with more effort.',
			}),
			first: requiredQuantity({ min: 1e-6, max: 1, unit: '1', help: 'Share of the effort in the first round.' }),
		})
		.optional()
		.meta({ description: 'Of successive halving: the input that says how much effort a run takes.' }),
	seed: count({ unit: '1', min: 0, max: 4294967295, default: 0, help: 'Seed of every run and of the search.' }),
});
/** Successive halving unless told: the share of the effort in the first round, and how many times fewer points each round has. */
export const HALVING = { first: 1 / 27, factor: 3 };

export type SearchSpecification = z.output<typeof searchSpecification>;

/** The space that varies. Raises an InputError that names a range that cannot be. */
export function searchSpaceOf({ vary }: Pick<SearchSpecification, 'vary'>): SearchSpace {
	const names = new Set<string>();
	for (const [index, { path: name }] of vary.entries()) {
		if (names.has(name)) throw new InputError({ path: ['vary', index], found: `${name} again`, expected: 'each input once' });
		names.add(name);
	}
	try {
		return new SearchSpace(
			vary.map((axis): Dimension => {
				if ('values' in axis) return { name: axis.path, kind: 'choice', options: axis.values };
				const kind = axis.scale === 'integer' || axis.scale === 'log-integer' ? 'integer' : 'number';
				const scale = axis.scale === 'log' || axis.scale === 'log-integer' ? 'log' : 'linear';
				return { name: axis.path, kind, min: axis.min, max: axis.max, scale };
			}),
		);
	} catch (error) {
		if (!(error instanceof RangeError)) throw error;
		throw new InputError({ path: ['vary'], found: error.message, expected: 'ranges from a lower to an upper end' });
	}
}

/** The method, ready to be asked. Raises an InputError where it cannot serve what is wanted. */
export function searchMethodOf(specification: SearchSpecification): SearchMethod {
	const { method, evaluations, population, objectives, constraints, seed, fidelity } = specification;
	const problem: SearchProblem = {
		space: searchSpaceOf(specification),
		goal: { directions: objectives.map(({ goal }) => (goal === 'minimize' ? -1 : 1)) },
		seed,
	};
	const single = method === 'successive-halving' || method === 'evolution' || method === 'annealing';
	if (single && objectives.length > 1)
		throw new InputError({
			path: ['objectives'],
			found: `${objectives.length} objectives for ${method}`,
			expected: 'one, or the method nsga-ii or bayesian',
		});
	const generations = Math.ceil(evaluations / population);
	switch (method) {
		case 'random':
			return randomSampling(problem, evaluations);
		case 'latin-hypercube':
			return latinHypercube(problem, evaluations);
		case 'sobol':
			return translated('vary', () => sobolSampling(problem, evaluations));
		case 'evolution':
			return differentialEvolution(problem, { population, generations });
		case 'nsga-ii':
			return translated('population', () => nsga2(problem, { population, generations }));
		case 'annealing':
			return simulatedAnnealing(problem, evaluations);
		case 'bayesian':
			return bayesianOptimization(problem, { evaluations, first: Math.max(4, 2 * problem.space.dimensions.length) });
		case 'successive-halving': {
			if (fidelity === undefined)
				throw new InputError({
					path: ['fidelity'],
					found: 'nothing',
					expected: 'the input that says how much effort a run takes; this system does not tell',
				});
			if (constraints.length > 0)
				throw new InputError({ path: ['constraints'], found: 'constraints', expected: 'none with successive halving' });
			return successiveHalving(problem, { points: evaluations, firstFidelity: fidelity.first, factor: fidelity.factor });
		}
	}
}

/** A method's refusal as that of the field. */
function translated(field: string, make: () => SearchMethod): SearchMethod {
	try {
		return make();
	} catch (error) {
		if (!(error instanceof RangeError)) throw error;
		throw new InputError({ path: [field], found: error.message, expected: 'what the method can take' });
	}
}

import { expect, test } from 'vitest';
import { hypervolume } from '../hypervolume.ts';
import { randomSampling } from '../sampling/samplers.ts';
import type { SearchMethod, SearchProblem, Trial } from '../search-method.ts';
import { SearchSpace } from '../search-space.ts';
import { least, runSearch } from '../testing/run-search.ts';
import { branin, dtlz2, hartmann6, type TestFunction, zdt } from '../testing/test-functions.ts';
import { bayesianOptimization, expectedImprovement } from './bayesian-optimization.ts';
import { differentialEvolution } from './differential-evolution.ts';
import { nsga2 } from './nsga2.ts';
import { simulatedAnnealing } from './simulated-annealing.ts';
import { halvingRounds, successiveHalving } from './successive-halving.ts';

const SEEDS = 20;
const minimize = (of: TestFunction, seed: number): SearchProblem => ({ space: of.space, goal: { directions: [-1] }, seed });
const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

test('the test functions have their known optima', () => {
	for (const [x, y] of [
		[-Math.PI, 12.275],
		[Math.PI, 2.275],
		[9.42478, 2.475],
	] as const)
		expect(branin.evaluate([x, y])[0]).toBeCloseTo(0.397887, 5);
	expect(hartmann6.evaluate([0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573])[0]).toBeCloseTo(-3.32237, 4);
	for (const number of [1, 2, 4] as const) {
		const front = zdt(number).evaluate([0.25, ...new Array(29).fill(0)]);
		expect(front[1]).toBeCloseTo(number === 2 ? 1 - 0.25 ** 2 : 0.5, 12);
	}
	expect(Math.hypot(...dtlz2.evaluate([0.3, 0.6, ...new Array(10).fill(0.5)]))).toBeCloseTo(1, 12);
});

/** Medians over the seeds of the least value found with equal budgets, beside chance. */
function against(of: TestFunction, budget: number, make: (problem: SearchProblem) => SearchMethod) {
	const ours: number[] = [];
	let wins = 0;
	for (let seed = 0; seed < SEEDS; seed++) {
		const problem = minimize(of, seed);
		const found = runSearch(make(problem), of);
		expect(found).toHaveLength(budget);
		ours.push(least(found));
		if (ours.at(-1)! < least(runSearch(randomSampling(problem, budget), of))) wins++;
	}
	return { median: median(ours), wins };
}

test('Bayesian optimisation finds the minimum of Branin in 40 evaluations, and beats chance over 20 seeds', () => {
	const { median: found, wins } = against(branin, 40, (problem) => bayesianOptimization(problem, { evaluations: 40, first: 8 }));
	expect(found).toBeLessThan(0.397887 + 0.01);
	expect(wins).toBeGreaterThanOrEqual(18);
});

test('Bayesian optimisation comes near the minimum of Hartmann 6 in 60 evaluations', () => {
	const found = Array.from({ length: 3 }, (_, seed) =>
		least(runSearch(bayesianOptimization(minimize(hartmann6, seed), { evaluations: 60, first: 12 }), hartmann6)),
	);
	expect(median(found)).toBeLessThan(-3);
});

test('differential evolution and annealing find the minima, and beat chance over 20 seeds', () => {
	const evolved = against(hartmann6, 3000, (problem) => differentialEvolution(problem, { population: 30, generations: 100 }));
	// The second best valley of Hartmann 6 lies at -3.2032.
	expect(evolved.median).toBeLessThan(-3.2);
	expect(evolved.wins).toBe(SEEDS);
	const annealed = against(branin, 400, (problem) => simulatedAnnealing(problem, 400));
	expect(annealed.median).toBeLessThan(0.397887 + 0.01);
	expect(annealed.wins).toBeGreaterThanOrEqual(17);
});

const twoObjectives = (of: TestFunction, seed: number): SearchProblem => ({
	space: of.space,
	goal: { directions: [-1, -1] },
	seed,
});

test.for([
	// Volumes up to (1, 1) of the whole fronts: the integral of 1 - f2.
	[1, 2 / 3, 20_000],
	[2, 1 / 3, 20_000],
] as const)('NSGA-II covers the front of ZDT%i', ([number, whole, budget]) => {
	const of = zdt(number);
	const found = runSearch(nsga2(twoObjectives(of, 1), { population: 100, generations: budget / 100 }), of);
	const volume = hypervolume(
		found.map(({ objectives }) => objectives!),
		[1, 1],
		[-1, -1],
	);
	expect(volume).toBeGreaterThan(0.97 * whole);
	expect(volume).toBeLessThan(whole);
});

test('NSGA-II dominates more than chance does, over seeds, on ZDT3, ZDT4 and DTLZ2', () => {
	for (const [of, reference] of [
		[zdt(3), [1.1, 5]],
		[zdt(4), [1.1, 200]],
		[dtlz2, [2.5, 2.5, 2.5]],
	] as const) {
		const directions = reference.map(() => -1 as const);
		let wins = 0;
		for (let seed = 0; seed < SEEDS; seed++) {
			const problem: SearchProblem = { space: of.space, goal: { directions }, seed };
			const volume = (method: SearchMethod) =>
				hypervolume(
					runSearch(method, of).map(({ objectives }) => objectives!),
					reference,
					directions,
				);
			if (volume(nsga2(problem, { population: 24, generations: 15 })) > volume(randomSampling(problem, 360))) wins++;
		}
		expect(wins).toBe(SEEDS);
	}
});

test('constraints: the best that keeps them, not the best there is', () => {
	const space = new SearchSpace(['x', 'y'].map((name) => ({ name, kind: 'number', min: 0, max: 1 })));
	const method = nsga2({ space, goal: { directions: [1] }, seed: 1 }, { population: 40, generations: 40 });
	const trials: Trial[] = [];
	for (;;) {
		const proposals = method.propose(trials);
		if (proposals.length === 0) break;
		for (const proposal of proposals) {
			const [x, y] = proposal.point as [number, number];
			trials.push({ ...proposal, objectives: [x + y], violations: [Math.max(0, x + 2 * y - 1)] });
		}
	}
	// On x + 2 y <= 1 the sum is largest at x = 1, y = 0.
	const best = trials
		.filter(({ violations }) => violations?.[0] === 0)
		.reduce((a, b) => (b.objectives![0]! > a.objectives![0]! ? b : a));
	expect(best.objectives![0]).toBeGreaterThan(0.99);
	expect((best.point as number[])[1]).toBeLessThan(0.02);
});

test('halving: fewer points get more, and the best of a noisy start survive', () => {
	const halving = { points: 27, firstFidelity: 1 / 27, factor: 3 };
	expect(halvingRounds(halving)).toEqual([
		{ points: 27, fidelity: 1 / 27 },
		{ points: 9, fidelity: 1 / 9 },
		{ points: 3, fidelity: 1 / 3 },
		{ points: 1, fidelity: 1 },
	]);
	const space = new SearchSpace([{ name: 'x', kind: 'number', min: 0, max: 1 }]);
	const method = successiveHalving({ space, goal: { directions: [-1] }, seed: 2 }, halving);
	const trials: Trial[] = [];
	for (;;) {
		const proposals = method.propose(trials);
		if (proposals.length === 0) break;
		// Asked one at a time, the plan is the same.
		const [proposal] = proposals;
		if (proposal !== undefined) trials.push({ ...proposal, objectives: [Math.abs((proposal.point[0] as number) - 0.3)] });
	}
	expect(trials.map(({ fidelity }) => fidelity).filter((fidelity) => fidelity === 1)).toHaveLength(1);
	expect(least([trials.at(-1)!])).toBe(least(trials));
	expect(trials).toHaveLength(40);
});

test('stopped anywhere and told the same trials, every method goes on with the same points', () => {
	const make: ((problem: SearchProblem) => SearchMethod)[] = [
		(problem) => nsga2(problem, { population: 8, generations: 4 }),
		(problem) => differentialEvolution(problem, { population: 8, generations: 4 }),
		(problem) => simulatedAnnealing(problem, 32),
		(problem) => bayesianOptimization(problem, { evaluations: 20, first: 6 }),
		(problem) => successiveHalving(problem, { points: 16, firstFidelity: 0.25, factor: 2 }),
	];
	for (const method of make) {
		const whole = runSearch(method(minimize(branin, 5)), branin);
		for (const cut of [0, 1, 7, 13, whole.length - 1]) {
			const again = method(minimize(branin, 5));
			const trials = whole.slice(0, cut);
			for (;;) {
				const proposals = again.propose(trials);
				if (proposals.length === 0) break;
				for (const proposal of proposals)
					trials.push({ ...proposal, objectives: branin.evaluate(proposal.point as readonly number[]) });
			}
			expect(trials).toEqual(whole);
		}
	}
});

test('failures do not stop a search, and choices and whole numbers are searched too', () => {
	const space = new SearchSpace([
		{ name: 'n', kind: 'integer', min: 1, max: 64 },
		{ name: 'kind', kind: 'choice', options: ['a', 'b', 'c'] },
	]);
	const problem: SearchProblem = { space, goal: { directions: [-1] }, seed: 3 };
	for (const method of [
		nsga2(problem, { population: 10, generations: 12 }),
		differentialEvolution(problem, { population: 10, generations: 12 }),
		bayesianOptimization(problem, { evaluations: 40, first: 8 }),
		simulatedAnnealing(problem, 150),
	]) {
		const trials: Trial[] = [];
		for (;;) {
			const proposals = method.propose(trials);
			if (proposals.length === 0) break;
			for (const proposal of proposals) {
				const [n, kind] = proposal.point as [number, string];
				trials.push({ ...proposal, objectives: n > 50 ? null : [Math.abs(n - 41) + (kind === 'b' ? 0 : 5)] });
			}
		}
		expect(least(trials), method.name).toBeLessThanOrEqual(1);
	}
});

test('expected improvement is the integral over the normal distribution', () => {
	for (const [mean, deviation, most] of [
		[0, 1, 0],
		[1, 2, 3],
		[-2, 0.5, -1.8],
	] as const) {
		let integral = 0;
		const step = 1e-4;
		for (let z = -8; z < 8; z += step) {
			const value = mean + deviation * z;
			if (value > most) integral += ((value - most) * Math.exp(-0.5 * z * z) * step) / Math.sqrt(2 * Math.PI);
		}
		expect(expectedImprovement({ mean, deviation }, most)).toBeCloseTo(integral, 4);
	}
	expect(expectedImprovement({ mean: 2, deviation: 0 }, 1)).toBe(1);
});

import { createRandom } from '@assay/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pause, randomLinks } from '../test-data.ts';
import { anneal, move } from './anneal.ts';
import { exactPlacement } from './exact.ts';
import { greedyOrder } from './greedy.ts';
import { GridCost } from './grid-cost.ts';
import {
	identityOrder,
	type PlacementProblem,
	placementBound,
	placementParts,
	placementSeconds,
	rankOrder,
} from './placement-problem.ts';

const problem = (
	units: number,
	rows: number,
	columns: number,
	seed: number,
	changes: Partial<PlacementProblem> = {},
): PlacementProblem => ({
	units,
	rows,
	columns,
	secondsPerByte: randomLinks(units, seed),
	hopBytes: 5e9,
	wrapBytes: 0,
	ringBytes: 5e9,
	rings: 'all stages',
	...changes,
});

/** Every permutation, the plain way. */
function bruteForce(one: PlacementProblem): number {
	let best = Number.POSITIVE_INFINITY;
	const order = identityOrder(one.units);
	const permute = (from: number): void => {
		if (from === order.length) {
			best = Math.min(best, placementSeconds(one, order));
			return;
		}
		for (let k = from; k < order.length; k++) {
			[order[from], order[k]] = [order[k] as number, order[from] as number];
			permute(from + 1);
			[order[from], order[k]] = [order[k] as number, order[from] as number];
		}
	};
	permute(0);
	return best;
}

const isPermutation = (order: Int32Array): boolean => [...order].sort((a, b) => a - b).every((unit, index) => unit === index);

test.for([
	[6, 2, 3],
	[6, 3, 2],
	[6, 1, 6],
	[6, 6, 1],
	[7, 2, 3],
	[7, 3, 2],
])('branch and bound finds what trying everything finds: %i units, %i x %i', ([units, rows, columns]) => {
	for (let seed = 0; seed < 3; seed++) {
		for (const changes of [{}, { rings: 'first stage' as const }, { wrapBytes: 3e9 }, { ringBytes: 0 }]) {
			const one = problem(units as number, rows as number, columns as number, seed, changes);
			const { order, seconds } = exactPlacement(one);
			expect(seconds).toBeCloseTo(bruteForce(one), 12);
			expect(placementSeconds(one, order)).toBeCloseTo(seconds, 12);
			expect(isPermutation(order)).toBe(true);
		}
	}
});

describe('annealing', () => {
	test('finds the exact optimum of 50 random clusters of 8 nodes', async () => {
		const shapes = [
			[1, 8],
			[2, 4],
			[4, 2],
			[8, 1],
		] as const;
		let found = 0;
		for (let seed = 0; seed < 50; seed++) {
			const [rows, columns] = shapes[seed % 4] as (typeof shapes)[number];
			const one = problem(8, rows, columns, seed, { rings: seed % 2 === 0 ? 'all stages' : 'first stage' });
			let best = Number.POSITIVE_INFINITY;
			for (let restart = 0; restart < 16; restart++) {
				best = Math.min(best, (await anneal({ problem: one, iterations: 8000, seed: `${seed} ${restart}` }, pause)).seconds);
			}
			if (best <= exactPlacement(one).seconds * (1 + 1e-12)) found++;
		}
		expect(found).toBe(50);
	});

	test('on 64 nodes one longer run is within 1 % of the best of 20 restarts', async () => {
		const one = problem(64, 8, 8, 1);
		let best = Number.POSITIVE_INFINITY;
		for (let restart = 0; restart < 20; restart++) {
			best = Math.min(best, (await anneal({ problem: one, iterations: 20_000, seed: `restart ${restart}` }, pause)).seconds);
		}
		const long = await anneal({ problem: one, iterations: 200_000, seed: 'long' }, pause);
		expect(long.seconds).toBeLessThan(1.01 * best);
	});

	test('same seed, same answer; another seed, another way', async () => {
		const item = { problem: problem(16, 4, 4, 3), iterations: 5000, seed: 'a' };
		const first = await anneal(item, pause);
		expect(await anneal(item, pause)).toEqual(first);
		expect((await anneal({ ...item, seed: 'b' }, pause)).trace).not.toEqual(first.trace);
		expect(isPermutation(first.order)).toBe(true);
		expect(placementSeconds(item.problem, first.order)).toBe(first.seconds);
	});

	test('leaves out the host with the slow port where one may stay idle', async () => {
		const one = problem(9, 2, 4, 5);
		for (let other = 0; other < 9; other++) {
			if (other === 4) continue;
			one.secondsPerByte[4 * 9 + other] = (one.secondsPerByte[4 * 9 + other] as number) * 2;
			one.secondsPerByte[other * 9 + 4] = (one.secondsPerByte[other * 9 + 4] as number) * 2;
		}
		expect(exactPlacement(one).order[8]).toBe(4);
		expect((await anneal({ problem: one, iterations: 20_000, seed: 'x' }, pause)).order[8]).toBe(4);
	});
});

test('the cost that is kept step by step is the cost; a move changes nothing outside what it tells', () => {
	const shape = fc.constantFrom([4, 4], [2, 8], [16, 1], [1, 16], [3, 5]);
	fc.assert(
		fc.property(shape, fc.integer({ min: 0, max: 1000 }), fc.boolean(), ([rows, columns], seed, wrapped) => {
			const one = problem(16, rows as number, columns as number, seed, {
				wrapBytes: wrapped ? 2e9 : 0,
				rings: seed % 2 === 0 ? 'all stages' : 'first stage',
			});
			const random = createRandom(seed);
			const cost = new GridCost(one);
			let order: Int32Array = identityOrder(16);
			let next: Int32Array = order.slice();
			cost.propose(order, 0, 16, Number.POSITIVE_INFINITY);
			cost.accept();
			for (let step = 0; step < 40; step++) {
				const { from, to } = move(order, next, random);
				for (let k = 0; k < 16; k++) if (k < from || k >= to) expect(next[k]).toBe(order[k]);
				const exact = placementSeconds(one, next);
				const limit = placementSeconds(one, order);
				expect(cost.propose(next, from, to, limit) > limit).toBe(exact > limit);
				expect(cost.propose(next, from, to, Number.POSITIVE_INFINITY)).toBe(exact);
				if (step % 3 === 0) continue;
				cost.accept();
				[order, next] = [next, order];
			}
		}),
		{ numRuns: 60 },
	);
});

test('without a search the replicas of a stage stand side by side, as Megatron-LM numbers its ranks', () => {
	// Two pipelines of three stages on seven nodes: stage 0 on nodes 0 and 1, stage 1 on 2 and 3, stage 2 on 4 and 5; 6 idle.
	expect([...rankOrder(problem(7, 2, 3, 1))]).toEqual([0, 2, 4, 1, 3, 5, 6]);
});

test('every move gives a permutation', () => {
	fc.assert(
		fc.property(fc.integer({ min: 2, max: 30 }), fc.integer(), (units, seed) => {
			const random = createRandom(seed);
			let order: Int32Array = identityOrder(units);
			let next: Int32Array = order.slice();
			for (let step = 0; step < 50; step++) {
				move(order, next, random);
				expect(isPermutation(next)).toBe(true);
				[order, next] = [next, order];
			}
		}),
		{ numRuns: 40 },
	);
});

test('no order costs less than the bound; the parts add up; the greedy order is one', () => {
	fc.assert(
		fc.property(fc.integer({ min: 0, max: 1000 }), fc.constantFrom([4, 4], [2, 8], [16, 1], [1, 16]), (seed, shape) => {
			const one = problem(16, shape[0] as number, shape[1] as number, seed);
			const order = createRandom(seed).shuffle(identityOrder(16));
			const { pipelineSeconds, ringSeconds, totalSeconds } = placementParts(one, order);
			expect(totalSeconds).toBeGreaterThanOrEqual(placementBound(one));
			expect(pipelineSeconds + ringSeconds).toBeCloseTo(totalSeconds, 12);
			expect(isPermutation(greedyOrder(one))).toBe(true);
		}),
		{ numRuns: 40 },
	);
});

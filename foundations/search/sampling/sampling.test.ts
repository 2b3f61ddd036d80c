import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SearchMethod, Trial } from '../search-method.ts';
import { type Dimension, SearchSpace } from '../search-space.ts';
import { grid, latinHypercube, randomSampling, sobolSampling } from './samplers.ts';
import { MOST_SOBOL_DIMENSIONS, Sobol } from './sobol.ts';

const minimize = { directions: [-1] as const };
const square = new SearchSpace(['x', 'y'].map((name) => ({ name, kind: 'number', min: 0, max: 1 })));
const points = (method: SearchMethod) => method.propose([]).map(({ point }) => point as number[]);

test("the first points of Sobol's sequence are the published ones", () => {
	const sobol = new Sobol(3, 'none');
	// Joe and Kuo's own program prints these for three dimensions.
	expect(Array.from({ length: 8 }, (_, i) => [...sobol.at(i)])).toEqual([
		[0, 0, 0],
		[0.5, 0.5, 0.5],
		[0.75, 0.25, 0.25],
		[0.25, 0.75, 0.75],
		[0.375, 0.375, 0.625],
		[0.875, 0.875, 0.125],
		[0.625, 0.125, 0.875],
		[0.125, 0.625, 0.375],
	]);
});

test('in every dimension, shifted or not, 2^k points fall into 2^k stretches, one each', () => {
	for (const shift of ['none', { seed: 7 }] as const) {
		const sobol = new Sobol(MOST_SOBOL_DIMENSIONS, shift);
		for (const count of [2, 16, 256, 1024]) {
			const drawn = Array.from({ length: count }, (_, i) => sobol.at(i));
			for (let d = 0; d < MOST_SOBOL_DIMENSIONS; d++)
				expect(new Set(drawn.map((point) => Math.floor(point[d]! * count))).size, `${d}`).toBe(count);
		}
	}
	expect(() => new Sobol(MOST_SOBOL_DIMENSIONS + 1, 'none')).toThrow(RangeError);
});

test("Sobol's points and Latin hypercubes fill a square more evenly than chance", () => {
	/** Mean of x y over the square is 1/4; the error of its estimate says how even points are. A hypercube leaves sqrt(1/7) of chance. */
	const error = (make: (seed: number) => SearchMethod) => {
		let sum = 0;
		for (let seed = 0; seed < 200; seed++) {
			const drawn = points(make(seed));
			sum += (drawn.reduce((total, [x, y]) => total + x! * y!, 0) / drawn.length - 0.25) ** 2;
		}
		return Math.sqrt(sum / 200);
	};
	const problem = (seed: number) => ({ space: square, goal: minimize, seed });
	const chance = error((seed) => randomSampling(problem(seed), 256));
	expect(error((seed) => latinHypercube(problem(seed), 256))).toBeLessThan(0.5 * chance);
	expect(error((seed) => sobolSampling(problem(seed), 256))).toBeLessThan(0.1 * chance);
});

test('a Latin hypercube has one point in every stretch of every dimension', () => {
	const drawn = points(latinHypercube({ space: square, goal: minimize, seed: 3 }, 40));
	for (const d of [0, 1]) expect(new Set(drawn.map((point) => Math.floor(point[d]! * 40))).size).toBe(40);
});

test('a grid has all combinations with both ends, each once', () => {
	const space = new SearchSpace([
		{ name: 'a', kind: 'integer', min: 1, max: 3 },
		{ name: 'b', kind: 'number', min: 1, max: 100, scale: 'log' },
		{ name: 'c', kind: 'choice', options: ['p', 'q'] },
	]);
	const drawn = points(grid(space, 3));
	expect(drawn).toHaveLength(18);
	expect(drawn.slice(0, 4)).toEqual([
		[1, 1, 'p'],
		[1, 1, 'q'],
		[1, 10, 'p'],
		[1, 10, 'q'],
	]);
	expect(new Set(drawn.map(String)).size).toBe(18);
});

test('interrupted anywhere, a plan goes on with the points that are left', () => {
	for (const method of [
		grid(square, 5),
		randomSampling({ space: square, goal: minimize, seed: 1 }, 25),
		latinHypercube({ space: square, goal: minimize, seed: 1 }, 25),
		sobolSampling({ space: square, goal: minimize, seed: 1 }, 25),
	]) {
		const all = method.propose([]);
		expect(all).toHaveLength(25);
		const done: Trial[] = all.slice(0, 11).map((proposal) => ({ ...proposal, objectives: [0] }));
		expect(method.propose(done)).toEqual(all.slice(11));
		expect(method.propose(all.map((proposal) => ({ ...proposal, objectives: null })))).toEqual([]);
	}
});

test('coordinates and points lead to each other; whole numbers and options are equally likely', () => {
	const dimension = fc.oneof(
		fc.record({
			name: fc.constant('x'),
			kind: fc.constant('number' as const),
			min: fc.integer({ min: -50, max: 0 }),
			max: fc.integer({ min: 1, max: 50 }),
		}),
		fc.record({
			name: fc.constant('x'),
			kind: fc.constant('integer' as const),
			min: fc.integer({ min: -50, max: 0 }),
			max: fc.integer({ min: 0, max: 50 }),
		}),
		fc.record({
			name: fc.constant('x'),
			kind: fc.constant('integer' as const),
			min: fc.integer({ min: 1, max: 5 }),
			max: fc.integer({ min: 5, max: 5000 }),
			scale: fc.constant('log' as const),
		}),
		fc.record({
			name: fc.constant('x'),
			kind: fc.constant('number' as const),
			min: fc.constant(1e-3),
			max: fc.constant(1e3),
			scale: fc.constant('log' as const),
		}),
		fc.record({
			name: fc.constant('x'),
			kind: fc.constant('choice' as const),
			options: fc.uniqueArray(fc.string(), { minLength: 1 }),
		}),
	);
	fc.assert(
		fc.property(dimension, fc.double({ min: 0, max: 1, noNaN: true }), (one: Dimension, u) => {
			const space = new SearchSpace([one]);
			const point = space.at([u]);
			const again = space.at(space.coordinates(point));
			if (one.kind === 'number') expect(again[0]).toBeCloseTo(point[0] as number, 6);
			else expect(again).toEqual(point);
			expect(space.coordinates(point)[0]).toBeGreaterThanOrEqual(0);
			expect(space.coordinates(point)[0]).toBeLessThanOrEqual(1);
		}),
	);
	const dice = new SearchSpace([{ name: 'die', kind: 'integer', min: 1, max: 6 }]);
	const counts = new Map<unknown, number>();
	for (let i = 0; i < 600; i++) {
		const [face] = dice.at([(i + 0.5) / 600]);
		counts.set(face, (counts.get(face) ?? 0) + 1);
	}
	expect([...counts.values()]).toEqual([100, 100, 100, 100, 100, 100]);
});

test('impossible dimensions are named', () => {
	expect(() => new SearchSpace([])).toThrow('without dimensions');
	expect(() => new SearchSpace([{ name: 'x', kind: 'number', min: 2, max: 1 }])).toThrow('x: no range from 2 to 1');
	expect(() => new SearchSpace([{ name: 'x', kind: 'number', min: 0, max: 1, scale: 'log' }])).toThrow('above 0');
	expect(() => new SearchSpace([{ name: 'x', kind: 'choice', options: [] }])).toThrow('x has no options');
});

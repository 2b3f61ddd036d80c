import { createRandom } from '@assay/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { saltelliDesign } from './designs/saltelli.ts';
import type { Factor } from './factor.ts';
import { type KnownSensitivity, sensitivityOf } from './sensitivity.ts';
import { sensitivityBasis, sensitivitySentence } from './sentence.ts';
import { ishigami, ishigamiShares, sobolG, sobolGShares } from './test-data.ts';

const columns = (rows: readonly ArrayLike<number>[], names: readonly string[]): Factor[] =>
	names.map((name, at) => ({ name, values: rows.map((row) => row[at] as number) }));
function known(...given: Parameters<typeof sensitivityOf>): KnownSensitivity {
	const result = sensitivityOf(...given);
	if (!result.isKnown) throw new Error(result.reason);
	return result;
}
const share = (result: KnownSensitivity, name: string) => {
	const found = result.factors.find((factor) => factor.name === name);
	if (found === undefined) throw new Error(`no ${name}`);
	return found;
};
const WEIGHTS = [0, 1, 4.5, 9];
const random = (count: number, factors: number, seed: string): Float64Array[] => {
	const source = createRandom(seed);
	return Array.from({ length: count }, () => Float64Array.from({ length: factors }, () => source.uniform()));
};

describe('Sobol indices from a Saltelli design', () => {
	test.for([
		['Ishigami', ['a', 'b', 'c'], ishigami, ishigamiShares()],
		['Sobol g', ['a', 'b', 'c', 'd'], (u: ArrayLike<number>) => sobolG(u, WEIGHTS), sobolGShares(WEIGHTS)],
	] as const)('%s: both indices are within 0.03 of the closed form', ([, names, f, closed]) => {
		const rows = saltelliDesign(names.length, 4096, 1);
		const result = known(columns(rows, names), rows.map(f), 1);
		expect(result).toMatchObject({ basis: 'saltelli', runs: rows.length });
		for (const [at, name] of names.entries()) {
			const { alone, total } = share(result, name);
			expect(Math.abs((alone?.value ?? Number.NaN) - (closed.alone[at] as number))).toBeLessThan(0.03);
			expect(Math.abs(total.value - (closed.total[at] as number))).toBeLessThan(0.03);
		}
	});

	test('of 40 designs the 95 % intervals hold the closed form in 85 % of the cases or more', () => {
		const closed = ishigamiShares();
		let [held, cases] = [0, 0];
		for (let seed = 0; seed < 40; seed++) {
			const rows = saltelliDesign(3, 256, seed);
			const result = known(columns(rows, ['a', 'b', 'c']), rows.map(ishigami), seed);
			for (const [at, name] of ['a', 'b', 'c'].entries()) {
				const { alone, total } = share(result, name);
				for (const [one, value] of [
					[alone, closed.alone[at]],
					[total, closed.total[at]],
				] as const) {
					cases++;
					if (one !== null && one.low <= (value as number) && (value as number) <= one.high) held++;
				}
			}
		}
		expect(held / cases).toBeGreaterThanOrEqual(0.85);
	});

	test('of too few points nothing is said', () => {
		const rows = saltelliDesign(3, 4, 1);
		const result = sensitivityOf(columns(rows, ['a', 'b', 'c']), rows.map(ishigami));
		expect(result.isKnown ? '' : result.reason).toMatch(/4 points are too few/);
	});

	test('far from zero nothing is lost, and failed points are left out', () => {
		const rows = saltelliDesign(3, 512, 3);
		const names = ['a', 'b', 'c'];
		const near = known(columns(rows, names), rows.map(ishigami), 0);
		const far = known(
			columns(rows, names),
			rows.map((row) => 1e6 + ishigami(row)),
			0,
		);
		for (const name of names) expect(share(far, name).total.value).toBeCloseTo(share(near, name).total.value, 6);
		const outputs = rows.map(ishigami);
		outputs[7] = Number.NaN;
		expect(known(columns(rows, names), outputs, 0).basis).toBe('saltelli');
	});
});

/** Shares of a function on a grid straight from their definition, by loops over all cells. */
function byDefinition(sizes: readonly number[], f: (cell: readonly number[]) => number) {
	const cells = sizes.reduce<number[][]>(
		(all, size) => all.flatMap((cell) => Array.from({ length: size }, (_, at) => [...cell, at])),
		[[]],
	);
	const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
	const variance = (values: readonly number[]): number => average(values.map((value) => (value - average(values)) ** 2));
	const all = variance(cells.map(f));
	return {
		cells,
		outputs: cells.map(f),
		alone: sizes.map((_, at) => variance(cells.map((cell) => average(cells.filter((one) => one[at] === cell[at]).map(f)))) / all),
		total: sizes.map(
			(_, at) =>
				average(
					cells.map((cell) =>
						variance(cells.filter((one) => one.every((value, place) => place === at || value === cell[place])).map(f)),
					),
				) / all,
		),
	};
}

describe('a complete grid', () => {
	test('has the shares that the definition gives, in any order of its runs', () => {
		const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 });
		fc.assert(
			fc.property(sizes, fc.integer(), (grid, seed) => {
				const noise = createRandom(seed);
				const f = (cell: readonly number[]): number => noise.fork(cell.join()).normal();
				const { cells, outputs, alone, total } = byDefinition(grid, f);
				const order = createRandom(seed).shuffle(cells.map((_, at) => at));
				const names = grid.map((_, at) => `x${at}`);
				const factors = columns(
					order.map((at) => cells[at] ?? []),
					names,
				);
				const varying = names.filter((_, at) => (grid[at] as number) > 1);
				if (varying.length === 0) return;
				const result = known(
					factors,
					order.map((at) => outputs[at] as number),
				);
				expect(result.basis).toBe('grid');
				expect(result.factors.map(({ name }) => name).sort()).toEqual(varying);
				for (const name of varying) {
					const at = names.indexOf(name);
					expect(share(result, name).alone?.value).toBeCloseTo(alone[at] as number, 9);
					expect(share(result, name).total.value).toBeCloseTo(total[at] as number, 9);
				}
			}),
			{ numRuns: 40 },
		);
	});

	test('texts are values like others, constants are left out, and twins are one', () => {
		const { cells } = byDefinition([3, 2], () => 0);
		const modes = ['plan', 'run', 'both'];
		const factors: Factor[] = [
			{ name: 'mode', values: cells.map(([at]) => modes[at as number] ?? null) },
			{ name: 'twin', values: cells.map(([at]) => 10 * (at as number)) },
			{ name: 'same', values: cells.map(() => 5) },
			{ name: 'isOn', values: cells.map(([, at]) => at === 1) },
		];
		const result = known(
			factors,
			cells.map(([a, b]) => 3 * (a as number) + (b as number)),
		);
		// Variances of 0, 3, 6 and of 0, 1: 6 and 1/4.
		expect(share(result, 'mode, twin').total.value).toBeCloseTo(6 / 6.25, 12);
		expect(share(result, 'isOn').alone?.value).toBeCloseTo(0.25 / 6.25, 12);
		expect(result.factors).toHaveLength(2);
	});
});

describe('runs of any kind', () => {
	const g = (u: ArrayLike<number>): number => sobolG(u, WEIGHTS);

	test.for([
		['Ishigami', 3, ishigami, ishigamiShares()],
		['Sobol g', 4, g, sobolGShares(WEIGHTS)],
	] as const)('%s from 2,000 random runs: total shares within 0.1 of the closed form', ([, factors, f, closed]) => {
		const rows = random(2000, factors, 'rows');
		const names = ['a', 'b', 'c', 'd'].slice(0, factors);
		const result = known(columns(rows, names), rows.map(f), 0);
		expect(result.basis).toBe('surrogate');
		expect(result.explained).toBeGreaterThan(0.9);
		for (const [at, name] of names.entries())
			expect(Math.abs(share(result, name).total.value - (closed.total[at] as number))).toBeLessThan(0.1);
	});

	test('a text that decides is found among numbers, with missing values and noise', () => {
		const source = createRandom('texts');
		const modes = ['a', 'b', 'c', 'd', null];
		const effects = [0, 5, -3, 2, 1];
		const rows = Array.from({ length: 600 }, () => ({ mode: source.integer(5), x: source.uniform(), noise: source.normal() }));
		const factors: Factor[] = [
			{ name: 'x', values: rows.map(({ x }, at) => (at % 50 === 0 ? null : x)) },
			{ name: 'mode', values: rows.map(({ mode }) => modes[mode] ?? null) },
			{ name: 'idle', values: rows.map(() => source.uniform()) },
		];
		const result = known(
			factors,
			rows.map(({ mode, x, noise }) => (effects[mode] as number) + x + 0.3 * noise),
		);
		expect(result.factors[0]?.name).toBe('mode');
		// Variances of the effects, of x and of the noise: 6.8, 1/12 and 0.09.
		expect(result.factors[0]?.total.value).toBeGreaterThan(0.85);
		expect(Math.abs(share(result, 'idle').total.value)).toBeLessThan(0.03);
	});

	test('the same runs and seed give the same shares; another seed moves them within their intervals', () => {
		const rows = random(300, 3, 'again');
		const [factors, outputs] = [columns(rows, ['a', 'b', 'c']), rows.map((u) => (u[0] as number) + 0.5 * (u[1] as number))];
		const [first, again, other] = [known(factors, outputs, 1), known(factors, outputs, 1), known(factors, outputs, 2)];
		expect(again).toEqual(first);
		for (const { name, total } of first.factors)
			expect(Math.abs(share(other, name).total.value - total.value)).toBeLessThan(2 * (total.high - total.low) + 0.01);
	});

	test.for([
		['chance alone', (rows: Float64Array[]) => rows.map((_, at) => createRandom(at).normal()), 200, /foretells/],
		['too few runs', (rows: Float64Array[]) => rows.map((u) => u[0] as number), 20, /too few/],
		['a constant', (rows: Float64Array[]) => rows.map(() => 3), 100, /the same in all runs/],
		['no output', (rows: Float64Array[]) => rows.map(() => Number.NaN), 100, /No run has/],
	] as const)('of %s nothing is said', ([, outputs, count, reason]) => {
		const rows = random(count, 3, 'nothing');
		const result = sensitivityOf(columns(rows, ['a', 'b', 'c']), outputs(rows));
		expect(result.isKnown ? '' : result.reason).toMatch(reason);
		expect(sensitivitySentence(result, 'speed')).toMatch(/^What matters most for speed cannot be said\. /);
	});
});

describe('in words', () => {
	const exact = (value: number) => ({ value, low: value, high: value });
	const rough = (value: number, half: number) => ({ value, low: value - half, high: value + half });
	const result = (factors: KnownSensitivity['factors'], basis: KnownSensitivity['basis'] = 'surrogate'): KnownSensitivity => ({
		isKnown: true,
		basis,
		runs: 2000,
		available: 100_000,
		explained: 0.93,
		factors,
	});

	test('what matters most comes first, what hardly matters last', () => {
		const factors = [
			{ name: 'tensorParallel', alone: null, total: rough(0.71, 0.04) },
			{ name: 'batch', alone: null, total: rough(0.2, 0.02) },
			{ name: 'x', alone: null, total: rough(0.01, 0.01) },
			{ name: 'y', alone: null, total: rough(0.001, 0.01) },
		];
		expect(sensitivitySentence(result(factors), 'throughput')).toBe(
			'`tensorParallel` matters most: it accounts for 71 % (±4) of what varies in throughput; `batch` for 20 % (±2); the rest hardly matters.',
		);
		expect(sensitivityBasis(result(factors))).toMatch(/a sample of 2,000 of 100,000 runs foretell 93 %/);
	});

	test('a doubtful order is said to be one, and inputs that act together are named as such', () => {
		const doubtful = [
			{ name: 'a', alone: null, total: rough(0.6, 0.1) },
			{ name: 'b', alone: null, total: rough(0.55, 0.1) },
		];
		expect(sensitivitySentence(result(doubtful), 'cost')).toBe(
			'`a` seems to matter most: it accounts for 60 % (±10) of what varies in cost; `b` for 55 % (±10). The shares add up to more than 100 % because inputs act together.',
		);
		const sure = [
			{ name: 'a', alone: exact(0.9), total: exact(0.97) },
			{ name: 'b', alone: exact(0.02), total: exact(0.03) },
		];
		expect(sensitivitySentence(result(sure, 'grid'), 'cost')).toBe(
			'`a` matters most: it accounts for 97 % of what varies in cost; `b` hardly matters.',
		);
	});
});

import { count, defineSystem, quantity, result } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { getAt, parsePath, setAt } from './input-path.ts';
import { sweepPoints, sweepSpecification } from './sweep.ts';

const system = defineSystem({
	card: {
		slug: 'line',
		title: 'Line',
		question: 'Where?',
		domain: 'tests',
		version: 1,
		paper: { title: 'None', arxiv: '0000.00000', year: 2000, authors: ['Nobody'] },
		runsOn: 'anywhere',
		limits: { seconds: 60, bytes: 2 ** 30 },
	},
	inputs: z.strictObject({
		a: quantity({ unit: '1', min: 0, max: 100, default: 1, help: 'a' }),
		b: z.strictObject({ c: count({ unit: '1', min: 0, max: 100, default: 2, help: 'c' }) }).prefault({}),
	}),
	outputs: z.object({ y: result({ unit: '1', help: 'y' }) }),
	examples: [{ name: 'x', says: 'x', inputs: {} }],
	run: async (inputs) => ({ y: inputs.a + inputs.b.c }),
	headline: () => 'x',
	report: () => [],
	claims: [],
});
const points = (specification: unknown) => sweepPoints(system, sweepSpecification.parse(specification));

test('a grid is every combination, the last axis varying fastest, around the base', () => {
	const found = points({
		inputs: { a: 7 },
		grid: [
			{ path: 'b.c', values: [1, 2] },
			{ path: 'a', values: [3, 4] },
		],
	});
	expect(found.map((point) => point.inputs)).toEqual([
		{ a: 3, b: { c: 1 } },
		{ a: 4, b: { c: 1 } },
		{ a: 3, b: { c: 2 } },
		{ a: 4, b: { c: 2 } },
	]);
	expect(points({ inputs: { a: 7 } }).map((point) => point.inputs)).toEqual([{ a: 7, b: { c: 2 } }]);
});

test('a list is combined with the grid', () => {
	expect(points({ list: [{ a: 1 }, { a: 2 }], grid: [{ path: 'b.c', values: [5, 6] }] })).toHaveLength(4);
});

test('random draws stay in their range and depend on the seed alone; a further range changes nothing of the first', () => {
	const range = { path: 'a', min: 2, max: 50, scale: 'log' };
	const draws = (seed: number, ranges: unknown[]) =>
		points({ seed, random: { samples: 40, ranges } }).map((point) => point.settings['a']);
	expect(draws(1, [range])).toEqual(draws(1, [range]));
	expect(draws(1, [range])).not.toEqual(draws(2, [range]));
	expect(draws(1, [range, { path: 'b.c', min: 0, max: 9, scale: 'integer' }])).toEqual(draws(1, [range]));
	for (const draw of draws(3, [range])) expect(draw).toSatisfy((value: number) => value >= 2 && value <= 50);
});

test.for([
	[{ grid: [{ path: 'a', values: ['x'] }] }, /^a: found "x"/],
	[{ grid: [{ path: 'd', values: [1] }] }, /unknown name "d"/],
	[{ random: { samples: 2, ranges: [{ path: 'a', min: 3, max: 1 }] } }, /at least 3/],
	[{ random: { samples: 2, ranges: [{ path: 'a', min: 0, max: 1, scale: 'log' }] } }, /log scale/],
	[{ grid: Array.from({ length: 6 }, (_, i) => ({ path: `a${i}`, values: Array(10).fill(1) })) }, /at most 100000/],
] as const)('a wrong specification is refused with its place: %j', ([specification, message]) => {
	expect(() => points(specification)).toThrow(message);
});

test('paths set and read what they name', () => {
	expect(setAt({ a: [1, { b: 2 }] }, 'a[1].b', 3)).toEqual({ a: [1, { b: 3 }] });
	expect(setAt(undefined, 'x.y', 1)).toEqual({ x: { y: 1 } });
	expect(getAt({ a: [1, { b: 2 }] }, 'a[1].b')).toBe(2);
	for (const wrong of ['', 'a..b', 'a[x]', '__proto__.x', 'a.constructor'])
		expect(() => parsePath(wrong), wrong).toThrow(/expected a path/);
	fc.assert(
		fc.property(fc.stringMatching(/^[a-z]{1,5}(\.[a-z]{1,5}|\[\d\]){0,3}$/), fc.integer(), (path, value) => {
			fc.pre(!/\[[1-9]\]/.test(path));
			return getAt(setAt({}, path, value), path) === value;
		}),
	);
});

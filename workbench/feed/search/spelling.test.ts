import { expect, test } from 'vitest';
import { Spelling } from './spelling.ts';

const spelling = new Spelling(
	new Map([
		['training', 40],
		['quantization', 12],
		['quantisation', 2],
		['quantitative', 3],
		['wafer', 1],
		['transformer', 9],
		['transformers', 20],
	]),
);

test.each([
	['trianing', 'training'],
	['traning', 'training'],
	['quantizaton', 'quantization'],
	['qantization', 'quantization'],
	['wafr', 'wafer'],
	['transfomers', 'transformers'],
])('%s is taken for %s', (typed, meant) => {
	expect(spelling.nearest(typed)).toBe(meant);
});

test('what is near to nothing stays; of equally near words the more common is taken', () => {
	expect(spelling.nearest('zebra')).toBeUndefined();
	expect(
		new Spelling(
			new Map([
				['cart', 1],
				['carp', 5],
			]),
		).nearest('carx'),
	).toBe('carp');
});

import { parameterCount, resolveModel } from '@assay/models';
import { describe, expect, test } from 'vitest';
import { describePublishedModel, publishedModels } from './published-models.ts';
import { cutSubGroups, tensorSizes } from './sub-groups.ts';

describe('parameters that the logs count', () => {
	test.each([
		['dos-7b', 5_948_837_888],
		['dos-10b', 9_918_500_864],
		['dos-13b', 11_315_860_480],
		['dos-20b', 15_326_663_680],
		['dos-20b-a100', 15_579_222_016],
		['dos-8.3b', 9_142_717_440],
		['dos-70b', 68_605_452_288],
	])('%s has %i', (name, count) => {
		const model = publishedModels.find((one) => one.name === name);
		if (model === undefined) throw new Error(name);
		expect(parameterCount(describePublishedModel(model)).total).toBe(count);
	});
});

describe('sub-groups', () => {
	const seven = publishedModels[0];
	if (seven === undefined) throw new Error('no models');

	test('of 7B at a size of 1e7 begin as in the log: the embedding, then norm and query projection', () => {
		const groups = cutSubGroups(tensorSizes(describePublishedModel(seven)), 1, 1e7);
		expect(groups.slice(0, 2)).toEqual([206_045_184, 16_781_312]);
	});

	test.each(['llama-3-8b', 'mixtral-8x7b', 'gpt2', 'deepseek-v2-lite', 'gemma-2-2b'])(
		'hold all matrices and norms of %s',
		(name) => {
			const model = resolveModel(name);
			const sizes = tensorSizes(model);
			const held = sizes.reduce((sum, size) => sum + size, 0);
			// Biases and the small norms inside attention are left to their matrix.
			expect(held / parameterCount(model).total).toBeGreaterThan(0.997);
			expect(held / parameterCount(model).total).toBeLessThanOrEqual(1);
			for (const [ranks, size] of [
				[1, 1e8],
				[4, 1e8],
				[8, 1e7],
			] as const) {
				const groups = cutSubGroups(sizes, ranks, size);
				const total = groups.reduce((sum, group) => sum + group, 0);
				expect(total).toBeGreaterThanOrEqual(held / ranks);
				expect(total).toBeLessThan(held / ranks + sizes.length);
				for (const group of groups.slice(0, -1)) expect(group).toBeGreaterThanOrEqual(size);
			}
		},
	);

	test('a size beyond the model gives a single sub-group', () => {
		expect(cutSubGroups([5, 6, 7], 1, 100)).toEqual([18]);
	});
});

import { expect, test } from 'vitest';
import { parameterCount, weightBytes } from './parameters.ts';
import { findModel, listModels } from './zoo.ts';

const published = listModels().flatMap((entry) =>
	entry.publishedParameters === undefined ? [] : [{ name: entry.name, ...entry.publishedParameters }],
);

test('most known models have a published count', () => {
	expect(published.length).toBeGreaterThanOrEqual(60);
});

test.each(published)('$name has the published number of parameters within 0.5 %', ({ name, count }) => {
	expect(Math.abs(parameterCount(findModel(name)).total / count - 1)).toBeLessThan(0.005);
});

test.each(published.filter(({ where }) => /all tensors|repository, total|BLOOM|DeepSeek/.test(where)))(
	'$name has exactly as many parameters as its stored tensors',
	({ name, count }) => {
		expect(parameterCount(findModel(name)).total).toBe(count);
	},
);

test('the parts sum to the total', () => {
	for (const { name } of listModels()) {
		const { total, activePerToken, ...parts } = parameterCount(findModel(name));
		expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBe(total);
		expect(activePerToken).toBeLessThanOrEqual(total);
	}
});

test('parts of GPT-2 by hand', () => {
	const count = parameterCount(findModel('gpt2'));
	expect(count.embedding).toBe(50257 * 768);
	expect(count.position).toBe(1024 * 768);
	expect(count.attention).toBe(12 * (4 * 768 * 768 + 4 * 768));
	expect(count.feedForward).toBe(12 * (2 * 768 * 3072 + 3072 + 768));
	expect(count.norms).toBe((12 * 2 + 1) * 2 * 768);
	expect(count.head).toBe(0);
});

test('active parameters of mixtures of experts, as their makers state them', () => {
	expect(parameterCount(findModel('mixtral-8x7b')).activePerToken / 12.9e9).toBeCloseTo(1, 1.7);
	expect(parameterCount(findModel('deepseek-v2')).activePerToken / 21e9).toBeCloseTo(1, 1);
	expect(parameterCount(findModel('deepseek-v3')).activePerToken / 37e9).toBeCloseTo(1, 1);
	expect(parameterCount(findModel('qwen3-235b-a22b')).activePerToken / 22e9).toBeCloseTo(1, 1);
});

test('weights take the format’s bytes', () => {
	const model = findModel('llama-3-8b');
	expect(weightBytes(model)).toBe(8_030_261_248 * 2);
	expect(weightBytes(model, 'int4')).toBe(8_030_261_248 / 2);
	expect(weightBytes(findModel('deepseek-v3'))).toBe(671_026_419_200);
});

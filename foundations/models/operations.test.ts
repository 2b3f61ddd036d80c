import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeFlops, prefillFlops, trainingFlops } from './operations.ts';
import { parameterCount } from './parameters.ts';
import { findModel, listModels } from './zoo.ts';

const generators = listModels()
	.map(({ name }) => findModel(name))
	.filter((model) => model.causal);

test('a decoded token of a dense model costs twice its matrices and the attention term', () => {
	const model = findModel('llama-3-8b');
	const count = parameterCount(model);
	// Of all weights only the embedding table and the norms are not multiplied with.
	const matrices = count.total - count.embedding - count.norms;
	expect(decodeFlops(model, 1024)).toBe(2 * matrices + 32 * 4 * 4096 * 1024);
});

test('a mixture pays for the experts a token visits', () => {
	const model = findModel('mixtral-8x7b');
	const count = parameterCount(model);
	expect(decodeFlops(model, 1)).toBe(2 * (count.activePerToken - count.embedding - count.norms) + 32 * 4 * 4096);
});

test('latent attention decodes on the latent', () => {
	const model = findModel('deepseek-v3');
	expect(decodeFlops(model, 1001) - decodeFlops(model, 1)).toBe(1000 * 61 * 2 * 128 * (2 * 512 + 64));
	expect(prefillFlops(model, 1, 1000) - prefillFlops(model, 1)).toBe(1000 * 61 * 2 * 128 * (128 + 64 + 128));
});

test('decoding is reading a prompt of one token, without latent attention', () => {
	for (const model of generators.filter(({ attention }) => attention.kind !== 'latent')) {
		expect(decodeFlops(model, 5000)).toBe(prefillFlops(model, 1, 4999));
	}
});

test('a prompt read in chunks costs as much as in one piece, but for the logits of each chunk', () => {
	fc.assert(
		fc.property(
			fc.constantFrom(...generators),
			fc.integer({ min: 1, max: 9000 }),
			fc.integer({ min: 1, max: 9000 }),
			(model, first, second) => {
				const logits = prefillFlops(model, first) + prefillFlops(model, second, first) - prefillFlops(model, first + second);
				const width = model.embeddingWidth ?? model.hidden;
				expect(logits).toBe(2 * (model.vocabulary * width + (width === model.hidden ? 0 : width * model.hidden)));
			},
		),
	);
});

test('a window counts each token’s pairs', () => {
	const model = findModel('gemma-2-9b');
	const withoutPairs = prefillFlops({ ...model, attention: { ...model.attention, heads: 16 } }, 1) - 42 * 4 * 16 * 256;
	let pairs = 0;
	for (let token = 1; token <= 6000; token++) pairs += 21 * token + 21 * Math.min(token, 4096);
	const logits = 2 * model.vocabulary * model.hidden;
	expect(prefillFlops(model, 6000)).toBe((withoutPairs - logits) * 6000 + logits + pairs * 4 * 16 * 256);
});

test('training costs six operations per weight and token at short sequences', () => {
	const model = findModel('gpt3-175b');
	expect(trainingFlops(model, 2048) / (6 * parameterCount(model).total * 2048)).toBeCloseTo(1, 1.3);
});

test('no prompt costs nothing; an encoder reads but does not generate', () => {
	const encoder = findModel('bert-base');
	expect(prefillFlops(findModel('gpt2'), 0)).toBe(0);
	expect(prefillFlops(encoder, 128)).toBe(2 * 12 * (4 * 768 * 768 + 2 * 768 * 3072) * 128 + 12 * 4 * 768 * 128 * 128);
	expect(() => decodeFlops(encoder, 1)).toThrow(InputError);
});

import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeFlops, prefillFlops } from '../../operations.ts';
import { parameterCount } from '../../parameters.ts';
import { findModel, listModels } from '../../zoo.ts';
import { layerMacs, networkCounts } from '../counts.ts';
import type { Network } from '../network.ts';
import { networkFromTransformer } from './network-from-transformer.ts';

const models = listModels().map(({ name }) => findModel(name));

/** Multiply-accumulates with masked pairs skipped, without what operations.ts does not count. */
function comparable(network: Network): number {
	return network.layers
		.filter(({ name }) => name !== 'embedding.projection' && name !== 'pooler')
		.reduce((sum, layer) => sum + layerMacs(layer, 'skipped'), 0);
}

test('reading a prompt takes half the operations that prefillFlops counts, for every known model and any cache', () => {
	fc.assert(
		fc.property(
			fc.constantFrom(...models),
			fc.integer({ min: 2, max: 400 }),
			fc.nat(500),
			fc.integer({ min: 1, max: 3 }),
			(model, tokens, cached, batch) => {
				const cachedTokens = model.causal ? cached : 0;
				fc.pre(model.position.kind !== 'learned' || tokens + cachedTokens <= model.position.positions);
				const network = networkFromTransformer(model, { batch, tokens, cachedTokens });
				expect(comparable(network)).toBe((batch * prefillFlops(model, tokens, cachedTokens)) / 2);
			},
		),
		{ numRuns: 60 },
	);
});

test('a step of generation takes half the operations that decodeFlops counts', () => {
	for (const model of models.filter(({ causal }) => causal)) {
		for (const cachedTokens of [0, 999]) {
			const network = networkFromTransformer(model, { batch: 3, tokens: 1, cachedTokens });
			expect(comparable(network)).toBe((3 * decodeFlops(model, cachedTokens + 1)) / 2);
		}
	}
});

test('with masked pairs computed, causal attention is a whole rectangle', () => {
	const model = findModel('llama-3-8b');
	const network = networkFromTransformer(model, { batch: 1, tokens: 100, cachedTokens: 50 });
	const difference = networkCounts(network).macs - networkCounts(network, {}, 'skipped').macs;
	// 100 rows of 150 pairs, of which 51 to 150 are left.
	expect(difference).toBe(32 * 2 * 32 * 128 * (100 * 150 - (51 + 150) * 50));
});

test('queries of heads that share keys are one product, and a window bounds its keys', () => {
	const network = networkFromTransformer(findModel('gemma-2-9b'), { batch: 2, tokens: 10, cachedTokens: 6000 });
	const scores = network.layers.filter(({ name }) => name.endsWith('.scores'));
	// 16 heads, 8 key-value heads, heads of 256, every other layer with a window of 4096.
	expect(scores.slice(0, 2).map((layer) => layer.kind === 'matrix-product' && [layer.batch, layer.m, layer.n, layer.k])).toEqual([
		[16, 20, 6010, 256],
		[16, 20, 4105, 256],
	]);
});

test('the parameters are those of parameters.ts, where every expert is visited', () => {
	for (const model of models) {
		const tokens = model.experts === null ? 2 : 4 * model.experts.count;
		expect(networkCounts(networkFromTransformer(model, { batch: 1, tokens })).parameters).toBe(parameterCount(model).total);
	}
});

test('few tokens read few experts', () => {
	const model = findModel('mixtral-8x7b');
	const expert = 3 * 4096 * 14_336;
	const read = (batch: number) => networkCounts(networkFromTransformer(model, { batch, tokens: 1 })).parameters;
	// One token visits 2 of 8, two visit 4, four and more all.
	expect([read(1), read(2), read(4), read(9)]).toEqual(
		[6, 4, 0, 0].map((left) => parameterCount(model).total - 32 * left * expert),
	);
});

test('weights and activations are as wide as the model’s formats', () => {
	const model = { ...findModel('llama-3-8b'), parametersDtype: 'int4' as const };
	const { parameterBytes } = networkCounts(networkFromTransformer(model, { batch: 1, tokens: 1 }));
	expect(parameterBytes).toBe(parameterCount(model).total / 2);
});

test('what is no run is one InputError', () => {
	const message = (action: () => unknown): string => {
		try {
			action();
		} catch (error) {
			if (error instanceof InputError) return error.message;
			throw error;
		}
		return '';
	};
	const model = findModel('gpt2');
	expect(message(() => networkFromTransformer(model, { batch: 0, tokens: 1 }))).toMatch(
		/model\.batch: found 0, expected a whole number from 1/,
	);
	expect(message(() => networkFromTransformer(model, { batch: 1, tokens: 1.5 }))).toMatch(/model\.tokens: found 1\.5/);
	expect(message(() => networkFromTransformer(model, { batch: 1, tokens: 1000, cachedTokens: 25 }))).toMatch(/found 1025 tokens/);
});

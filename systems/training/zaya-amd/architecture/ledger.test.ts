import { parameterCount, resolveModel } from '@assay/models';
import { describe, expect, test } from 'vitest';
import { dataFile, dataMissing } from '../test-data.ts';
import { loadBalance, zayaCacheValuesPerToken, zayaCompression, zayaLedger, zayaTrainingOperations } from './ledger.ts';
import { readZayaConfig, zaya1 } from './zaya-config.ts';

describe('parameters of ZAYA1, as the reference implementation counts them', () => {
	const ledger = zayaLedger(zaya1);
	test.each([
		['one attention sublayer with its norm', ledger.attentionSublayer, 5_577_730],
		['one expert sublayer with its norm', ledger.expertSublayer, 201_989_632],
		['all residual scales', ledger.residualScaling, 655_360],
		['everything', ledger.total, 8_840_488_784],
		['without the embedding', ledger.withoutEmbedding, 8_303_355_728],
		['active without the embedding', ledger.activeWithoutEmbedding, 753_608_528],
		['balance biases', ledger.balanceBiases, 680],
	])('%s', (_, found, expected) => expect(found).toBe(expected));

	test('the entries add up, and the first layer has 256 fewer', () => {
		expect(ledger.entries.reduce((sum, { parameters, copies }) => sum + parameters * copies, 0)).toBe(ledger.total);
		expect(ledger.entries.find(({ part }) => part.startsWith('router state'))).toMatchObject({ parameters: 256, copies: 39 });
	});
});

test('Llama-2-7B has 6,738,415,616 parameters', () => {
	expect(parameterCount(resolveModel('llama-2-7b')).total).toBe(6_738_415_616);
});

test('operations per token: 8.75 GFLOP at 4K, 37 % of them in the output layer; a vocabulary of 32,768 saves 32.2 %', () => {
	const at = (vocabulary: number) => zayaTrainingOperations({ ...zaya1, vocabulary }, 4096);
	expect(at(262_272).total / 1e9).toBeCloseTo(8.75, 2);
	expect(at(262_272).outputLayer / at(262_272).total).toBeCloseTo(0.37, 2);
	expect(at(32_768).total / 1e9).toBeCloseTo(5.93, 2);
	expect(1 - at(32_768).total / at(262_272).total).toBeCloseTo(0.322, 3);
});

test('the cache is 8 times smaller than with 16 heads, the queries 2 times', () => {
	expect(zayaCompression(zaya1)).toEqual({ cache: 8, queries: 2 });
	expect(zayaCacheValuesPerToken(zaya1) / zaya1.layers).toBe(512);
});

test('evenness is 1 for equal loads and 0 for all on one', () => {
	expect(loadBalance([5, 5, 5, 5])).toBeCloseTo(1, 12);
	expect(loadBalance([9, 0, 0])).toBe(0);
	expect(loadBalance([1, 1, 0, 0])).toBeCloseTo(0.5, 12);
});

test.skipIf(dataMissing !== undefined)('the published configuration is ZAYA1', async () => {
	const json = JSON.parse(await (await dataFile('zaya1_base_config.json')).text());
	expect(readZayaConfig(json, 'a')).toEqual({ ...zaya1, ropeTheta: 5_000_000 });
});

test('a config that cannot be is named', () => {
	expect(() => readZayaConfig({ model_type: 'zaya', num_blocks: 1 }, 'c.json')).toThrow(/c.json, hidden_size/);
	expect(() => readZayaConfig(null, 'c.json')).toThrow(/c.json: found null/);
});

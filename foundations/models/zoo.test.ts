import { InputError } from '@assay/contract';
import { expect, test } from 'vitest';
import { parseTransformerModel, type TransformerModelInput } from './transformer.ts';
import { findModel, listModels, resolveModel } from './zoo.ts';

test('names and aliases are unique, ignoring case, and every model has a source', () => {
	const names = listModels().flatMap((entry) => [entry.name, ...(entry.aliases ?? [])].map((name) => name.toLowerCase()));
	expect(new Set(names).size).toBe(names.length);
	expect(listModels().length).toBeGreaterThanOrEqual(45);
	for (const entry of listModels()) expect(entry.source).toMatch(/^https:\/\/|arXiv/);
});

test('names are found in any case, by alias too, and misspellings are answered', () => {
	expect(findModel(' LLaMA-3-8B ').name).toBe('llama-3-8b');
	expect(findModel('BLOOM').name).toBe('bloom-176b');
	expect(() => findModel('lama-3-8b')).toThrow(/did you mean llama-3-8b\?/);
	expect(() => findModel('__proto__')).toThrow(InputError);
});

const tiny = {
	name: 'tiny',
	family: 'mine',
	source: 'made up',
	layers: 2,
	hidden: 8,
	attention: { kind: 'grouped-query', heads: 4, kvHeads: 2, headDim: 2 },
	feedForward: { kind: 'gated', width: 16 },
	vocabulary: 100,
	contextTokens: 64,
	outputHead: 'tied',
	position: { kind: 'rotary' },
	norms: { kind: 'rms-norm', perLayer: 2 },
	parametersDtype: 'bf16',
} as const satisfies TransformerModelInput;

test('a reference is a name, a config or a description', () => {
	expect(resolveModel('gpt2').layers).toBe(12);
	expect(resolveModel(listModels()[0]?.config).layers).toBe(12);
	expect(resolveModel(tiny)).toEqual(parseTransformerModel(tiny));
	const known = findModel('deepseek-v2');
	expect(resolveModel(JSON.parse(JSON.stringify(known)))).toEqual(known);
});

test.each([
	[{ layers: 0 }, /model\.layers: found 0, expected at least 1/],
	[{ layer: 2 }, /model\.layer: found the unknown name "layer"/],
	[{ attention: { ...tiny.attention, kvHeads: 3 } }, /model\.attention\.kvHeads: found 3, expected a divisor of heads \(4\)/],
	[{ attention: { ...tiny.attention, kind: 'multi-head' } }, /model\.attention\.kind: .*did you mean grouped-query/],
	[{ attention: { ...tiny.attention, slidingWindow: { tokens: 8, layers: 3 } } }, /slidingWindow\.layers: found 3/],
	[{ experts: { count: 2, activePerToken: 3, width: 4 } }, /experts\.activePerToken: found 3, expected at most count \(2\)/],
	[{ experts: { count: 2, activePerToken: 1, width: 4, denseLayers: [0, 0] } }, /denseLayers\[1\]: found 0/],
	[{ parametersDtype: 'bf17' }, /model\.parametersDtype: found "bf17".*did you mean bf16/],
])('a wrong description is named: %o', (change, expected) => {
	expect(() => resolveModel({ ...tiny, ...change })).toThrow(expected);
	expect(() => resolveModel({ ...tiny, ...change })).toThrow(InputError);
});

test.each([null, undefined, 7, [], true])('%o is no model', (value) => {
	expect(() => resolveModel(value)).toThrow(InputError);
});

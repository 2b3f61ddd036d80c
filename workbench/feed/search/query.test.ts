import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseQuery } from './query.ts';

const term = (text: string, prefix = false, field: 'title' | 'authors' | 'tags' | null = null) => ({
	words: text.split(' '),
	prefix,
	field,
});

test('the whole language in one query', () => {
	const query = parseQuery(
		'fast "block  floating-point" hardw* -survey title:GPU author:"Ada Lovelace" org:Zyphra tag:fp4 -tag:vision after:2024-03 before:2025 has:runnable',
	);
	expect(query).toMatchObject({
		wishes: [term('fast'), term('hardw', true)],
		required: [term('block floating point'), term('gpu', false, 'title'), term('ada lovelace', false, 'authors')],
		excluded: [term('survey'), term('vision', false, 'tags')],
		organisations: ['zyphra'],
		tags: ['fp4'],
		after: '2024-03-01',
		before: '2025-01-01',
		runnable: true,
	});
	expect(query.meaning.split('\n')).toEqual(['fast', 'block floating point', 'hardw', 'gpu', 'ada lovelace']);
});

test('prefixes: of a phrase its last word, in a field too', () => {
	expect(parseQuery('"systolic arr"*').required).toEqual([term('systolic arr', true)]);
	expect(parseQuery('title:quant*').required).toEqual([term('quant', true, 'title')]);
});

test('function words count only where there is nothing else; each word once', () => {
	expect(parseQuery('who must report large runs runs').wishes).toEqual([term('report'), term('large'), term('runs')]);
	expect(parseQuery('to be or not to be').wishes.map(({ words }) => words[0])).toEqual(['to', 'be', 'or', 'not']);
	expect(parseQuery('four-bit').wishes).toEqual([term('four'), term('bit')]);
});

test('what is not understood is searched as words', () => {
	expect(parseQuery('after:yesterday').wishes).toEqual([term('yesterday')]);
	expect(parseQuery('before:2025-02-30').before).toBeNull();
	expect(parseQuery('venue:ISCA').wishes).toEqual([term('venue'), term('isca')]);
	expect(parseQuery('"unclosed phrase').required).toEqual([term('unclosed phrase')]);
	expect(parseQuery('AND OR NOT NEAR(a b, 2) ^x {y} col : z').excluded).toEqual([]);
});

test('any text is a query of a bounded number of bounded, plain terms', () => {
	const piece = fc.constantFrom(
		'"',
		'*',
		'-',
		':',
		'(',
		')',
		'title:',
		'after:',
		'AND',
		'NEAR/2',
		"'",
		'\\',
		' ',
		'\0',
		'&',
		'|',
		'!',
		'<->',
		'é',
		'\ud800',
		'a',
	);
	fc.assert(
		fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 1_200 }), fc.string({ unit: piece })), (text) => {
			const { wishes, required, excluded, organisations, tags } = parseQuery(text);
			const terms = [...wishes, ...required, ...excluded];
			expect(required.length + excluded.length + organisations.length + tags.length).toBeLessThanOrEqual(32);
			for (const { words } of terms) {
				expect(words.length).toBeGreaterThan(0);
				for (const word of words) expect(word).toMatch(/^[\p{L}\p{N}]+$/u);
			}
		}),
	);
});

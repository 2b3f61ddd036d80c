import fc from 'fast-check';
import { expect, test } from 'vitest';
import { features, fold, stem, tokenise, wordsOf } from './tokens.ts';

test('words are lower case, without diacritics, parted by every sign', () => {
	expect(wordsOf('Native FP4-Training; Gödel\u2019s naïve ﬁle, e\u0301tude')).toEqual([
		'native',
		'fp4',
		'training',
		'godel',
		's',
		'naive',
		'file',
		'etude',
	]);
	expect(wordsOf('量子 計算 100B 10^4')).toEqual(['量子', '計算', '100b', '10', '4']);
	expect(wordsOf('')).toEqual([]);
});

test('a token is where it says, and folding twice changes nothing', () => {
	fc.assert(
		fc.property(fc.string({ unit: 'binary' }), (text) => {
			let at = 0;
			for (const { word, start, end } of tokenise(text)) {
				expect(start).toBeGreaterThanOrEqual(at);
				expect(fold(text.slice(start, end))).toBe(word);
				expect(fold(word)).toBe(word);
				expect(word).toMatch(/^[\p{L}\p{N}]+$/u);
				at = end;
			}
		}),
	);
});

test('stems of Porter’s published examples', () => {
	const examples = {
		caresses: 'caress',
		ponies: 'poni',
		relational: 'relat',
		hopping: 'hop',
		electrical: 'electr',
		adjustable: 'adjust',
		fp4: 'fp4',
	};
	for (const [word, wanted] of Object.entries(examples)) expect(stem(word)).toBe(wanted);
});

test('features are telling stems and pairs of neighbours, never across a stop word', () => {
	expect(features('Training of large language models')).toEqual([
		'train',
		'larg',
		'languag',
		'larg languag',
		'model',
		'languag model',
	]);
	expect(features('we use it for a')).toEqual([]);
});

import { Tokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tokenizerFile, trainMerges } from './train-tokenizer.ts';

/** The definition: count every pair of every word anew for each merge. For words of letters with a space before. */
function mergesByRecounting(words: readonly string[], merges: number): (readonly [number, number])[] {
	let spelled = words.map((word) => [...new TextEncoder().encode(word)]);
	const found: (readonly [number, number])[] = [];
	while (found.length < merges) {
		const counts = new Map<string, { pair: readonly [number, number]; count: number }>();
		for (const word of spelled) {
			for (let i = 0; i + 1 < word.length; i++) {
				const pair = [word[i]!, word[i + 1]!] as const;
				const entry = counts.get(pair.join()) ?? { pair, count: 0 };
				entry.count++;
				counts.set(pair.join(), entry);
			}
		}
		const [best] = [...counts.values()].sort((a, b) => b.count - a.count || a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1]);
		if (best === undefined || best.count < 2) break;
		const [left, right] = best.pair;
		const token = 256 + found.length;
		found.push(best.pair);
		spelled = spelled.map((word) => {
			const merged: number[] = [];
			while (word.length > 0) {
				const here = word.shift()!;
				if (here === left && word[0] === right) {
					word.shift();
					merged.push(token);
				} else merged.push(here);
			}
			return merged;
		});
	}
	return found;
}

test('merges are those of recounting every pair after every merge', () => {
	const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'ä'), minLength: 1, maxLength: 8 });
	fc.assert(
		fc.property(fc.array(word, { minLength: 1, maxLength: 40 }), fc.integer({ min: 0, max: 30 }), (words, merges) => {
			const spaced = words.map((one, i) => (i === 0 ? one : ` ${one}`));
			expect(trainMerges(spaced.join(''), 256 + merges)).toEqual(mergesByRecounting(spaced, merges));
		}),
	);
});

test("the classic example: the words' common beginnings and ends become tokens", () => {
	const text = `${' low'.repeat(5)}${' lower'.repeat(2)}${' newest'.repeat(6)}${' widest'.repeat(3)}`;
	const tokenizer = new Tokenizer(tokenizerFile(trainMerges(text, 256 + 10)), {});
	expect(tokenizer.tokenize(' newest low')).toEqual(['Ġnewest', 'Ġlow']);
});

test("Hugging Face's tokenizer reads the file and gives any text back", () => {
	const text = 'The quick brown fox, the lazy dog and 42 others: déjà vu, 漢字, 🦊!\n\n\tDone.';
	const file = tokenizerFile(trainMerges(text.repeat(3), 300));
	const tokenizer = new Tokenizer(file, { clean_up_tokenization_spaces: false });
	fc.assert(
		fc.property(fc.string({ unit: 'grapheme' }), (any) => {
			const { ids } = tokenizer.encode(any);
			if (ids.length > 0) expect(tokenizer.decode(ids)).toBe(any);
			else expect(any).toBe('');
			for (const id of ids) expect(id).toBeLessThan(300);
		}),
	);
	expect(tokenizer.encode(text).ids.length).toBeLessThan(new TextEncoder().encode(text).length);
});

test('a vocabulary holds at least the bytes, and no pair that occurs once becomes a token', () => {
	expect(() => trainMerges('abc', 255)).toThrow(RangeError);
	expect(trainMerges('abcd', 300)).toEqual([]);
	expect(trainMerges('', 300)).toEqual([]);
});

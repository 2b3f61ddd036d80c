import { Tokenizer } from '@huggingface/tokenizers';
import { expect, test } from 'vitest';
import { markovCorpus, textCorpus } from './corpus.ts';
import { drawMarkovTokens } from './markov-tokens.ts';

test('the parts of a text together are the text, and the last twentieth is held out', () => {
	const text = Array.from({ length: 400 }, (_, i) => `Line ${i} of a text about lines and numbers.\n`).join('');
	const { training, heldOut, vocabulary, tokenizer } = textCorpus(text, 280);
	expect(vocabulary).toBe(280);
	const reader = new Tokenizer(tokenizer ?? {}, { clean_up_tokenization_spaces: false });
	const [first, last] = [reader.decode([...training]), reader.decode([...heldOut])];
	expect(first + last).toBe(text);
	expect(first.endsWith('\n')).toBe(true);
	expect(last.length / text.length).toBeCloseTo(0.05, 2);
});

test('held-out tokens of a language are another text', () => {
	const language = { vocabulary: 8, odds: [0.5, 0.5], seed: 1 };
	const { training, heldOut } = markovCorpus(language, 1000);
	expect(training).toEqual(drawMarkovTokens(language, 1000));
	expect(heldOut).toHaveLength(50);
	expect(heldOut).not.toEqual(training.subarray(0, 50));
});

/** Text or generated tokens, ready for training: a part to learn from and a part held out. */
import { Tokenizer } from '@huggingface/tokenizers';
import { drawMarkovTokens, type MarkovLanguage } from './markov-tokens.ts';
import { tokenizerFile, trainMerges } from './train-tokenizer.ts';

export interface Corpus {
	readonly vocabulary: number;
	readonly training: Int32Array;
	readonly heldOut: Int32Array;
	/** The tokenizer.json, where the tokens stand for text. */
	readonly tokenizer?: ReturnType<typeof tokenizerFile>;
}

/**
 * Learns a tokenizer of so many tokens on the first 95 % of a text's lines and cuts all of it into tokens; the last 5 % are held out.
 * Raises a RangeError for a vocabulary of fewer than 256 tokens.
 */
export function textCorpus(text: string, vocabulary: number): Corpus {
	const cut = text.indexOf('\n', Math.floor(0.95 * text.length)) + 1 || text.length;
	const merges = trainMerges(text.slice(0, cut), vocabulary);
	const file = tokenizerFile(merges);
	const tokenizer = new Tokenizer(file, {});
	const encode = (part: string) => Int32Array.from(tokenizer.encode(part).ids);
	return {
		vocabulary: 256 + merges.length,
		training: encode(text.slice(0, cut)),
		heldOut: encode(text.slice(cut)),
		tokenizer: file,
	};
}

/** So many tokens of a generated language to learn from, and a twentieth as many, of another text, held out. */
export function markovCorpus(language: MarkovLanguage, tokens: number): Corpus {
	return {
		vocabulary: language.vocabulary,
		training: drawMarkovTokens(language, tokens),
		heldOut: drawMarkovTokens(language, Math.ceil(tokens / 20), 1),
	};
}

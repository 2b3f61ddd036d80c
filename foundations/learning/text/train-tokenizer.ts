/**
 * Learns a byte-level byte-pair encoding from text (Sennrich et al. 2016; on bytes as in GPT-2). Text is cut into words that keep their
 * leading space; each starts as its UTF-8 bytes; the pair of neighbours that occurs most often becomes a token of its own, again and
 * again. The result is a tokenizer.json, which `Tokenizer` of @huggingface/tokenizers reads, as many other programs do.
 *
 * A merge touches only the words that hold its pair. Since it makes no old pair more frequent, a queue of pairs needs no change when
 * counts fall: an entry that comes up with too high a count goes back with the right one.
 */
import TinyQueue from 'tinyqueue';

/** GPT-2's words: contractions, letters, digits or other signs with at most one space before, and runs of white space. */
const WORDS = /'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;
const BYTES = 256;
/** A pair is one number, `left * PAIR_BASE + right`. */
const PAIR_BASE = 2 ** 24;

/** A word's tokens and how often it occurs. */
interface Word {
	tokens: readonly number[];
	readonly count: number;
}

interface PairCount {
	readonly pair: number;
	readonly count: number;
}

/** Pairs in the order they were merged; merge i makes token 256 + i, tokens below 256 are bytes. */
export type Merges = readonly (readonly [left: number, right: number])[];

/**
 * Merges for a vocabulary of so many tokens (256 bytes or more), fewer where no pair occurs twice any more. Of equally frequent pairs the
 * one with the smaller numbers comes first.
 */
export function trainMerges(text: string, vocabulary: number): Merges {
	if (!(Number.isSafeInteger(vocabulary) && vocabulary >= BYTES && vocabulary < PAIR_BASE))
		throw new RangeError(`a vocabulary of ${vocabulary} does not hold the ${BYTES} bytes`);
	const words = countWords(text);
	const counts = new Map<number, number>();
	const places = new Map<number, Set<Word>>();
	for (const word of words) addPairs(word, counts, places);
	const queue = new TinyQueue<PairCount>(
		Array.from(counts, ([pair, count]) => ({ pair, count })),
		(a, b) => b.count - a.count || a.pair - b.pair,
	);
	const merges: [number, number][] = [];
	while (BYTES + merges.length < vocabulary) {
		const top = queue.pop();
		if (top === undefined || top.count < 2) break;
		const count = counts.get(top.pair) ?? 0;
		if (count !== top.count) {
			queue.push({ pair: top.pair, count });
			continue;
		}
		const token = BYTES + merges.length;
		merges.push([Math.floor(top.pair / PAIR_BASE), top.pair % PAIR_BASE]);
		const made = new Map<number, number>();
		for (const word of places.get(top.pair) ?? []) {
			const before = word.tokens;
			word.tokens = mergePair(before, top.pair, token);
			if (word.tokens.length === before.length) continue;
			for (let i = 0; i + 1 < before.length; i++) {
				const pair = pairAt(before, i);
				counts.set(pair, (counts.get(pair) ?? 0) - word.count);
			}
			addPairs(word, counts, places);
			for (let i = 0; i + 1 < word.tokens.length; i++)
				if (word.tokens[i] === token || word.tokens[i + 1] === token) made.set(pairAt(word.tokens, i), 0);
		}
		counts.delete(top.pair);
		places.delete(top.pair);
		for (const pair of made.keys()) queue.push({ pair, count: counts.get(pair) ?? 0 });
	}
	return merges;
}

/**
 * Bytes are spelled as characters in tokenizer.json: printable ones of Latin-1 as themselves, the others, in order, from U+0100 on.
 * (GPT-2's table.)
 */
const BYTE_CHARACTERS: readonly string[] = (() => {
	let next = 256;
	return Array.from({ length: BYTES }, (_, byte) => {
		const printable = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
		return String.fromCodePoint(printable ? byte : next++);
	});
})();

/** A tokenizer.json of these merges, as an object. Token numbers are those of the merges. */
export function tokenizerFile(merges: Merges) {
	const spellings = [...BYTE_CHARACTERS];
	for (const [left, right] of merges) spellings.push(`${spellings[left]}${spellings[right]}`);
	const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
	return {
		version: '1.0',
		truncation: null,
		padding: null,
		added_tokens: [],
		normalizer: null,
		pre_tokenizer: byteLevel,
		post_processor: null,
		decoder: byteLevel,
		model: {
			type: 'BPE',
			dropout: null,
			unk_token: null,
			continuing_subword_prefix: null,
			end_of_word_suffix: null,
			fuse_unk: false,
			byte_fallback: false,
			ignore_merges: false,
			vocab: Object.fromEntries(spellings.map((spelling, token) => [spelling, token])),
			merges: merges.map(([left, right]) => [spellings[left], spellings[right]]),
		},
	};
}

function countWords(text: string): Word[] {
	const occurrences = new Map<string, number>();
	for (const [word] of text.matchAll(WORDS)) occurrences.set(word, (occurrences.get(word) ?? 0) + 1);
	const encoder = new TextEncoder();
	return Array.from(occurrences, ([word, count]) => ({ tokens: [...encoder.encode(word)], count }));
}

function addPairs(word: Word, counts: Map<number, number>, places: Map<number, Set<Word>>): void {
	const { tokens, count } = word;
	for (let i = 0; i + 1 < tokens.length; i++) {
		const pair = pairAt(tokens, i);
		counts.set(pair, (counts.get(pair) ?? 0) + count);
		const words = places.get(pair);
		if (words === undefined) places.set(pair, new Set([word]));
		else words.add(word);
	}
}

function pairAt(tokens: readonly number[], i: number): number {
	return (tokens[i] as number) * PAIR_BASE + (tokens[i + 1] as number);
}

function mergePair(tokens: readonly number[], pair: number, merged: number): number[] {
	const result: number[] = [];
	for (let i = 0; i < tokens.length; i++) {
		if (i + 1 < tokens.length && pairAt(tokens, i) === pair) {
			result.push(merged);
			i++;
		} else result.push(tokens[i] as number);
	}
	return result;
}

/**
 * A language with a known entropy: an order-2 Markov chain. After each pair of tokens one of a few followers comes, with fixed odds.
 * The pair decides through a hash which followers, so a model must learn the pairs, and the loss it can reach at best is known.
 */
import { createRandom } from '@assay/contract';

export interface MarkovLanguage {
	readonly vocabulary: number;
	/** Odds of the followers of any pair; they sum to 1. */
	readonly odds: readonly number[];
	readonly seed: number;
}

/** Mean nats that a token tells to whoever knows the language and the two tokens before: the least loss a model can reach. */
export function markovEntropy({ odds }: MarkovLanguage): number {
	return odds.reduce((sum, odd) => sum - odd * Math.log(odd), 0);
}

/** `count` tokens. `stream` picks one of many texts in the language. Raises a RangeError for a language that cannot be. */
export function drawMarkovTokens(language: MarkovLanguage, count: number, stream = 0): Int32Array {
	const { vocabulary, odds, seed } = language;
	if (odds.length < 1 || odds.length > vocabulary || odds.some((odd) => !(odd > 0)))
		throw new RangeError(`no language of ${vocabulary} tokens with ${odds.length} followers`);
	if (Math.abs(odds.reduce((sum, odd) => sum + odd, 0) - 1) > 1e-9) throw new RangeError('the odds do not sum to 1');
	const successors = followers(language);
	const random = createRandom(seed).fork(`text ${stream}`);
	const tokens = new Int32Array(count);
	let [before, last] = [0, 0];
	for (let i = 0; i < count; i++) {
		let rest = random.uniform();
		let choice = 0;
		while (choice < odds.length - 1 && rest >= (odds[choice] as number)) rest -= odds[choice++] as number;
		const token = successors[(before * vocabulary + last) * odds.length + choice] as number;
		tokens[i] = token;
		before = last;
		last = token;
	}
	return tokens;
}

/** Followers of every pair, different ones for one pair: [vocabulary, vocabulary, odds]. */
function followers({ vocabulary, odds, seed }: MarkovLanguage): Int32Array {
	const random = createRandom(seed).fork('followers');
	const all = new Int32Array(vocabulary * vocabulary * odds.length);
	const urn = Int32Array.from({ length: vocabulary }, (_, token) => token);
	for (let place = 0; place < all.length; place += odds.length) {
		for (let i = 0; i < odds.length; i++) {
			const j = i + random.integer(vocabulary - i);
			const drawn = urn[j] as number;
			urn[j] = urn[i] as number;
			urn[i] = drawn;
			all[place + i] = drawn;
		}
	}
	return all;
}

import { expect, test } from 'vitest';
import { drawMarkovTokens, type MarkovLanguage, markovEntropy } from './markov-tokens.ts';

const language: MarkovLanguage = { vocabulary: 16, odds: [0.5, 0.25, 0.125, 0.125], seed: 4 };

test('the entropy is that of the odds', () => {
	expect(markovEntropy(language)).toBeCloseTo(1.75 * Math.LN2, 12);
	expect(markovEntropy({ ...language, odds: [1] })).toBeCloseTo(0, 12);
});

test('followers of each pair come as often as the odds say: the entropy counted from text is the one told', () => {
	const tokens = drawMarkovTokens(language, 400_000);
	const counts = new Map<number, Map<number, number>>();
	for (let i = 2; i < tokens.length; i++) {
		const pair = tokens[i - 2]! * 16 + tokens[i - 1]!;
		const followers = counts.get(pair) ?? new Map<number, number>();
		followers.set(tokens[i]!, (followers.get(tokens[i]!) ?? 0) + 1);
		counts.set(pair, followers);
	}
	let nats = 0;
	for (const followers of counts.values()) {
		const total = [...followers.values()].reduce((sum, count) => sum + count, 0);
		expect(followers.size).toBeLessThanOrEqual(4);
		for (const count of followers.values()) nats -= count * Math.log(count / total);
	}
	expect(nats / tokens.length).toBeCloseTo(markovEntropy(language), 2);
});

test('texts of one language differ by stream and begin alike for any length; impossible languages are refused', () => {
	expect(drawMarkovTokens(language, 50)).toEqual(drawMarkovTokens(language, 100).subarray(0, 50));
	expect(drawMarkovTokens(language, 50, 1)).not.toEqual(drawMarkovTokens(language, 50));
	expect(() => drawMarkovTokens({ ...language, odds: [0.5, 0.4] }, 1)).toThrow('do not sum to 1');
	expect(() => drawMarkovTokens({ ...language, vocabulary: 3 }, 1)).toThrow(RangeError);
});

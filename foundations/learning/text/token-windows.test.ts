import { expect, test } from 'vitest';
import { TokenWindows } from './token-windows.ts';

const stream = Int32Array.from({ length: 101 }, (_, i) => i);
const windows = new TokenWindows(stream, { batch: 3, sequenceTokens: 4, seed: 1 });

test('an epoch sees as many windows as whole batches hold, each once, with the token after each', () => {
	expect(windows.windows).toBe(25);
	expect(windows.batchesPerEpoch).toBe(8);
	const firsts: number[] = [];
	for (let step = 0; step < 8; step++) {
		const { tokens, targets } = windows.at(step);
		expect(targets).toEqual(tokens.map((token) => token + 1));
		for (let i = 0; i < 12; i += 4) {
			firsts.push(tokens[i]!);
			expect(Array.from(tokens.subarray(i, i + 4), (token) => token - tokens[i]!)).toEqual([0, 1, 2, 3]);
		}
	}
	expect(new Set(firsts).size).toBe(24);
	expect(firsts.every((first) => first % 4 === 0)).toBe(true);
});

test('steps can be asked for in any order; epochs differ and so do seeds', () => {
	const forwards = [0, 5, 9, 20].map((step) => windows.at(step));
	const backwards = [20, 9, 5, 0].map((step) => windows.at(step)).reverse();
	expect(forwards).toEqual(backwards);
	expect(windows.at(0)).not.toEqual(windows.at(8));
	const other = new TokenWindows(stream, { batch: 3, sequenceTokens: 4, seed: 2 });
	expect(other.at(0)).not.toEqual(windows.at(0));
});

test('evaluation goes through the stream in order; a stream that fills no batch is refused', () => {
	const seen = [...windows.inOrder()].flatMap(({ tokens }) => [...tokens]);
	expect(seen).toEqual([...stream.subarray(0, 96)]);
	expect(() => new TokenWindows(stream, { batch: 26, sequenceTokens: 4, seed: 1 })).toThrow(
		'101 tokens do not fill a batch of 26 x 4',
	);
});

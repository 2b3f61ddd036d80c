import { expect, test } from 'vitest';
import { createContext } from './context.ts';

async function* pieces() {
	for (const value of [1, 2, 3]) yield new Uint8Array(2).fill(value);
}

test('a file that comes in pieces is joined for a host that takes whole files, streamed to one that takes pieces, and read to its end by all', async () => {
	const whole: number[][] = [];
	await createContext({ onArtifact: (_, content) => void whole.push([...content]) }).artifact('a.bin', pieces(), 'x/y');
	expect(whole).toEqual([[1, 1, 2, 2, 3, 3]]);

	const taken: number[][] = [];
	const streaming = createContext({
		onArtifact: () => expect.unreachable(),
		onArtifactStream: async (_, streamed) => {
			for await (const piece of streamed) taken.push([...piece]);
		},
	});
	await streaming.artifact('a.bin', pieces(), 'x/y');
	expect(taken).toEqual([
		[1, 1],
		[2, 2],
		[3, 3],
	]);

	let read = 0;
	async function* counted() {
		for await (const piece of pieces()) {
			read += piece.length;
			yield piece;
		}
	}
	await createContext().artifact('a.bin', counted(), 'x/y');
	expect(read).toBe(6);
});

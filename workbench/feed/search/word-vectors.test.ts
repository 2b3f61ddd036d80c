import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, InputError } from '@assay/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { convertWordVectors } from './convert-word-vectors.ts';
import { WordVectorFile } from './word-vectors.ts';

let folder = '';
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'assay-words-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const dimensions = 8;

/** A package of 5,000 words, some of them hard to find the end of; more than one chunk of reading and of writing. */
function sample(): Map<string, number[]> {
	const random = createRandom(2);
	const hard = ['"', '\\', ']', '}', '{"a":[1]}', 'naïve', '量', '\u{1f600}', '\u0001', 'a\\"b'];
	const words = [...hard, ...Array.from({ length: 5_000 }, (_, index) => `word${index}`)];
	return new Map(words.map((word) => [word, Array.from({ length: dimensions }, () => Math.round(1e5 * random.normal()) / 1e5)]));
}

function asPackage(vectors: ReadonlyMap<string, number[]>): string {
	const rows = Object.fromEntries(
		[...vectors].map(([word, vector], index) => [word, [...vector, ...Array(30).fill(0.123456), index]]),
	);
	return JSON.stringify({ precision: 8, size: vectors.size, words: ['a'], vectors: rows, unkVector: [0] });
}

test('every word is found with its vector, to half a step of its scale; others are not', async () => {
	const [source, target] = [join(folder, 'package.json'), join(folder, 'words.bin')];
	const vectors = sample();
	await writeFile(source, asPackage(vectors));
	const seen: number[] = [];
	await convertWordVectors(source, target, dimensions, (fraction) => seen.push(fraction));
	expect(seen.length).toBeGreaterThan(1);
	expect(seen).toEqual(seen.toSorted((a, b) => a - b));
	expect(seen.at(-1)).toBe(1);
	const words = WordVectorFile.open(target, 'sample');
	expect([words.size, words.dimensions]).toEqual([vectors.size, dimensions]);
	for (const [word, wanted] of vectors) {
		const found = words.vectorOf(word);
		const step = Math.max(...wanted.map(Math.abs)) / 127;
		wanted.forEach((value, index) => {
			expect(Math.abs((found?.[index] ?? Number.NaN) - value)).toBeLessThanOrEqual(step * 0.5001);
		});
	}
	for (const word of ['', 'word', 'word5000', 'zzz', '!']) expect(words.vectorOf(word)).toBeUndefined();
	words.close();
});

test.each([
	['cut short', asPackage(sample()).slice(0, 100_000)],
	['without vectors', '{"words":[]}'],
	['with a vector of text', '{"vectors":{"a":["b"]}}'],
	['with a short vector', '{"vectors":{"a":[1,2]}}'],
	['of something else', 'not JSON at all'],
])('a package %s is refused, and nothing is left behind', async (name, text) => {
	const [source, target] = [join(folder, `${name}.json`), join(folder, `${name}.bin`)];
	await writeFile(source, text);
	await expect(convertWordVectors(source, target, dimensions, () => undefined)).rejects.toThrow(InputError);
	expect((await readdir(folder)).filter((file) => file.startsWith(`${name}.bin`))).toEqual([]);
});

test('a file of another kind is refused', async () => {
	const file = join(folder, 'other.bin');
	await writeFile(file, 'x'.repeat(100));
	expect(() => WordVectorFile.open(file, 'other')).toThrow(InputError);
});

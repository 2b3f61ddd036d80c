import { createRandom } from '@assay/contract';
import { expect, test } from 'vitest';
import { VectorModel } from './vectors.ts';
import type { WordVectors } from './word-vectors.ts';

/** Three subjects with words of their own and some in common. */
const texts = [
	'wafer fabrication plant simulation with queues of wafers',
	'simulation of semiconductor wafer fabrication and its queues',
	'discrete event simulation for a fabrication plant',
	'quantization of neural networks to eight bits',
	'neural network quantization with low bit integers',
	'integer quantization for neural inference',
	'sparse coding of images with dictionaries',
	'dictionary learning and sparse coding of natural images',
	'images coded by sparse dictionaries',
];

/** Words of one subject point alike, beneath three directions that all words share more of than of anything else. */
const wordVectors: WordVectors = {
	name: 'toy',
	dimensions: 12,
	vectorOf: (word) => {
		const subjects = [
			/wafer|fabric|plant|queue|factory|simulation/,
			/quant|integer|bit|neural|network/,
			/sparse|coding|dictionar|image/,
		];
		const subject = subjects.findIndex((pattern) => pattern.test(word));
		const random = createRandom(word);
		return Float32Array.from({ length: 12 }, (_, axis) =>
			axis < 3 ? 4 * random.normal() : 0.1 * random.normal() + (axis === 3 + subject ? 1 : 0),
		);
	},
};

function cosines(query: Float32Array, vectors: readonly Float32Array[]): number[] {
	return vectors.map((vector) => vector.reduce((sum, value, index) => sum + value * query[index]!, 0));
}

function best(values: readonly number[]): number {
	return values.indexOf(Math.max(...values));
}

test('like texts are near, by the collection alone', async () => {
	const vectors = await (await VectorModel.fit('m', texts, undefined)).embed(texts);
	vectors.forEach((vector, index) => {
		const others = cosines(vector, vectors).map((cosine, other) => (other === index ? -1 : cosine));
		expect(Math.floor(best(others) / 3)).toBe(Math.floor(index / 3));
	});
});

test.each([
	['with', wordVectors],
	['without', undefined],
] as const)('%s word vectors every vector has length 1, and both halves count alike', async (_, words) => {
	const model = await VectorModel.fit('m', texts, words);
	const half = model.dimensions - (words?.dimensions ?? 0);
	for (const vector of await model.embed(texts)) {
		expect(vector).toHaveLength(model.dimensions);
		expect(Math.hypot(...vector)).toBeCloseTo(1, 6);
		expect(Math.hypot(...vector.subarray(0, half)) ** 2).toBeCloseTo(words === undefined ? 1 : 0.5, 6);
	}
});

test('a word that the collection does not have is understood through the word vectors, and only through them', async () => {
	const model = await VectorModel.fit('m', texts, wordVectors);
	const [query] = await model.embed(['factory']);
	expect(best(cosines(query!, await model.embed(texts)))).toBeLessThan(3);
	const alone = await VectorModel.fit('m', texts, undefined);
	expect((await alone.embed(['factory']))[0]!.every((value) => value === 0)).toBe(true);
});

test('a model that was written and read gives the same vectors; the same texts give the same model', async () => {
	for (const words of [wordVectors, undefined]) {
		const model = await VectorModel.fit('m', texts, words);
		const bytes = model.toBytes();
		const again = VectorModel.fromBytes(bytes, words);
		expect(await again.embed(texts)).toEqual(await model.embed(texts));
		expect([again.name, again.dimensions, again.texts, [...again.words]]).toEqual(['m', model.dimensions, 9, [...model.words]]);
		expect((await VectorModel.fit('m', texts, words)).toBytes()).toEqual(bytes);
	}
});

test('without the word vectors it was fitted with, the other half still serves', async () => {
	const model = VectorModel.fromBytes((await VectorModel.fit('m', texts, wordVectors)).toBytes(), undefined);
	const vectors = await model.embed(texts);
	const [query] = await model.embed(['sparse dictionaries']);
	expect(best(cosines(query!, vectors))).toBeGreaterThanOrEqual(6);
});

test('a collection of no text, of one and of two is no special case', async () => {
	for (const few of [[], ['one text'], ['one text', 'another one'], ['', '']]) {
		const model = await VectorModel.fit('m', few, wordVectors);
		expect(await VectorModel.fromBytes(model.toBytes(), wordVectors).embed([...few, 'wafer'])).toHaveLength(few.length + 1);
	}
});

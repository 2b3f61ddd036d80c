/**
 * The meaning of papers without any service: latent semantic analysis of the collection itself (weighted terms and pairs of
 * terms, reduced to at most 128 dimensions by a truncated SVD), beside the mean of pretrained word vectors, which knows words
 * that the collection does not. Both halves have length 1 and count alike.
 */
import { createRandom, InputError } from '@assay/contract';
import { z } from 'zod';
import type { Embedder } from './embedder.ts';
import { stopWords } from './stop-words.ts';
import { TermWeights } from './term-weights.ts';
import { features, wordsOf } from './tokens.ts';
import { truncatedSvd } from './truncated-svd.ts';
import { type CommonPart, WordMeaning } from './word-meaning.ts';
import type { WordVectors } from './word-vectors.ts';

const MOST_DIMENSIONS = 128;
/** Words remembered for the spelling and for their rarity, the most common first. */
const MOST_WORDS = 100_000;
/** Texts turned to vectors between two pauses. */
const BATCH = 50;

interface Parameters {
	readonly name: string;
	readonly texts: number;
	readonly weights: TermWeights;
	/** Number of texts with each word as it is written, without stop words. */
	readonly words: ReadonlyMap<string, number>;
	readonly rank: number;
	/** One row a term, `rank` numbers each. */
	readonly directions: Float32Array;
	/** Null when it was fitted without pretrained word vectors. */
	readonly common: CommonPart | null;
}

const headerSchema = z.object({
	name: z.string(),
	texts: z.int().min(0),
	terms: z.array(z.string()),
	words: z.array(z.tuple([z.string(), z.int()])),
	rank: z.int().min(0).max(MOST_DIMENSIONS),
	common: z.int().min(0),
});

export class VectorModel implements Embedder {
	readonly name: string;
	readonly dimensions: number;
	readonly weights: TermWeights;
	readonly words: ReadonlyMap<string, number>;
	readonly texts: number;
	private readonly parameters: Parameters;
	private readonly meaning: WordMeaning | null;

	private constructor(parameters: Parameters, wordVectors: WordVectors | undefined) {
		this.parameters = parameters;
		this.name = parameters.name;
		this.weights = parameters.weights;
		this.words = parameters.words;
		this.texts = parameters.texts;
		this.dimensions = parameters.rank + (parameters.common?.mean.length ?? 0);
		this.meaning =
			parameters.common === null || wordVectors === undefined
				? null
				: new WordMeaning(wordVectors, (word) => this.rarityOf(word));
	}

	/** Fits a model to texts. The same texts and name always give the same model. */
	static async fit(name: string, texts: readonly string[], wordVectors: WordVectors | undefined): Promise<VectorModel> {
		const said = await inBatches(texts, features);
		const weights = TermWeights.fit(said);
		const wanted = Math.min(MOST_DIMENSIONS, Math.floor(texts.length / 2));
		const matrix = weights.matrix(said);
		const random = createRandom(name).fork('subspace');
		const svd =
			wanted === 0 || matrix.columns === 0
				? { rank: 0, vectors: new Float32Array() }
				: await truncatedSvd(matrix, wanted, random, pause);
		const words = countWords(texts);
		const bare = { name, texts: texts.length, weights, words, rank: svd.rank, directions: svd.vectors };
		if (wordVectors === undefined || texts.length === 0) return new VectorModel({ ...bare, common: null }, undefined);
		const meaning = new WordMeaning(wordVectors, (word) => rarity(texts.length, words.get(word) ?? 0));
		return new VectorModel({ ...bare, common: meaning.fitCommonPart(texts) }, wordVectors);
	}

	async embed(texts: readonly string[]): Promise<Float32Array[]> {
		return inBatches(texts, (text) => this.embedOne(text));
	}

	/** How much a word tells: log((1 + texts) / (1 + texts with it)) + 1. */
	rarityOf(word: string): number {
		return rarity(this.parameters.texts, this.parameters.words.get(word) ?? 0);
	}

	private embedOne(text: string): Float32Array {
		const { rank, directions, weights, common } = this.parameters;
		const vector = new Float32Array(this.dimensions);
		const { indices, values } = weights.weighText(text);
		indices.forEach((term, entry) => {
			for (let j = 0; j < rank; j++) vector[j] = vector[j]! + values[entry]! * directions[term * rank + j]!;
		});
		toUnit(vector.subarray(0, rank));
		if (this.meaning !== null && common !== null) vector.set(this.meaning.embed(text, common), rank);
		toUnit(vector);
		return vector;
	}

	/** A little-endian uint32 with the length of the JSON header, the header, padding to 4 bytes, then all float32 numbers. */
	toBytes(): Uint8Array {
		const { name, texts, weights, words, rank, directions, common } = this.parameters;
		const header = { name, texts, terms: weights.terms, words: [...words], rank, common: common?.mean.length ?? 0 };
		const json = Buffer.from(JSON.stringify(header));
		const numbers = [weights.idf, directions, ...(common === null ? [] : [common.mean, common.components])];
		const start = paddedEnd(json.length);
		const bytes = Buffer.alloc(start + 4 * numbers.reduce((sum, array) => sum + array.length, 0));
		bytes.writeUInt32LE(json.length, 0);
		json.copy(bytes, 4);
		let at = start;
		for (const array of numbers) {
			bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
			at += array.byteLength;
		}
		return bytes;
	}

	/** The model that was written. Without the word vectors it was fitted with, that half of new vectors stays zero. */
	static fromBytes(bytes: Uint8Array, wordVectors: WordVectors | undefined): VectorModel {
		const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		const jsonLength = view.getUint32(0, true);
		const header = headerSchema.parse(JSON.parse(Buffer.from(bytes.subarray(4, 4 + jsonLength)).toString()));
		const numbers = new Float32Array(new Uint8Array(bytes.subarray(paddedEnd(jsonLength))).buffer);
		let at = 0;
		const take = (length: number): Float32Array => {
			at += length;
			return numbers.slice(at - length, at);
		};
		const weights = new TermWeights(header.terms, take(header.terms.length));
		const directions = take(header.terms.length * header.rank);
		const common = header.common === 0 ? null : { mean: take(header.common), components: numbers.slice(at) };
		if (at > numbers.length) throw new InputError({ path: ['model'], found: `${bytes.length} bytes`, expected: 'a whole model' });
		const { name, texts, rank } = header;
		return new VectorModel({ name, texts, weights, words: new Map(header.words), rank, directions, common }, wordVectors);
	}
}

function rarity(texts: number, withIt: number): number {
	return Math.log((1 + texts) / (1 + withIt)) + 1;
}

function countWords(texts: readonly string[]): ReadonlyMap<string, number> {
	const counts = new Map<string, number>();
	for (const text of texts) {
		for (const word of new Set(wordsOf(text))) if (!stopWords.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
	}
	const sorted = [...counts].sort(([a, countOfA], [b, countOfB]) => countOfB - countOfA || (a < b ? -1 : 1));
	return new Map(sorted.slice(0, MOST_WORDS));
}

function paddedEnd(jsonLength: number): number {
	return Math.ceil((4 + jsonLength) / 4) * 4;
}

function toUnit(vector: Float32Array): void {
	const length = Math.hypot(...vector);
	if (length > 0) for (let i = 0; i < vector.length; i++) vector[i] = vector[i]! / length;
}

/** Lets whoever else waits for this thread have a turn. */
function pause(): Promise<void> {
	return new Promise((resolve) => setImmediate(resolve));
}

async function inBatches<Item, Result>(items: readonly Item[], work: (item: Item) => Result): Promise<Result[]> {
	const results: Result[] = [];
	for (const item of items) {
		results.push(work(item));
		if (results.length % BATCH === 0) await pause();
	}
	return results;
}

/**
 * A text's meaning from pretrained word vectors: the mean over its words, rare ones counting more, less what all texts of
 * the collection have in common (their mean and the first three principal components: Mu and Viswanath 2018).
 */
import { stopWords } from './stop-words.ts';
import { symmetricEigen } from './symmetric-eigen.ts';
import { wordsOf } from './tokens.ts';
import type { WordVectors } from './word-vectors.ts';

const COMPONENTS = 3;
/** Words whose vectors are kept at hand; the memory is emptied when it has grown to this many. */
const MOST_CACHED = 50_000;

/** What is taken away from every text's mean. */
export interface CommonPart {
	readonly mean: Float32Array;
	/** Orthonormal, one after another. */
	readonly components: Float32Array;
}

export class WordMeaning {
	readonly vectors: WordVectors;
	private readonly weightOf: (word: string) => number;
	private readonly cache = new Map<string, Float32Array | null>();

	/** `weightOf` says how much a word tells. */
	constructor(vectors: WordVectors, weightOf: (word: string) => number) {
		this.vectors = vectors;
		this.weightOf = weightOf;
	}

	/** The weighted mean of the words' vectors, each of length 1; zero if no word is known. */
	meanOf(text: string): Float64Array {
		const sum = new Float64Array(this.vectors.dimensions);
		let total = 0;
		for (const word of wordsOf(text)) {
			const vector = stopWords.has(word) ? null : this.unitVectorOf(word);
			if (vector === null) continue;
			const weight = this.weightOf(word);
			total += weight;
			for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + weight * vector[i]!;
		}
		return total === 0 ? sum : sum.map((value) => value / total);
	}

	/** What the texts have in common. */
	fitCommonPart(texts: readonly string[]): CommonPart {
		const size = this.vectors.dimensions;
		const means = texts.map((text) => this.meanOf(text));
		const mean = new Float64Array(size);
		for (const vector of means)
			vector.forEach((value, i) => {
				mean[i] = mean[i]! + value / means.length;
			});
		const covariance = new Float64Array(size * size);
		for (const vector of means) {
			for (let i = 0; i < size; i++) {
				const value = vector[i]! - mean[i]!;
				for (let j = 0; j < size; j++) covariance[i * size + j] = covariance[i * size + j]! + value * (vector[j]! - mean[j]!);
			}
		}
		const { vectors } = symmetricEigen(covariance, size);
		const components = Float32Array.from(
			{ length: COMPONENTS * size },
			(_, at) => vectors[(at % size) * size + Math.floor(at / size)]!,
		);
		return { mean: Float32Array.from(mean), components };
	}

	/** The text's mean less the common part, length 1; zero if no word is known. */
	embed(text: string, common: CommonPart): Float32Array {
		const vector = this.meanOf(text);
		if (vector.every((value) => value === 0)) return Float32Array.from(vector);
		vector.forEach((value, i) => {
			vector[i] = value - common.mean[i]!;
		});
		for (let start = 0; start < common.components.length; start += vector.length) {
			const along = vector.reduce((sum, value, i) => sum + value * common.components[start + i]!, 0);
			vector.forEach((value, i) => {
				vector[i] = value - along * common.components[start + i]!;
			});
		}
		const length = Math.hypot(...vector) || 1;
		return Float32Array.from(vector, (value) => value / length);
	}

	private unitVectorOf(word: string): Float32Array | null {
		const known = this.cache.get(word);
		if (known !== undefined) return known;
		const vector = this.vectors.vectorOf(word);
		const length = vector === undefined ? 0 : Math.hypot(...vector);
		const unit = vector === undefined || length === 0 ? null : vector.map((value) => value / length);
		if (this.cache.size >= MOST_CACHED) this.cache.clear();
		this.cache.set(word, unit);
		return unit;
	}
}

/** Weights of terms: (1 + log tf) x idf with the smoothed idf log((1 + n) / (1 + df)) + 1, each text to length 1. */
import { features } from './tokens.ts';
import type { SparseMatrix } from './truncated-svd.ts';

/** Terms kept, those found in most texts first. */
const MOST_TERMS = 60_000;

export interface SparseVector {
	readonly indices: Uint32Array;
	readonly values: Float32Array;
}

export class TermWeights {
	readonly terms: readonly string[];
	readonly idf: Float32Array;
	private readonly places: ReadonlyMap<string, number>;

	constructor(terms: readonly string[], idf: Float32Array) {
		this.terms = terms;
		this.idf = idf;
		this.places = new Map(terms.map((term, index) => [term, index]));
	}

	/** From the features of each text. A term that is found in one text only is kept only where texts are few. */
	static fit(texts: readonly (readonly string[])[]): TermWeights {
		const frequency = new Map<string, number>();
		for (const text of texts) {
			for (const term of new Set(text)) frequency.set(term, (frequency.get(term) ?? 0) + 1);
		}
		const least = texts.length > 500 ? 2 : 1;
		const kept = [...frequency].filter(([, count]) => count >= least);
		kept.sort(([a, countOfA], [b, countOfB]) => countOfB - countOfA || (a < b ? -1 : 1));
		kept.length = Math.min(kept.length, MOST_TERMS);
		const idf = Float32Array.from(kept, ([, count]) => Math.log((1 + texts.length) / (1 + count)) + 1);
		return new TermWeights(
			kept.map(([term]) => term),
			idf,
		);
	}

	idfOf(term: string): number | undefined {
		const place = this.places.get(term);
		return place === undefined ? undefined : this.idf[place];
	}

	/** The weighted terms of a text, length 1 unless it has no known term; places ascend. */
	weigh(terms: readonly string[]): SparseVector {
		const counts = new Map<number, number>();
		for (const term of terms) {
			const place = this.places.get(term);
			if (place !== undefined) counts.set(place, (counts.get(place) ?? 0) + 1);
		}
		const sorted = [...counts].sort(([a], [b]) => a - b);
		const raw = sorted.map(([place, count]) => (1 + Math.log(count)) * this.idf[place]!);
		const length = Math.hypot(...raw) || 1;
		return { indices: Uint32Array.from(sorted, ([place]) => place), values: Float32Array.from(raw, (value) => value / length) };
	}

	/** The weighted terms of a text as it is written. */
	weighText(text: string): SparseVector {
		return this.weigh(features(text));
	}

	matrix(texts: readonly (readonly string[])[]): SparseMatrix {
		const rows = texts.map((text) => this.weigh(text));
		const starts = new Uint32Array(rows.length + 1);
		rows.forEach((row, index) => {
			starts[index + 1] = starts[index]! + row.indices.length;
		});
		const indices = new Uint32Array(starts[rows.length]!);
		const values = new Float32Array(starts[rows.length]!);
		rows.forEach((row, index) => {
			indices.set(row.indices, starts[index]!);
			values.set(row.values, starts[index]!);
		});
		return { columns: this.terms.length, starts, indices, values };
	}
}

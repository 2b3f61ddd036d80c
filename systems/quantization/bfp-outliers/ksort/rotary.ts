/**
 * Rotary position embedding, and what becomes of it when a head's channels change places. Two channels a and b that are partners turn
 * together: k'_a = k_a cos - k_b sin, k'_b = k_b cos + k_a sin, by an angle of the position times the pair's frequency. A permutation of
 * channels is carried through in one of three ways that give the same bits:
 *
 *   tables     any order; every place knows its partner's place, its frequency and its sign (`permuteTable`, `rotateRows`)
 *   gather     any order; rows are turned as ever and permuted when they are written to the cache (`gatherRows`)
 *   adjacent   whole pairs change places and partners lie side by side (`rotateAdjacentPairs`)
 *
 * A frequency belongs to its pair. In all three it moves along with the pair, so heads with orders of their own have tables of their own.
 */
import { InputError } from '@assay/contract';

/** Which channels turn. */
export interface Rotary {
	/** Channels that turn, the first of the head; even, 0 where no channel does. */
	readonly width: number;
	/** Partners are i and i + width / 2 (files at Hugging Face), or 2 i and 2 i + 1 (Meta's files, GPT-J). */
	readonly convention: 'halves' | 'interleaved';
	/** Frequencies are base^(-2 i / width). */
	readonly base: number;
}

/** For each place of a head: where its partner is, with which sign that counts, and the frequency. Places that do not turn are their own partners. */
export interface RotaryTable {
	readonly partner: Int32Array;
	readonly sign: Int8Array;
	readonly frequency: Float64Array;
}

/** The table of a head in its own order. Raises an InputError for a width that is odd or wider than the head. */
export function rotaryTable(headDim: number, { width, convention, base }: Rotary): RotaryTable {
	if (width % 2 !== 0 || width > headDim)
		throw new InputError({
			path: ['rotary', 'width'],
			found: `${width} channels that turn in heads of ${headDim}`,
			expected: `an even number of at most ${headDim}`,
		});
	const partner = Int32Array.from({ length: headDim }, (_, channel) => channel);
	const sign = new Int8Array(headDim);
	const frequency = new Float64Array(headDim);
	for (let pair = 0; pair < width / 2; pair++) {
		const [first, second] = convention === 'halves' ? [pair, pair + width / 2] : [2 * pair, 2 * pair + 1];
		partner[first] = second;
		partner[second] = first;
		sign[first] = -1;
		sign[second] = 1;
		frequency[first] = base ** ((-2 * pair) / width);
		frequency[second] = frequency[first];
	}
	return { partner, sign, frequency };
}

/** The table of a head whose place j holds channel `order[j]`. */
export function permuteTable({ partner, sign, frequency }: RotaryTable, order: Int32Array): RotaryTable {
	const placeOf = new Int32Array(order.length);
	for (let place = 0; place < order.length; place++) placeOf[order[place] as number] = place;
	return {
		partner: Int32Array.from(order, (channel) => placeOf[partner[channel] as number] as number),
		sign: Int8Array.from(order, (channel) => sign[channel] as number),
		frequency: Float64Array.from(order, (channel) => frequency[channel] as number),
	};
}

/** Turns rows [tokens, headDim] of positions `first`, `first` + 1, ... into `out`, which is not `rows`. Cosines and sines are float32. */
export function rotateRows(rows: Float32Array, table: RotaryTable, out: Float32Array, first = 0): void {
	const { partner, sign, frequency } = table;
	const headDim = partner.length;
	for (let start = 0, position = first; start < rows.length; start += headDim, position++) {
		for (let place = 0; place < headDim; place++) {
			const value = rows[start + place] as number;
			if (sign[place] === 0) {
				out[start + place] = value;
				continue;
			}
			const angle = position * (frequency[place] as number);
			const other = rows[start + (partner[place] as number)] as number;
			out[start + place] =
				value * Math.fround(Math.cos(angle)) + (sign[place] as number) * (other * Math.fround(Math.sin(angle)));
		}
	}
}

/** Turns rows whose first 2 `frequencies.length` places are pairs side by side. */
export function rotateAdjacentPairs(
	rows: Float32Array,
	headDim: number,
	frequencies: Float64Array,
	out: Float32Array,
	first = 0,
): void {
	out.set(rows);
	for (let start = 0, position = first; start < rows.length; start += headDim, position++) {
		for (let pair = 0; pair < frequencies.length; pair++) {
			const angle = position * (frequencies[pair] as number);
			const [cosine, sine] = [Math.fround(Math.cos(angle)), Math.fround(Math.sin(angle))];
			const at = start + 2 * pair;
			const [a, b] = [rows[at] as number, rows[at + 1] as number];
			out[at] = a * cosine - b * sine;
			out[at + 1] = b * cosine + a * sine;
		}
	}
}

/** Place j of each row of `out` becomes place `order[j]` of the row. */
export function gatherRows(rows: Float32Array, order: Int32Array, out: Float32Array): void {
	const width = order.length;
	for (let start = 0; start < rows.length; start += width)
		for (let place = 0; place < width; place++) out[start + place] = rows[start + (order[place] as number)] as number;
}

/** Undoes `gatherRows`. */
export function scatterRows(rows: Float32Array, order: Int32Array, out: Float32Array): void {
	const width = order.length;
	for (let start = 0; start < rows.length; start += width)
		for (let place = 0; place < width; place++) out[start + (order[place] as number)] = rows[start + place] as number;
}

/** Multiplications and additions that turning one row takes. */
export function rotationOperations({ sign }: RotaryTable): number {
	return 3 * sign.reduce((count, value) => count + Math.abs(value), 0);
}

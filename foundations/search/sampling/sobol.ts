/**
 * Sobol's sequence: points that fill the unit cube more evenly than chance. In each dimension the first 2^k points fall into 2^k equal
 * stretches, one each. Direction numbers: Joe and Kuo, "Constructing Sobol sequences with better two-dimensional projections" (2008).
 * A digital shift by seed moves all points alike and keeps that property.
 */
import { createRandom } from '@assay/contract';

/** For dimensions from the second on: coefficients of the primitive polynomial (without the ends), and the first direction numbers. */
const DIRECTIONS: readonly (readonly [coefficients: number, numbers: readonly number[]])[] = [
	[0, [1]],
	[1, [1, 3]],
	[1, [1, 3, 1]],
	[2, [1, 1, 1]],
	[1, [1, 1, 3, 3]],
	[4, [1, 3, 5, 13]],
	[2, [1, 1, 5, 5, 17]],
	[4, [1, 1, 5, 5, 5]],
	[7, [1, 1, 7, 11, 19]],
	[11, [1, 1, 5, 1, 1]],
	[13, [1, 1, 1, 3, 11]],
	[14, [1, 3, 5, 5, 31]],
	[1, [1, 3, 3, 9, 7, 49]],
	[13, [1, 1, 1, 15, 21, 21]],
	[16, [1, 3, 1, 13, 27, 49]],
	[19, [1, 1, 1, 15, 7, 5]],
	[22, [1, 3, 1, 15, 13, 25]],
	[25, [1, 1, 5, 5, 19, 61]],
	[1, [1, 3, 7, 11, 23, 15, 103]],
	[4, [1, 3, 7, 13, 13, 15, 69]],
];

export const MOST_SOBOL_DIMENSIONS = DIRECTIONS.length + 1;
const BITS = 32;

export class Sobol {
	private readonly columns: readonly Uint32Array[];
	private readonly shifts: Uint32Array;

	/** `shift` none gives the sequence itself, from the origin on. Raises a RangeError for more dimensions than there are numbers for. */
	constructor(dimensions: number, shift: { readonly seed: number } | 'none') {
		if (!(dimensions >= 1 && dimensions <= MOST_SOBOL_DIMENSIONS))
			throw new RangeError(`Sobol's sequence has 1 to ${MOST_SOBOL_DIMENSIONS} dimensions here, not ${dimensions}`);
		this.columns = Array.from({ length: dimensions }, (_, dimension) => directionNumbers(dimension));
		const random = shift === 'none' ? undefined : createRandom(shift.seed).fork('sobol');
		this.shifts = Uint32Array.from({ length: dimensions }, () => random?.uint32() ?? 0);
	}

	/** Point number `index`, from 0 to 2^32 - 1. */
	at(index: number): Float64Array {
		return Float64Array.from(this.columns, (column, dimension) => {
			let bits = this.shifts[dimension] as number;
			// The Gray code of the index says which direction numbers to combine.
			let code = (index ^ (index >>> 1)) >>> 0;
			for (let bit = 0; code !== 0; bit++, code >>>= 1) if (code & 1) bits ^= column[bit] as number;
			return (bits >>> 0) / 2 ** BITS;
		});
	}
}

function directionNumbers(dimension: number): Uint32Array {
	const numbers = new Uint32Array(BITS);
	const entry = DIRECTIONS[dimension - 1];
	if (entry === undefined) return numbers.map((_, bit) => 2 ** (BITS - 1 - bit));
	const [coefficients, first] = entry;
	const degree = first.length;
	for (let bit = 0; bit < BITS; bit++) {
		if (bit < degree) {
			numbers[bit] = (first[bit] as number) * 2 ** (BITS - 1 - bit);
			continue;
		}
		let next = (numbers[bit - degree] as number) ^ ((numbers[bit - degree] as number) >>> degree);
		for (let k = 1; k < degree; k++) if ((coefficients >> (degree - 1 - k)) & 1) next ^= numbers[bit - k] as number;
		numbers[bit] = next;
	}
	return numbers;
}

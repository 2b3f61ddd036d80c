/**
 * The leading right singular vectors of a sparse matrix by randomised subspace iteration (Halko, Martinsson and Tropp 2011,
 * algorithm 4.4): a random subspace is multiplied by A A' a few times, which turns it towards the leading left singular
 * vectors; what A looks like within it is a small matrix, whose eigenvectors are exact.
 */
import type { Random } from '@assay/contract';
import { symmetricEigen } from './symmetric-eigen.ts';

/** Rows one after another; the entries of row i are those from `starts[i]` to `starts[i + 1]`. */
export interface SparseMatrix {
	readonly columns: number;
	readonly starts: Uint32Array;
	readonly indices: Uint32Array;
	readonly values: Float32Array;
}

export interface RightSingularVectors {
	/** May be smaller than what was asked for: the rank of the matrix. */
	readonly rank: number;
	readonly singularValues: Float64Array;
	/** Row-major, one row a column of the matrix, `rank` numbers each. */
	readonly vectors: Float32Array;
}

const OVERSAMPLING = 10;
const ITERATIONS = 4;
/** Directions that carry less than this share of the largest eigenvalue are rounding errors. */
const SMALLEST_SHARE = 1e-10;

/** `pause` is awaited between the steps, so that others get their turn. */
export async function truncatedSvd(
	matrix: SparseMatrix,
	rank: number,
	random: Random,
	pause: () => Promise<void>,
): Promise<RightSingularVectors> {
	const rows = matrix.starts.length - 1;
	let width = Math.min(rank + OVERSAMPLING, rows, matrix.columns);
	let basis: Float64Array = Float64Array.from({ length: rows * width }, () => random.normal());
	for (let iteration = 0; iteration < ITERATIONS; iteration++) {
		({ basis, width } = orthonormal(basis, rows, width));
		await pause();
		const across = await transposedTimes(matrix, basis, width, pause);
		basis = times(matrix, across, width);
		await pause();
	}
	({ basis, width } = orthonormal(basis, rows, width));
	const across = await transposedTimes(matrix, basis, width, pause);
	const { values, vectors } = symmetricEigen(gram(across, matrix.columns, width), width);
	const kept = Math.min(rank, values.filter((value) => value > SMALLEST_SHARE * values[0]!).length);
	const singularValues = values.slice(0, kept).map(Math.sqrt);
	const right = new Float32Array(matrix.columns * kept);
	for (let column = 0; column < matrix.columns; column++) {
		for (let j = 0; j < kept; j++) {
			let sum = 0;
			for (let i = 0; i < width; i++) sum += across[column * width + i]! * vectors[i * width + j]!;
			right[column * kept + j] = sum / singularValues[j]!;
		}
	}
	return { rank: kept, singularValues, vectors: right };
}

/** A B for a dense B of `width` columns. */
function times(matrix: SparseMatrix, dense: Float64Array, width: number): Float64Array {
	const rows = matrix.starts.length - 1;
	const result = new Float64Array(rows * width);
	for (let row = 0; row < rows; row++) {
		for (let entry = matrix.starts[row]!; entry < matrix.starts[row + 1]!; entry++) {
			const from = matrix.indices[entry]! * width;
			const value = matrix.values[entry]!;
			for (let j = 0, to = row * width; j < width; j++, to++) result[to] = result[to]! + value * dense[from + j]!;
		}
	}
	return result;
}

/** A' B for a dense B of `width` columns. */
async function transposedTimes(
	matrix: SparseMatrix,
	dense: Float64Array,
	width: number,
	pause: () => Promise<void>,
): Promise<Float64Array> {
	const result = new Float64Array(matrix.columns * width);
	for (let row = 0; row < matrix.starts.length - 1; row++) {
		if (row % 500 === 499) await pause();
		for (let entry = matrix.starts[row]!; entry < matrix.starts[row + 1]!; entry++) {
			const to = matrix.indices[entry]! * width;
			const value = matrix.values[entry]!;
			for (let j = 0, from = row * width; j < width; j++, from++) result[to + j] = result[to + j]! + value * dense[from]!;
		}
	}
	return result;
}

/** B' B. */
function gram(dense: Float64Array, rows: number, width: number): Float64Array {
	const result = new Float64Array(width * width);
	for (let row = 0; row < rows; row++) {
		const at = row * width;
		for (let i = 0; i < width; i++) {
			const value = dense[at + i]!;
			if (value === 0) continue;
			for (let j = i; j < width; j++) result[i * width + j] = result[i * width + j]! + value * dense[at + j]!;
		}
	}
	for (let i = 0; i < width; i++) {
		for (let j = 0; j < i; j++) result[i * width + j] = result[j * width + i]!;
	}
	return result;
}

/** An orthonormal basis of the columns' span, by the eigenvectors of B' B; fewer columns where they depend on each other. */
function orthonormal(dense: Float64Array, rows: number, width: number): { basis: Float64Array; width: number } {
	const { values, vectors } = symmetricEigen(gram(dense, rows, width), width);
	const kept = Math.max(1, values.filter((value) => value > SMALLEST_SHARE * values[0]!).length);
	const basis = new Float64Array(rows * kept);
	for (let row = 0; row < rows; row++) {
		for (let j = 0; j < kept; j++) {
			let sum = 0;
			for (let i = 0; i < width; i++) sum += dense[row * width + i]! * vectors[i * width + j]!;
			basis[row * kept + j] = sum / Math.sqrt(Math.max(values[j]!, Number.MIN_VALUE));
		}
	}
	return { basis, width: kept };
}

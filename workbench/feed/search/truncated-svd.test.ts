import { createRandom } from '@assay/contract';
import { expect, test } from 'vitest';
import { symmetricEigen } from './symmetric-eigen.ts';
import { type SparseMatrix, truncatedSvd } from './truncated-svd.ts';

const pause = async (): Promise<void> => undefined;

/** A random sparse matrix whose columns fade, so that its singular values differ. */
function sparse(rows: number, columns: number, density: number): { matrix: SparseMatrix; dense: number[][] } {
	const random = createRandom('matrix');
	const dense = Array.from({ length: rows }, () =>
		Array.from({ length: columns }, (_, column) =>
			random.uniform() < density ? Math.fround(random.normal() / (1 + column / 5)) : 0,
		),
	);
	const entries = dense.map((row) => row.flatMap((value, column) => (value === 0 ? [] : [{ column, value }])));
	const starts = new Uint32Array(rows + 1);
	entries.forEach((row, index) => {
		starts[index + 1] = starts[index]! + row.length;
	});
	const flat = entries.flat();
	const matrix = {
		columns,
		starts,
		indices: Uint32Array.from(flat, ({ column }) => column),
		values: Float32Array.from(flat, ({ value }) => value),
	};
	return { matrix, dense };
}

test('leading singular values and subspace are those of the full matrix', async () => {
	const [rows, columns, rank] = [60, 90, 10];
	const { matrix, dense } = sparse(rows, columns, 0.3);
	const gram = Float64Array.from({ length: columns * columns }, (_, at) =>
		dense.reduce((sum, row) => sum + row[Math.floor(at / columns)]! * row[at % columns]!, 0),
	);
	const full = symmetricEigen(gram, columns);
	const found = await truncatedSvd(matrix, rank, createRandom(1), pause);
	expect(found.rank).toBe(rank);
	for (let j = 0; j < rank; j++) {
		expect(found.singularValues[j]! / Math.sqrt(full.values[j]!)).toBeCloseTo(1, 3);
		for (let k = 0; k < rank; k++) {
			let product = 0;
			for (let i = 0; i < columns; i++) product += found.vectors[i * rank + j]! * found.vectors[i * rank + k]!;
			expect(product).toBeCloseTo(j === k ? 1 : 0, 4);
		}
	}
	// The first direction is the full matrix's, up to its sign.
	let along = 0;
	for (let i = 0; i < columns; i++) along += found.vectors[i * rank]! * full.vectors[i * columns]!;
	expect(Math.abs(along)).toBeCloseTo(1, 4);
});

test('a matrix of lower rank than asked for says so; the seed alone decides', async () => {
	const one: SparseMatrix = {
		columns: 4,
		starts: Uint32Array.of(0, 2, 4, 6),
		indices: Uint32Array.of(0, 2, 0, 2, 0, 2),
		values: Float32Array.of(3, 4, 6, 8, 3, 4),
	};
	const found = await truncatedSvd(one, 3, createRandom(1), pause);
	expect(found.rank).toBe(1);
	expect(found.singularValues[0]).toBeCloseTo(Math.sqrt(25 + 100 + 25), 6);
	expect(Array.from(found.vectors, Math.abs)).toEqual([expect.closeTo(0.6, 6), 0, expect.closeTo(0.8, 6), 0]);
	const { matrix } = sparse(30, 40, 0.2);
	const twice = await Promise.all([1, 1].map((seed) => truncatedSvd(matrix, 5, createRandom(seed), pause)));
	expect(twice[0]).toEqual(twice[1]);
});

import { createRandom } from '@assay/contract';
import { expect, test } from 'vitest';
import { symmetricEigen } from './symmetric-eigen.ts';

test('the second difference matrix has eigenvalues 2 - 2 cos(k pi / (n + 1))', () => {
	const n = 12;
	const matrix = Float64Array.from({ length: n * n }, (_, at) => {
		const distance = Math.abs(Math.floor(at / n) - (at % n));
		return distance === 0 ? 2 : distance === 1 ? -1 : 0;
	});
	const wanted = Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1))).reverse();
	symmetricEigen(matrix, n).values.forEach((value, index) => {
		expect(value).toBeCloseTo(wanted[index]!, 12);
	});
});

test('vectors are orthonormal and give the matrix back, also with repeated and zero eigenvalues', () => {
	const n = 15;
	const random = createRandom(1);
	const factor = Float64Array.from({ length: 6 * n }, () => random.normal());
	const matrix = Float64Array.from({ length: n * n }, (_, at) => {
		let sum = 0;
		for (let row = 0; row < 6; row++) sum += factor[row * n + Math.floor(at / n)]! * factor[row * n + (at % n)]!;
		return sum;
	});
	const { values, vectors } = symmetricEigen(matrix, n);
	for (let i = 0; i < n; i++) {
		for (let j = 0; j < n; j++) {
			let [product, rebuilt] = [0, 0];
			for (let k = 0; k < n; k++) {
				product += vectors[k * n + i]! * vectors[k * n + j]!;
				rebuilt += vectors[i * n + k]! * values[k]! * vectors[j * n + k]!;
			}
			expect(product).toBeCloseTo(i === j ? 1 : 0, 10);
			expect(rebuilt).toBeCloseTo(matrix[i * n + j]!, 9);
		}
	}
});

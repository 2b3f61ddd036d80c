/**
 * Rotations of groups before they are quantised. Both operands of a product are rotated alike along the axis that is summed over, so the
 * product stays what it was; a rotation spreads outliers over their group.
 */
import { createRandom } from '@assay/contract';
import { randomSigns } from '@assay/numerics';

/** `hadamard`: H (s x), signs s only where given. `orthogonal`: x M, with M [size, size] row-major. */
export type Rotation =
	| { readonly kind: 'none' }
	| { readonly kind: 'hadamard'; readonly signs?: Int8Array }
	| { readonly kind: 'orthogonal'; readonly matrix: Float32Array };

/** How rotations of backward products are drawn anew at every step. */
export const rotationKinds = ['signs', 'orthogonal', 'none'] as const;
export type RotationKind = (typeof rotationKinds)[number];

/** A random rotation of groups of `size`, a function of kind and seed. */
export function randomRotation(kind: RotationKind, size: number, seed: number): Rotation {
	switch (kind) {
		case 'none':
			return { kind: 'none' };
		case 'signs':
			return { kind: 'hadamard', signs: randomSigns(size, seed) };
		case 'orthogonal':
			return { kind: 'orthogonal', matrix: randomOrthogonal(size, seed) };
	}
}

/** An orthogonal matrix drawn evenly from all: rows of normal deviates made orthonormal one after the other (twice, for the last bits). */
export function randomOrthogonal(size: number, seed: number): Float32Array<ArrayBuffer> {
	const random = createRandom(seed).fork('orthogonal');
	const rows: Float64Array[] = [];
	while (rows.length < size) {
		const row = Float64Array.from({ length: size }, () => random.normal());
		for (let pass = 0; pass < 2; pass++) {
			for (const other of rows) {
				const shared = dot(row, other);
				for (let i = 0; i < size; i++) row[i] = (row[i] as number) - shared * (other[i] as number);
			}
		}
		const length = Math.sqrt(dot(row, row));
		rows.push(row.map((value) => value / length));
	}
	const matrix = new Float32Array(size * size);
	for (const [index, row] of rows.entries()) matrix.set(row, index * size);
	return matrix;
}

function dot(a: Float64Array, b: Float64Array): number {
	let sum = 0;
	for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
	return sum;
}

/**
 * Eigenvalues and eigenvectors of a small symmetric matrix by cyclic Jacobi rotations (Golub and Van Loan, Matrix
 * Computations, section 8.5): each rotation makes one pair of off-diagonal entries zero; a few sweeps make all of them so.
 */

export interface Eigen {
	/** Largest first. */
	readonly values: Float64Array;
	/** Row-major; column j belongs to value j. */
	readonly vectors: Float64Array;
}

const MOST_SWEEPS = 60;

/** Of the symmetric `size` x `size` matrix in row-major order, which is left as it is. */
export function symmetricEigen(matrix: Float64Array, size: number): Eigen {
	const a = matrix.slice();
	// Row j of `rows` becomes eigenvector j.
	const rows = new Float64Array(size * size);
	for (let i = 0; i < size; i++) rows[i * size + i] = 1;
	const total = a.reduce((sum, value) => sum + value * value, 0);
	for (let sweep = 0; sweep < MOST_SWEEPS && offDiagonal(a, size) > 1e-26 * total; sweep++) {
		for (let p = 0; p < size - 1; p++) {
			for (let q = p + 1; q < size; q++) rotate(a, rows, size, p, q);
		}
	}
	const order = Array.from({ length: size }, (_, index) => index).sort((i, j) => a[j * size + j]! - a[i * size + i]!);
	const vectors = new Float64Array(size * size);
	order.forEach((from, to) => {
		for (let i = 0; i < size; i++) vectors[i * size + to] = rows[from * size + i]!;
	});
	return { values: Float64Array.from(order, (index) => a[index * size + index]!), vectors };
}

function offDiagonal(a: Float64Array, size: number): number {
	let sum = 0;
	for (let p = 0; p < size - 1; p++) {
		for (let q = p + 1; q < size; q++) sum += 2 * a[p * size + q]! ** 2;
	}
	return sum;
}

function rotate(a: Float64Array, rows: Float64Array, size: number, p: number, q: number): void {
	const apq = a[p * size + q]!;
	if (apq === 0) return;
	const theta = (a[q * size + q]! - a[p * size + p]!) / (2 * apq);
	const tangent = Math.abs(theta) > 1e150 ? 1 / (2 * theta) : Math.sign(theta || 1) / (Math.abs(theta) + Math.hypot(theta, 1));
	const cosine = 1 / Math.hypot(tangent, 1);
	const sine = tangent * cosine;
	for (let i = 0; i < size; i++) {
		const [ip, iq] = [a[i * size + p]!, a[i * size + q]!];
		a[i * size + p] = cosine * ip - sine * iq;
		a[i * size + q] = sine * ip + cosine * iq;
	}
	for (const m of [a, rows]) {
		const [atP, atQ] = [p * size, q * size];
		for (let i = 0; i < size; i++) {
			const [pi, qi] = [m[atP + i]!, m[atQ + i]!];
			m[atP + i] = cosine * pi - sine * qi;
			m[atQ + i] = sine * pi + cosine * qi;
		}
	}
	a[p * size + q] = 0;
	a[q * size + p] = 0;
}

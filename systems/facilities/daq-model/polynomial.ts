/** Polynomials as their coefficients in ascending powers: `[c0, c1, c2]` is c0 + c1 x + c2 x^2. */
import { InputError, type Path } from '@assay/contract';

export type Polynomial = readonly number[];

/** Value of a polynomial (Horner). */
export function evaluatePolynomial(coefficients: Polynomial, x: number): number {
	let value = 0;
	for (let i = coefficients.length - 1; i >= 0; i--) value = value * x + (coefficients[i] as number);
	return value;
}

/** Derivative of a polynomial at x. */
export function polynomialSlope(coefficients: Polynomial, x: number): number {
	let value = 0;
	for (let i = coefficients.length - 1; i >= 1; i--) value = value * x + i * (coefficients[i] as number);
	return value;
}

/**
 * Least-squares polynomial through the origin of the given degree: the system's way from (message bytes, operations)
 * measurements to a complexity function. Columns are scaled to unit length and orthogonalised (Householder), so
 * that powers of bytes up to 1e21 lose no digits.
 */
export function fitThroughOrigin(x: readonly number[], y: readonly number[], degree: number, place: Path): Polynomial {
	const rows = x.length;
	const distinct = new Set(x.filter((value) => value !== 0)).size;
	if (distinct < degree || y.length !== rows) {
		throw new InputError({
			path: place,
			found: `${distinct} distinct sizes`,
			expected: `at least ${degree} to fit a polynomial of degree ${degree}`,
		});
	}
	const largest = x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
	const columns = Array.from({ length: degree }, (_, power) => Float64Array.from(x, (value) => (value / largest) ** (power + 1)));
	const right = Float64Array.from(y);
	for (let k = 0; k < degree; k++) reflect(columns, right, k);
	const scaled = new Float64Array(degree);
	for (let k = degree - 1; k >= 0; k--) {
		let value = right[k] as number;
		for (let j = k + 1; j < degree; j++) value -= (columns[j]?.[k] ?? 0) * (scaled[j] as number);
		scaled[k] = value / (columns[k]?.[k] ?? Number.NaN);
	}
	return [0, ...Array.from(scaled, (value, power) => value / largest ** (power + 1))];
}

/** One Householder reflection: empties column k below its diagonal, in the remaining columns and the right-hand side. */
function reflect(columns: readonly Float64Array[], right: Float64Array, k: number): void {
	const pivot = columns[k] as Float64Array;
	let squares = 0;
	for (let i = k; i < pivot.length; i++) squares += (pivot[i] as number) ** 2;
	const head = pivot[k] as number;
	const length = head > 0 ? -Math.sqrt(squares) : Math.sqrt(squares);
	const mirror = pivot.slice();
	mirror[k] = head - length;
	const norm = squares - head * length;
	for (const column of [...columns.slice(k), right]) {
		let dot = 0;
		for (let i = k; i < column.length; i++) dot += (mirror[i] as number) * (column[i] as number);
		for (let i = k; i < column.length; i++) column[i] = (column[i] as number) - (dot / norm) * (mirror[i] as number);
	}
}

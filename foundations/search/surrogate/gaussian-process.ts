/**
 * Gaussian-process regression (Rasmussen and Williams 2006, chapters 2 and 5) with a Matérn 5/2 kernel that has a length of its own for each
 * dimension, and noise. Lengths, spread and noise maximise the marginal likelihood, by resilient steps along its gradient (iRprop-; Igel and
 * Hüsken 2003), with weak priors that keep lengths from running away where a dimension does not matter.
 */
import { CholeskyDecomposition, Matrix } from 'ml-matrix';

/** Whether coordinates of a dimension are ordered; of choices only sameness counts. */
export type AxisKind = 'ordered' | 'choice';

const SQRT5 = Math.sqrt(5);
const STEPS = 60;
/** Logarithms of length (unit cube), spread (standardised values) and noise: first values, and the middle and width of the priors. */
const LENGTH = { first: Math.log(0.3), middle: Math.log(0.5), width: 1.5 };
const SPREAD = { first: 0, middle: 0, width: 1 };
const NOISE = { first: Math.log(1e-2), middle: Math.log(1e-3), width: 2 };
const LEAST_NOISE = Math.log(1e-5);

interface Fit {
	readonly kernel: Kernel;
	/** L of K = L Lᵀ, row by row. */
	readonly lower: Float64Array;
	/** K^-1 y. */
	readonly weights: Float64Array;
}

/** The kernel's constants for some parameters. */
interface Kernel {
	/** One over the square of each length. */
	readonly inverseSquares: Float64Array;
	/** Variance of the values. */
	readonly spread: number;
}

export class GaussianProcess {
	private readonly points: readonly Float64Array[];
	private readonly kinds: readonly AxisKind[];
	private readonly values: Float64Array;
	private readonly centre: number;
	private readonly scale: number;
	private readonly fit: Fit;

	/** Fits values at points of the unit cube. Raises a RangeError without points or for values that are not finite. */
	constructor(points: readonly Float64Array[], values: ArrayLike<number>, kinds: readonly AxisKind[]) {
		const count = points.length;
		if (count === 0 || count !== values.length) throw new RangeError(`${count} points with ${values.length} values`);
		let sum = 0;
		for (let i = 0; i < count; i++) sum += values[i] as number;
		if (!Number.isFinite(sum)) throw new RangeError('values that are not finite');
		this.points = points;
		this.kinds = kinds;
		this.centre = sum / count;
		let squares = 0;
		for (let i = 0; i < count; i++) squares += ((values[i] as number) - this.centre) ** 2;
		this.scale = Math.sqrt(squares / count) || 1;
		this.values = Float64Array.from(values, (value) => (value - this.centre) / this.scale);
		this.fit = this.maximizeLikelihood();
	}

	/** Mean and standard deviation of the value at a point, without noise. */
	predict(point: Float64Array): { readonly mean: number; readonly deviation: number } {
		const { kernel, lower, weights } = this.fit;
		const count = this.points.length;
		// Forward substitution: |L^-1 k|^2 is what the points explain of the variance.
		const solved = new Float64Array(count);
		let [mean, explained] = [0, 0];
		for (let i = 0; i < count; i++) {
			const covariance = this.covariance(point, this.points[i] as Float64Array, kernel);
			mean += covariance * (weights[i] as number);
			let rest = covariance;
			for (let j = 0; j < i; j++) rest -= (lower[i * count + j] as number) * (solved[j] as number);
			solved[i] = rest / (lower[i * count + i] as number);
			explained += (solved[i] as number) ** 2;
		}
		return { mean: this.centre + this.scale * mean, deviation: this.scale * Math.sqrt(Math.max(0, kernel.spread - explained)) };
	}

	/** Squared distance, each dimension in units of its length. */
	private squaredDistance(a: Float64Array, b: Float64Array, { inverseSquares }: Kernel): number {
		let sum = 0;
		for (let axis = 0; axis < a.length; axis++) {
			const gap = this.gap(a, b, axis);
			sum += gap * gap * (inverseSquares[axis] as number);
		}
		return sum;
	}

	private gap(a: Float64Array, b: Float64Array, axis: number): number {
		if (this.kinds[axis] === 'choice') return a[axis] === b[axis] ? 0 : 1;
		return (a[axis] as number) - (b[axis] as number);
	}

	private covariance(a: Float64Array, b: Float64Array, kernel: Kernel): number {
		const r = SQRT5 * Math.sqrt(this.squaredDistance(a, b, kernel));
		return kernel.spread * (1 + r + (r * r) / 3) * Math.exp(-r);
	}

	private maximizeLikelihood(): Fit {
		const axes = this.kinds.length;
		const parameters = new Float64Array(axes + 2).fill(LENGTH.first);
		parameters[axes] = SPREAD.first;
		parameters[axes + 1] = NOISE.first;
		const steps = new Float64Array(axes + 2).fill(0.1);
		const before = new Float64Array(axes + 2);
		let best: { fit: Fit; objective: number } | undefined;
		for (let step = 0; step < STEPS; step++) {
			const current = this.decompose(parameters);
			if (current === undefined) {
				// Too little noise for these lengths.
				parameters[axes + 1] = (parameters[axes + 1] as number) + 1;
				continue;
			}
			const { fit, objective, gradient } = current;
			if (best === undefined || objective > best.objective) best = { fit, objective };
			for (let i = 0; i < parameters.length; i++) {
				const agreement = (gradient[i] as number) * (before[i] as number);
				steps[i] = Math.min(1, Math.max(1e-4, (steps[i] as number) * (agreement > 0 ? 1.2 : agreement < 0 ? 0.5 : 1)));
				before[i] = agreement < 0 ? 0 : (gradient[i] as number);
				parameters[i] = (parameters[i] as number) + Math.sign(before[i] as number) * (steps[i] as number);
			}
			parameters[axes + 1] = Math.max(LEAST_NOISE, parameters[axes + 1] as number);
		}
		if (best === undefined) throw new Error('no covariance matrix of these points is positive definite');
		return best.fit;
	}

	/** The decomposition for some parameters, the log posterior and its gradient; undefined where the matrix is not positive definite. */
	private decompose(parameters: Float64Array): { fit: Fit; objective: number; gradient: Float64Array } | undefined {
		const { points, values, kinds } = this;
		const [count, axes] = [points.length, kinds.length];
		const noise = Math.exp(2 * (parameters[axes + 1] as number));
		const spread = Math.exp(2 * (parameters[axes] as number));
		const inverseSquares = Float64Array.from({ length: axes }, (_, axis) => Math.exp(-2 * (parameters[axis] as number)));
		const kernel: Kernel = { inverseSquares, spread };
		const matrix = Matrix.zeros(count, count);
		for (let i = 0; i < count; i++) {
			for (let j = 0; j <= i; j++) {
				const covariance = this.covariance(points[i] as Float64Array, points[j] as Float64Array, kernel) + (i === j ? noise : 0);
				matrix.set(i, j, covariance);
				matrix.set(j, i, covariance);
			}
		}
		const decomposition = new CholeskyDecomposition(matrix);
		if (!decomposition.isPositiveDefinite()) return undefined;
		const solved = decomposition.solve(Matrix.columnVector(Array.from(values)));
		const weights = Float64Array.from({ length: count }, (_, i) => solved.get(i, 0));
		const inverse = decomposition.solve(Matrix.eye(count, count));
		const lower = Float64Array.from(decomposition.lowerTriangularMatrix.to1DArray());
		let objective = 0;
		for (let i = 0; i < count; i++)
			objective -= 0.5 * (values[i] as number) * (weights[i] as number) + Math.log(lower[i * count + i] as number);
		const gradient = new Float64Array(axes + 2);
		for (let i = 0; i < count; i++) {
			for (let j = 0; j <= i; j++) {
				// d L / d K, both triangles at once.
				const share = ((weights[i] as number) * (weights[j] as number) - inverse.get(i, j)) * (i === j ? 0.5 : 1);
				const [a, b] = [points[i] as Float64Array, points[j] as Float64Array];
				const r = SQRT5 * Math.sqrt(this.squaredDistance(a, b, kernel));
				const slope = (5 / 3) * spread * (1 + r) * Math.exp(-r);
				for (let axis = 0; axis < axes; axis++) {
					const gap = this.gap(a, b, axis);
					gradient[axis] = (gradient[axis] as number) + share * slope * gap * gap * (inverseSquares[axis] as number);
				}
				const covariance = matrix.get(i, j) - (i === j ? noise : 0);
				gradient[axes] = (gradient[axes] as number) + share * 2 * covariance;
				if (i === j) gradient[axes + 1] = (gradient[axes + 1] as number) + share * 2 * noise;
			}
		}
		for (let i = 0; i < parameters.length; i++) {
			const { middle, width } = i < axes ? LENGTH : i === axes ? SPREAD : NOISE;
			const off = ((parameters[i] as number) - middle) / width;
			objective -= 0.5 * off * off;
			gradient[i] = (gradient[i] as number) - off / width;
		}
		return { fit: { kernel, lower, weights }, objective, gradient };
	}
}

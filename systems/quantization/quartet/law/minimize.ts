/**
 * Newton's method with Levenberg's damping for smooth functions of a few variables with a gradient at hand. The Hessian is the central
 * difference of the gradient; damping grows until a step lowers the cost.
 */

/** Writes the gradient and returns the cost; not-a-number or infinite where the function is not defined. */
export type CostWithGradient = (point: Float64Array, gradient: Float64Array) => number;

export interface Minimum {
	readonly point: Float64Array;
	readonly cost: number;
	/** Whether no step lowers the cost any more; otherwise the steps ran out. */
	readonly converged: boolean;
}

const DIFFERENCE = 1e-5;
const LEAST_DAMPING = 1e-12;
const MOST_DAMPING = 1e12;

export function minimize(cost: CostWithGradient, start: ArrayLike<number>, steps = 200): Minimum {
	const n = start.length;
	let point = Float64Array.from(start);
	const gradient = new Float64Array(n);
	let value = cost(point, gradient);
	let damping = 1e-3;
	for (let step = 0; step < steps && Number.isFinite(value); step++) {
		const hessian = hessianAt(cost, point);
		let moved = false;
		while (damping <= MOST_DAMPING) {
			const shift = dampedStep(hessian, gradient, damping);
			if (shift !== null) {
				const candidate = point.map((x, i) => x - (shift[i] as number));
				const candidateGradient = new Float64Array(n);
				const candidateValue = cost(candidate, candidateGradient);
				if (candidateValue < value) {
					const gain = (value - candidateValue) / value;
					point = candidate;
					gradient.set(candidateGradient);
					value = candidateValue;
					damping = Math.max(LEAST_DAMPING, damping / 10);
					moved = gain > 1e-14;
					break;
				}
			}
			damping *= 10;
		}
		if (!moved) return { point, cost: value, converged: true };
	}
	return { point, cost: value, converged: false };
}

function hessianAt(cost: CostWithGradient, point: Float64Array): Float64Array {
	const n = point.length;
	const hessian = new Float64Array(n * n);
	const [above, below] = [new Float64Array(n), new Float64Array(n)];
	for (let i = 0; i < n; i++) {
		const kept = point[i] as number;
		const h = DIFFERENCE * Math.max(1, Math.abs(kept));
		point[i] = kept + h;
		cost(point, above);
		point[i] = kept - h;
		cost(point, below);
		point[i] = kept;
		for (let j = 0; j < n; j++) hessian[i * n + j] = ((above[j] as number) - (below[j] as number)) / (2 * h);
	}
	for (let i = 0; i < n; i++) {
		for (let j = 0; j < i; j++) {
			const mean = ((hessian[i * n + j] as number) + (hessian[j * n + i] as number)) / 2;
			hessian[i * n + j] = mean;
			hessian[j * n + i] = mean;
		}
	}
	return hessian;
}

/** Solves (H + damping diag |H|) x = g by Cholesky's method; null where the matrix is not positive definite. */
function dampedStep(hessian: Float64Array, gradient: Float64Array, damping: number): Float64Array | null {
	const n = gradient.length;
	const lower = Float64Array.from(hessian);
	for (let i = 0; i < n; i++) {
		const diagonal = lower[i * n + i] as number;
		lower[i * n + i] = diagonal + damping * Math.max(Math.abs(diagonal), 1e-30);
	}
	for (let i = 0; i < n; i++) {
		for (let j = 0; j <= i; j++) {
			let sum = lower[i * n + j] as number;
			for (let k = 0; k < j; k++) sum -= (lower[i * n + k] as number) * (lower[j * n + k] as number);
			if (i !== j) lower[i * n + j] = sum / (lower[j * n + j] as number);
			else {
				if (!(sum > 0)) return null;
				lower[i * n + i] = Math.sqrt(sum);
			}
		}
	}
	const x = Float64Array.from(gradient);
	for (let i = 0; i < n; i++) {
		for (let k = 0; k < i; k++) x[i] = (x[i] as number) - (lower[i * n + k] as number) * (x[k] as number);
		x[i] = (x[i] as number) / (lower[i * n + i] as number);
	}
	for (let i = n - 1; i >= 0; i--) {
		for (let k = i + 1; k < n; k++) x[i] = (x[i] as number) - (lower[k * n + i] as number) * (x[k] as number);
		x[i] = (x[i] as number) / (lower[i * n + i] as number);
	}
	return x;
}

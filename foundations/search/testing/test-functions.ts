/** Functions with known optima, as the literature on optimisation has them; all are minimised. */
import { type Dimension, SearchSpace } from '../search-space.ts';

export interface TestFunction {
	readonly space: SearchSpace;
	readonly evaluate: (x: readonly number[]) => readonly number[];
}

const range = (count: number, min: number, max: number): Dimension[] =>
	Array.from({ length: count }, (_, i) => ({ name: `x${i + 1}`, kind: 'number', min, max }));

/** Three minima of 0.397887 (Dixon and Szego 1978). */
export const branin: TestFunction = {
	space: new SearchSpace([
		{ name: 'x1', kind: 'number', min: -5, max: 10 },
		{ name: 'x2', kind: 'number', min: 0, max: 15 },
	]),
	evaluate: ([x = 0, y = 0]) => [
		(y - (5.1 / (4 * Math.PI ** 2)) * x * x + (5 / Math.PI) * x - 6) ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10,
	],
};

/** Minimum of -3.32237 (Hartman 1973). */
export const hartmann6: TestFunction = {
	space: new SearchSpace(range(6, 0, 1)),
	evaluate: (x) => {
		const weights = [1, 1.2, 3, 3.2];
		const a = [
			[10, 3, 17, 3.5, 1.7, 8],
			[0.05, 10, 17, 0.1, 8, 14],
			[3, 3.5, 1.7, 10, 17, 8],
			[17, 8, 0.05, 10, 0.1, 14],
		];
		const p = [
			[1312, 1696, 5569, 124, 8283, 5886],
			[2329, 4135, 8307, 3736, 1004, 9991],
			[2348, 1451, 3522, 2883, 3047, 6650],
			[4047, 8828, 8732, 5743, 1091, 381],
		];
		let sum = 0;
		for (let i = 0; i < 4; i++) {
			let exponent = 0;
			for (let j = 0; j < 6; j++) exponent += a[i]![j]! * (x[j]! - p[i]![j]! * 1e-4) ** 2;
			sum -= weights[i]! * Math.exp(-exponent);
		}
		return [sum];
	},
};

/** ZDT1 to ZDT4 (Zitzler, Deb and Thiele 2000); the front is g = 1. */
export function zdt(number: 1 | 2 | 3 | 4): TestFunction {
	const rest = number === 4 ? range(9, -5, 5) : range(29, 0, 1);
	return {
		space: new SearchSpace([{ name: 'x0', kind: 'number', min: 0, max: 1 }, ...rest]),
		evaluate: ([first = 0, ...others]) => {
			const g =
				number === 4
					? 1 + 10 * others.length + others.reduce((sum, x) => sum + x * x - 10 * Math.cos(4 * Math.PI * x), 0)
					: 1 + (9 * others.reduce((sum, x) => sum + x, 0)) / others.length;
			const share = first / g;
			const shape =
				number === 2 ? 1 - share ** 2 : 1 - Math.sqrt(share) - (number === 3 ? share * Math.sin(10 * Math.PI * first) : 0);
			return [first, g * shape];
		},
	};
}

/** DTLZ2 (Deb, Thiele, Laumanns and Zitzler 2002) with three objectives; the front is the unit sphere's octant. */
export const dtlz2: TestFunction = {
	space: new SearchSpace(range(12, 0, 1)),
	evaluate: ([a = 0, b = 0, ...rest]) => {
		const radius = 1 + rest.reduce((sum, x) => sum + (x - 0.5) ** 2, 0);
		const [alpha, beta] = [(a * Math.PI) / 2, (b * Math.PI) / 2];
		return [radius * Math.cos(alpha) * Math.cos(beta), radius * Math.cos(alpha) * Math.sin(beta), radius * Math.sin(alpha)];
	},
};

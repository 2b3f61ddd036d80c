/** Functions whose Sobol indices are known in closed form. Arguments are from 0 to 1. */

/** Ishigami and Homma (1990) with a = 7, b = 0.1. */
export function ishigami(u: ArrayLike<number>): number {
	const [x, y, z] = [0, 1, 2].map((at) => Math.PI * (2 * (u[at] as number) - 1)) as [number, number, number];
	return Math.sin(x) + 7 * Math.sin(y) ** 2 + 0.1 * z ** 4 * Math.sin(x);
}

/** Integrating the terms of the function gives these (Ishigami and Homma 1990, with a = 7 and b = 0.1). */
export function ishigamiShares(): { readonly alone: number[]; readonly total: number[] } {
	const [a, b] = [7, 0.1];
	const first = 0.5 * (1 + (b * Math.PI ** 4) / 5) ** 2;
	const second = a ** 2 / 8;
	const both = b ** 2 * Math.PI ** 8 * (1 / 18 - 1 / 50);
	const all = first + second + both;
	return { alone: [first / all, second / all, 0], total: [(first + both) / all, second / all, both / all] };
}

/** Sobol's g: the product of (|4u - 2| + a) / (1 + a). */
export function sobolG(u: ArrayLike<number>, weights: readonly number[]): number {
	return weights.reduce((product, a, at) => (product * (Math.abs(4 * (u[at] as number) - 2) + a)) / (1 + a), 1);
}

/** Each factor's term has variance V = 1/3 / (1 + a)²; a product's variance is that of (1 + V) terms (Saltelli and Sobol 1995). */
export function sobolGShares(weights: readonly number[]): { readonly alone: number[]; readonly total: number[] } {
	const terms = weights.map((a) => 1 / 3 / (1 + a) ** 2);
	const product = terms.reduce((all, term) => all * (1 + term), 1);
	const variance = product - 1;
	return {
		alone: terms.map((term) => term / variance),
		total: terms.map((term) => (term * product) / (1 + term) / variance),
	};
}

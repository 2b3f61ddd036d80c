/** The loops of a convolution, as mappings name them. */

/** Output channels, input channels, kernel rows and columns, input rows and columns. */
export const DIMENSIONS = ['K', 'C', 'R', 'S', 'Y', 'X'] as const;
export type DimensionName = (typeof DIMENSIONS)[number];

export const K = 0;
export const C = 1;
export const R = 2;
export const S = 3;
export const Y = 4;
export const X = 5;

/** A set of dimensions as bits, bit d for dimension d. */
export type DimensionSet = number;

export function dimensionSet(...dimensions: readonly number[]): DimensionSet {
	return dimensions.reduce((set, dimension) => set | (1 << dimension), 0);
}

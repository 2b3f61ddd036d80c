/** How many weights share a table: the number that takes the fewest cycles, of those whose rows fit. */
import { InputError } from '@assay/contract';
import { buildCycles, fullLookupCycles } from '../sram/cycle-counts.ts';
import { accumulatorBits, rowsNeeded, type TableShape } from '../sram/row-layout.ts';

/** Largest table that is considered: 2^8 entries. */
export const LARGEST_GROUP = 8;

export interface GroupPlan {
	/** Tokens of the shape are those whose accumulators fit at once. */
	readonly shape: TableShape;
	/** Times that the table is built, each for as many tokens as fit. */
	readonly chunks: number;
	/** For one group of weights and all tokens. */
	readonly buildCycles: number;
	readonly lookupCycles: number;
}

/** What the plan is for: everything but the group. */
export type Product = Omit<TableShape, 'group'>;

/** The plan with a given group; undefined where not even one token's rows fit. */
export function planWith(group: number, product: Product, rows: number, lookupShare = 1): GroupPlan | undefined {
	const one = { ...product, group, tokens: 0 };
	const tokensAtOnce = Math.min(product.tokens, Math.floor((rows - rowsNeeded(one)) / accumulatorBits(one)));
	if (tokensAtOnce < 1) return undefined;
	const shape = { ...one, tokens: tokensAtOnce };
	const chunks = Math.ceil(product.tokens / tokensAtOnce);
	return {
		shape,
		chunks,
		buildCycles: chunks * buildCycles(shape),
		lookupCycles: lookupShare * product.tokens * fullLookupCycles(shape),
	};
}

/** Cycles for each row of weights. */
export function cyclesPerRow({ shape, buildCycles: build, lookupCycles }: GroupPlan): number {
	return (build + lookupCycles) / shape.group;
}

/**
 * The best plan. `lookupShare` is the share of lookup cycles that pattern awareness leaves, by group. Raises an `InputError` where no table
 * fits into the rows.
 */
export function chooseGroup(product: Product, rows: number, lookupShare: (group: number) => number = () => 1): GroupPlan {
	let best: GroupPlan | undefined;
	for (let group = 1; group <= LARGEST_GROUP; group++) {
		const plan = planWith(group, product, rows, lookupShare(group));
		if (plan !== undefined && (best === undefined || cyclesPerRow(plan) < cyclesPerRow(best))) best = plan;
	}
	if (best !== undefined) return best;
	throw new InputError({
		path: ['cache', 'rows'],
		found: `${rows} rows an array`,
		expected: `at least ${rowsNeeded({ ...product, group: 1, tokens: 1 })} for weights of ${product.weightBits} bits and activations of ${product.activationBits}`,
	});
}

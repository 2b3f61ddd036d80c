/**
 * Extended Einsums and cascades of them (Nayak et al., FuseMax, MICRO 2024, section II; the notation follows TeAAL, MICRO 2023).
 *
 * An Einsum says for every point of a space of ranks what is computed there, and over which ranks results are reduced:
 * `QK[m, p] = sum(e) Q[e, p] * K[e, m]`. A cascade is a list of Einsums that use each other's results. A running tensor is
 * indexed by a generation: `RM[0, p] = -inf` starts it, `RM[m1+1, p] = max(RM[m1, p], LM[m1, p])` goes on, and `RM[M1, p]` is what is
 * left after the last. A rank is a lower-case word; its size is the same word with a capital (m and M).
 */

/** Place in the text, both from 1. */
export interface Position {
	readonly line: number;
	readonly column: number;
}

/** One index of a tensor: a rank, the generation after a rank's, the first generation, or the last of a rank. */
export type Index =
	| { readonly kind: 'rank'; readonly rank: string }
	| { readonly kind: 'next'; readonly rank: string }
	| { readonly kind: 'first' }
	| { readonly kind: 'last'; readonly size: string };

export const binaryOperators = ['+', '-', '*', '/'] as const;
export type BinaryOperator = (typeof binaryOperators)[number];
export const functionNames = ['exp', 'log', 'sqrt', 'abs', 'tanh', 'max', 'min'] as const;
export type FunctionName = (typeof functionNames)[number];
export const reductions = ['sum', 'max', 'min'] as const;
export type Reduction = (typeof reductions)[number];

export type Expression =
	| { readonly kind: 'number'; readonly value: number }
	| { readonly kind: 'size'; readonly size: string }
	| { readonly kind: 'read'; readonly tensor: string; readonly indices: readonly Index[]; readonly at: Position }
	| { readonly kind: 'negate'; readonly of: Expression }
	| { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly left: Expression; readonly right: Expression }
	| { readonly kind: 'call'; readonly name: FunctionName; readonly of: readonly Expression[] };

/** `size E = 64`. */
export interface SizeStatement {
	readonly kind: 'size';
	readonly size: string;
	readonly value: number;
	readonly at: Position;
}

/** `split m = m1 * M0 + m0`: a rank walked tile by tile. Outermost first; all but the outermost have a size, by name or number. */
export interface SplitStatement {
	readonly kind: 'split';
	readonly rank: string;
	readonly outermost: string;
	readonly inner: readonly { readonly rank: string; readonly size: string | number }[];
	readonly at: Position;
}

/** `input Q[e, p]`. */
export interface InputStatement {
	readonly kind: 'input';
	readonly tensor: string;
	readonly ranks: readonly string[];
	readonly at: Position;
}

/** `QK[m, p] = sum(e) Q[e, p] * K[e, m]`. The reduction takes in the whole of the right side. */
export interface EinsumStatement {
	readonly kind: 'einsum';
	readonly tensor: string;
	readonly indices: readonly Index[];
	readonly reduction: { readonly by: Reduction; readonly ranks: readonly string[] } | null;
	readonly expression: Expression;
	readonly at: Position;
}

/** `map QK, LM on array2d space(m0, p0) time(m1, e)`: which array computes them, and which ranks are spread over it. */
export interface MapStatement {
	readonly kind: 'map';
	readonly tensors: readonly string[];
	readonly array: string;
	readonly space: readonly string[];
	readonly time: readonly string[];
	readonly at: Position;
}

export type Statement = SizeStatement | SplitStatement | InputStatement | EinsumStatement | MapStatement;

/** Statements in the order they are written; Einsums may use what is defined later. */
export type Cascade = readonly Statement[];

/** The name of a rank's size. */
export const sizeOfRank = (rank: string): string => rank.toUpperCase();

/** Calls `visit` on an expression and everything in it. */
export function visitExpression(expression: Expression, visit: (one: Expression) => void): void {
	visit(expression);
	if (expression.kind === 'negate') visitExpression(expression.of, visit);
	else if (expression.kind === 'binary') {
		visitExpression(expression.left, visit);
		visitExpression(expression.right, visit);
	} else if (expression.kind === 'call') for (const one of expression.of) visitExpression(one, visit);
}

/** Ranks that a rank stands for: those of its split, or itself. */
export function leavesOf(splits: ReadonlyMap<string, SplitStatement>, rank: string): string[] {
	const split = splits.get(rank);
	return split === undefined ? [rank] : [split.outermost, ...split.inner.map((one) => one.rank)];
}

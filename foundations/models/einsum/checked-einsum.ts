/** One Einsum of a checked cascade. */
import type { EinsumStatement, Expression, Index } from './cascade.ts';

/** A tensor that an expression reads. */
export type Read = Extract<Expression, { readonly kind: 'read' }>;

/** One Einsum with the ranks of splits written out. */
export interface CheckedEinsum {
	readonly tensor: string;
	/** `start` gives a running tensor's first generation, `step` the next one. */
	readonly role: 'plain' | 'start' | 'step';
	readonly indices: readonly Index[];
	/** Ranks of its result, the generation's included where it goes on. */
	readonly ranks: readonly string[];
	readonly reduction: EinsumStatement['reduction'];
	readonly expression: Expression;
	readonly reads: readonly Read[];
	readonly statement: EinsumStatement;
}

/** What a paper published, and how it is measured again. */
import type { RunContext } from './context.ts';

/** How a claim is checked: in a simulation, by a measurement here, by a measurement that needs a GPU, or not at all. */
export type Evidence = 'simulated' | 'measured' | 'gpu' | 'quoted';

/**
 * How close counts as reproduced, and why that close; for a claim of "at most" or "at least" the published value is a bound.
 * Chosen before the first measurement.
 */
export type Tolerance =
	| { readonly relative: number; readonly because: string }
	| { readonly absolute: number; readonly because: string }
	| { readonly bound: 'at most' | 'at least'; readonly because: string };

/** Everything a run has, and a memory that the claims of one reproduction share. */
export interface ClaimContext extends RunContext {
	/** Computes a value once for all claims of this reproduction. The computation must depend on the key alone. */
	once<T>(key: string, compute: () => Promise<T>): Promise<T>;
}

interface ClaimFacts {
	/** Short and stable, unique within the system: `S3`. */
	readonly id: string;
	/** The claim in one sentence. */
	readonly says: string;
	readonly published: { readonly value: number; readonly unit: string; readonly where: string };
	/** Shown beside the verdict: what the figures mean, or why ours differ. */
	readonly comment?: string;
}

/** A claim that is measured. */
export interface MeasuredClaim extends ClaimFacts {
	readonly evidence: 'simulated' | 'measured' | 'gpu';
	readonly tolerance: Tolerance;
	/** Rough work on one core: `seconds` is measured by the tests, `minutes` by `assay reproduce` alone. */
	readonly effort: 'seconds' | 'minutes';
	/** Our figure, in the unit of the published one. Never reads `published`. */
	readonly measure: (context: ClaimContext) => Promise<number>;
}

/** A claim that is shown and never counted as reproduced. */
export interface QuotedClaim extends ClaimFacts {
	readonly evidence: 'quoted';
}

export type Claim = MeasuredClaim | QuotedClaim;

export type Verdict = 'reproduced' | 'off' | 'quoted' | 'skipped';

/** Whether an error is told in the claim's unit: with an absolute tolerance, and beside a published 0, of which there are no parts. */
export function isErrorAbsolute({ tolerance, published }: Pick<MeasuredClaim, 'tolerance' | 'published'>): boolean {
	return 'absolute' in tolerance || published.value === 0;
}

/** Our figure's distance from the published one: in the claim's unit (`isErrorAbsolute`), or as a fraction (0.05 is 5 % above). */
export function claimError(claim: MeasuredClaim, ours: number): number {
	const difference = ours - claim.published.value;
	return isErrorAbsolute(claim) ? difference : difference / Math.abs(claim.published.value);
}

/** `reproduced` within the tolerance (inclusive), `off` beyond it or when our figure is not a number. */
export function judge(claim: MeasuredClaim, ours: number): 'reproduced' | 'off' {
	const { tolerance } = claim;
	if ('bound' in tolerance) {
		const holds = tolerance.bound === 'at most' ? ours <= claim.published.value : ours >= claim.published.value;
		return holds ? 'reproduced' : 'off';
	}
	const limit = 'relative' in tolerance ? tolerance.relative : tolerance.absolute;
	return Math.abs(claimError(claim, ours)) <= limit ? 'reproduced' : 'off';
}

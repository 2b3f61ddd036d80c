/** Claims measured again, and judged. */
import { findSystem } from '@assay/catalog';
import { type Claim, claimError, type Evidence, judge, type System, type Tolerance, type Verdict } from '@assay/contract';
import type { LocalExecutor, WorkEvents } from './local-executor.ts';
import { keepClaim } from './measurements.ts';
import { environment } from './run-service.ts';
import type { RunStore } from './run-store.ts';
import type { MeasuredClaimResult, Outcome } from './worker-protocol.ts';

/** One line of `assay reproduce`. */
export interface ClaimVerdict {
	readonly id: string;
	readonly says: string;
	readonly published: { readonly value: number; readonly unit: string; readonly where: string };
	/** Our figure, in the published unit; null if it was not measured. */
	readonly ours: number | null;
	/** Ours against the published figure, in the tolerance's terms. */
	readonly error: number | null;
	readonly tolerance: Tolerance | null;
	readonly evidence: Evidence;
	readonly verdict: Verdict;
	readonly seconds: number;
	/** What a reader should know about the difference, or why there is no figure. */
	readonly comment: string | null;
}

/** Judges one claim; without a measurement it is `quoted`, or `skipped` if it could have been measured. */
export function judgeClaim(claim: Claim, measured: MeasuredClaimResult | undefined): ClaimVerdict {
	const facts = { id: claim.id, says: claim.says, published: claim.published, evidence: claim.evidence };
	if (claim.evidence === 'quoted')
		return { ...facts, ours: null, error: null, tolerance: null, verdict: 'quoted', seconds: 0, comment: claim.comment ?? null };
	const ours = measured?.ours ?? null;
	if (ours === null) {
		const reason = measured?.reason ?? (claim.evidence === 'gpu' ? 'needs a GPU' : 'not measured');
		return {
			...facts,
			ours,
			error: null,
			tolerance: claim.tolerance,
			verdict: 'skipped',
			seconds: measured?.seconds ?? 0,
			comment: reason,
		};
	}
	return {
		...facts,
		ours,
		error: claimError(claim, ours),
		tolerance: claim.tolerance,
		verdict: judge(claim, ours),
		seconds: measured?.seconds ?? 0,
		comment: claim.comment ?? null,
	};
}

export interface Reproduction {
	readonly system: string;
	readonly claims: readonly ClaimVerdict[];
	readonly outcome: Outcome;
}

/** Measures the claims of a system (all, or the named ones) and keeps the results. */
export async function reproduce(
	store: RunStore,
	executor: LocalExecutor,
	options: { readonly system: string; readonly claims?: readonly string[]; readonly seed: number },
	signal: AbortSignal,
	events: WorkEvents & { readonly onVerdict?: (verdict: ClaimVerdict) => void } = {},
): Promise<Reproduction> {
	const system = await findSystem(options.system).load();
	const claims = system.claims.filter((claim) => options.claims === undefined || options.claims.includes(claim.id));
	const measured = new Map<string, MeasuredClaimResult>();
	const outcome = await executor.execute(
		{ kind: 'reproduce', system: system.card.slug, claims: claims.map((claim) => claim.id), seed: options.seed },
		signal,
		{
			...events,
			onClaim: (result) => {
				measured.set(result.claim, result);
				const claim = claims.find((one) => one.id === result.claim);
				if (claim !== undefined) events.onVerdict?.(judgeClaim(claim, result));
			},
		},
	);
	const verdicts = claims.map((claim) => judgeClaim(claim, measured.get(claim.id)));
	for (const verdict of verdicts) {
		if (!measured.has(verdict.id)) continue;
		const { id, ours, error, seconds, comment } = verdict;
		await keepClaim(
			store.database,
			system.card.slug,
			system.card.version,
			{ claim: id, ours, verdict: verdict.verdict, error, seconds, reason: comment },
			environment(),
		);
	}
	return { system: system.card.slug, claims: verdicts, outcome };
}

/** Claims that can be measured here: those that take seconds, or all. */
export function measurableClaims(system: System, which: 'quick' | 'all'): string[] {
	return system.claims.flatMap((claim) => {
		if (claim.evidence === 'quoted' || claim.evidence === 'gpu') return [];
		return which === 'all' || claim.effort === 'seconds' ? [claim.id] : [];
	});
}

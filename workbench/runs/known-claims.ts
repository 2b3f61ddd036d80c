/** What is known of a system's claims without measuring now: the latest measurement kept here, or the one in its README. */
import { readFile } from 'node:fs/promises';
import type { CatalogEntry } from '@assay/catalog';
import type { Evidence, Tolerance, Verdict } from '@assay/contract';
import { readClaimsTable } from './claims-table.ts';
import { claimResults } from './measurements.ts';
import { judgeClaim } from './reproduce.ts';
import type { RunStore } from './run-store.ts';

export interface KnownClaim {
	readonly id: string;
	readonly says: string;
	readonly published: { readonly value: number; readonly unit: string; readonly where: string };
	readonly ours: number | null;
	/** Ours against the published figure, in the tolerance's terms. */
	readonly error: number | null;
	readonly tolerance: Tolerance | null;
	readonly evidence: Evidence;
	readonly verdict: Verdict;
	readonly comment: string | null;
	/** ISO 8601; null where the figure is the README's, rounded to five digits. */
	readonly measuredAt: string | null;
}

const readmes = new Map<string, Promise<ReadonlyMap<string, number>>>();

/** All claims of a system, in its order. */
export async function knownClaims(store: RunStore, entry: CatalogEntry): Promise<KnownClaim[]> {
	const { card } = entry;
	const system = await entry.load();
	const measured = await claimResults(store.database, card.slug, card.version);
	if (!readmes.has(card.slug)) readmes.set(card.slug, readFigures(card.slug));
	const published = await readmes.get(card.slug);
	return system.claims.map((claim) => {
		const here = measured.get(claim.id);
		const ours = here?.ours ?? published?.get(claim.id) ?? null;
		const { seconds: _seconds, ...judged } = judgeClaim(
			claim,
			ours === null ? undefined : { claim: claim.id, ours, seconds: 0, reason: null },
		);
		return { ...judged, measuredAt: here?.ours === undefined || here.ours === null ? null : here.measuredAt };
	});
}

async function readFigures(slug: string): Promise<ReadonlyMap<string, number>> {
	const readme = await readFile(new URL('README.md', import.meta.resolve(`@assay/${slug}/card`)), 'utf8');
	const rows = [...readClaimsTable(readme)].map(([id, row]) => [id, row['Ours']] as const);
	return new Map(rows.flatMap(([id, ours]) => (ours === undefined || ours === '' ? [] : [[id, Number(ours)] as const])));
}

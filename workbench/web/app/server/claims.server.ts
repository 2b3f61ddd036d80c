/** Claims as pages show them. */
import type { CatalogEntry } from '@assay/catalog';
import { isErrorAbsolute } from '@assay/contract';
import { formatNumber } from '@assay/report';
import { type KnownClaim, knownClaims } from '@assay/runs';
import type { Services } from '@assay/server';

export interface ClaimRow {
	readonly id: string;
	readonly says: string;
	readonly published: string;
	readonly where: string;
	readonly ours: string;
	readonly error: string;
	readonly tolerance: string;
	readonly because: string;
	readonly evidence: KnownClaim['evidence'];
	readonly verdict: KnownClaim['verdict'];
	readonly comment: string | null;
	readonly measuredAt: string | null;
}

export async function claimRows(services: Services, entry: CatalogEntry): Promise<ClaimRow[]> {
	return (await knownClaims(services.store, entry)).map(claimRow);
}

function claimRow({ id, says, published, ours, error, tolerance, evidence, verdict, comment, measuredAt }: KnownClaim): ClaimRow {
	const unit = published.unit === '1' ? '' : ` ${published.unit}`;
	return {
		id,
		says,
		published: `${formatNumber(published.value)}${unit}`,
		where: published.where,
		ours: ours === null ? '–' : `${formatNumber(ours)}${unit}`,
		error: errorText(error, tolerance, published, unit),
		tolerance: toleranceText(tolerance, unit),
		because: tolerance?.because ?? '',
		evidence,
		verdict,
		comment,
		measuredAt,
	};
}

function errorText(
	error: number | null,
	tolerance: KnownClaim['tolerance'],
	published: KnownClaim['published'],
	unit: string,
): string {
	if (error === null || tolerance === null) return '';
	const sign = error < 0 ? '−' : '+';
	const size = Math.abs(error);
	return isErrorAbsolute({ tolerance, published })
		? `${sign}${formatNumber(size, 3)}${unit}`
		: `${sign}${formatNumber(size * 100, 3)} %`;
}

function toleranceText(tolerance: KnownClaim['tolerance'], unit: string): string {
	if (tolerance === null) return '';
	if ('bound' in tolerance) return tolerance.bound;
	return 'absolute' in tolerance
		? `± ${formatNumber(tolerance.absolute, 3)}${unit}`
		: `± ${formatNumber(tolerance.relative * 100, 3)} %`;
}

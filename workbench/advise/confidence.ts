/** How sure a prediction is: the errors measured for the system that made it. */
import type { CatalogEntry } from '@assay/catalog';
import { calibrationLines, type KnownCalibration, knownCalibration, knownClaims, type RunStore } from '@assay/runs';

/** What is known of how far a system can be trusted. */
export interface Confidence {
	/** `high`: predictions were within 5 % of published measurements on average; `medium`: within 15 %; `low`: worse; `unknown`: never compared. */
	readonly level: 'high' | 'medium' | 'low' | 'unknown';
	readonly calibration: KnownCalibration;
	/** Of the paper's claims that are measured, how many came out within their tolerance. */
	readonly claims: { readonly measured: number; readonly reproduced: number };
	/** What of this very answer no comparison covers; null where all is. */
	readonly unchecked: string | null;
}

const HIGH = 0.05;
const MEDIUM = 0.15;

/** `unchecked` is what a run said that its answer rests on beyond what was compared. */
export async function confidenceOf(store: RunStore, entry: CatalogEntry, unchecked?: string): Promise<Confidence> {
	const calibration = await knownCalibration(store, entry);
	const verdicts = (await knownClaims(store, entry)).map((claim) => claim.verdict);
	const reproduced = verdicts.filter((verdict) => verdict === 'reproduced').length;
	const off = verdicts.filter((verdict) => verdict === 'off').length;
	return {
		level: unchecked === undefined ? levelOf(calibration) : 'unknown',
		calibration,
		claims: { measured: reproduced + off, reproduced },
		unchecked: unchecked ?? null,
	};
}

/** By the worst of the comparisons' means: a system is as good as what it predicts worst. */
function levelOf({ results }: KnownCalibration): Confidence['level'] {
	const means = results.flatMap(({ mean }) => mean ?? []);
	if (means.length === 0) return 'unknown';
	const worst = Math.max(...means);
	return worst <= HIGH ? 'high' : worst <= MEDIUM ? 'medium' : 'low';
}

/** In a line: the errors measured, and how many of its paper's claims came out. */
export function confidenceText({ calibration, claims, unchecked }: Confidence): string {
	const parts = [
		...(unchecked === null ? [] : [`not compared with any measurement: ${unchecked}`]),
		...calibrationLines(calibration),
	];
	if (claims.measured > 0) parts.push(`${claims.reproduced} of ${claims.measured} measured claims of its paper reproduced`);
	return parts.join('; ');
}

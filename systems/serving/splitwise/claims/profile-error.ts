/** How well the performance model predicts profiling rows that it has not seen. */
import { mean, type Random } from '@assay/contract';
import { PhaseCurves } from '../performance/phase-curves.ts';
import { medianProfiles, type ProfileRow, profileKey } from '../performance/read-profile.ts';

/**
 * Mean absolute percentage error over prompt and token times of a fifth of the rows, when the curves are the medians of the
 * other four fifths.
 */
export function holdoutErrorPercent(rows: readonly ProfileRow[], random: Random): number {
	const order = random.shuffle(rows.map((_, index) => index));
	const held = new Set(order.slice(0, Math.floor(rows.length / 5)));
	const profiles = medianProfiles(rows.filter((_, index) => !held.has(index)));
	const curves = new Map([...profiles].map(([key, profile]) => [key, new PhaseCurves(profile, key)]));
	const errors: number[] = [];
	for (const index of held) {
		const row = rows[index];
		const found = row && curves.get(profileKey(row.model, row.hardware, row.tensorParallel));
		if (row === undefined || found === undefined) continue;
		errors.push(Math.abs(found.promptSeconds(row.batchTokens) / row.promptSeconds - 1));
		errors.push(Math.abs(found.tokenSeconds(row.batchTokens) / row.tokenSeconds - 1));
	}
	return 100 * mean(errors);
}

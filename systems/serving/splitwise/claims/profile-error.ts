/** How well the performance model predicts profiling rows that it has not seen. */
import type { Random } from '@assay/contract';
import { PhaseCurves } from '../performance/phase-curves.ts';
import { medianProfiles, type ProfileRow, profileKey } from '../performance/read-profile.ts';

/** Measured times of held-out rows, and what was predicted of them. */
export interface Predictions {
	readonly measured: readonly number[];
	readonly predicted: readonly number[];
}

/** Prompt and token times of a fifth of the rows, predicted by curves that are the medians of the other four fifths. */
export function predictHeldOut(rows: readonly ProfileRow[], random: Random): Predictions {
	const order = random.shuffle(rows.map((_, index) => index));
	const held = new Set(order.slice(0, Math.floor(rows.length / 5)));
	const profiles = medianProfiles(rows.filter((_, index) => !held.has(index)));
	const curves = new Map([...profiles].map(([key, profile]) => [key, new PhaseCurves(profile, key)]));
	const measured: number[] = [];
	const predicted: number[] = [];
	for (const index of held) {
		const row = rows[index];
		const found = row && curves.get(profileKey(row.model, row.hardware, row.tensorParallel));
		if (row === undefined || found === undefined) continue;
		measured.push(row.promptSeconds, row.tokenSeconds);
		predicted.push(found.promptSeconds(row.batchTokens), found.tokenSeconds(row.batchTokens));
	}
	return { measured, predicted };
}

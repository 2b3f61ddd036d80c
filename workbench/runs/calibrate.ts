/** How far a system's predictions can be trusted: measured once for each version of a system, and kept. */
import { type CatalogEntry, findSystem } from '@assay/catalog';
import type { LocalExecutor } from './local-executor.ts';
import { calibrationResults, keepCalibration } from './measurements.ts';
import type { CalibrationResult } from './run-record.ts';
import type { RunStore } from './run-store.ts';

/** What is known of a system's errors. */
export interface KnownCalibration {
	/** One for each set of measurements that was compared with. */
	readonly results: readonly CalibrationResult[];
	/** Why there are no measurements to compare with; null where there are. */
	readonly none: string | null;
	/** Every comparison has been made. */
	readonly complete: boolean;
}

/** Errors that are known without measuring now. */
export async function knownCalibration(store: RunStore, entry: CatalogEntry): Promise<KnownCalibration> {
	const { card } = entry;
	const { calibration } = await entry.load();
	if (calibration === undefined) return { results: [], none: 'it was compared with what its paper claims only', complete: true };
	if ('none' in calibration) return { results: [], none: calibration.none, complete: true };
	const known = await calibrationResults(store.database, card.slug, card.version);
	const results = calibration.checks.flatMap(({ against }) => known.get(against) ?? []);
	return { results, none: null, complete: results.length === calibration.checks.length };
}

/** What to say beside a prediction, a line for each comparison: `4.5 % off on average, 12 % at worst, over 47 points: ...`. */
export function calibrationLines({ results, none, complete }: KnownCalibration): string[] {
	const percent = (fraction: number): string => `${Number((100 * fraction).toPrecision(2))} %`;
	const lines = results.map(({ against, points, mean, worst, reason }) =>
		mean === null || worst === null
			? `not compared with ${against}: ${reason ?? 'not yet'}`
			: `${percent(mean)} off on average, ${percent(worst)} at worst, over ${points} points: ${against}`,
	);
	if (none !== null) lines.push(`no measurements to compare with: ${none}`);
	else if (!complete) lines.push('not yet compared with all published measurements');
	return lines;
}

/**
 * Compares a system's predictions with the published measurements again, on a thread of the executor, and keeps the errors; of
 * a comparison that fails it keeps why.
 */
export async function calibrate(store: RunStore, executor: LocalExecutor, slug: string, signal: AbortSignal): Promise<void> {
	const { card, load } = findSystem(slug);
	const { calibration } = await load();
	if (calibration === undefined || 'none' in calibration) return;
	const results: CalibrationResult[] = [];
	const outcome = await executor.execute({ kind: 'calibrate', system: slug }, signal, {
		onCalibration: (result) => results.push(result),
	});
	if (outcome.kind === 'failed') {
		const reason = outcome.message.split('\n')[0] ?? '';
		const missed = calibration.checks.filter(({ against }) => !results.some((result) => result.against === against));
		results.push(...missed.map(({ against }) => ({ against, points: null, mean: null, worst: null, reason })));
	}
	for (const result of results) await keepCalibration(store.database, slug, card.version, result);
}

/** What was measured of systems themselves, kept for each version: their claims, and how far their predictions are off. The latest counts. */
import type { Database } from '@assay/database';
import type { Kysely } from 'kysely';
import type { CalibrationResult, ClaimResult } from './run-record.ts';

/** Keeps a measurement of a claim in place of an earlier one. */
export async function keepClaim(
	database: Kysely<Database>,
	system: string,
	version: number,
	result: ClaimResult,
	environment: unknown,
): Promise<void> {
	const row = { system, version, ...result, measured_at: new Date().toISOString(), environment: JSON.stringify(environment) };
	await database
		.insertInto('claim_results')
		.values(row)
		.onConflict((conflict) => conflict.columns(['system', 'version', 'claim']).doUpdateSet(row))
		.execute();
}

/** The latest measurements of a system's claims, by claim. */
export async function claimResults(
	database: Kysely<Database>,
	system: string,
	version: number,
): Promise<Map<string, ClaimResult & { readonly measuredAt: string }>> {
	const rows = await database
		.selectFrom('claim_results')
		.selectAll()
		.where('system', '=', system)
		.where('version', '=', version)
		.execute();
	return new Map(
		rows.map(({ claim, ours, verdict, error, seconds, reason, measured_at: measuredAt }) => [
			claim,
			{ claim, ours, verdict, error, seconds, reason, measuredAt },
		]),
	);
}

/** Keeps the errors of a system's predictions against one set of measurements. */
export async function keepCalibration(
	database: Kysely<Database>,
	system: string,
	version: number,
	result: CalibrationResult,
): Promise<void> {
	const row = { system, version, ...result, measured_at: new Date().toISOString() };
	await database
		.insertInto('calibrations')
		.values(row)
		.onConflict((conflict) => conflict.columns(['system', 'version', 'against']).doUpdateSet(row))
		.execute();
}

/** What is known of the errors of a system's predictions, by what they were compared with. */
export async function calibrationResults(
	database: Kysely<Database>,
	system: string,
	version: number,
): Promise<Map<string, CalibrationResult>> {
	const rows = await database
		.selectFrom('calibrations')
		.select(['against', 'points', 'mean', 'worst', 'reason'])
		.where('system', '=', system)
		.where('version', '=', version)
		.execute();
	return new Map(rows.map((row) => [row.against, row]));
}

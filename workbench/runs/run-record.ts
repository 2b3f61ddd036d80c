/** Runs and sweeps as they are kept, read off their rows and written into them. */
import type { Database, RunStatus } from '@assay/database';
import type { Selectable } from 'kysely';

/** One line of a run's log. */
export interface LogLine {
	readonly level: 'info' | 'warning';
	readonly message: string;
}

export interface Artifact {
	readonly name: string;
	readonly mediaType: string;
	readonly sha256: string;
	readonly bytes: number;
}

/** What a run was given. Equal requests give equal results. */
export interface RunRequest {
	readonly system: string;
	readonly version: number;
	readonly seed: number;
	readonly inputs: unknown;
}

export interface Run extends RunRequest {
	readonly id: string;
	readonly status: RunStatus;
	readonly sweep: string | null;
	readonly position: number | null;
	readonly createdAt: string;
	readonly startedAt: string | null;
	readonly endedAt: string | null;
	readonly progress: number;
	readonly note: string;
	readonly outputs: unknown;
	readonly headline: string | null;
	readonly error: string | null;
	readonly environment: unknown;
	readonly log: readonly LogLine[];
	/** The user who started it over the network; null for runs of the command line. */
	readonly userId: number | null;
}

/** A sweep as it was asked for. */
export interface SweepRecord {
	readonly id: string;
	readonly system: string;
	readonly version: number;
	readonly specification: unknown;
	/** Who works on it: the process that started it, or workers. */
	readonly executor: 'local' | 'distributed';
	/** Workers take the higher first. */
	readonly priority: number;
	readonly createdAt: string;
	readonly userId: number | null;
}

/** What a finished run leaves. */
export interface RunResult {
	/** JSON text, as it is kept: between threads and processes a text travels faster than what it says. */
	readonly outputs: string;
	readonly headline: string;
	readonly artifacts: readonly Artifact[];
	readonly log: readonly LogLine[];
}

export interface ClaimResult {
	readonly claim: string;
	readonly ours: number | null;
	readonly verdict: string;
	readonly error: number | null;
	readonly seconds: number;
	readonly reason: string | null;
}

/** Errors against one set of published measurements. */
export interface CalibrationResult {
	readonly against: string;
	readonly points: number | null;
	/** Absolute relative errors, as fractions. */
	readonly mean: number | null;
	readonly worst: number | null;
	/** Why there are no figures. */
	readonly reason: string | null;
}

/** The row of a run that waits. */
export function runRow(id: string, request: RunRequest, createdAt: string) {
	return {
		id,
		system: request.system,
		version: request.version,
		seed: request.seed,
		inputs: JSON.stringify(request.inputs),
		status: 'queued' as const,
		created_at: createdAt,
	};
}

export function sweepOf(row: Selectable<Database['sweeps']>): SweepRecord {
	const { id, system, version, specification, executor, priority, created_at: createdAt, user_id: userId } = row;
	return { id, system, version, specification: JSON.parse(specification), executor, priority, createdAt, userId };
}

export function runOf(row: Selectable<Database['runs']>): Run {
	return {
		id: row.id,
		system: row.system,
		version: row.version,
		seed: row.seed,
		inputs: JSON.parse(row.inputs),
		status: row.status,
		sweep: row.sweep,
		position: row.position,
		createdAt: row.created_at,
		startedAt: row.started_at,
		endedAt: row.ended_at,
		progress: row.progress,
		note: row.note,
		outputs: row.outputs === null ? null : JSON.parse(row.outputs),
		headline: row.headline,
		error: row.error,
		environment: row.environment === null ? null : JSON.parse(row.environment),
		log: row.log === null ? [] : JSON.parse(row.log),
		userId: row.user_id,
	};
}

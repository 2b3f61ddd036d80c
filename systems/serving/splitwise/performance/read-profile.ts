/** Reads profiling rows (model, hardware, tensor parallelism, batch, times) and condenses them into phase profiles. */
import { type DataFile, quantileSorted, sortedCopy } from '@assay/contract';
import { readTable } from '../trace/read-table.ts';
import type { PhaseProfile } from './phase-curves.ts';

/** One profiling run. */
export interface ProfileRow {
	readonly model: string;
	readonly hardware: string;
	readonly tensorParallel: number;
	/** Prompt tokens in the batch: prompt_size * batch_size. */
	readonly batchTokens: number;
	readonly promptSeconds: number;
	readonly tokenSeconds: number;
	/** Line in the file, counted from 1. */
	readonly line: number;
}

const columns = ['model', 'hardware', 'tensor_parallel', 'prompt_size', 'batch_size', 'prompt_time', 'token_time'] as const;

/** All rows of a profiling CSV; times in the file are milliseconds. At most 1,000,000 rows. */
export async function readProfileRows(file: DataFile, pause: () => Promise<void>): Promise<ProfileRow[]> {
	const rows: ProfileRow[] = [];
	await readTable(file, { columns, maxRows: 1_000_000, pause }, (row) => {
		const text = (column: (typeof columns)[number]): string => {
			const value = row.text(column);
			if (value === '') throw row.error(column, 'nothing', 'a name');
			return value;
		};
		rows.push({
			model: text('model'),
			hardware: text('hardware'),
			tensorParallel: row.integer('tensor_parallel', 1, 4096),
			batchTokens: row.integer('prompt_size', 1, 10_000_000) * row.integer('batch_size', 1, 1_000_000),
			promptSeconds: row.positive('prompt_time', 1e9) / 1000,
			tokenSeconds: row.positive('token_time', 1e9) / 1000,
			line: row.line,
		});
	});
	return rows;
}

/** Names a profile: one model on one kind of GPU with one degree of tensor parallelism. */
export function profileKey(model: string, hardware: string, tensorParallel: number): string {
	return `${model} on ${hardware} x${tensorParallel}`;
}

/** Medians of prompt and token time by number of batch tokens, for every (model, hardware, tensor parallelism) of the rows. */
export function medianProfiles(rows: readonly ProfileRow[]): Map<string, PhaseProfile> {
	const groups = new Map<string, Map<number, { prompt: number[]; token: number[] }>>();
	for (const row of rows) {
		const key = profileKey(row.model, row.hardware, row.tensorParallel);
		let group = groups.get(key);
		if (group === undefined) {
			group = new Map();
			groups.set(key, group);
		}
		let samples = group.get(row.batchTokens);
		if (samples === undefined) {
			samples = { prompt: [], token: [] };
			group.set(row.batchTokens, samples);
		}
		samples.prompt.push(row.promptSeconds);
		samples.token.push(row.tokenSeconds);
	}
	const profiles = new Map<string, PhaseProfile>();
	for (const [key, group] of groups) {
		const knots = [...group].sort(([a], [b]) => a - b);
		profiles.set(key, {
			batchTokens: knots.map(([tokens]) => tokens),
			promptSeconds: knots.map(([, samples]) => median(samples.prompt)),
			tokenSeconds: knots.map(([, samples]) => median(samples.token)),
		});
	}
	return profiles;
}

const median = (values: number[]): number => quantileSorted(sortedCopy(values), 0.5);

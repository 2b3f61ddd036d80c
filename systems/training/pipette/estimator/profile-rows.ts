/** Rows of short profiling runs: settings with the time of a micro-batch on a stage and the peak memory of a device. */
import { type DataFile, InputError, nearestName, type Random, show } from '@assay/contract';
import { parse as parseCsv } from 'csv-parse/sync';
import { z } from 'zod';
import { modelledTimer } from '../setting-time.ts';
import { stageMemory } from '../stage-memory.ts';
import type { MachineRates } from '../stage-times.ts';
import { megatronTiling } from '../tiling.ts';
import { microBatches, type Setting, type TrainingJob } from '../training-job.ts';

/** What was run. */
export interface ProfileShape {
	readonly devices: number;
	readonly layers: number;
	readonly hidden: number;
	readonly heads: number;
	readonly tensorParallel: number;
	readonly pipelineParallel: number;
	readonly microBatch: number;
	readonly globalBatch: number;
}

/** One profiling run. */
export interface ProfileRow extends ProfileShape {
	readonly memoryBytes: number;
	/** One micro-batch on the slowest stage. */
	readonly forwardSeconds: number;
	readonly backwardSeconds: number;
}

/** The published code's eleven features: G, l, h, a, tp, pp, dp, l/pp, b, B_g, B_m. */
export function publishedFeatures(shape: ProfileShape): number[] {
	const { devices, layers, hidden, heads, tensorParallel, pipelineParallel, microBatch, globalBatch } = shape;
	const dataParallel = devices / (tensorParallel * pipelineParallel);
	return [
		devices,
		layers,
		hidden,
		heads,
		tensorParallel,
		pipelineParallel,
		dataParallel,
		layers / pipelineParallel,
		microBatch,
		globalBatch,
		globalBatch / dataParallel,
	];
}

const COLUMNS = [
	'gpus',
	'layers',
	'hidden',
	'heads',
	'tp',
	'pp',
	'micro_batch',
	'global_batch',
	'memory_mb',
	'forward_ms',
	'backward_ms',
] as const;

const MOST_ROWS = 20_000;
const MEGABYTE = 1e6;

/** Reads profiling rows from CSV with the columns gpus, layers, hidden, heads, tp, pp, micro_batch, global_batch, memory_mb, forward_ms, backward_ms. */
export async function readProfile(file: DataFile): Promise<ProfileRow[]> {
	let records: string[][];
	try {
		const parsed: unknown = parseCsv(await file.text(1 << 23), {
			bom: true,
			trim: true,
			skip_empty_lines: true,
			relax_column_count: true,
			max_record_size: 1 << 16,
			to: MOST_ROWS + 2,
		});
		records = z.array(z.array(z.string())).parse(parsed);
	} catch (error) {
		if (error instanceof InputError) throw error;
		const message = error instanceof Error ? error.message.slice(0, 100) : 'no CSV';
		throw new InputError({ path: [file.name], found: message, expected: 'a table of profiling runs' });
	}
	const header = (records[0] ?? []).map((name) => name.toLowerCase());
	const positions = COLUMNS.map((column) => {
		const position = header.indexOf(column);
		if (position >= 0) return position;
		throw new InputError({
			path: [file.name, 'line 1'],
			found: `no column ${column}`,
			expected: `the columns ${COLUMNS.join(', ')}`,
			nearest: nearestName(column, header),
		});
	});
	if (records.length - 1 > MOST_ROWS || records.length < 2) {
		throw new InputError({ path: [file.name], found: `${records.length - 1} rows`, expected: `1 to ${MOST_ROWS} rows` });
	}
	return records.slice(1).map((record, index) => {
		const [devices, layers, hidden, heads, tensorParallel, pipelineParallel, microBatch, globalBatch, memory, forward, backward] =
			positions.map((position, column) => {
				const written = record[position] ?? '';
				const value = written === '' ? Number.NaN : Number(written);
				if (value > 0 && value < 1e12) return value;
				throw new InputError({
					path: [file.name, `line ${index + 2}`, `column ${COLUMNS[column]}`],
					found: show(written),
					expected: 'a number above 0',
				});
			}) as [number, number, number, number, number, number, number, number, number, number, number];
		return {
			devices,
			layers,
			hidden,
			heads,
			tensorParallel,
			pipelineParallel,
			microBatch,
			globalBatch,
			memoryBytes: memory * MEGABYTE,
			forwardSeconds: forward / 1000,
			backwardSeconds: backward / 1000,
		};
	});
}

/** What this system's own model says a profiling run would show, without noise. Undefined where the setting does not lie on nodes. */
export function modelledRow(
	job: TrainingJob,
	setting: Setting,
	machine: MachineRates,
	devicesPerNode: number,
): ProfileRow | undefined {
	const tiling = megatronTiling(setting, devicesPerNode);
	if (tiling === undefined || !Number.isInteger(microBatches(job, setting))) return undefined;
	const { model } = job;
	const { tensorParallel, pipelineParallel, dataParallel, microBatch } = setting;
	const stages = modelledTimer(job, machine)(setting, tiling);
	const slowest = stages.reduce((a, b) => (b.forwardSeconds + b.backwardSeconds > a.forwardSeconds + a.backwardSeconds ? b : a));
	return {
		devices: tensorParallel * pipelineParallel * dataParallel,
		layers: model.layers,
		hidden: model.hidden,
		heads: model.attention.heads,
		tensorParallel,
		pipelineParallel,
		microBatch,
		globalBatch: job.globalBatch,
		memoryBytes: stageMemory(job, setting).totalBytes,
		forwardSeconds: slowest.forwardSeconds,
		backwardSeconds: slowest.backwardSeconds,
	};
}

/** Profiling runs as a generator makes them up: every setting on so many devices, with 3 % of noise on every figure. */
export function generatedRows(
	jobs: readonly TrainingJob[],
	deviceCounts: readonly number[],
	machine: MachineRates,
	devicesPerNode: number,
	random: Random,
): ProfileRow[] {
	const noisy = (value: number): number => value * (1 + 0.03 * random.normal());
	const rows: ProfileRow[] = [];
	for (const job of jobs) {
		for (const devices of deviceCounts) {
			for (const setting of plainSettings(job, devices, devicesPerNode)) {
				const row = modelledRow(job, setting, machine, devicesPerNode);
				if (row === undefined) continue;
				rows.push({
					...row,
					memoryBytes: noisy(row.memoryBytes),
					forwardSeconds: noisy(row.forwardSeconds),
					backwardSeconds: noisy(row.backwardSeconds),
				});
			}
		}
	}
	return rows;
}

/** Settings as the published code profiles them: powers of two, no interleaving, no recomputation. */
export function plainSettings(job: TrainingJob, devices: number, devicesPerNode: number): Setting[] {
	const settings: Setting[] = [];
	for (let tensorParallel = 1; tensorParallel <= Math.min(8, devicesPerNode, devices); tensorParallel *= 2) {
		if (job.model.attention.heads % tensorParallel !== 0) continue;
		for (let pipelineParallel = 1; pipelineParallel * tensorParallel <= devices; pipelineParallel *= 2) {
			const dataParallel = devices / (tensorParallel * pipelineParallel);
			if (job.model.layers % pipelineParallel !== 0 || !Number.isInteger(dataParallel)) continue;
			for (let microBatch = 1; microBatch <= 8; microBatch *= 2) {
				if (job.globalBatch % (dataParallel * microBatch) !== 0) continue;
				settings.push({
					tensorParallel,
					pipelineParallel,
					dataParallel,
					expertParallel: 1,
					microBatch,
					virtualStages: 1,
					recompute: 'none',
				});
			}
		}
	}
	return settings;
}

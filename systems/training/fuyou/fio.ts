/**
 * Drive rates out of fio's JSON (`fio --output-format=json`). Wanted are large sequential transfers: a job that only reads, and one that only
 * writes; a mixed job is kept beside them. Jobs of small or random requests are refused, since they say nothing about streaming.
 */
import { InputError, parseOrExplain, show } from '@assay/contract';
import { z } from 'zod';

/** Parameters of fio for one file: sequential reads, then writes, then both, in requests of 1 MiB with 32 under way. */
export function fioParameters(file: string, size: string, secondsPerJob: number): string[] {
	const jobs = (['read', 'write', 'rw'] as const).flatMap((kind) => [`--name=${kind}`, `--rw=${kind}`, '--stonewall']);
	const common = ['--output-format=json', '--ioengine=libaio', '--direct=1', '--bs=1M', '--iodepth=32', '--time_based'];
	return [...common, `--size=${size}`, `--runtime=${secondsPerJob}`, `--filename=${file}`, ...jobs];
}

/** The command whose output this file reads. */
export const FIO_COMMAND = `fio ${fioParameters('/path/on/the/drive/fio.tmp', '8G', 20).join(' ')}`;

const SMALLEST_BLOCK_BYTES = 128 * 1024;
const MAX_JOBS = 1000;

export interface DriveRates {
	readonly readBytesPerSecond: number;
	readonly writeBytesPerSecond: number;
	/** Reads and writes at once, together; null where it was not measured. */
	readonly mixedBytesPerSecond: number | null;
}

const direction = z.looseObject({
	io_bytes: z.number().min(0).max(1e18).optional(),
	bw_bytes: z.number().min(0).max(1e15).optional(),
	bw: z.number().min(0).max(1e12).optional(),
});
const job = z.looseObject({
	jobname: z.string().max(1000).default('unnamed'),
	error: z.number().optional(),
	'job options': z.record(z.string(), z.unknown()).default({}),
	read: direction.optional(),
	write: direction.optional(),
});
const output = z.looseObject({
	'global options': z.record(z.string(), z.unknown()).default({}),
	jobs: z.array(job).min(1).max(MAX_JOBS),
});

/** Reads fio's output. Raises an `InputError` that names the job and what is wrong with it. */
export function readFio(text: string, name: string): DriveRates {
	let json: unknown;
	try {
		// fio prints warnings before its JSON.
		json = JSON.parse(text.slice(Math.max(0, text.indexOf('{'))));
	} catch (error) {
		throw new InputError({
			path: [name],
			found: error instanceof Error ? error.message.slice(0, 100) : 'no JSON',
			expected: "fio's output with --output-format=json",
		});
	}
	const parsed = parseOrExplain(output, json, [name]);
	let read = 0;
	let write = 0;
	let mixed: number | null = null;
	for (const [index, one] of parsed.jobs.entries()) {
		const place = [name, 'jobs', index];
		if (one.error !== undefined && one.error !== 0)
			throw new InputError({ path: [...place, 'error'], found: String(one.error), expected: '0: a job that ran to its end' });
		const options = { ...parsed['global options'], ...one['job options'] };
		requireStreaming(options, one.jobname, place);
		const reads = rateOf(one.read);
		const writes = rateOf(one.write);
		if (reads > 0 && writes > 0) mixed = Math.max(mixed ?? 0, reads + writes);
		else if (reads > 0) read = Math.max(read, reads);
		else if (writes > 0) write = Math.max(write, writes);
	}
	for (const [what, rate] of [
		['reads', read],
		['writes', write],
	] as const) {
		if (rate > 0) continue;
		throw new InputError({
			path: [name, 'jobs'],
			found: `no job that only ${what}`,
			expected: `jobs as of: ${FIO_COMMAND}`,
		});
	}
	return { readBytesPerSecond: read, writeBytesPerSecond: write, mixedBytesPerSecond: mixed };
}

function rateOf(side: z.output<typeof direction> | undefined): number {
	if (side === undefined) return 0;
	return side.bw_bytes ?? (side.bw ?? 0) * 1024;
}

function requireStreaming(options: Readonly<Record<string, unknown>>, jobName: string, place: (string | number)[]): void {
	const kind = options['rw'] ?? options['readwrite'];
	if (typeof kind === 'string' && kind.startsWith('rand')) {
		throw new InputError({
			path: [...place, 'job options', 'rw'],
			found: `${show(kind)} in the job ${show(jobName)}`,
			expected: 'read, write or rw: sequential transfers',
			nearest: kind.slice(4),
		});
	}
	const block = options['bs'] ?? options['blocksize'];
	const bytes = typeof block === 'string' ? parseSize(block) : undefined;
	if (bytes !== undefined && bytes < SMALLEST_BLOCK_BYTES) {
		throw new InputError({
			path: [...place, 'job options', 'bs'],
			found: `${show(block)} in the job ${show(jobName)}`,
			expected: 'at least 128k; 1M is what streaming uses',
			nearest: '1M',
		});
	}
}

/** fio's sizes: digits with k, m or g (powers of 1,024), perhaps a list for reads and writes. */
function parseSize(text: string): number | undefined {
	const match = /^(\d{1,15})\s*(k|m|g)?(i?b)?(,.*)?$/i.exec(text.trim());
	if (match === null) return undefined;
	const power = { k: 1, m: 2, g: 3 }[(match[2] ?? '').toLowerCase()] ?? 0;
	return Number(match[1]) * 1024 ** power;
}

/**
 * Reads request traces: the Azure format (TIMESTAMP, ContextTokens, GeneratedTokens), the published simulator's
 * seven columns, and any other CSV through a column mapping (BurstGPT, Mooncake converted to CSV, one's own logs).
 */
import { type DataFile, InputError, show } from '@assay/contract';
import { readHeader, readTable, type TableRow } from './read-table.ts';
import { maxTokens, type RequestTrace } from './request-trace.ts';

/** Which column means what, for files of another format. */
export interface ColumnMapping {
	readonly arrival: string;
	readonly promptTokens: string;
	readonly outputTokens: string;
	/** How arrivals are written: a number of these units, or a date and time. */
	readonly arrivalUnit: 's' | 'ms' | 'us' | 'timestamp';
}

export interface TraceOptions {
	/** Left out, the format is recognised by the header. */
	readonly mapping?: ColumnMapping | undefined;
	readonly maxRequests: number;
	readonly pause: () => Promise<void>;
	/** Told once if the rows had to be sorted. */
	readonly warn: (message: string) => void;
}

interface Format {
	readonly mapping: ColumnMapping;
	readonly identifier?: string;
}

const azure: Format = {
	mapping: { arrival: 'TIMESTAMP', promptTokens: 'ContextTokens', outputTokens: 'GeneratedTokens', arrivalUnit: 'timestamp' },
};
const simulator: Format = {
	mapping: { arrival: 'arrival_timestamp', promptTokens: 'prompt_size', outputTokens: 'token_size', arrivalUnit: 's' },
	identifier: 'request_id',
};
const burstGpt: Format = {
	mapping: { arrival: 'Timestamp', promptTokens: 'Request tokens', outputTokens: 'Response tokens', arrivalUnit: 's' },
};
const mooncake: Format = {
	mapping: { arrival: 'timestamp', promptTokens: 'input_length', outputTokens: 'output_length', arrivalUnit: 'ms' },
};

const secondsPerUnit = { s: 1, ms: 1e-3, us: 1e-6 } as const;

/** Reads a trace; arrivals of the date-and-time kind count from the first one, numbers are taken as they stand. */
export async function readTrace(file: DataFile, options: TraceOptions): Promise<RequestTrace> {
	const { mapping, identifier } = options.mapping ? { mapping: options.mapping } : await recognise(file);
	const { arrival, promptTokens, outputTokens, arrivalUnit } = mapping;
	const columns = [arrival, promptTokens, outputTokens, ...(identifier === undefined ? [] : [identifier])];
	const arrivals: number[] = [];
	const prompts: number[] = [];
	const outputs: number[] = [];
	const identifiers: string[] = [];
	let epoch: number | undefined;
	await readTable(file, { columns, maxRows: options.maxRequests, pause: options.pause }, (row) => {
		if (arrivalUnit === 'timestamp') {
			const { whole, fraction } = readTimestamp(row, arrival);
			// Counting from the first row keeps the decimals that a date in seconds since 1970 would lose.
			epoch ??= whole;
			arrivals.push(whole - epoch + fraction);
		} else arrivals.push(row.number(arrival, 0, 1e15) * secondsPerUnit[arrivalUnit]);
		prompts.push(row.integer(promptTokens, 1, maxTokens));
		outputs.push(row.integer(outputTokens, 1, maxTokens));
		if (identifier !== undefined) identifiers.push(row.text(identifier));
	});
	if (arrivals.length === 0)
		throw new InputError({ path: [file.name], found: 'no requests', expected: 'at least one row below the header' });
	const order = Int32Array.from(arrivals.keys());
	const sorted = arrivals.every((seconds, i) => i === 0 || seconds >= (arrivals[i - 1] as number));
	if (!sorted) {
		order.sort((a, b) => (arrivals[a] as number) - (arrivals[b] as number) || a - b);
		options.warn(`${file.name}: the rows are not in order of arrival; they were sorted`);
	}
	const origin = arrivalUnit === 'timestamp' ? (arrivals[order[0] as number] as number) : 0;
	return {
		arrivalSeconds: Float64Array.from(order, (i) => (arrivals[i] as number) - origin),
		promptTokens: Int32Array.from(order, (i) => prompts[i] as number),
		outputTokens: Int32Array.from(order, (i) => outputs[i] as number),
		identifiers: identifier === undefined ? undefined : Array.from(order, (i) => identifiers[i] as string),
	};
}

async function recognise(file: DataFile): Promise<Format> {
	const header = await readHeader(file);
	const known = [azure, simulator, burstGpt, mooncake];
	const found = known.find(({ mapping }) =>
		[mapping.arrival, mapping.promptTokens, mapping.outputTokens].every((name) => header.includes(name)),
	);
	if (found === undefined) {
		throw new InputError({
			path: [file.name, 'line 1'],
			found: header.length === 0 ? 'an empty file' : `the columns ${show(header.slice(0, 12).join(', '))}`,
			expected: `the columns of a known format (${known.map(({ mapping }) => `${mapping.arrival}, ${mapping.promptTokens}, ${mapping.outputTokens}`).join('; ')}) or a column mapping`,
		});
	}
	return found.identifier !== undefined && !header.includes(found.identifier) ? { mapping: found.mapping } : found;
}

/** `2023-11-16 18:15:46.6805900`: a date and a time of day with up to nine decimals, in UTC. */
const timestamp = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?Z?$/;

function readTimestamp(row: TableRow<string>, column: string): { whole: number; fraction: number } {
	const written = row.text(column);
	const parts = timestamp.exec(written);
	const field = (index: number): number => Number(parts?.[index] ?? Number.NaN);
	const whole = Date.UTC(field(1), field(2) - 1, field(3), field(4), field(5), field(6)) / 1000;
	const sane =
		field(2) >= 1 && field(2) <= 12 && field(3) >= 1 && field(3) <= 31 && field(4) < 24 && field(5) < 60 && field(6) <= 60;
	if (parts === null || !sane) throw row.error(column, show(written), 'a time such as 2023-11-16 18:15:46.6805900');
	return { whole, fraction: Number(`0${parts[7] ?? ''}`) };
}

/**
 * Reads mpiGraph's text output: a table of send bandwidths (row sends to column) and one of receive bandwidths (row receives from
 * column), tab-separated, in units of 2^20 bytes per second. The send table counts; without one, the receive table does.
 */
import { InputError, show } from '@assay/contract';
import { type BandwidthMatrix, MOST_HOSTS } from './bandwidth-matrix.ts';

const MEBIBYTE = 1 << 20;

/** Whether a text looks like mpiGraph's. */
export function looksLikeMpiGraph(text: string): boolean {
	return /^(START mpiGraph|Send\t|Recv\t)/m.test(text.slice(0, 1 << 16));
}

/** The matrix, unchecked; the diagonal, which mpiGraph does not measure, is NaN. Raises an `InputError` with the line of what is wrong. */
export function readMpiGraph(text: string, fileName: string): BandwidthMatrix {
	const lines = text.split(/\r?\n/);
	const send = readTable(lines, 'Send', fileName);
	if (send !== undefined) return send;
	const receive = readTable(lines, 'Recv', fileName);
	if (receive === undefined) {
		throw new InputError({ path: [fileName], found: 'no table', expected: "mpiGraph's table of send or receive bandwidths" });
	}
	const n = receive.hosts.length;
	const bytesPerSecond = new Float64Array(n * n);
	for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) bytesPerSecond[j * n + i] = receive.bytesPerSecond[i * n + j] as number;
	return { hosts: receive.hosts, bytesPerSecond };
}

function readTable(lines: readonly string[], name: 'Send' | 'Recv', fileName: string): BandwidthMatrix | undefined {
	// "Send max" and "Send avg" stand before the table; its own line has the hosts.
	const start = lines.findIndex((line) => line.startsWith(`${name}\t`) && line.includes(':'));
	if (start < 0) return undefined;
	const hosts = cells(lines[start] as string)
		.slice(1)
		.map(hostName);
	const n = hosts.length;
	if (n > MOST_HOSTS) throw new InputError({ path: [fileName], found: `${n} hosts`, expected: `at most ${MOST_HOSTS}` });
	const bytesPerSecond = new Float64Array(n * n).fill(Number.NaN);
	for (let i = 0; i < n; i++) {
		const at = start + 1 + i;
		const [label, ...values] = cells(lines[at] ?? '');
		const place = [fileName, `line ${at + 1}`];
		const from = hostName((label ?? '').replace(/\s+(to|from)$/, ''));
		if (from !== hosts[i] || values.length !== n) {
			throw new InputError({
				path: place,
				found: label === undefined || label === '' ? 'no row' : `${show(label)} with ${values.length} figures`,
				expected: `${hosts[i]} with ${n} figures`,
			});
		}
		for (let j = 0; j < n; j++) {
			if (i === j) continue;
			const written = values[j] as string;
			const value = written === '' ? Number.NaN : Number(written);
			bytesPerSecond[i * n + j] = value * MEBIBYTE;
		}
	}
	return { hosts, bytesPerSecond };
}

const cells = (line: string): string[] => line.replace(/\t$/, '').split('\t');

/** `node07:6` is rank 6 on node07; with one rank a host the host alone is its name. */
const hostName = (label: string): string => label.replace(/:\d+$/, '');

/**
 * Reads the log of nccl-tests' `sendrecv_perf`, run once for every pair of hosts (and once on each host alone, for the diagonal),
 * all in one file. Hosts come from the `Rank ... on HOST device N` lines; of each run the largest message counts.
 */
import { InputError } from '@assay/contract';
import { type BandwidthMatrix, MOST_HOSTS } from './bandwidth-matrix.ts';

const RANK_LINE = /#\s*Rank\s+(\d+)\s.*?\bon\s+(\S+)\s+device\s+\d+/;
/** Size, count, type, redop, root, time (µs), algorithm bandwidth, bus bandwidth (GB/s); an earlier version has no root. */
const RESULT_LINE =
	/^\s*(?:\d+:\s+)?(\d+)\s+\d+\s+\w+\s+\w+\s+(?:-?\d+\s+)?([\d.]+|nan)\s+([\d.]+|nan|inf)\s+([\d.]+|nan|inf)\s/i;

/** Whether a text looks like such a log. */
export function looksLikeNcclTests(text: string): boolean {
	return /#\s*(nThread|Using devices|Rank\s+\d+)/.test(text.slice(0, 1 << 16));
}

/** The matrix, unchecked: pairs without a run are NaN. Raises an `InputError` for a log without runs, or of more than two hosts at once. */
export function readNcclTests(text: string, fileName: string): BandwidthMatrix {
	const hosts: string[] = [];
	const positions = new Map<string, number>();
	const measured = new Map<string, { size: number; gigabytes: number }>();
	let group: Set<string> = new Set();
	let inHeader = false;
	let line = 0;
	for (const written of lines(text)) {
		line++;
		const rank = RANK_LINE.exec(written);
		if (rank !== null) {
			if (!inHeader) group = new Set();
			inHeader = true;
			group.add(rank[2] as string);
			continue;
		}
		const result = RESULT_LINE.exec(`${written} `);
		if (result === null) continue;
		inHeader = false;
		const members = [...group];
		if (members.length < 1 || members.length > 2) {
			throw new InputError({
				path: [fileName, `line ${line}`],
				found: members.length === 0 ? 'a result before any host is named' : `a run over ${members.length} hosts`,
				expected: 'runs of sendrecv_perf on one host or between two, with the list of devices before each',
			});
		}
		for (const host of members) {
			if (positions.has(host)) continue;
			if (hosts.length === MOST_HOSTS) {
				throw new InputError({ path: [fileName], found: `more than ${MOST_HOSTS} hosts`, expected: `at most ${MOST_HOSTS}` });
			}
			positions.set(host, hosts.length);
			hosts.push(host);
		}
		const size = Number(result[1]);
		const gigabytes = Number(result[4]);
		const from = positions.get(members[0] as string) as number;
		const to = positions.get(members[members.length - 1] as string) as number;
		const key = `${from} ${to}`;
		if (size >= (measured.get(key)?.size ?? 0)) measured.set(key, { size, gigabytes });
	}
	if (hosts.length === 0) {
		throw new InputError({ path: [fileName], found: 'no result', expected: 'the output of sendrecv_perf for pairs of hosts' });
	}
	const n = hosts.length;
	const bytesPerSecond = new Float64Array(n * n).fill(Number.NaN);
	// Both directions run at once, so one figure holds for both.
	for (const [key, { gigabytes }] of measured) {
		const [from, to] = key.split(' ').map(Number) as [number, number];
		bytesPerSecond[from * n + to] = gigabytes * 1e9;
		bytesPerSecond[to * n + from] = gigabytes * 1e9;
	}
	return { hosts, bytesPerSecond };
}

/** Lines of a text without holding them all. */
function* lines(text: string): Generator<string> {
	let start = 0;
	while (start < text.length) {
		let end = text.indexOf('\n', start);
		if (end < 0) end = text.length;
		// A line of a log is short; what is longer is no line of ours.
		yield text.slice(start, Math.min(end, start + 2000));
		start = end + 1;
	}
}

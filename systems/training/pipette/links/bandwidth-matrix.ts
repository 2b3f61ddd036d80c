/** Measured bandwidths between hosts (or between single devices), and what makes them unfit for use. */
import { InputError, type Path } from '@assay/contract';

/** Most hosts of a matrix. */
export const MOST_HOSTS = 4096;

/** Beyond this share of the faster direction, the two directions of a pair differ too much to be believed. */
const MOST_ASYMMETRY = 0.5;

/** Bandwidth from host i to host j at i * hosts.length + j. */
export interface BandwidthMatrix {
	readonly hosts: readonly string[];
	/** The diagonal is the bandwidth inside a host; NaN where it was not measured. */
	readonly bytesPerSecond: Float64Array;
}

/**
 * Checks a matrix of what a file gave. Raises an `InputError` at `place` that names the pairs: not measured (NaN), zero or
 * negative, or one direction less than half of the other. Nothing is filled in. The diagonal may be missing.
 */
export function checkMatrix(matrix: BandwidthMatrix, place: Path): BandwidthMatrix {
	const { hosts, bytesPerSecond } = matrix;
	const n = hosts.length;
	if (n < 2 || n > MOST_HOSTS) throw new InputError({ path: place, found: `${n} hosts`, expected: `2 to ${MOST_HOSTS} hosts` });
	const seen = new Set<string>();
	for (const host of hosts) {
		if (seen.has(host)) throw new InputError({ path: place, found: `${host} twice`, expected: 'each host once' });
		seen.add(host);
	}
	const missing: string[] = [];
	const impossible: string[] = [];
	const lopsided: string[] = [];
	const note = (list: string[], i: number, j: number, arrow: string): void => {
		list.push(`${hosts[i]} ${arrow} ${hosts[j]}`);
	};
	for (let i = 0; i < n; i++) {
		for (let j = 0; j < n; j++) {
			const here = bytesPerSecond[i * n + j] as number;
			if (i === j) {
				if (!Number.isNaN(here) && !(here > 0 && here < Number.POSITIVE_INFINITY)) note(impossible, i, j, 'to');
				continue;
			}
			const back = bytesPerSecond[j * n + i] as number;
			if (Number.isNaN(here)) note(missing, i, j, 'to');
			else if (!(here > 0 && here < Number.POSITIVE_INFINITY)) note(impossible, i, j, 'to');
			else if (i < j && Math.min(here, back) < (1 - MOST_ASYMMETRY) * Math.max(here, back)) note(lopsided, i, j, 'and');
		}
	}
	report(missing, 'no measurement', 'a bandwidth for every pair of hosts', place);
	report(impossible, 'no positive bandwidth', 'bandwidths above 0', place);
	report(
		lopsided,
		'directions that differ by more than half',
		'two directions of about the same bandwidth; measure these again',
		place,
	);
	return matrix;
}

function report(pairs: readonly string[], found: string, expected: string, place: Path): void {
	if (pairs.length === 0) return;
	const shown = pairs.slice(0, 4).join(', ');
	const more = pairs.length > 4 ? ` and ${pairs.length - 4} more` : '';
	throw new InputError({ path: place, found: `${found} for ${shown}${more}`, expected });
}

/** Statistics of the links between different hosts. */
export interface LinkStatistics {
	readonly mean: number;
	readonly standardDeviation: number;
	readonly min: number;
	readonly max: number;
	/** Mean of |B_ij - B_ji| over the mean. */
	readonly asymmetry: number;
}

/** Statistics in bytes per second; for a matrix that passed {@link checkMatrix}. */
export function linkStatistics({ hosts, bytesPerSecond }: BandwidthMatrix): LinkStatistics {
	const n = hosts.length;
	let sum = 0;
	let squares = 0;
	let min = Number.POSITIVE_INFINITY;
	let max = 0;
	let differences = 0;
	for (let i = 0; i < n; i++) {
		for (let j = 0; j < n; j++) {
			if (i === j) continue;
			const here = bytesPerSecond[i * n + j] as number;
			sum += here;
			min = Math.min(min, here);
			max = Math.max(max, here);
			differences += Math.abs(here - (bytesPerSecond[j * n + i] as number));
		}
	}
	const links = n * (n - 1);
	const mean = sum / links;
	for (let i = 0; i < n; i++) {
		for (let j = 0; j < n; j++) if (i !== j) squares += ((bytesPerSecond[i * n + j] as number) - mean) ** 2;
	}
	return {
		mean,
		standardDeviation: links > 1 ? Math.sqrt(squares / (links - 1)) : 0,
		min,
		max,
		asymmetry: differences / links / mean,
	};
}

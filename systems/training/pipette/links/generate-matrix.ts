/**
 * Links as uneven as those of a real cluster, where nobody has measured yet. Two published mpiGraph runs on 16 nodes with 25 GB/s ports
 * attained 75 % of it in the mean, 3 % standard deviation, and differed by 4 % between the directions of a pair; now and then a
 * port is slow as a whole.
 */
import type { Random } from '@assay/contract';
import type { BandwidthMatrix } from './bandwidth-matrix.ts';

/** How uneven the links are. */
export interface LinkSpread {
	/** Standard deviation over the mean, each link by itself. */
	readonly deviation: number;
	/** Mean difference of a pair's directions over the mean. */
	readonly asymmetry: number;
	/** Share of hosts with a slow port. */
	readonly slowHosts: number;
	/** How much slower such a port is. */
	readonly slowdown: number;
}

/** The spread of the published measurements. */
export const PUBLISHED_SPREAD: LinkSpread = { deviation: 0.03, asymmetry: 0.04, slowHosts: 0.05, slowdown: 0.1 };

/** Share of a network port's printed bandwidth that pairs of hosts attain: 18.76 of 25 GB/s. */
export const ATTAINED_SHARE = 0.75;

/** Draws a matrix around a mean attained bandwidth; the diagonal is not measured. */
export function generateMatrix(
	hosts: readonly string[],
	meanBytesPerSecond: number,
	spread: LinkSpread,
	random: Random,
): BandwidthMatrix {
	const n = hosts.length;
	const bytesPerSecond = new Float64Array(n * n).fill(Number.NaN);
	const slow = Uint8Array.from(hosts, () => (random.uniform() < spread.slowHosts ? 1 : 0));
	const truncated = (): number => {
		for (;;) {
			const z = random.normal();
			if (Math.abs(z) <= 3) return z;
		}
	};
	for (let i = 0; i < n; i++) {
		for (let j = i + 1; j < n; j++) {
			const pair = 1 + spread.deviation * truncated();
			// Directions differ by |2 d z| with mean 2 d sqrt(2 / pi); d makes it the asked-for share.
			const tilt = spread.asymmetry * Math.sqrt(Math.PI / 8) * truncated();
			const port = 1 - (slow[i] === 1 || slow[j] === 1 ? spread.slowdown : 0);
			const base = meanBytesPerSecond * port;
			bytesPerSecond[i * n + j] = base * Math.max(0.1, pair * (1 + tilt));
			bytesPerSecond[j * n + i] = base * Math.max(0.1, pair * (1 - tilt));
		}
	}
	return { hosts, bytesPerSecond };
}

/** All links equal. */
export function evenMatrix(hosts: readonly string[], bytesPerSecond: number): BandwidthMatrix {
	const n = hosts.length;
	const values = new Float64Array(n * n).fill(bytesPerSecond);
	for (let i = 0; i < n; i++) values[i * n + i] = Number.NaN;
	return { hosts, bytesPerSecond: values };
}

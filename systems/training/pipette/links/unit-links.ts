/** Measured bandwidths as what a placement pays: seconds per byte between the units that are placed. */
import type { BandwidthMatrix } from './bandwidth-matrix.ts';

/** Seconds per byte between nodes, for one device's share of what was measured. `share` is 1 where one device's flow was measured. */
export function nodeSecondsPerByte({ hosts, bytesPerSecond }: BandwidthMatrix, share: number): Float64Array {
	const n = hosts.length;
	return Float64Array.from({ length: n * n }, (_, k) => {
		const value = bytesPerSecond[k] as number;
		return k % (n + 1) === 0 ? 0 : 1 / (value * share);
	});
}

/** Between groups of so many consecutive devices: each device talks to its counterpart, and the slowest of them is waited for. */
export function groupSecondsPerByte({ hosts, bytesPerSecond }: BandwidthMatrix, groupDevices: number): Float64Array {
	const devices = hosts.length;
	const groups = Math.floor(devices / groupDevices);
	const seconds = new Float64Array(groups * groups);
	for (let i = 0; i < groups; i++) {
		for (let j = 0; j < groups; j++) {
			if (i === j) continue;
			let slowest = Number.POSITIVE_INFINITY;
			for (let lane = 0; lane < groupDevices; lane++) {
				slowest = Math.min(slowest, bytesPerSecond[(i * groupDevices + lane) * devices + j * groupDevices + lane] as number);
			}
			seconds[i * groups + j] = 1 / slowest;
		}
	}
	return seconds;
}

/**
 * Measurements that others published of eight MI300X in one node, and of two such nodes. Facts for fitting by example, for
 * calibration and for claims; a user's own logs take their place.
 */
import type { Collective } from '@assay/machines';
import type { Measurement } from './collective-log.ts';

/** Where the first two tables are printed. */
export const measuredNodeSource =
	'AMD, "Understanding RCCL bandwidth and xGMI performance on MI300X", ROCm blogs (MIT), mi300x-rccl-xgmi/README.md, commit 0e81c2c';

/** Ranks of the published all-reduce. */
export const measuredNodeRanks = 8;

/** All-reduce of float sums on eight MI300X, RCCL 2.22.3: bytes, microseconds out of place, microseconds in place. */
const allReduceRows: readonly (readonly [bytes: number, outOfPlace: number, inPlace: number])[] = [
	[8, 16.61, 16.53],
	[16, 16.12, 15.94],
	[32, 16.56, 16.68],
	[64, 17.94, 18.36],
	[128, 22.94, 22.78],
	[256, 22.93, 22.85],
	[512, 22.91, 23.2],
	[1024, 13.11, 12.79],
	[2048, 13.09, 12.96],
	[4096, 13.27, 12.71],
	[8192, 13.3, 12.89],
	[16384, 13.54, 13.01],
	[32768, 13.31, 13.1],
	[65536, 13.77, 13.38],
	[131072, 14.14, 13.77],
	[262144, 16.87, 16.55],
	[524288, 24.41, 23.88],
	[1048576, 27.42, 27.13],
	[2097152, 34.81, 34.84],
	[4194304, 51.72, 129.0],
	[8388608, 83.68, 86.67],
	[16777216, 148.8, 155.6],
	[33554432, 244.1, 256.0],
	[67108864, 429.1, 440.6],
	[134217728, 797.4, 805.8],
	[268435456, 1537.1, 1546.0],
	[536870912, 3026.2, 3034.2],
	[1073741824, 5970.6, 5974.5],
	[2147483648, 11891, 11895],
	[4294967296, 23680, 23769],
	[8589934592, 47278, 47323],
	[17179869184, 94254, 94328],
];

/** The all-reduce as measurements, one column at a time. */
export function publishedAllReduce(placement: 'out-of-place' | 'in-place'): Measurement[] {
	return allReduceRows.map(([bytes, outOfPlace, inPlace]) => ({
		bytes,
		seconds: (placement === 'in-place' ? inPlace : outOfPlace) * 1e-6,
		placement,
	}));
}

/** GB/s from GPU (row) to GPU (column), all pairs at once: TransferBench, 64 MiB a transfer, 8 compute units. */
export const publishedLinkGigabytes: readonly (readonly (number | null)[])[] = [
	[null, 47.056, 46.826, 47.126, 46.432, 46.883, 46.784, 45.21],
	[47.0, null, 46.751, 46.935, 46.436, 45.543, 46.26, 46.116],
	[47.098, 46.785, null, 47.032, 46.048, 46.829, 45.451, 46.37],
	[46.931, 47.009, 46.941, null, 45.142, 46.718, 46.982, 46.925],
	[46.551, 46.333, 46.084, 45.614, null, 46.67, 47.033, 47.14],
	[46.831, 45.424, 46.821, 46.768, 46.734, null, 47.073, 47.008],
	[46.844, 46.278, 45.483, 46.713, 46.936, 46.862, null, 46.864],
	[45.095, 46.475, 46.049, 46.713, 46.907, 47.182, 46.786, null],
];

/** A threshold that AMD's validation suite ships for two nodes of eight MI300X with a port of 400 Gb/s each: a pass mark, no measurement. */
export interface PassMark {
	readonly collective: Collective;
	readonly bytes: number;
	readonly busBytesPerSecond: number;
}

const passMarks = (collective: Collective, at8GiB: number, at16GiB: number): PassMark[] => [
	{ collective, bytes: 8 * 2 ** 30, busBytesPerSecond: at8GiB * 1e9 },
	{ collective, bytes: 16 * 2 ** 30, busBytesPerSecond: at16GiB * 1e9 },
];

/** From the example configuration of github.com/ROCm/cvs. */
export const twoNodePassMarks: readonly PassMark[] = [
	...passMarks('all-reduce', 330, 350),
	...passMarks('all-gather', 330, 350),
	...passMarks('reduce-scatter', 340, 360),
	...passMarks('broadcast', 310, 312),
	...passMarks('reduce', 300, 310),
	...passMarks('all-to-all', 45, 50),
	...passMarks('send-receive', 47, 48),
];

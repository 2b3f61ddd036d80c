/**
 * Published results of attention for heads of 64 (BERT) and of 128 (XLM): latency (s) and energy (J) of FuseMax and of FLAT (artifact of the paper,
 * pregenerated results). TrXL's and T5's are BERT's by their number of heads.
 */
import type { PublishedName } from '../subject/published-shapes.ts';

type PublishedRow = readonly [
	model: PublishedName,
	length: number,
	fusemaxSeconds: number,
	fusemaxJoules: number,
	flatSeconds: number,
	flatJoules: number,
];

export const publishedRows: readonly PublishedRow[] = [
	['bert', 1024, 0.002013140426, 1.95064515, 0.0133860766, 2.485343542],
	['bert', 4096, 0.02970035745, 30.89752007, 0.2141772255, 39.76768612],
	['bert', 16384, 0.4651661617, 493.1091119, 3.426835609, 636.1172202],
	['bert', 65536, 7.402500357, 7885.539508, 54.82936974, 10484.91868],
	['bert', 262144, 118.2793728, 126588.3463, 1013.88, 167122.9334],
	['bert', 1048576, 1891.827433, 2028812.999, 16220.64, 2752657.173],
	['xlm', 1024, 0.005194076596, 5.071622555, 0.01784810213, 5.766422068],
	['xlm', 4096, 0.07641218723, 80.31243646, 0.285569634, 92.43945269],
	['xlm', 16384, 1.195822843, 1281.664886, 4.569114145, 1472.094656],
	['xlm', 65536, 19.02607687, 20499.68934, 73.10582631, 23935.15169],
	['xlm', 262144, 303.9888754, 329687.8388, 1392.96, 389685.9483],
	['xlm', 1048576, 4862.108589, 5274894.235, 22283.52, 6234917.225],
];

/**
 * Iterations of GPT-2 (24 layers, width 1024, 1024 tokens, vocabulary 52,256, batch 32) on 16 T4 GPUs of 16 GB in 4 nodes, as published
 * with AMP (Li et al., arXiv:2210.07297): what its cost model predicted and what was measured; null
 * where the run went out of memory or failed.
 */

/** One setting: micro-batch, degrees, AMP's prediction (s), measured (s). */
export interface AmpSetting {
	readonly microBatch: number;
	readonly tensorParallel: number;
	readonly dataParallel: number;
	readonly pipelineParallel: number;
	readonly ampSeconds: number;
	readonly measuredSeconds: number | null;
}

const rows: readonly (readonly [number, number, number, number, number, number | null])[] = [
	[1, 1, 16, 1, 1.2443, 1.32],
	[2, 1, 16, 1, 1.2443, null],
	[1, 1, 8, 2, 1.2665, 1.28],
	[1, 1, 4, 4, 1.2841, 1.2],
	[1, 1, 2, 8, 1.3804, 1.23],
	[2, 1, 8, 2, 1.4714, 1.38],
	[1, 1, 1, 16, 1.4857, 1.55],
	[2, 1, 4, 4, 1.5896, 1.41],
	[2, 1, 2, 8, 1.7268, 1.43],
	[4, 1, 8, 2, 1.8671, 1.72],
	[2, 1, 1, 16, 1.8702, 1.76],
	[1, 2, 8, 1, 1.9607, 1.76],
	[2, 2, 8, 1, 1.9607, 1.64],
	[4, 2, 8, 1, 1.9607, 1.55],
	[1, 2, 4, 2, 2.0835, 1.68],
	[1, 2, 2, 4, 2.1796, 1.74],
	[4, 1, 4, 4, 2.2007, 1.85],
	[1, 2, 1, 8, 2.2933, 1.95],
	[2, 2, 4, 2, 2.304, 1.61],
	[4, 1, 2, 8, 2.4337, 1.88],
	[2, 2, 2, 4, 2.509, 1.66],
	[4, 1, 1, 16, 2.6392, 2.19],
	[2, 2, 1, 8, 2.6788, 1.85],
	[4, 2, 4, 2, 2.7449, 1.79],
	[4, 2, 2, 4, 3.1677, 1.89],
	[1, 4, 4, 1, 3.37, 2.48],
	[2, 4, 4, 1, 3.37, 2.13],
	[4, 4, 4, 1, 3.37, 1.98],
	[8, 4, 4, 1, 3.37, 1.94],
	[8, 1, 4, 4, 3.4107, 2.7],
	[4, 2, 1, 8, 3.4498, 2.09],
	[1, 4, 2, 2, 3.5421, 2.61],
	[8, 2, 4, 2, 3.6268, 2.13],
	[1, 4, 1, 4, 3.7026, 2.67],
	[2, 4, 2, 2, 3.7468, 2.12],
	[8, 1, 2, 8, 3.8475, 2.92],
	[2, 4, 1, 4, 4.0091, 2.22],
	[4, 4, 2, 2, 4.1563, 2.1],
	[8, 1, 1, 16, 4.1772, 3.25],
	[8, 2, 2, 4, 4.4852, 2.5],
	[4, 4, 1, 4, 4.622, 2.24],
	[8, 4, 2, 2, 4.9751, 2.4],
	[8, 2, 1, 8, 4.9918, 2.81],
	[8, 4, 1, 4, 5.8479, 2.69],
	[16, 4, 2, 2, 6.6128, 3.03],
	[16, 1, 2, 8, 6.675, null],
	[16, 2, 2, 4, 7.1201, 3.74],
	[16, 1, 1, 16, 7.2602, null],
	[16, 2, 1, 8, 8.0757, 4.29],
	[16, 4, 1, 4, 8.2996, 3.7],
	[32, 4, 1, 4, 13.2031, null],
	[32, 1, 1, 16, 13.405, null],
];

/** All 52 settings, in the order AMP ranked them. */
export const AMP_SETTINGS: readonly AmpSetting[] = rows.map(
	([microBatch, tensorParallel, dataParallel, pipelineParallel, ampSeconds, measuredSeconds]) => ({
		microBatch,
		tensorParallel,
		dataParallel,
		pipelineParallel,
		ampSeconds,
		measuredSeconds,
	}),
);

/**
 * Input data of the map, for `speeds.source rtx-5090`: speed of MXFP4 over FP8 products on an RTX 5090, measured by the authors on layers of models of so many parameters at a batch of 32
 * (notebook `plots.ipynb` of github.com/IST-DASLab/Quartet at 5b9d74c, MIT licence).
 */
import type { SpeedPoint } from './speeds.ts';

export const rtx5090Speeds: readonly SpeedPoint[] = [
	{ parameters: 102_760_448, forward: 0.864027, backward: 0.573825 },
	{ parameters: 143_327_232, forward: 0.915248, backward: 0.516068 },
	{ parameters: 203_161_600, forward: 1.105134, backward: 0.587373 },
	{ parameters: 265_650_176, forward: 1.232937, backward: 0.587693 },
	{ parameters: 339_738_624, forward: 1.303968, backward: 0.616584 },
	{ parameters: 822_083_584, forward: 1.574418, backward: 0.72831 },
	{ parameters: 1_585_971_200, forward: 1.773365, backward: 0.798014 },
	{ parameters: 2_717_908_992, forward: 1.817792, backward: 0.842935 },
	{ parameters: 4_367_319_040, forward: 1.864021, backward: 0.901347 },
	{ parameters: 6_476_005_376, forward: 1.870626, backward: 0.937799 },
	{ parameters: 9_172_942_848, forward: 1.913786, backward: 0.999894 },
	{ parameters: 12_687_769_600, forward: 1.947027, backward: 1.04836 },
	{ parameters: 16_811_294_720, forward: 2.074984, backward: 1.116699 },
	{ parameters: 21_743_271_936, forward: 2.193665, backward: 1.191059 },
	{ parameters: 27_821_867_008, forward: 2.271481, backward: 1.249915 },
	{ parameters: 34_630_270_976, forward: 2.28282, backward: 1.290292 },
	{ parameters: 42_467_328_000, forward: 2.284175, backward: 1.32109 },
	{ parameters: 51_808_043_008, forward: 2.449416, backward: 1.336025 },
];

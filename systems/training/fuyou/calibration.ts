/** How far the plans can be trusted: predicted against published throughputs. */
import { type Calibration, calibrationError } from '@assay/contract';
import { driveSweep, publishedPoints } from './published-points.ts';
import { predictTeraflops } from './published-runs.ts';

const measured = (points: typeof publishedPoints): number[] => points.map(({ teraflops }) => teraflops);

export const calibration: Calibration = {
	checks: [
		{
			against:
				'22 throughputs of GPT-3 13B and 175B on one RTX 4090 with 1 to 12 NVMe drives, published by the authors; the constants were fitted to the same 22',
			measure: async () => calibrationError(predictTeraflops(publishedPoints), measured(publishedPoints)),
		},
		{
			against: '15 of them, over the number of drives and the batch size, 13B',
			measure: async () => calibrationError(predictTeraflops(driveSweep), measured(driveSweep)),
		},
	],
};

/** How far the update model can be trusted on machines whose rates are fitted: each measured point predicted from the others. */
import { type Calibration, calibrationError } from '@assay/contract';
import { fitRates } from './rates/fit-rates.ts';
import { publishedPoints } from './rates/node-rates.ts';
import type { PublishedNode } from './rates/published-measurements.ts';
import { updateSeconds } from './update/update-time.ts';

/** Every point predicted by rates fitted to all the others. */
export function leaveOneOut(node: PublishedNode): { readonly predicted: number[]; readonly measured: number[] } {
	const points = publishedPoints(node);
	const predicted = points.map((point, left) => {
		const { rates } = fitRates(points.filter((_, index) => index !== left));
		return updateSeconds(point, { ...rates, flushPerSecond: 1 });
	});
	return { predicted, measured: points.map(({ seconds }) => seconds) };
}

const check = (node: PublishedNode, against: string) => ({
	against,
	measure: async () => {
		const { predicted, measured } = leaveOneOut(node);
		return calibrationError(predicted, measured);
	},
});

export const calibration: Calibration = {
	checks: [
		check(
			'4xh100',
			'update phases of four models on four H100, from the authors’ logs and figures, each predicted from the others',
		),
		check(
			'4xa100',
			'update phases of three models on four A100, from the authors’ logs and figures, each predicted from the others',
		),
	],
};

/** How well the model foretells real updates with copies held to a slow link. */
import type { ClaimContext } from '@assay/contract';
import { runHere } from '../run-here.ts';

/** So large that what lanes tell each other takes no time beside a job, and the link sets the pace at small strides only. */
const UPDATES = { subGroups: 24, subGroupSize: 2_000_000, link: 2, steps: 15, largestStride: 8 };

/** Largest error over strides, %. */
export async function largestModelError(context: ClaimContext): Promise<number> {
	const { measured } = await runHere(UPDATES, context);
	const errors = measured.points.flatMap((point) =>
		point.stride === null ? [] : [Math.abs(point.predicted / point.measured - 1)],
	);
	return 100 * Math.max(...errors);
}

/** From a tensor's statistics to the range that its 256 codes are spread over, by the method the user chooses. */
import { entropyThreshold } from './entropy.ts';
import { leastSquaresFraction } from './least-squares.ts';
import { percentileRange } from './percentile.ts';
import type { TensorStatistics } from './tensor-statistics.ts';
import type { ValueRange } from './value-range.ts';

export const CALIBRATION_METHODS = ['min-max', 'moving-average', 'percentile', 'entropy', 'least-squares'] as const;

export type CalibrationMethod = (typeof CALIBRATION_METHODS)[number];

export interface CalibrationOptions {
	readonly method: CalibrationMethod;
	/** Per cent of values that stay within. */
	readonly percentile: number;
}

/** The range, not yet widened to hold 0. */
export function rangeOf(statistics: TensorStatistics, { method, percentile }: CalibrationOptions): ValueRange {
	const { minimum, maximum, values, magnitudes } = statistics;
	if (!(minimum < maximum)) return { minimum, maximum };
	switch (method) {
		case 'min-max':
			return { minimum, maximum };
		case 'moving-average':
			return { minimum: statistics.movingMinimum, maximum: statistics.movingMaximum };
		case 'percentile': {
			const range = percentileRange(values, percentile);
			return { minimum: Math.max(minimum, range.minimum), maximum: Math.min(maximum, range.maximum) };
		}
		case 'entropy': {
			if (magnitudes === undefined) throw new RangeError('no magnitudes were counted');
			const threshold = entropyThreshold(magnitudes);
			return { minimum: Math.max(minimum, -threshold), maximum: Math.min(maximum, threshold) };
		}
		case 'least-squares': {
			const fraction = leastSquaresFraction(values, { minimum, maximum });
			return { minimum: fraction * minimum, maximum: fraction * maximum };
		}
	}
}

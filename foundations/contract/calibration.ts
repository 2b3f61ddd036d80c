/** How far a system's predictions can be trusted: their errors against measurements that others published. */
import type { ClaimContext } from './claim.ts';

/** Errors over a set of published measurements, as fractions of the measured values. */
export interface CalibrationError {
	readonly points: number;
	/** Mean of the absolute relative errors. */
	readonly mean: number;
	/** Largest absolute relative error. */
	readonly worst: number;
}

/** One set of published measurements that the predictions are compared with. */
export interface CalibrationCheck {
	/** What was measured, by whom, on what: `47 iteration times of GPT-2 on 16 T4 GPUs, published with AMP`. */
	readonly against: string;
	/** Predicts each measured point anew and compares; seconds of work. Raises `DataUnavailableError` where the measurements are not at hand. */
	readonly measure: (context: ClaimContext) => Promise<CalibrationError>;
}

/** The checks, or why there are none. */
export type Calibration = { readonly checks: readonly [CalibrationCheck, ...CalibrationCheck[]] } | { readonly none: string };

/** Errors of predictions against measured values, pair by pair. Raises a RangeError for lists of unequal or no length. */
export function calibrationError(predicted: ArrayLike<number>, measured: ArrayLike<number>): CalibrationError {
	if (predicted.length !== measured.length || predicted.length === 0) {
		throw new RangeError(`${predicted.length} predictions for ${measured.length} measurements`);
	}
	let sum = 0;
	let worst = 0;
	for (let i = 0; i < predicted.length; i++) {
		const actual = measured[i] as number;
		const error = Math.abs(((predicted[i] as number) - actual) / actual);
		sum += error;
		worst = Math.max(worst, error);
	}
	return { points: predicted.length, mean: sum / predicted.length, worst };
}

/**
 * Ways to store groups of 32 values in MXFP4: how the shared power of two is chosen, how values are rounded to E2M1, and what the result is
 * multiplied by. All of them are described by the same few figures, so one reference and one kernel serve all.
 */

/** Values that share a scale. */
export const GROUP = 32;

/** Step of E2M1 that loses least of a normal deviate of spread 1, in units of the largest value: 2.92247856 / 6. */
const OPTIMAL_STEP = 2.92247856 / 6;
/** What the data of an AbsMax quantiser are shrunk by, so that the largest lands below 6 and stochastic rounding never clips. */
const SHRINK = 3 / 4;
/** Undoes the average loss of length of RTN AbsMax on normal deviates ("PMA"). */
const LENGTH_CORRECTION = 1.009276;

/** How log2 of QuEST's step becomes the exponent: `floor` as in the released code, `round` as the published errors need it. */
export const scaleRoundings = ['floor', 'round', 'ceil'] as const;
export type ScaleRounding = (typeof scaleRoundings)[number];

export const quantizerNames = ['quest', 'sr-absmax', 'rtn-absmax', 'pma', 'eden', 'eden-128', 'ocp-absmax'] as const;
export type QuantizerName = (typeof quantizerNames)[number];

export const quantizerTitles: Readonly<Record<QuantizerName, string>> = {
	quest: 'QuEST: scale from the spread, to nearest',
	'sr-absmax': 'SR AbsMax: scale from the largest, stochastic',
	'rtn-absmax': 'RTN AbsMax: scale from the largest, to nearest',
	pma: 'PMA: RTN AbsMax, mean length restored',
	eden: 'EDEN: RTN AbsMax, each group’s projection restored',
	'eden-128': 'EDEN over groups of 128',
	'ocp-absmax': 'AbsMax as in OCP’s standard, without 3/4',
};

export interface Quantizer {
	readonly name: QuantizerName;
	/** The scale is 2^k. `deviation`: k from log2 of the group's spread times the optimal step; `largest`: from its largest magnitude. */
	readonly scale: { readonly from: 'deviation'; readonly rounding: ScaleRounding } | { readonly from: 'largest' };
	/** Values are multiplied by this before they are divided by the scale, and divided by it afterwards. */
	readonly shrink: number;
	readonly stochastic: boolean;
	/** The result is multiplied by this. */
	readonly lengthCorrection: number;
	/** Each rotated group x is multiplied by <x, x> / <x, q>, so that its projection on x is exact. */
	readonly projects: boolean;
	/** Values that are rotated, and projected, together: 32 or 128. */
	readonly rotated: 32 | 128;
}

/** Quantiser of a name; the scale's rounding matters to QuEST alone. */
export function quantizer(name: QuantizerName, rounding: ScaleRounding = 'floor'): Quantizer {
	const plain = {
		name,
		scale: { from: 'largest' },
		shrink: SHRINK,
		stochastic: false,
		lengthCorrection: 1,
		projects: false,
		rotated: 32,
	} as const satisfies Quantizer;
	switch (name) {
		case 'quest':
			return { ...plain, scale: { from: 'deviation', rounding }, shrink: 1 };
		case 'sr-absmax':
			return { ...plain, stochastic: true };
		case 'rtn-absmax':
			return plain;
		case 'pma':
			return { ...plain, lengthCorrection: LENGTH_CORRECTION };
		case 'eden':
			return { ...plain, projects: true };
		case 'eden-128':
			return { ...plain, projects: true, rotated: 128 };
		case 'ocp-absmax':
			return { ...plain, shrink: 1 };
	}
}

/** log2 of this is rounded to QuEST's exponent; the addend keeps a group of zeros away from log 0. */
export function questStep(deviation: number): number {
	return OPTIMAL_STEP * deviation + STEP_FLOOR;
}

/** Constants that the kernel is written with. */
export const questConstants = { step: OPTIMAL_STEP, floor: 1e-8 } as const;
const STEP_FLOOR = questConstants.floor;

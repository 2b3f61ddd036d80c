/**
 * Turns the integers of all lanes into 32-bit floats, in the array (the abstract's in-memory type conversion; the steps are our reconstruction).
 *
 * The sign is copied and decides whether a lane is negated. The magnitude is shifted left by 16, 8, 4, 2 and 1 wherever its upper 16, 8, ... bits are
 * all zero, and which shifts were made is the exponent. Bits below the 24 of a float are rounded to the nearest even: the bit that rounds up is the
 * carry into the 23 stored bits, and runs on into the exponent behind them.
 */
import { type BitArray, ZERO } from './bit-array.ts';

const SHIFTS = [16, 8, 4, 2, 1] as const;
const MANTISSA_BITS = 23;
const EXPONENT_BITS = 8;
const EXPONENT_BIAS = 127;
/** Bits that the largest shifts can normalise. */
const MOST_BITS = 32;

/** Where a conversion works: an integer of `bits` rows, a float of 32 rows, and rows in between. */
export interface ConversionRows {
	readonly integer: number;
	/** At most 32. */
	readonly bits: number;
	/** 32 rows: stored mantissa, exponent, sign. */
	readonly float: number;
	/** {@link scratchRows} rows. */
	readonly scratch: number;
}

/** Shifts that bring any integer's leading one to the top. */
function shiftsFor(bits: number): number[] {
	return SHIFTS.filter((shift) => shift < bits);
}

/** Bits that are worked on: those of a float's mantissa at least. */
function width(bits: number): number {
	return Math.max(MANTISSA_BITS + 1, bits);
}

/** Rows in between: the magnitude and a row for each shift. */
export function scratchRows(bits: number): number {
	return width(bits) + shiftsFor(bits).length;
}

/** Runs the conversion on every lane. Equals `Math.fround` for every integer. */
export function convertToFloat(array: BitArray, { integer, bits, float, scratch }: ConversionRows): void {
	if (bits > MOST_BITS) throw new RangeError(`integers of ${bits} bits, at most ${MOST_BITS}`);
	const wide = width(bits);
	const magnitude = scratch;
	const shifted = scratch + wide;
	array.copyAndHold(float + 31, integer + bits - 1);
	// The magnitude stands at the upper end, so that a leading one comes to the top row; rows below it are zeros.
	array.fillZeros(magnitude, wide - bits);
	for (let bit = 0; bit < bits; bit++) array.negateBit(magnitude + wide - bits + bit, integer + bit);
	const shifts = shiftsFor(bits);
	for (const [index, shift] of shifts.entries()) {
		for (let top = 1; top <= shift; top++) array.orHeld(magnitude + wide - top, top === 1);
		array.writeHeldInverted(shifted + index);
		for (let bit = wide - 1; bit >= 0; bit--)
			array.copyUnlessHeld(magnitude + bit, bit >= shift ? magnitude + bit - shift : ZERO);
	}
	roundToEven(array, magnitude, wide);
	const mantissa = magnitude + wide - 1 - MANTISSA_BITS;
	for (let bit = 0; bit < MANTISSA_BITS; bit++) array.addBit(float + bit, mantissa + bit, ZERO);
	// A lane that is still without a leading one is zero, exponent included.
	array.orHeld(magnitude + wide - 1, true);
	// exponent = (bias + bits - 1) - shift + carry, and -shift = NOT shift + 1.
	const constant = EXPONENT_BIAS + bits;
	for (let bit = 0; bit < EXPONENT_BITS; bit++) {
		const row = bit < shifts.length ? shifted + shifts.length - 1 - bit : ZERO;
		array.addInvertedConstantIfHeld(float + MANTISSA_BITS + bit, row, ((constant >> bit) & 1) as 0 | 1);
	}
}

/** Leaves in the carry whether the float's last bit is rounded up: the bit below it is set, and one further below, or the last bit itself. */
function roundToEven(array: BitArray, magnitude: number, wide: number): void {
	const dropped = wide - 1 - MANTISSA_BITS;
	if (dropped === 0) {
		array.begin(0);
		return;
	}
	for (let bit = 0; bit < dropped - 1; bit++) array.orHeld(magnitude + bit, bit === 0);
	array.orHeld(magnitude + dropped, dropped === 1);
	array.carryFromHeld(magnitude + dropped - 1);
}

/** Cycles of a conversion in closed form. */
export function conversionCycles(bits: number): number {
	const wide = width(bits);
	const shifts = shiftsFor(bits).reduce((sum, shift) => sum + shift + 1 + wide, 0);
	const rounding = Math.max(1, wide - MANTISSA_BITS);
	return 1 + bits + shifts + rounding + MANTISSA_BITS + 1 + EXPONENT_BITS;
}

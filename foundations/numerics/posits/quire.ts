/**
 * An exact accumulator, the quire of posit arithmetic (and Kulisch's of floats): sums of products without any rounding until the end, so the
 * order of the terms does not matter. It is a fixed-point number wide enough for every float64, kept in digits of 24 bits with room for
 * 2^28 additions before carries are needed.
 */
import { exponentOf, powerOfTwo } from '../power-of-two.ts';
import type { Rounding } from '../rounding.ts';
import type { ScalarFormat } from '../scalar-format.ts';

const DIGIT_BITS = 24;
const DIGIT = 2 ** DIGIT_BITS;
/** The lowest digit counts units of 2^-1095: four digits from that of exponent -1023 on reach below 2^-1074. */
const LOWEST_EXPONENT = -1095;
const DIGITS = 92;
const ADDITIONS_BEFORE_CARRY = 2 ** 28;
/** Veltkamp's constant, which splits 53 bits into halves. */
const SPLITTER = 2 ** 27 + 1;

export class Quire {
	private readonly digits = new Float64Array(DIGITS);
	private additions = 0;
	private isReal = true;

	/** Adds a number exactly; one that is not finite makes the sum not-a-number for good. */
	add(value: number): void {
		if (value === 0) return;
		if (!Number.isFinite(value)) {
			this.isReal = false;
			return;
		}
		const { digits } = this;
		let place = Math.floor((exponentOf(value) - LOWEST_EXPONENT) / DIGIT_BITS);
		let left = value * powerOfTwo(-LOWEST_EXPONENT - place * DIGIT_BITS);
		while (left !== 0) {
			const digit = Math.trunc(left);
			digits[place] = (digits[place] as number) + digit;
			left = (left - digit) * DIGIT;
			place--;
		}
		if (++this.additions === ADDITIONS_BEFORE_CARRY) this.carry();
	}

	/** Adds the product of two numbers exactly, as long as it is between 2^-960 and 2^960 in size or 0; of all formats' values it is. */
	addProduct(a: number, b: number): void {
		const product = a * b;
		this.add(product);
		// Two float32 have exact products.
		if ((Math.fround(a) === a && Math.fround(b) === b) || product === 0 || !Number.isFinite(product)) return;
		// Dekker: what rounding took from the product is itself a float64.
		const aHigh = high(a);
		const bHigh = high(b);
		const aLow = a - aHigh;
		const bLow = b - bHigh;
		this.add(aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow));
	}

	/** The sum rounded once to a format, as its code. */
	encode(format: ScalarFormat, rounding?: Exclude<Rounding, 'stochastic'>): number {
		return format.encode(this.roundToOdd(), rounding);
	}

	/**
	 * The sum cut to 53 bits with the last one set if anything was cut. Rounding that again to at most 51 bits rounds as the exact sum would
	 * (Boldo and Melquiond 2008).
	 */
	private roundToOdd(): number {
		if (!this.isReal) return Number.NaN;
		const sum = this.digits.reduceRight((higher, digit) => (higher << BigInt(DIGIT_BITS)) + BigInt(digit), 0n);
		const magnitude = sum < 0n ? -sum : sum;
		if (magnitude === 0n) return 0;
		const cut = Math.max(0, magnitude.toString(2).length - 53);
		const kept = magnitude >> BigInt(cut);
		const odd = kept << BigInt(cut) === magnitude ? kept : kept | 1n;
		// In two steps, as the power of two alone may be no float64. Nothing but zero becomes zero, and nothing becomes infinite.
		const exponent = LOWEST_EXPONENT + cut;
		const scaled = Number(odd) * powerOfTwo(Math.floor(exponent / 2)) * powerOfTwo(Math.ceil(exponent / 2));
		const rounded = Math.min(Number.MAX_VALUE, Math.max(Number.MIN_VALUE, scaled));
		return sum < 0n ? -rounded : rounded;
	}

	private carry(): void {
		this.additions = 0;
		for (let place = 0; place < DIGITS - 1; place++) {
			const carried = Math.trunc((this.digits[place] as number) / DIGIT);
			this.digits[place] = (this.digits[place] as number) - carried * DIGIT;
			this.digits[place + 1] = (this.digits[place + 1] as number) + carried;
		}
	}
}

function high(value: number): number {
	const scaled = value * SPLITTER;
	return scaled - (scaled - value);
}

/** The dot product of two rows of codes of equal length, each in its own format, rounded once to a third. */
export function exactDot(
	left: { readonly format: ScalarFormat; readonly codes: ArrayLike<number> },
	right: { readonly format: ScalarFormat; readonly codes: ArrayLike<number> },
	result: ScalarFormat,
): number {
	if (left.codes.length !== right.codes.length) {
		throw new RangeError(`a dot product of ${left.codes.length} and ${right.codes.length} values`);
	}
	const quire = new Quire();
	for (let i = 0; i < left.codes.length; i++) {
		quire.addProduct(left.format.decode(left.codes[i] as number), right.format.decode(right.codes[i] as number));
	}
	return quire.encode(result);
}

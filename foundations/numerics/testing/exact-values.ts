/**
 * Formats defined a second time, for tests: by bit strings, by the posits' construction, and by exact integers in units of 2^-1074, of
 * which every float64 is a whole number.
 */
import type { FloatLayout } from '../floats/float-layout.ts';

/** A finite number in units of 2^-1074. */
export function units(value: number): bigint {
	const view = new DataView(new ArrayBuffer(8));
	view.setFloat64(0, value);
	const bits = view.getBigUint64(0);
	const field = (bits >> 52n) & 0x7ffn;
	const fraction = bits & ((1n << 52n) - 1n);
	const magnitude = field === 0n ? fraction : (fraction | (1n << 52n)) << (field - 1n);
	return bits >> 63n === 1n ? -magnitude : magnitude;
}

/** The float64 next to a positive finite one. */
export function nextFloat(value: number, direction: 1 | -1): number {
	const view = new DataView(new ArrayBuffer(8));
	view.setFloat64(0, value);
	view.setBigUint64(0, view.getBigUint64(0) + BigInt(direction));
	return view.getFloat64(0);
}

/** A positive code of a float read off its bits; the number its exponent and fraction say, special values or not. */
export function floatMagnitude({ exponentBits, fractionBits, bias }: FloatLayout, code: number): number {
	const text = code.toString(2).padStart(exponentBits + fractionBits, '0');
	// From the right: a code one past the last has a longer exponent.
	const point = text.length - fractionBits;
	const field = Number.parseInt(text.slice(0, point), 2);
	let significand = field === 0 ? 0 : 1;
	for (const [index, bit] of [...text.slice(point)].entries()) significand += Number(bit) * 2 ** -(index + 1);
	return significand * 2 ** ((field === 0 ? 1 : field) - bias);
}

/**
 * The positive values of posit(n, es), in the order of their codes 1, 2 ..., by the construction of Gustafson and Yonemoto: from 1 alone, each
 * further bit puts a value between any two neighbours: beyond the ends by a factor of 2^(2^es), between powers of two more
 * than a factor of 2 apart at their geometric mean, else at their arithmetic mean.
 */
export function positValues(bits: number, exponentBits: number): Float64Array {
	const step = 2 ** (2 ** exponentBits);
	let values = Float64Array.of(1);
	for (let have = 2; have < bits; have++) {
		const next = new Float64Array(2 * values.length + 1);
		next[0] = (values[0] as number) / step;
		for (const [index, value] of values.entries()) {
			const after = values[index + 1];
			next[2 * index + 1] = value;
			next[2 * index + 2] = after === undefined ? value * step : between(value, after);
		}
		values = next;
	}
	return values;
}

function between(low: number, high: number): number {
	if (high / low <= 2) return (low + high) / 2;
	return 2 ** ((Math.log2(low) + Math.log2(high)) / 2);
}

/** The value of a positive posit read off its bits, for sizes whose values cannot be listed. */
export function positMagnitude(bits: number, exponentBits: number, code: bigint): number {
	const text = code.toString(2).padStart(bits, '0').slice(1);
	const first = text[0] as string;
	const run = [...text].findIndex((bit) => bit !== first);
	const length = run === -1 ? text.length : run;
	const regime = first === '1' ? length - 1 : -length;
	const rest = text.slice(length + 1);
	const exponent = Number.parseInt(rest.slice(0, exponentBits).padEnd(exponentBits, '0') || '0', 2);
	const fraction = rest.slice(exponentBits);
	const significand = 1 + (fraction === '' ? 0 : Number.parseInt(fraction, 2) / 2 ** fraction.length);
	return significand * 2 ** (regime * 2 ** exponentBits + exponent);
}

/**
 * Index of the value of an ascending list nearest to a number, by exact distances; in the middle the one that `prefersUpper` says. Numbers
 * beyond the list go to its ends.
 */
export function nearestIndex(values: ArrayLike<number>, wanted: number, prefersUpper: (lowerIndex: number) => boolean): number {
	let low = 0;
	let high = values.length - 1;
	if (wanted <= (values[low] as number)) return low;
	if (wanted >= (values[high] as number)) return high;
	while (high - low > 1) {
		const middle = (low + high) >> 1;
		if ((values[middle] as number) <= wanted) low = middle;
		else high = middle;
	}
	const below = units(wanted) - units(values[low] as number);
	const above = units(values[high] as number) - units(wanted);
	if (below === above) return prefersUpper(low) ? high : low;
	return below < above ? low : high;
}

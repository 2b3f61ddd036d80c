/** Formats that store each value by itself, in a code of a fixed number of bits. */
import { drawsOf, type Rounding, type RoundingOptions } from './rounding.ts';

export type FloatArray = Float32Array | Float64Array;

export interface ScalarFormat {
	readonly kind: 'scalar';
	readonly name: string;
	/** Bits of a code, 2 to 32. */
	readonly bits: number;
	readonly bitsPerValue: number;
	/** Number of codes, 2^bits. */
	readonly codes: number;
	/** The largest finite value. */
	readonly largest: number;
	/** The smallest value above zero. */
	readonly smallest: number;
	/** The value of a code, an integer from 0 to `codes` - 1; not-a-number where the code stands for none. */
	decode(code: number): number;
	/**
	 * The code of any number, `half-even` unless told; the format's own description says what becomes of numbers beyond its largest and of
	 * not-a-number. `draw` (from 0 to 2^32 - 1) decides stochastic rounding.
	 */
	encode(value: number, rounding?: Rounding, draw?: number): number;
	/** Writes to `out`, which may be `values`, what each value is stored as. */
	quantize(values: FloatArray, out: FloatArray, options?: RoundingOptions): void;
}

/** What a format is defined by; the rest follows. */
type ScalarDefinition = Pick<ScalarFormat, 'name' | 'bits' | 'largest' | 'smallest' | 'decode'> & {
	encode(value: number, rounding: Rounding, draw: number): number;
};

export function defineScalarFormat({ name, bits, largest, smallest, decode, encode }: ScalarDefinition): ScalarFormat {
	return {
		kind: 'scalar',
		name,
		bits,
		bitsPerValue: bits,
		codes: 2 ** bits,
		largest,
		smallest,
		decode,
		encode: (value, rounding = 'half-even', draw = 0) => encode(value, rounding, draw),
		quantize(values, out, options = {}) {
			const { rounding = 'half-even' } = options;
			const drawOf = drawsOf(options);
			for (let i = 0; i < values.length; i++) out[i] = decode(encode(values[i] as number, rounding, drawOf(i)));
		},
	};
}

/** Every finite value of a format of at most 16 bits, ascending, each once (a negative zero counts as zero). */
export function valuesOf(format: ScalarFormat): Float64Array {
	if (format.bits > 16) throw new RangeError(`the values of ${format.name} are too many to list: ${format.codes} codes`);
	const values = new Set<number>();
	for (let code = 0; code < format.codes; code++) {
		const value = format.decode(code);
		if (Number.isFinite(value)) values.add(value + 0);
	}
	return Float64Array.from(values).sort();
}

/**
 * What a search may choose: named dimensions, each a range of numbers, of whole numbers, or a list of options. Methods work in the unit
 * cube, one coordinate from 0 to below 1 for each dimension; a space turns coordinates into values and back.
 */

export type Dimension =
	| {
			readonly name: string;
			readonly kind: 'number' | 'integer';
			readonly min: number;
			readonly max: number;
			/** `log` spreads evenly over orders of magnitude; both ends are then above 0. Linear unless told. */
			readonly scale?: 'linear' | 'log';
	  }
	| { readonly name: string; readonly kind: 'choice'; readonly options: readonly (string | number | boolean)[] };

export type Value = string | number | boolean;
/** A value for each dimension, in their order. */
export type Point = readonly Value[];

export class SearchSpace {
	readonly dimensions: readonly Dimension[];

	/** Raises a RangeError that names a dimension whose range or options are empty or no numbers. */
	constructor(dimensions: readonly Dimension[]) {
		if (dimensions.length === 0) throw new RangeError('a space without dimensions');
		for (const dimension of dimensions) {
			const { name } = dimension;
			if (dimension.kind === 'choice') {
				if (dimension.options.length === 0) throw new RangeError(`${name} has no options`);
				continue;
			}
			const { min, max, kind, scale } = dimension;
			if (!(Number.isFinite(min) && Number.isFinite(max) && min <= max))
				throw new RangeError(`${name}: no range from ${min} to ${max}`);
			if (scale === 'log' && min <= 0) throw new RangeError(`${name}: a logarithmic range starts above 0, not at ${min}`);
			if (kind === 'integer' && !(Number.isInteger(min) && Number.isInteger(max)))
				throw new RangeError(`${name}: whole numbers from ${min} to ${max}`);
		}
		this.dimensions = dimensions;
	}

	/** Number of points, infinite where a dimension is a range of numbers. */
	get size(): number {
		return this.dimensions.reduce((product, dimension) => product * levels(dimension), 1);
	}

	/** The point at coordinates from 0 to 1 (1 counts as just below). */
	at(unit: ArrayLike<number>): Point {
		return this.dimensions.map((dimension, index) => valueAt(dimension, unit[index] as number));
	}

	/** Coordinates of a point: the middle of what leads to a whole number or an option. */
	coordinates(point: Point): Float64Array {
		return Float64Array.from(this.dimensions, (dimension, index) => coordinateOf(dimension, point[index] as Value));
	}
}

/** Different values of a dimension. */
function levels(dimension: Dimension): number {
	if (dimension.kind === 'choice') return dimension.options.length;
	if (dimension.min === dimension.max) return 1;
	return dimension.kind === 'integer' ? dimension.max - dimension.min + 1 : Number.POSITIVE_INFINITY;
}

function valueAt(dimension: Dimension, coordinate: number): Value {
	const u = Math.min(Math.max(coordinate, 0), 1 - 2 ** -53);
	if (dimension.kind === 'choice') return dimension.options[Math.floor(u * dimension.options.length)] as Value;
	const { min, max, kind, scale } = dimension;
	if (kind === 'integer') {
		// Each whole number owns the stretch up to halfway to its neighbours (half of one more at both ends, so that all are as likely).
		if (scale === 'log') return clampedRound(Math.exp(interpolate(Math.log(min - 0.5), Math.log(max + 0.5), u)), min, max);
		return min + Math.floor(u * (max - min + 1));
	}
	const value = scale === 'log' ? Math.exp(interpolate(Math.log(min), Math.log(max), u)) : interpolate(min, max, u);
	return Math.min(max, Math.max(min, value));
}

function coordinateOf(dimension: Dimension, value: Value): number {
	if (dimension.kind === 'choice') {
		const index = dimension.options.indexOf(value);
		if (index < 0) throw new RangeError(`${dimension.name} has no option ${value}`);
		return (index + 0.5) / dimension.options.length;
	}
	const { min, max, kind, scale } = dimension;
	const number = Number(value);
	if (!(number >= min && number <= max)) throw new RangeError(`${dimension.name}: ${value} is not from ${min} to ${max}`);
	if (min === max) return 0.5;
	if (kind === 'integer') {
		return scale === 'log'
			? share(Math.log(min - 0.5), Math.log(max + 0.5), Math.log(number))
			: (number - min + 0.5) / (max - min + 1);
	}
	return scale === 'log' ? share(Math.log(min), Math.log(max), Math.log(number)) : share(min, max, number);
}

const interpolate = (from: number, to: number, u: number): number => from + (to - from) * u;
const share = (from: number, to: number, value: number): number => (value - from) / (to - from);
const clampedRound = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, Math.round(value)));

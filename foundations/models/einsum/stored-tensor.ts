/** A tensor's numbers in memory: row-major over its ranks, tiles of a split rank padded to full size. */
import { InputError, type Path } from '@assay/contract';
import { type ArithmeticFormat, roundAll } from './number-rounding.ts';
import type { RankSizes } from './rank-sizes.ts';
import type { Tensor } from './tensors.ts';

export interface StoredTensor {
	readonly tensor: Tensor;
	readonly values: Float64Array | Float32Array;
	/** Numbers between neighbours along each rank. */
	readonly strides: readonly number[];
	/** Of each rank; a rank that counts generations has one more. */
	readonly extents: readonly number[];
}

/** Numbers of all tensors together, at most (a gigabyte in double precision). */
const MOST_NUMBERS = 2 ** 27;

/** Room for all tensors. Raises an `InputError` under `place` where it would be too much. */
export function allocateTensors(
	tensors: Iterable<Tensor>,
	sizes: RankSizes,
	format: ArithmeticFormat,
	place: Path,
): Map<string, StoredTensor> {
	const planned = [...tensors].map((tensor) => {
		const extents = tensor.ranks.map((rank, i) => sizes.of(rank) + (i === tensor.generation ? 1 : 0));
		return { tensor, extents, count: extents.reduce((product, extent) => product * extent, 1) };
	});
	const total = planned.reduce((sum, { count }) => sum + count, 0);
	if (total > MOST_NUMBERS) {
		throw new InputError({
			path: place,
			found: `${total} numbers in all tensors`,
			expected: `at most ${MOST_NUMBERS}; smaller sizes`,
		});
	}
	return new Map(
		planned.map(({ tensor, extents, count }) => {
			const strides = extents.map((_, i) => extents.slice(i + 1).reduce((product, extent) => product * extent, 1));
			const values = format === 'float64' ? new Float64Array(count) : new Float32Array(count);
			return [tensor.name, { tensor, values, strides, extents }];
		}),
	);
}

/** Visits every point that exists, in row-major order: its place in memory. */
function forEachPoint({ tensor, extents, strides }: StoredTensor, sizes: RankSizes, visit: (offset: number) => void): void {
	const point = new Int32Array(extents.length);
	const ragged = sizes.ragged
		.map(({ size, strides: of }) => ({ size, of: tensor.ranks.map((rank) => of.get(rank) ?? 0) }))
		.filter(({ of }) => of.some((stride) => stride > 0));
	const count = extents.reduce((product, extent) => product * extent, 1);
	for (let n = 0; n < count; n++) {
		let rest = n;
		for (let i = 0; i < extents.length; i++) {
			point[i] = Math.floor(rest / (strides[i] as number));
			rest %= strides[i] as number;
		}
		const exists = ragged.every(({ size, of }) => of.reduce((sum, stride, i) => sum + stride * (point[i] as number), 0) < size);
		if (exists) visit(n);
	}
}

/** Puts in an input's numbers: row-major over its ranks as written, without padding. Raises an `InputError` for a wrong number of them. */
export function fillTensor(
	stored: StoredTensor,
	values: ArrayLike<number>,
	sizes: RankSizes,
	format: ArithmeticFormat,
	place: Path,
): void {
	let taken = 0;
	if (sizes.ragged.length === 0) {
		taken = stored.values.length;
		if (values.length === taken) stored.values.set(values);
	} else
		forEachPoint(stored, sizes, (offset) => {
			stored.values[offset] = values[taken++] ?? 0;
		});
	if (taken !== values.length)
		throw new InputError({ path: [...place, stored.tensor.name], found: `${values.length} numbers`, expected: `${taken}` });
	roundAll(stored.values, stored.values.length, format);
}

/** A tensor's numbers without padding, row-major over its ranks; all generations of a running one. */
export function valuesOf(stored: StoredTensor, sizes: RankSizes): Float64Array {
	if (sizes.ragged.length === 0) return Float64Array.from(stored.values);
	const values: number[] = [];
	forEachPoint(stored, sizes, (offset) => values.push(stored.values[offset] as number));
	return Float64Array.from(values);
}

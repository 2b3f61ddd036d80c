/** Sizes of all ranks of a cascade, from the text and from outside. */
import { InputError, nearestName, type Path, show } from '@assay/contract';
import { leavesOf, sizeOfRank } from './cascade.ts';
import { type CheckedCascade, sizesUsed } from './check-cascade.ts';

const MOST = 2 ** 40;

export interface RankSizes {
	/** Size of a rank. */
	of(rank: string): number;
	/** A size by its name, for expressions. */
	named(size: string): number;
	/** Ranks whose last tile is not full, with their parts: a point exists where the sum of part times stride is less than the size. */
	readonly ragged: readonly { readonly size: number; readonly strides: ReadonlyMap<string, number> }[];
}

/** Sizes; `given` win over the text's. Raises an `InputError` under `place` for a size that is missing, unknown or impossible. */
export function rankSizes(
	{ splits, sizes, tensors, einsums }: CheckedCascade,
	given: Readonly<Record<string, number>> = {},
	place: Path = ['sizes'],
): RankSizes {
	const known = new Map<string, number>([...sizes]);
	const needed = new Set<string>(sizes.keys());
	for (const { ranks } of tensors.values()) for (const rank of ranks) needed.add(sizeOfRank(rank));
	for (const rank of splits.keys()) needed.add(sizeOfRank(rank));
	for (const { inner } of splits.values()) for (const { size } of inner) if (typeof size === 'string') needed.add(size);
	for (const { expression, ranks, reduction } of einsums) {
		for (const size of sizesUsed(expression)) needed.add(size);
		for (const rank of [...ranks, ...(reduction?.ranks ?? [])]) needed.add(sizeOfRank(rank));
	}
	for (const [name, value] of Object.entries(given)) {
		if (!needed.has(name))
			throw new InputError({
				path: [...place, name],
				found: 'a size',
				expected: `one of ${[...needed].join(', ')}`,
				nearest: nearestName(name, needed),
			});
		if (!(Number.isInteger(value) && value >= 1 && value <= MOST))
			throw new InputError({
				path: [...place, name],
				found: show(value),
				expected: 'a whole number from 1 to 2^40',
				nearest: '1',
			});
		known.set(name, value);
	}
	const named = (name: string): number => {
		const value = known.get(name);
		if (value === undefined)
			throw new InputError({ path: [...place, name], found: 'no size', expected: `a number, as in size ${name} = 64` });
		return value;
	};
	const byRank = new Map<string, number>();
	const ragged: { size: number; strides: Map<string, number> }[] = [];
	const assign = (rank: string, value: number): void => {
		const name = sizeOfRank(rank);
		const stated = known.get(name);
		if (stated !== undefined && stated !== value)
			throw new InputError({
				path: [...place, name],
				found: show(stated),
				expected: `${value}, which the split makes it`,
				nearest: String(value),
			});
		known.set(name, value);
		byRank.set(rank, value);
	};
	for (const [rank, { inner }] of splits) {
		const size = named(sizeOfRank(rank));
		const strides = new Map<string, number>();
		let stride = 1;
		for (const { rank: leaf, size: own } of [...inner].reverse()) {
			const value = typeof own === 'number' ? own : named(own);
			assign(leaf, value);
			strides.set(leaf, stride);
			stride *= value;
		}
		const [outermost] = leavesOf(splits, rank);
		if (outermost === undefined) continue;
		assign(outermost, Math.ceil(size / stride));
		strides.set(outermost, stride);
		if (size % stride !== 0) ragged.push({ size, strides });
	}
	for (const name of needed) named(name);
	return { named, ragged, of: (rank) => byRank.get(rank) ?? named(sizeOfRank(rank)) };
}

/** Time that a mapped cascade keeps each array busy, from the mapping alone. */
import { InputError, type Path } from '@assay/contract';
import { type CheckedCascade, operationsPerPoint, type RankSizes } from '@assay/models/einsum';
import type { ArrayName } from '../designs/design-result.ts';

/** Issues of an operation on a multiply-accumulate unit; an exponential is six chained steps. */
const EXPONENTIAL_STEPS = 6;

interface MappedCycles {
	readonly einsum: string;
	readonly array: ArrayName;
	readonly cycles: number;
}

const arrayNames: Readonly<Record<string, ArrayName>> = { array2d: '2D', array1d: '1D' };

/**
 * Cycles of each mapped Einsum: every point of the ranks that run in time, for every part of the ranks in space that the array takes at once, as
 * many issues as the operation has. Raises an `InputError` for an array that is not there or too many ranks in space.
 */
export function mappedCycles(
	{ einsums, maps }: CheckedCascade,
	sizes: RankSizes,
	side: number,
	place: Path = ['cascade'],
): MappedCycles[] {
	return einsums.flatMap((einsum): MappedCycles[] => {
		const map = maps.get(einsum.tensor);
		if (map === undefined || einsum.role === 'start') return [];
		const array = arrayNames[map.array];
		const where = [...place, `line ${map.at.line}`, `column ${map.at.column}`];
		if (array === undefined) throw new InputError({ path: where, found: map.array, expected: 'array2d or array1d' });
		const dimensions = array === '2D' ? 2 : 1;
		if (map.space.length > dimensions)
			throw new InputError({
				path: where,
				found: `${map.space.length} ranks in space`,
				expected: `at most ${dimensions} on ${map.array}`,
			});
		const operations = operationsPerPoint(einsum);
		const issues = Object.entries(operations).reduce(
			(sum, [kind, count]) => sum + count * (kind === 'exponentials' || kind === 'others' ? EXPONENTIAL_STEPS : 1),
			0,
		);
		let cycles = issues;
		for (const rank of new Set([...einsum.ranks, ...(einsum.reduction?.ranks ?? [])])) {
			const size = sizes.of(rank);
			cycles *= map.space.includes(rank) ? Math.ceil(size / side) : size;
		}
		return [{ einsum: einsum.tensor, array, cycles }];
	});
}

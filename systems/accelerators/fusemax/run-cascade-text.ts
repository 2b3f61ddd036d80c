/** The cascade of a run: its text, passes, operations, time on the arrays and arithmetic. */
import { InputError, nearestName, type RunContext } from '@assay/contract';
import {
	type CheckedCascade,
	checkCascade,
	leavesOf,
	operationsPerPoint,
	parseCascade,
	pointsOf,
	printCascade,
	type RankSizes,
	rankSizes,
} from '@assay/models/einsum';
import { type AttentionShape, ranksOf } from './attention-shape.ts';
import { cascadeText } from './cascades/built-in-cascades.ts';
import { mappedCycles } from './cascades/mapped-cycles.ts';
import { analysePasses } from './cascades/pass-analysis.ts';
import type { Inputs } from './inputs.ts';
import { isAttention, namedSizes, runNumeric } from './numeric/run-numeric.ts';
import type { Outputs } from './outputs.ts';

/** Largest text of a file. */
const MAX_TEXT_BYTES = 1 << 20;
const MOST_POINTS = 1e300;

/** Everything about the user's cascade. Raises an `InputError` with line and column for what is wrong in it. */
export async function runCascadeText(
	inputs: Inputs,
	shape: AttentionShape,
	side: number,
	context: RunContext,
): Promise<Outputs['cascade']> {
	const { cascade: input, numeric } = inputs;
	const file = input.file === undefined ? undefined : await context.open(input.file);
	const place = file === undefined ? ['cascade', 'text'] : [file.name];
	const parsed = parseCascade(file === undefined ? cascadeText(input.text) : await file.text(MAX_TEXT_BYTES), place);
	const checked = checkCascade(parsed, place);
	const analysis = analysePasses(checked, knownRank(checked, input.rank));
	const sizes = sizesIfKnown(checked, shape, side);
	const { keys, queries, width, tile, formats } = numeric;
	const attention = isAttention(checked) && formats.length > 0;
	return {
		text: printCascade(parsed),
		analysis: {
			...analysis,
			einsums: [...analysis.einsums],
			tensors: [...analysis.tensors],
			unsafeExponentials: [...analysis.unsafeExponentials],
		},
		operations: checked.einsums
			.filter(({ role }) => role !== 'start')
			.map((einsum) => {
				const { divisions, exponentials } = operationsPerPoint(einsum);
				const all = sizes === null ? Number.POSITIVE_INFINITY : pointsOf(einsum, sizes);
				// Beyond what a number holds there is no figure.
				const points = all < MOST_POINTS ? all : null;
				return {
					tensor: einsum.tensor,
					points,
					divisions: points === null ? null : divisions * points,
					exponentials: points === null ? null : exponentials * points,
				};
			}),
		mapped: sizes === null ? [] : mappedCycles(checked, sizes, side, place).filter(({ cycles }) => cycles < MOST_POINTS),
		numeric: attention
			? await runNumeric(checked, { E: width, F: width, M: keys, P: queries, tile }, [...new Set(formats)], context)
			: [],
	};
}

/** The rank, if the cascade has it as a whole. */
function knownRank({ splits, tensors }: CheckedCascade, rank: string): string {
	const parts = new Map<string, string>();
	for (const whole of splits.keys()) for (const leaf of leavesOf(splits, whole)) parts.set(leaf, whole);
	const ranks = new Set<string>();
	for (const tensor of tensors.values()) for (const leaf of tensor.ranks) ranks.add(parts.get(leaf) ?? leaf);
	if (!ranks.has(rank)) {
		throw new InputError({
			path: ['cascade', 'rank'],
			found: JSON.stringify(rank),
			expected: `one of the cascade’s ranks: ${[...ranks].join(', ')}`,
			nearest: nearestName(rank, ranks),
		});
	}
	return rank;
}

/** Sizes of one head at the longest length, tiles as large as the array; null where the cascade has ranks that attention does not give. */
function sizesIfKnown(checked: CheckedCascade, shape: AttentionShape, side: number): RankSizes | null {
	const { E, F, M, P } = ranksOf(shape);
	const used = new Set<string>(checked.splits.keys());
	for (const { ranks } of checked.tensors.values()) for (const rank of ranks) used.add(rank);
	const named = Object.entries(namedSizes(checked, { E, F, M, P, tile: side }));
	const own = (name: string) => ['E', 'F', 'M', 'P'].includes(name) && !used.has(name.toLowerCase());
	const given = named.filter(([name]) => !own(name) && !checked.sizes.has(name));
	try {
		return rankSizes(checked, Object.fromEntries(given));
	} catch (error) {
		if (error instanceof InputError) return null;
		throw error;
	}
}

/** Tensors to try a cascade on: random ones, and those that break careless arithmetic. */
import type { Random } from '@assay/contract';
import type { AttentionData } from './reference-attention.ts';

export const attentionCases = [
	'normal',
	'large logit',
	'small logit',
	'equal logits',
	'first tile masked',
	'all masked',
] as const;
export type AttentionCase = (typeof attentionCases)[number];

/** Logit that stands out in the adversarial cases. */
const EXTREME = 1e4;

/** Tensors of a case. The scale 1/sqrt(E) is in the queries. The first of the E widths carries logits that are set. */
export function attentionData(
	which: AttentionCase,
	{ E, F, M, P, tile }: { readonly E: number; readonly F: number; readonly M: number; readonly P: number; readonly tile: number },
	random: Random,
): AttentionData {
	const draw = (count: number, scale: number) => Float64Array.from({ length: count }, () => scale * random.normal());
	const queries = draw(E * P, 1 / Math.sqrt(E));
	const keys = draw(E * M, 1);
	const values = draw(F * M, 1);
	if (which === 'normal') return { queries, keys, values };
	queries.fill(1, 0, P);
	if (which === 'equal logits') keys.fill(0);
	else keys.fill(0, 0, M);
	// Half precision rounds 10,000 exactly; which key it is does not matter.
	if (which === 'large logit') keys[Math.floor(M / 2)] = EXTREME;
	if (which === 'small logit') keys[Math.floor(M / 2)] = -EXTREME;
	if (which === 'first tile masked') keys.fill(Number.NEGATIVE_INFINITY, 0, Math.min(tile, M - 1));
	if (which === 'all masked') keys.fill(Number.NEGATIVE_INFINITY, 0, M);
	return { queries, keys, values };
}

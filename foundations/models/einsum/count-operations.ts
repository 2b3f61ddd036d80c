/** How many operations of each kind an Einsum takes. */
import { visitExpression } from './cascade.ts';
import type { CheckedEinsum } from './checked-einsum.ts';
import type { RankSizes } from './rank-sizes.ts';

export const operationKinds = [
	'multiplyAccumulates',
	'multiplications',
	'additions',
	'maxima',
	'divisions',
	'exponentials',
	'others',
] as const;
export type OperationKind = (typeof operationKinds)[number];

/** Operations at one point of an Einsum's space, its reduction included: a sum of products is one multiply-accumulate. */
export function operationsPerPoint({ expression, reduction }: CheckedEinsum): Record<OperationKind, number> {
	const counts: Record<OperationKind, number> = {
		multiplyAccumulates: 0,
		multiplications: 0,
		additions: 0,
		maxima: 0,
		divisions: 0,
		exponentials: 0,
		others: 0,
	};
	visitExpression(expression, (one) => {
		if (one.kind === 'binary')
			counts[({ '+': 'additions', '-': 'additions', '*': 'multiplications', '/': 'divisions' } as const)[one.operator]]++;
		else if (one.kind === 'negate') counts.additions++;
		else if (one.kind === 'call')
			counts[one.name === 'exp' ? 'exponentials' : one.name === 'max' || one.name === 'min' ? 'maxima' : 'others']++;
	});
	if (reduction?.by === 'sum') {
		if (expression.kind === 'binary' && expression.operator === '*') {
			counts.multiplications--;
			counts.multiplyAccumulates++;
		} else counts.additions++;
	} else if (reduction !== null) counts.maxima++;
	return counts;
}

/** Points of an Einsum's space that exist: of a ragged rank's last tile only what is there. */
export function pointsOf({ ranks, reduction }: CheckedEinsum, sizes: RankSizes): number {
	const left = new Set([...ranks, ...(reduction?.ranks ?? [])]);
	let points = 1;
	for (const { size, strides } of sizes.ragged) {
		const parts = [...strides].filter(([rank]) => left.has(rank));
		if (parts.length !== strides.size) continue;
		for (const [rank] of parts) left.delete(rank);
		points *= size;
	}
	for (const rank of left) points *= sizes.of(rank);
	return points;
}

/** A cascade on real tensors: how far its attention is from softmax in double precision, in each arithmetic. */
import { InputError, type RunContext } from '@assay/contract';
import { type ArithmeticFormat, type CheckedCascade, runCascade } from '@assay/models/einsum';
import { type AttentionCase, attentionCases, attentionData } from './attention-cases.ts';
import { referenceAttention } from './reference-attention.ts';

/** Numbers in all tensors that a cascade is run on. */
const MOST_NUMBERS = 2 ** 27;

export interface NumericResult {
	readonly which: AttentionCase;
	readonly format: ArithmeticFormat;
	/** Largest absolute difference; null where a result is no finite number. */
	readonly maxError: number | null;
	/** Results of all Einsums that overflowed, and those that are no number. */
	readonly overflowed: number;
	readonly invalid: number;
}

export interface NumericSizes {
	readonly E: number;
	readonly F: number;
	readonly M: number;
	readonly P: number;
	readonly tile: number;
}

/** Whether a cascade computes AV[f, p] from Q[e, p], K[e, m] and V[f, m], be they split. */
export function isAttention({ tensors, splits }: CheckedCascade): boolean {
	const whole = (name: string) => {
		const tensor = tensors.get(name);
		if (tensor === undefined) return '';
		const parent = (rank: string) => {
			for (const split of splits.values())
				if (split.outermost === rank || split.inner.some((one) => one.rank === rank)) return split.rank;
			return rank;
		};
		return [...new Set(tensor.ranks.map(parent))].join();
	};
	const inputs = [...tensors.values()].filter(({ kind }) => kind === 'input').length;
	return inputs === 3 && whole('Q') === 'e,p' && whole('K') === 'e,m' && whole('V') === 'f,m' && whole('AV') === 'f,p';
}

/** Sizes by name, for the names that the cascade has. */
export function namedSizes({ splits }: CheckedCascade, { E, F, M, P, tile }: NumericSizes): Record<string, number> {
	const sizes: Record<string, number> = { E, F, M, P };
	for (const { inner } of splits.values())
		for (const { size } of inner) if (typeof size === 'string' && sizes[size] === undefined) sizes[size] = tile;
	return sizes;
}

/** All cases in all formats. */
export async function runNumeric(
	cascade: CheckedCascade,
	sizes: NumericSizes,
	formats: readonly ArithmeticFormat[],
	context: Pick<RunContext, 'random' | 'pause'>,
): Promise<NumericResult[]> {
	requireRoom(sizes);
	const results: NumericResult[] = [];
	for (const which of attentionCases) {
		const data = attentionData(which, sizes, context.random.fork(`numeric ${which}`));
		await context.pause();
		let reference: Float64Array | undefined;
		for (const format of formats) {
			const run = await runCascade(cascade, {
				sizes: namedSizes(cascade, sizes),
				inputs: { Q: data.queries, K: data.keys, V: data.values },
				format,
				pause: context.pause,
				place: ['numeric'],
			});
			reference ??= await referenceAttention(data, sizes, context.pause);
			results.push({
				which,
				format,
				maxError: largestDifference(run.values('AV'), reference),
				overflowed: run.notFinite.reduce((sum, one) => sum + one.overflowed, 0),
				invalid: run.notFinite.reduce((sum, one) => sum + one.invalid, 0),
			});
		}
	}
	return results;
}

/** Raises an `InputError` where inputs and logits alone exceed what a cascade may keep, before any of them is drawn. */
function requireRoom({ E, F, M, P }: NumericSizes): void {
	const numbers = E * P + E * M + F * M + M * P;
	if (numbers <= MOST_NUMBERS) return;
	throw new InputError({
		path: ['numeric', 'keys'],
		found: `${M} keys, ${P} queries of width ${E}: ${numbers} numbers in inputs and logits`,
		expected: `at most ${MOST_NUMBERS}`,
	});
}

/** Largest absolute difference; null where one of `ours` is no finite number. */
export function largestDifference(ours: Float64Array, reference: Float64Array): number | null {
	let largest = 0;
	for (let i = 0; i < ours.length; i++) {
		const difference = Math.abs((ours[i] as number) - (reference[i] as number));
		if (!Number.isFinite(difference)) return null;
		largest = Math.max(largest, difference);
	}
	return largest;
}

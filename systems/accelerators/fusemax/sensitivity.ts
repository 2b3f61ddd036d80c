/** What moves a design: the same attention with one part of the card changed. */

import { InputError } from '@assay/contract';
import type { Accelerator } from './accelerator.ts';
import type { AcceleratorCard } from './accelerator-card.ts';
import type { AttentionShape } from './attention-shape.ts';
import { type ComparedDesign, compareDesigns } from './designs/compare-designs.ts';
import type { DesignName } from './designs/design-name.ts';
import type { Limit } from './designs/design-result.ts';

export interface Change {
	readonly change: string;
	readonly design: DesignName;
	/** Of the latency before; above 1 is faster. Null where the changed card cannot hold a tile. */
	readonly speedup: number | null;
	readonly computeSpeedup: number | null;
	readonly memorySpeedup: number | null;
	readonly energyRatio: number | null;
	readonly limit: Limit | null;
	readonly says: string;
}

const changes: readonly { readonly change: string; readonly apply: (one: Accelerator) => Accelerator }[] = [
	{ change: 'array twice as wide and long', apply: (one) => withSide(one, one.array.rows * 2) },
	{ change: 'array half as wide and long', apply: (one) => withSide(one, Math.max(1, Math.floor(one.array.rows / 2))) },
	{ change: 'clock twice as fast', apply: (one) => ({ ...one, array: { ...one.array, clockHertz: 2 * one.array.clockHertz } }) },
	{ change: 'bandwidth doubled', apply: (one) => ({ ...one, bytesPerSecond: 2 * one.bytesPerSecond }) },
	{ change: 'bandwidth halved', apply: (one) => ({ ...one, bytesPerSecond: one.bytesPerSecond / 2 }) },
	{ change: 'buffer doubled', apply: (one) => withBuffer(one, 2) },
	{ change: 'buffer halved', apply: (one) => withBuffer(one, 1 / 2) },
	{ change: 'a sixteenth of the buffer', apply: (one) => withBuffer(one, 1 / 16) },
];

const withSide = (one: Accelerator, side: number): Accelerator => ({
	...one,
	array: { ...one.array, rows: side, columns: side },
});
const withBuffer = (one: Accelerator, factor: number): Accelerator => ({
	...one,
	buffer: { ...one.buffer, bytes: one.buffer.bytes * factor },
});

/** Effect of each change on the one-pass design and on FLAT. Energies of an access stay as they are. */
export function sensitivity(shape: AttentionShape, card: AcceleratorCard, before: readonly ComparedDesign[]): Change[] {
	return changes.flatMap(({ change, apply }): Change[] => {
		const changed = { ...card, fused: apply(card.fused), baseline: apply(card.baseline) };
		let after: ComparedDesign[] | undefined;
		let lacking = '';
		try {
			after = compareDesigns(shape, changed, []);
		} catch (error) {
			if (!(error instanceof InputError)) throw error;
			lacking = error.expected;
		}
		return (['fusemax', 'flat'] as const).flatMap((design): Change[] => {
			const was = before.find((one) => one.design === design);
			const is = after?.find((one) => one.design === design);
			if (was === undefined) return [];
			if (is === undefined)
				return [
					{
						change,
						design,
						speedup: null,
						computeSpeedup: null,
						memorySpeedup: null,
						energyRatio: null,
						limit: null,
						says: `does not run: ${lacking}`,
					},
				];
			return [
				{
					change,
					design,
					speedup: was.latencySeconds / is.latencySeconds,
					computeSpeedup: was.computeSeconds / is.computeSeconds,
					memorySpeedup: was.memorySeconds / is.memorySeconds,
					energyRatio: is.joules / was.joules,
					limit: is.limit,
					says: explain(was, is),
				},
			];
		});
	});
}

/** Why the latency moved, or did not. */
function explain(was: ComparedDesign, is: ComparedDesign): string {
	const ratio = was.latencySeconds / is.latencySeconds;
	const blocks = was.blocking !== null && is.blocking !== null && was.blocking.blocks !== is.blocking.blocks;
	const read = blocks ? `; keys are read ${is.blocking?.blocks} times in place of ${was.blocking?.blocks}` : '';
	if (Math.abs(ratio - 1) < 1e-3)
		return `no change: the limit is ${was.limit === 'compute' ? 'both arrays in turn' : was.limit}${read}`;
	const moved = was.limit === is.limit ? `${is.limit} stays the limit` : `the limit moves from ${was.limit} to ${is.limit}`;
	return `${moved}${read}`;
}

/** Area against latency over array sizes: what a larger array buys, and from where on memory or area stops it. */
import { paretoFront } from '@assay/search';
import type { Accelerator } from './accelerator.ts';
import { type Area, areaOf, type ComponentAreas } from './area.ts';
import type { AttentionShape } from './attention-shape.ts';
import type { Limit } from './designs/design-result.ts';
import { type OnePassResult, runOnePass } from './designs/one-pass.ts';
import { requiredBytes } from './query-blocks.ts';

export const paretoSides = [16, 32, 64, 128, 256, 512] as const;

export interface ParetoPoint {
	readonly side: number;
	readonly bufferBytes: number;
	readonly area: Area;
	readonly latencySeconds: number;
	readonly limit: Limit;
	/** No other point is both smaller and faster. */
	readonly onFront: boolean;
}

/** The smallest buffer, side x E x 16 bytes times a power of two, that holds a tile and with which memory is not the limit; or the largest that helps. */
export function sizeBuffer(shape: AttentionShape, accelerator: Accelerator): { accelerator: Accelerator; result: OnePassResult } {
	const side = accelerator.array.rows;
	const unit = 16 * side * shape.queryKeyWidth;
	for (let factor = 1; ; factor *= 2) {
		const bytes = unit * factor;
		if (bytes < requiredBytes(shape, side, accelerator.wordBytes)) continue;
		const sized = { ...accelerator, buffer: { ...accelerator.buffer, bytes } };
		const result = runOnePass(shape, sized, 'fusemax');
		// With all queries on the chip keys are read once; no buffer does better.
		if (result.limit !== 'memory' || result.queryBlocks.blocks === 1) return { accelerator: sized, result };
	}
}

/** One point for each side, clock and bandwidth as given. */
export function paretoSweep(
	shape: AttentionShape,
	accelerator: Accelerator,
	areas: ComponentAreas,
	sides: readonly number[] = paretoSides,
): ParetoPoint[] {
	const points = sides.map((side) => {
		const array = { ...accelerator.array, rows: side, columns: side };
		const { accelerator: sized, result } = sizeBuffer(shape, { ...accelerator, array });
		return {
			side,
			bufferBytes: sized.buffer.bytes,
			area: areaOf(sized, areas, true),
			latencySeconds: result.latencySeconds,
			limit: result.limit,
		};
	});
	const onFront = paretoFront(
		points.map(({ area, latencySeconds }) => [area.total, latencySeconds]),
		[-1, -1],
	);
	return points.map((point, i) => ({ ...point, onFront: onFront[i] === true }));
}

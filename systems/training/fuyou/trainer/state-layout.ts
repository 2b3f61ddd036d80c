/**
 * Where a training run keeps its state on the drive. Each segment of the model (embedding, blocks, head) has its weights, first and second
 * moments side by side, every run starting at a multiple of the drive's page so that reads and writes can bypass the page cache. There are
 * two files of this layout: a step reads one and writes the other, so the last complete step is never touched while the next is written.
 */
import { type GptShape, segmentLayouts } from '@assay/learning';

/** Direct reads and writes start and end at multiples of this. */
export const PAGE_BYTES = 4096;

export interface SegmentPlace {
	readonly parameters: number;
	/** First byte in the state file. */
	readonly offset: number;
	/** Bytes of one run (weights, or one of the moments), a multiple of the page. */
	readonly runBytes: number;
}

export interface StateLayout {
	readonly segments: readonly SegmentPlace[];
	readonly bytes: number;
	/** Bytes of one run of the largest segment. */
	readonly largestRunBytes: number;
}

export function pages(bytes: number): number {
	return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}

export function stateLayout(shape: GptShape): StateLayout {
	let offset = 0;
	const segments = segmentLayouts(shape).map(({ length }) => {
		const place = { parameters: length, offset, runBytes: pages(4 * length) };
		offset += 3 * place.runBytes;
		return place;
	});
	return { segments, bytes: offset, largestRunBytes: Math.max(...segments.map(({ runBytes }) => runBytes)) };
}

/**
 * How many tiles of queries are worked on at a time. While P1 tiles of queries wait on the chip, each tile of keys and values is
 * read once for all of them, so keys and values are read P2 = P / (P1 side) times.
 */
import { InputError, type Path } from '@assay/contract';
import type { Accelerator } from './accelerator.ts';
import { type AttentionShape, ranksOf } from './attention-shape.ts';

export interface QueryBlocks {
	/** P1: tiles of queries on the chip at a time. */
	readonly tilesPerBlock: number;
	/** P2: times that keys and values are read. */
	readonly blocks: number;
	/** Tiles of queries in all. */
	readonly tiles: number;
}

/** `fused`: a tile holds Q, the running numerator, maximum and denominator. `stored`: also its logits and their exponentials. */
export type TileContent = 'fused' | 'stored';

/** Words held for each query of a tile. */
function wordsPerQuery({ queryKeyWidth, valueWidth }: AttentionShape, side: number, content: TileContent): number {
	return queryKeyWidth + valueWidth + 2 + (content === 'stored' ? 2 * side : 0);
}

/** Bytes on the chip for one tile of keys and values and so many tiles of queries. Sequence length does not enter. */
export function requiredBytes(
	shape: AttentionShape,
	side: number,
	wordBytes: number,
	tilesPerBlock = 1,
	content: TileContent = 'fused',
): number {
	const { queryKeyWidth, valueWidth } = shape;
	return wordBytes * side * (queryKeyWidth + valueWidth + tilesPerBlock * wordsPerQuery(shape, side, content));
}

/**
 * The largest P1 that divides the number of query tiles and fits. Raises an `InputError` at `place` with the smallest sufficient buffer
 * where not even one tile fits.
 */
export function chooseQueryBlocks(
	shape: AttentionShape,
	{ array, buffer, wordBytes }: Accelerator,
	content: TileContent = 'fused',
	place: Path = ['accelerator', 'bufferMebibytes'],
): QueryBlocks {
	const side = array.rows;
	const tiles = Math.ceil(ranksOf(shape).P / side);
	const free = buffer.bytes - wordBytes * side * (shape.queryKeyWidth + shape.valueWidth);
	const most = Math.floor(free / (wordBytes * side * wordsPerQuery(shape, side, content)));
	if (most < 1) {
		const needed = requiredBytes(shape, side, wordBytes, 1, content) / 2 ** 20;
		throw new InputError({
			path: place,
			found: `${buffer.bytes / 2 ** 20} MiB`,
			expected: `at least ${needed} MiB for one tile of ${side} keys and one of ${side} queries (E = ${shape.queryKeyWidth}, F = ${shape.valueWidth})`,
			nearest: String(needed),
		});
	}
	const tilesPerBlock = largestDivisor(tiles, most);
	return { tilesPerBlock, blocks: tiles / tilesPerBlock, tiles };
}

/** The largest divisor of `n` that is at most `limit`; O(sqrt n). */
function largestDivisor(n: number, limit: number): number {
	if (n <= limit) return n;
	let best = 1;
	for (let d = 1; d * d <= n; d++) {
		if (n % d !== 0) continue;
		if (d <= limit) best = Math.max(best, d);
		if (n / d <= limit) best = Math.max(best, n / d);
	}
	return best;
}

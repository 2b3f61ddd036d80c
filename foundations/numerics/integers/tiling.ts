/**
 * Which values of a tensor share a quantiser: a tensor in row-major order is cut into equal tiles, and each tile has one. Per tensor, per
 * channel, per group and per block are all a tile's shape.
 */
import { InputError } from '@assay/contract';

export interface Tiling {
	readonly shape: readonly number[];
	/** Extent of a tile along each axis; the last tile of an axis may be cut short. */
	readonly tile: readonly number[];
	/** Number of tiles along each axis; tiles are numbered in row-major order. */
	readonly grid: readonly number[];
	readonly tiles: number;
	readonly elements: number;
}

/** One tile. */
export function perTensor(shape: readonly number[]): Tiling {
	return tiling(shape, shape);
}

/** A tile for each place along an axis (0-based; -1 is the last). */
export function perChannel(shape: readonly number[], axis: number): Tiling {
	const channel = axisOf(shape, axis);
	return tiling(
		shape,
		shape.map((extent, other) => (other === channel ? 1 : extent)),
	);
}

/** Runs of `size` values along an axis, the last unless told. */
export function perGroup(shape: readonly number[], size: number, axis = -1): Tiling {
	const grouped = axisOf(shape, axis);
	return tiling(
		shape,
		shape.map((_, other) => (other === grouped ? size : 1)),
	);
}

/** Tiles of any shape, for example 128 x 128. */
export function perBlock(shape: readonly number[], tile: readonly number[]): Tiling {
	return tiling(shape, tile);
}

function tiling(shape: readonly number[], tile: readonly number[]): Tiling {
	if (tile.length !== shape.length) {
		throw new InputError({ path: ['tile'], found: `${tile.length} extents`, expected: `${shape.length}, one for each axis` });
	}
	for (const [axis, extent] of tile.entries()) {
		if (Number.isInteger(extent) && (extent >= 1 || extent === shape[axis])) continue;
		throw new InputError({ path: ['tile', axis], found: String(extent), expected: 'an integer of at least 1', nearest: '1' });
	}
	const grid = shape.map((extent, axis) => (extent === 0 ? 0 : Math.ceil(extent / (tile[axis] as number))));
	return { shape, tile, grid, tiles: product(grid), elements: product(shape) };
}

/** Visits the tensor in order as runs of consecutive values of one tile. */
export function forEachRun(
	{ shape, tile, grid, elements }: Tiling,
	visit: (start: number, end: number, tile: number) => void,
): void {
	if (elements === 0) return;
	// Axes at the end that a tile covers whole are one run with what the tile takes of the axis before them.
	let runAxis = shape.length - 1;
	let inner = 1;
	while (runAxis > 0 && (tile[runAxis] as number) >= (shape[runAxis] as number)) inner *= shape[runAxis--] as number;
	const extent = shape[runAxis] ?? 1;
	const step = tile[runAxis] ?? 1;
	const rowElements = extent * inner;
	const tilesPerRow = product(grid.slice(runAxis));
	const place = shape.slice(0, Math.max(0, runAxis)).map(() => 0);
	for (let row = 0; row < elements; row += rowElements) {
		let first = 0;
		for (const [axis, at] of place.entries()) first = first * (grid[axis] as number) + Math.floor(at / (tile[axis] as number));
		first *= tilesPerRow;
		for (let start = 0, index = first; start < extent; start += step, index++) {
			visit(row + start * inner, row + Math.min(extent, start + step) * inner, index);
		}
		for (let axis = place.length - 1; axis >= 0; axis--) {
			place[axis] = (place[axis] as number) + 1;
			if ((place[axis] as number) < (shape[axis] as number)) break;
			place[axis] = 0;
		}
	}
}

function axisOf(shape: readonly number[], axis: number): number {
	const place = axis < 0 ? shape.length + axis : axis;
	if (Number.isInteger(place) && place >= 0 && place < shape.length) return place;
	const expected = `an integer from ${-shape.length} to ${shape.length - 1}`;
	throw new InputError({ path: ['axis'], found: String(axis), expected, nearest: '-1' });
}

function product(extents: readonly number[]): number {
	return extents.reduce((left, right) => left * right, 1);
}

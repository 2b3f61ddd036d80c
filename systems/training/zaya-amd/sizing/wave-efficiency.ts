/**
 * How well a matrix product fills a device. It is cut into tiles, one per compute unit at a time; the last wave of tiles leaves units
 * idle, and so do tiles that stick out over the edge.
 */

/** Rows and columns of a tile. */
export type Tile = readonly [rows: number, columns: number];

/** Tiles that libraries use, the larger first: larger ones read less for the same work, so they win ties. */
export const usualTiles: readonly Tile[] = [
	[256, 256],
	[256, 192],
	[192, 256],
	[192, 192],
	[256, 128],
	[128, 256],
	[192, 128],
	[128, 192],
	[128, 128],
];

export interface WaveFill {
	readonly tile: Tile;
	readonly tiles: number;
	readonly waves: number;
	/** Work over what all units could do in so many waves: 1 is full. */
	readonly efficiency: number;
}

/** Fill of `groups` products of m x n (one unless told) with one kind of tile. */
export function waveFill(m: number, n: number, units: number, tile: Tile, groups = 1): WaveFill {
	const tiles = groups * Math.ceil(m / tile[0]) * Math.ceil(n / tile[1]);
	const waves = Math.ceil(tiles / units);
	return { tile, tiles, waves, efficiency: (groups * m * n) / (waves * units * tile[0] * tile[1]) };
}

/** Fill with the best of the tiles. */
export function bestWaveFill(m: number, n: number, units: number, groups = 1, tiles: readonly Tile[] = usualTiles): WaveFill {
	let best: WaveFill | undefined;
	for (const tile of tiles) {
		const fill = waveFill(m, n, units, tile, groups);
		if (best === undefined || fill.efficiency > best.efficiency) best = fill;
	}
	if (best === undefined) throw new RangeError('no tiles to choose from');
	return best;
}

/** A mapping made concrete for a layer and a number of elements: the loops of each cluster level, all six dimensions, in order. */
import { R, S, X, Y } from './dimension.ts';
import { evaluateSize, type MapDirective, type Mapping } from './mapping.ts';

/** One level: loops from the outermost in, each over `dimension[i]` in steps of `offset[i]` with tiles of `size[i]`. */
export interface LoopLevel {
	/** Sub-clusters (or elements) that spatial loops are spread over. */
	readonly clusters: number;
	readonly dimension: Uint8Array;
	readonly size: Int32Array;
	readonly offset: Int32Array;
	readonly isSpatial: Uint8Array;
}

/** Smallest number of elements on which a mapping can run a layer: one cluster. */
export function leastElements(mapping: Mapping, sizes: ArrayLike<number>): number {
	return mapping.levels.reduce(
		(product, { clusterSize }) => product * (clusterSize === null ? 1 : Math.max(1, evaluateSize(clusterSize, sizes))),
		1,
	);
}

/**
 * Levels from the outermost in; elements that do not fill a cluster idle. A loop that a level leaves out is the tile that the level above
 * handed down, or on the outermost level the whole dimension. Null where the elements do not make one cluster.
 */
export function loopNest(mapping: Mapping, sizes: Int32Array, stride: number, elements: number): LoopLevel[] | null {
	const least = leastElements(mapping, sizes);
	if (elements < least) return null;
	let clusters = Math.floor(elements / least);
	const levels: LoopLevel[] = [];
	for (const { maps, clusterSize } of mapping.levels) {
		levels.push(loopLevel(maps, levels[levels.length - 1], sizes, stride, clusters));
		if (clusterSize !== null) clusters = Math.max(1, evaluateSize(clusterSize, sizes));
	}
	return levels;
}

function loopLevel(
	maps: readonly MapDirective[],
	above: LoopLevel | undefined,
	sizes: Int32Array,
	stride: number,
	clusters: number,
): LoopLevel {
	const dimension = new Uint8Array(6);
	const size = new Int32Array(6);
	const offset = new Int32Array(6);
	const isSpatial = new Uint8Array(6);
	let loops = 0;
	const add = (over: number, tile: number, step: number, spatial: boolean): void => {
		dimension[loops] = over;
		size[loops] = tile;
		offset[loops] = step;
		isSpatial[loops++] = spatial ? 1 : 0;
	};
	const isMapped = (over: number): boolean => maps.some((map) => map.dimension === over);
	if (above !== undefined) {
		for (let i = 5; i >= 0; i--) {
			const over = above.dimension[i] as number;
			if (!isMapped(over)) add(over, above.size[i] as number, above.offset[i] as number, false);
		}
	}
	for (const map of maps) {
		const { tile, step } = tileOf(map, sizes, stride);
		add(map.dimension, tile, step, map.kind === 'spatial');
	}
	if (above === undefined)
		for (let over = 0; over < 6; over++) if (!isMapped(over)) add(over, sizes[over] as number, sizes[over] as number, false);
	return { clusters, dimension, size, offset, isSpatial };
}

/** Mappings count steps of the window as if the stride were 1; a tile with room for a window becomes the inputs of as many whole windows as fit. */
function tileOf(map: MapDirective, sizes: Int32Array, stride: number): { tile: number; step: number } {
	const slides = map.dimension === Y || map.dimension === X;
	const kernel = slides ? (sizes[map.dimension === Y ? R : S] as number) : 1;
	const tile = Math.max(1, evaluateSize(map.size, sizes)) + (map.isOfOutputs ? kernel - 1 : 0);
	const step = Math.max(1, evaluateSize(map.offset, sizes));
	if (!slides || stride === 1 || tile < kernel) return { tile, step };
	const windows = Math.floor((tile + stride - kernel) / stride);
	return { tile: (windows - 1) * stride + kernel, step: windows * stride };
}

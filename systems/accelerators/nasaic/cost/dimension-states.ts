/**
 * The kinds of steps that a loop takes: its first tile, the steady ones after it, and the smaller one at the edge. Everything the cost of
 * a step depends on is the same within a kind, so kinds are costed once and multiplied.
 */
import { R, S, X, Y } from './dimension.ts';
import type { LoopLevel } from './loop-nest.ts';

export interface DimensionState {
	readonly position: 'first' | 'steady' | 'edge';
	readonly occurrences: number;
	/** The loop has this one step only. */
	readonly isUnrolled: boolean;
	/** Elements of the dimension in the tile of each sub-cluster but perhaps the last, and outputs of a sliding dimension in them. */
	readonly tile: number;
	readonly outputs: number;
	/** Of the tile, what was not in the tile before (of the same sub-cluster for a temporal loop, of its neighbour for a spatial one). */
	readonly fresh: number;
	readonly freshOutputs: number;
	/** Sub-clusters with work, for a spatial loop. */
	readonly active: number;
	/** The last active sub-cluster's smaller tile; the same as the others' where it is whole. */
	readonly lastTile: number;
	readonly lastOutputs: number;
	readonly lastFresh: number;
}

/** States of each loop of a level over a tile of the given sizes. */
export function dimensionStates(level: LoopLevel, sizes: ArrayLike<number>, stride: number): DimensionState[][] {
	const kernelTile = (dimension: number): number => {
		const over = dimension === Y ? R : S;
		const i = level.dimension.indexOf(over);
		return Math.min(level.size[i] as number, sizes[over] as number);
	};
	return Array.from(level.dimension, (dimension, i) => {
		const slides = dimension === Y || dimension === X;
		const kernel = slides ? kernelTile(dimension) : 1;
		const outputsOf = (tile: number): number => (slides ? (tile < kernel ? 0 : Math.floor((tile - kernel) / stride) + 1) : tile);
		const size = sizes[dimension] as number;
		const tile = level.size[i] as number;
		const step = level.offset[i] as number;
		return level.isSpatial[i] === 1
			? spatialStates(size, tile, step, level.clusters, slides ? stride : 1, outputsOf)
			: temporalStates(size, tile, step, outputsOf);
	});
}

function temporalStates(size: number, tile: number, step: number, outputsOf: (tile: number) => number): DimensionState[] {
	const whole = Math.min(tile, size);
	const state = (position: DimensionState['position'], occurrences: number, length: number, fresh: number): DimensionState => {
		const outputs = outputsOf(length);
		return {
			position,
			occurrences,
			isUnrolled: tile >= size,
			tile: length,
			outputs,
			fresh,
			freshOutputs: outputs,
			active: 1,
			lastTile: length,
			lastOutputs: outputs,
			lastFresh: fresh,
		};
	};
	const states = [state('first', 1, whole, whole)];
	const steady = tile >= size ? 0 : Math.floor((size - tile) / step);
	if (steady > 0) states.push(state('steady', steady, tile, Math.min(tile, step)));
	const covered = tile + steady * step;
	if (covered < size) {
		const rest = size - (steady + 1) * step;
		// A tile of inputs too small for a window has no outputs and is no step.
		if (rest > 0 && outputsOf(rest) > 0) states.push(state('edge', 1, rest, Math.min(rest, size - covered)));
	}
	return states;
}

function spatialStates(
	size: number,
	tile: number,
	step: number,
	clusters: number,
	stride: number,
	outputsOf: (tile: number) => number,
): DimensionState[] {
	const coverage = tile + step * (clusters - 1);
	const state = (position: DimensionState['position'], occurrences: number, length: number): DimensionState => {
		// `length` elements are left for this step: whole tiles, and perhaps a smaller one after them.
		const wholeTiles = length < tile ? 0 : Math.min(clusters, Math.floor((length - tile) / step) + 1);
		const rest = length - wholeTiles * step;
		const hasSmaller =
			wholeTiles < clusters &&
			wholeTiles * step + Math.max(0, tile - step) < length &&
			outputsOf(rest) > 0 &&
			(wholeTiles === 0 || rest < tile);
		const active = wholeTiles + (hasSmaller ? 1 : 0);
		const usual = wholeTiles === 0 ? rest : tile;
		const last = hasSmaller ? rest : tile;
		const fresh = Math.min(usual, step);
		return {
			position,
			occurrences,
			isUnrolled: size <= coverage,
			tile: usual,
			outputs: outputsOf(usual),
			fresh,
			freshOutputs: Math.min(outputsOf(usual), Math.max(1, Math.floor(step / stride))),
			active: Math.max(1, active),
			lastTile: Math.min(last, usual),
			lastOutputs: outputsOf(Math.min(last, usual)),
			lastFresh: Math.max(0, fresh - (usual - Math.min(last, usual))),
		};
	};
	const states = [state('first', 1, Math.min(size, coverage))];
	if (size <= coverage) return states;
	const tiles = Math.floor((size - tile) / step) + 1;
	const steady = Math.floor(tiles / clusters) - 1;
	if (steady > 0) states.push(state('steady', steady, coverage));
	const left = size - (steady + 1) * step * clusters;
	const isCovered = steady * step * clusters + coverage >= size;
	if (!isCovered && left > 0 && outputsOf(left) > 0) states.push(state('edge', 1, left));
	return states;
}

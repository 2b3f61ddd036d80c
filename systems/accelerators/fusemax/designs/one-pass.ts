/**
 * The three designs that run the one-pass cascade, in closed form.
 *
 * A tile is `side` keys by `side` queries. `fusemax` overlaps the arrays in four phases: the next tile's logits and maxima on the 2D array
 * while the 1D array ends the tile before; the running maximum; exponentials and their sums beside the correction factors;
 * the product with V beside the correction of the numerator. `architecture` has the same elements without that overlap: the
 * maximum drains through the array for each tile. `cascade` runs the one-pass cascade on the baseline's elements, where all but the two
 * products go through the 1D array element by element.
 */
import type { Accelerator } from '../accelerator.ts';
import { type AttentionShape, ranksOf } from '../attention-shape.ts';
import { chooseQueryBlocks, type QueryBlocks, type TileContent } from '../query-blocks.ts';
import { busyCycles, type DesignResult, type EinsumCycles, type Limit } from './design-result.ts';

export const onePassDesigns = ['fusemax', 'architecture', 'cascade'] as const;
export type OnePassDesign = (typeof onePassDesigns)[number];

/** Issues of an exponential and the subtraction before it where the multiply-accumulate unit computes it: 6 chained steps and 1. */
export const EXPONENTIAL_ISSUES = 7;
/** The same on the baseline's elements, which have a unit for it. */
const EXPONENTIAL_UNIT_ISSUES = 2;

export interface OnePassResult extends DesignResult {
	readonly queryBlocks: QueryBlocks;
}

/** Cycles of the twelve Einsums over all tiles. */
export function onePassCycles(shape: AttentionShape, side: number, design: OnePassDesign): readonly EinsumCycles[] {
	const { B, H, E, F, M, P } = ranksOf(shape);
	const queryTiles = B * H * Math.ceil(P / side);
	const tiles = queryTiles * Math.ceil(M / side);
	const onGrid = design !== 'cascade';
	// Of what the baseline's elements do outside the array, every key of a tile is a step of its own.
	const wide = onGrid ? tiles : tiles * side;
	const grid = onGrid ? '2D' : '1D';
	const exponential = onGrid ? EXPONENTIAL_ISSUES : EXPONENTIAL_UNIT_ISSUES;
	return [
		{ einsum: 'QK', array: '2D', cycles: tiles * E },
		{ einsum: 'LM', array: grid, cycles: wide },
		{ einsum: 'SLN', array: grid, cycles: exponential * wide },
		{ einsum: 'SLD', array: grid, cycles: wide },
		{ einsum: 'SLNV', array: '2D', cycles: tiles * F },
		{ einsum: 'RM', array: '1D', cycles: tiles },
		{ einsum: 'PRM', array: '1D', cycles: exponential * tiles },
		{ einsum: 'SPD', array: '1D', cycles: tiles },
		{ einsum: 'SPNV', array: '1D', cycles: tiles * F },
		{ einsum: 'RD', array: '1D', cycles: tiles },
		{ einsum: 'RNV', array: '1D', cycles: tiles * F },
		{ einsum: 'AV', array: '1D', cycles: queryTiles * F },
	];
}

/** Cycles from the first logit to the last result, with all data at hand. */
export function computeCycles(cycles: readonly EinsumCycles[], side: number, design: OnePassDesign): number {
	if (design === 'cascade') return Math.max(busyCycles(cycles, '2D'), busyCycles(cycles, '1D'));
	const of = (...names: string[]) => cycles.reduce((sum, one) => sum + (names.includes(one.einsum) ? one.cycles : 0), 0);
	const exponentials = Math.max(of('SLN', 'SLD'), of('PRM', 'SPD'));
	if (design === 'architecture') {
		const drain = side * of('LM');
		return Math.max(of('QK', 'LM'), of('RD', 'AV')) + drain + of('RM') + exponentials + Math.max(of('SLNV'), of('SPNV', 'RNV'));
	}
	return Math.max(of('QK', 'LM'), of('RD', 'RNV', 'AV')) + of('RM') + exponentials + Math.max(of('SLNV'), of('SPNV'));
}

/** Bytes between memory and chip: queries and results once, keys and values once for each block of queries. */
function trafficBytes(shape: AttentionShape, wordBytes: number, { blocks }: QueryBlocks): number {
	const { B, H, E, F, M, P } = ranksOf(shape);
	return wordBytes * B * H * (P * E + blocks * M * E + blocks * M * F + P * F);
}

/** Latency, traffic and utilisation. Raises an `InputError` where the buffer holds no tile. */
export function runOnePass(shape: AttentionShape, accelerator: Accelerator, design: OnePassDesign): OnePassResult {
	const { array, wordBytes, bytesPerSecond } = accelerator;
	const content: TileContent = design === 'cascade' ? 'stored' : 'fused';
	const queryBlocks = chooseQueryBlocks(shape, accelerator, content);
	const cycles = onePassCycles(shape, array.rows, design);
	const traffic = trafficBytes(shape, wordBytes, queryBlocks);
	const computeSeconds = computeCycles(cycles, array.rows, design) / array.clockHertz;
	const memorySeconds = traffic / bytesPerSecond;
	const latencySeconds = Math.max(computeSeconds, memorySeconds);
	const share = (name: '2D' | '1D') => busyCycles(cycles, name) / array.clockHertz / latencySeconds;
	const utilization2d = share('2D');
	const utilization1d = share('1D');
	return {
		latencySeconds,
		computeSeconds,
		memorySeconds,
		trafficBytes: traffic,
		cycles,
		utilization2d,
		utilization1d,
		limit: memorySeconds > computeSeconds ? 'memory' : computeLimit(utilization2d, utilization1d),
		queryBlocks,
	};
}

/** An array that is busy for all but a thousandth of the time is the limit; otherwise the two wait for each other. */
function computeLimit(utilization2d: number, utilization1d: number): Limit {
	if (utilization1d > 0.999) return '1D array';
	return utilization2d > 0.999 ? '2D array' : 'compute';
}

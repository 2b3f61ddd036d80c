/**
 * The baseline that fuses by keeping rows of logits on the chip (FLAT, Kao et al., ASPLOS 2023), with the three-pass cascade: what is
 * kept where, how long, and which operand stays in the array is a mapping. Rows of logits grow with the sequence; what of them the
 * buffer cannot hold is spilled to memory.
 */
import type { Accelerator } from '../accelerator.ts';
import { type AttentionShape, ranksOf } from '../attention-shape.ts';
import type { DesignResult, EinsumCycles, Limit } from './design-result.ts';

export const stationarities = ['output', 'weight'] as const;
export type Stationarity = (typeof stationarities)[number];

export interface FlatMapping {
	/** Tensors that wait on the chip; the others come from memory whenever they are used. */
	readonly queriesOnChip: boolean;
	readonly keysOnChip: boolean;
	/** Logits and probabilities. */
	readonly logitsOnChip: boolean;
	readonly valuesOnChip: boolean;
	readonly resultsOnChip: boolean;
	/** What stays in the array during the first and the second product. */
	readonly firstStationarity: Stationarity;
	readonly secondStationarity: Stationarity;
	/** P1: rows of queries whose logits are on the chip at a time; P for a whole head. */
	readonly rowsAtATime: number;
	/** Share of what should be on the chip that is spilled, 0 to 1. */
	readonly spilledShare: number;
}

/** Operations on each logit outside the array: maximum, exponential, sum, division. */
const SOFTMAX_OPERATIONS = 4;

interface FlatTraffic {
	readonly queries: number;
	readonly keys: number;
	readonly values: number;
	readonly results: number;
	/** Written and read between the products. */
	readonly logits: number;
}

/** Words between memory and chip for one head of one sequence. */
function flatTrafficWords(shape: AttentionShape, side: number, mapping: FlatMapping): FlatTraffic {
	const { E, F, M, P } = ranksOf(shape);
	const s = mapping.spilledShare;
	const rowBlocks = Math.ceil(P / mapping.rowsAtATime);
	const queryTiles = Math.ceil(P / side);
	const keyTiles = Math.ceil(M / side);
	const held = (once: number, each: number) => (1 - s) * once + s * each;
	const streamed = (onChip: boolean, stationarity: Stationarity) => {
		if (stationarity === 'weight') return rowBlocks;
		return onChip ? held(rowBlocks, queryTiles) : queryTiles;
	};
	// The published form reads queries that wait beside stationary weights once; what is spilled of them comes again for each tile.
	const queryReads = mapping.queriesOnChip ? held(1, keyTiles) : keyTiles;
	return {
		queries: P * E * queryReads,
		keys: M * E * streamed(mapping.keysOnChip, mapping.firstStationarity),
		values: M * F * streamed(mapping.valuesOnChip, mapping.secondStationarity),
		results: P * F,
		logits: P * M * (mapping.logitsOnChip ? 7 * s : 4),
	};
}

/** Cycles of a product and the share of the array's elements it uses, by what stays in the array. */
function productCycles(
	shape: AttentionShape,
	side: number,
	product: 'first' | 'second',
	stationarity: Stationarity,
): { readonly cycles: number; readonly used: number } {
	const { B, H, E, F, M, P } = ranksOf(shape);
	const width = product === 'first' ? E : F;
	const steps = Math.ceil(width / side);
	const narrow = width / (steps * side);
	const keyTiles = Math.ceil(M / side);
	const queryTiles = Math.ceil(P / side);
	if (stationarity === 'weight') return { cycles: B * H * P * steps * keyTiles, used: narrow };
	if (product === 'first') return { cycles: B * H * E * keyTiles * queryTiles, used: 1 };
	return { cycles: B * H * M * steps * queryTiles, used: narrow };
}

/** Latency, traffic and utilisation under a mapping. */
export function runFlat(shape: AttentionShape, accelerator: Accelerator, mapping: FlatMapping): DesignResult {
	const { array, wordBytes, bytesPerSecond } = accelerator;
	const { B, H, M, P } = ranksOf(shape);
	const side = array.rows;
	const first = productCycles(shape, side, 'first', mapping.firstStationarity);
	const second = productCycles(shape, side, 'second', mapping.secondStationarity);
	const softmax = B * H * P * Math.ceil(M / side);
	const cycles: EinsumCycles[] = [
		{ einsum: 'QK', array: '2D', cycles: first.cycles },
		{ einsum: 'AV', array: '2D', cycles: second.cycles },
		...['GM', 'SN', 'SD', 'A'].map((einsum): EinsumCycles => ({ einsum, array: '1D', cycles: softmax })),
	];
	const words = flatTrafficWords(shape, side, mapping);
	const trafficBytes = B * H * wordBytes * (words.queries + words.keys + words.values + words.results + words.logits);
	const seconds2d = (first.cycles + second.cycles) / array.clockHertz;
	const seconds1d = (SOFTMAX_OPERATIONS * softmax) / array.clockHertz;
	const memorySeconds = trafficBytes / bytesPerSecond;
	const computeSeconds = Math.max(seconds2d, seconds1d);
	const latencySeconds = Math.max(memorySeconds, computeSeconds);
	const limit: Limit = latencySeconds === memorySeconds ? 'memory' : latencySeconds === seconds1d ? '1D array' : '2D array';
	return {
		latencySeconds,
		computeSeconds,
		memorySeconds,
		trafficBytes,
		cycles,
		utilization2d: (first.cycles * first.used + second.cycles * second.used) / array.clockHertz / latencySeconds,
		utilization1d: seconds1d / latencySeconds,
		limit,
	};
}

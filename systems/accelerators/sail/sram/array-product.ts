/** A product on one array: every column of weights in a lane of its own, groups of rows one after the other. */
import { type Lookup, lookupsOf, type PatternSavings, patternsOf } from '../lut/activation-pattern.ts';
import type { IntegerMatrix } from '../lut/integer-product.ts';
import { BitArray } from './bit-array.ts';
import { accumulatorBits, layOutRows, type TableShape } from './row-layout.ts';
import { buildTable, lookUp } from './table-programs.ts';

export interface ArrayProduct {
	/** Sums of each scale group: tokens x scale groups x columns. */
	readonly sums: Float64Array;
	readonly buildCycles: number;
	readonly lookupCycles: number;
	readonly lookups: number;
}

/**
 * Runs tokens x K times K x columns on an array of `rows` x `columns`' lanes. Weights are within `weightBits` and activations within
 * `activationBits` of two's complement. Raises an `InputError` where the shape takes more rows than there are.
 */
export function arrayProduct(
	activations: IntegerMatrix,
	weights: IntegerMatrix,
	shape: TableShape,
	rows: number,
	savings: PatternSavings,
): ArrayProduct {
	const { group, weightBits, activationBits, scaleGroup, tokens } = shape;
	const layout = layOutRows(shape, rows);
	const array = new BitArray(rows, Math.ceil(weights.columns / 32) * 32);
	const { columns } = weights;
	const depth = weights.rows;
	const groups = Math.ceil(depth / scaleGroup);
	const sums = new Float64Array(tokens * groups * columns);
	/** What storing weights without sign adds. */
	const offset = 2 ** (weightBits - 1);
	let buildCycles = 0;
	let lookupCycles = 0;
	let lookups = 0;
	for (let scale = 0; scale < groups; scale++) {
		const start = scale * scaleGroup;
		const end = Math.min(depth, start + scaleGroup);
		for (const accumulator of layout.accumulators) array.fillZeros(accumulator, accumulatorBits(shape));
		for (let first = start; first < end; first += group) {
			for (let i = 0; i < group; i++) array.write(i * weightBits, weightBits, weightRow(weights, first + i, end, offset));
			const before = array.cycles;
			buildTable(array, shape, layout);
			const built = array.cycles;
			for (let token = 0; token < tokens; token++) {
				const patterns = patternsOf(activations.values, token * depth + first, Math.min(group, end - first), activationBits);
				const needed: readonly Lookup[] = lookupsOf(patterns, savings);
				lookUp(array, shape, layout, layout.accumulators[token] as number, needed);
				lookups += needed.length;
			}
			buildCycles += built - before;
			lookupCycles += array.cycles - built;
		}
		for (let token = 0; token < tokens; token++) {
			const held = array.read(layout.accumulators[token] as number, accumulatorBits(shape), true);
			let total = 0;
			for (let k = start; k < end; k++) total += activations.values[token * depth + k] as number;
			const at = (token * groups + scale) * columns;
			for (let column = 0; column < columns; column++) sums[at + column] = (held[column] as number) - offset * total;
		}
	}
	return { sums, buildCycles, lookupCycles, lookups };
}

/** A row of weights without sign; beyond the end, zeros that no pattern asks for. */
function weightRow({ columns, values }: IntegerMatrix, row: number, end: number, offset: number): Int32Array {
	const raised = new Int32Array(columns);
	if (row < end)
		for (let column = 0; column < columns; column++) raised[column] = (values[row * columns + column] as number) + offset;
	return raised;
}

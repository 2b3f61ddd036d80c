/**
 * How long the cache takes for one product: weights stream in from DRAM, are transposed on the way, and are multiplied where they arrive, tile
 * after tile, so that the slowest of the three sets the pace.
 *
 * An array takes as many columns as it has lanes, and a slice of the inner dimension. More slices put more arrays to work and leave more partial
 * sums for the cores to add; as few are taken as keep up with DRAM.
 */

import type { WeightWidth } from '../model/quantised-model.ts';
import type { WeightProduct } from '../model/weight-products.ts';
import { conversionCycles } from '../sram/convert-to-float.ts';
import { accumulatorBits } from '../sram/row-layout.ts';
import { type CacheMachine, fillBytesPerSecond, vectorOpsPerSecond } from './cache-machine.ts';
import { chooseGroup, type GroupPlan } from './choose-group.ts';
import type { ScaleKind } from './scale-kind.ts';

/** Bits of a float's mantissa with its leading one, and of its exponent. */
const MANTISSA = 24;
const EXPONENT = 8;

/** Cycles to scale a float: w^2 + 5 w - 2 for its mantissa (Neural Cache's multiplication), and an addition of exponents. */
export function scaleCycles(kind: ScaleKind): number {
	return (kind === 'any' ? MANTISSA ** 2 + 5 * MANTISSA - 2 : 0) + EXPONENT + 1;
}

/** How a product's numbers look; widths of weights are the product's own. */
export interface QuantisedWeights extends WeightWidth, Quantisation {}

export interface Quantisation {
	readonly activationBits: number;
	readonly scaleGroup: number;
	readonly scales: ScaleKind;
	/** Share of lookup cycles that pattern awareness leaves, by weights that share a table and the width of a weight. */
	readonly lookupShare: (group: number, weightBits: number) => number;
}

export interface ProductTime {
	readonly plan: GroupPlan;
	/** Slices of the inner dimension, and arrays that work at once. */
	readonly slices: number;
	readonly arrays: number;
	readonly loadSeconds: number;
	readonly fillSeconds: number;
	readonly buildSeconds: number;
	readonly lookupSeconds: number;
	readonly conversionSeconds: number;
	/** Partial sums added on the cores. */
	readonly reductionSeconds: number;
	/** Of one product, everything above overlapped as it is. */
	readonly seconds: number;
}

export function productTime(product: WeightProduct, weights: QuantisedWeights, machine: CacheMachine): ProductTime {
	const { depth, columns, tokens } = product;
	const { weightBits, activationBits, scaleGroup } = weights;
	const plan = chooseGroup({ weightBits, activationBits, scaleGroup, tokens }, machine.rows, (group) =>
		weights.lookupShare(group, weightBits),
	);
	const bytes = (depth * columns * weights.storedBits) / 8;
	const loadSeconds = bytes / machine.dramBytesPerSecond;
	const fillSeconds = bytes / fillBytesPerSecond(machine);
	const blocks = Math.ceil(columns / machine.lanes);
	const mostSlices = Math.max(1, Math.min(Math.ceil(depth / plan.shape.group), Math.floor(machine.arrays / blocks)));
	const withSlices = (slices: number): ProductTime => {
		const groups = Math.ceil(depth / slices / plan.shape.group);
		const rowsEach = groups * plan.shape.group;
		const tasks = blocks * Math.ceil(depth / rowsEach);
		const rounds = Math.ceil(tasks / machine.arrays);
		const cycle = rounds / machine.arrayHertz;
		const buildSeconds = groups * plan.buildCycles * cycle;
		const lookupSeconds = groups * plan.lookupCycles * cycle;
		const conversions = tokens * Math.ceil(rowsEach / scaleGroup);
		const conversionSeconds =
			conversions * (conversionCycles(Math.min(32, accumulatorBits(plan.shape))) + scaleCycles(weights.scales)) * cycle;
		// Sums of all slices and scale groups of an array.
		const reductionSeconds = (tokens * columns * Math.ceil(depth / Math.min(rowsEach, scaleGroup))) / vectorOpsPerSecond(machine);
		const computing = buildSeconds + lookupSeconds + conversionSeconds;
		return {
			plan,
			slices,
			arrays: Math.min(tasks, machine.arrays),
			loadSeconds,
			fillSeconds,
			buildSeconds,
			lookupSeconds,
			conversionSeconds,
			reductionSeconds,
			seconds: Math.max(loadSeconds, fillSeconds, computing, reductionSeconds),
		};
	};
	let best = withSlices(1);
	for (let slices = 2; ; slices *= 2) {
		const computing = best.buildSeconds + best.lookupSeconds + best.conversionSeconds;
		if (computing <= loadSeconds || best.slices >= mostSlices) return best;
		const next = withSlices(Math.min(slices, mostSlices));
		if (next.seconds > best.seconds) return best;
		best = next;
	}
}

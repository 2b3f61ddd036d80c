/**
 * The cost of one cluster level: every combination of its loops' states is one kind of step. A step brings in what each tensor newly
 * needs, lets the sub-clusters work (the level below, or the elements' multiply-accumulates) and sends partial sums out.
 *
 * The counting rules are MAESTRO's (Kwon et al., MICRO 2019, and its code): the innermost loop that moves decides which tensors
 * change, and only its new part is fetched unless a loop inside it starts over; overlapping tiles of neighbours are fetched once in steps
 * that start or move the spatial loop, and for each of them otherwise; partial sums go out at every step.
 */
import type { TensorDimensions } from './convolution-layer.ts';
import { type DimensionState, dimensionStates } from './dimension-states.ts';
import type { LoopLevel } from './loop-nest.ts';

/** Whether a step waits for its data (`maestro`: within clusters; only steps after a level's first are hidden) or all but the very first overlap. */
export type TransferMode = 'maestro' | 'overlapped';

export interface LevelCost {
	cycles: number;
	macs: number;
	/** Mean over steps of the elements at work. */
	activeElements: number;
	inputReads: number;
	weightReads: number;
	outputWrites: number;
	/** Cycles in which steps waited for transfers alone, of `cycles`. */
	transferCycles: number;
}

export interface LevelContext {
	readonly levels: readonly LoopLevel[];
	readonly tensors: TensorDimensions;
	readonly stride: number;
	/** Elements a cycle between a level and the one above. */
	readonly bandwidth: number;
	/** Cycles of a transfer's first element. */
	readonly hopCycles: number;
	readonly mode: TransferMode;
	/** Costs of inner levels by the sizes of their tile. */
	readonly known: Map<string, LevelCost>;
}

export function levelCost(context: LevelContext, depth: number, sizes: ArrayLike<number>): LevelCost {
	const key = depth === 0 ? '' : `${depth}:${sizes[0]},${sizes[1]},${sizes[2]},${sizes[3]},${sizes[4]},${sizes[5]}`;
	const known = context.known.get(key);
	if (known !== undefined) return known;
	const level = context.levels[depth] as LoopLevel;
	const states = dimensionStates(level, sizes, context.stride);
	const total: LevelCost = {
		cycles: 0,
		macs: 0,
		activeElements: 0,
		inputReads: 0,
		weightReads: 0,
		outputWrites: 0,
		transferCycles: 0,
	};
	const chosen = states.map((of) => of[0] as DimensionState);
	let steps = 0;
	const visit = (loop: number, occurrences: number): void => {
		if (loop < 6) {
			for (const state of states[loop] as DimensionState[]) {
				chosen[loop] = state;
				visit(loop + 1, occurrences * state.occurrences);
			}
			return;
		}
		if (addStep(context, depth, level, chosen, occurrences, total)) steps += occurrences;
	};
	visit(0, 1);
	if (steps > 0) total.activeElements /= steps;
	context.known.set(key, total);
	return total;
}

/** Adds a kind of step to the total; false where it computes nothing. */
function addStep(
	context: LevelContext,
	depth: number,
	level: LoopLevel,
	states: readonly DimensionState[],
	occurrences: number,
	total: LevelCost,
): boolean {
	const { tensors } = context;
	let moving = -1;
	let active = level.clusters;
	let hasSmaller = false;
	let macsEach = 1;
	let macsLast = 1;
	for (let i = 0; i < 6; i++) {
		const state = states[i] as DimensionState;
		const isOutput = ((tensors.output >> (level.dimension[i] as number)) & 1) === 1;
		if (state.position !== 'first') moving = i;
		macsEach *= isOutput ? state.outputs : state.tile;
		if (level.isSpatial[i] === 1) {
			active = Math.min(active, state.active);
			if (state.lastTile < state.tile) hasSmaller = true;
			macsLast *= isOutput ? state.lastOutputs : state.lastTile;
		} else macsLast *= isOutput ? state.outputs : state.tile;
	}
	if (macsEach === 0) return false;
	const inputs = freshElements(level, states, tensors.input, moving, active, hasSmaller);
	const weights = freshElements(level, states, tensors.weight, moving, active, hasSmaller);
	const outputs = outputElements(level, states, tensors.output, active, hasSmaller);
	const macs = (hasSmaller ? active - 1 : active) * macsEach + (hasSmaller ? macsLast : 0);
	let compute = macsEach;
	let activeElements = active;
	let innerTransfer = 0;
	if (depth + 1 < context.levels.length) {
		const whole = hasSmaller ? active - 1 : active;
		const most = whole > 0 ? levelCost(context, depth + 1, tileSizes(level, states, false)) : null;
		const last = hasSmaller ? levelCost(context, depth + 1, tileSizes(level, states, true)) : null;
		compute = Math.max(most?.cycles ?? 0, last?.cycles ?? 0);
		innerTransfer = ((most?.cycles ?? 0) >= (last?.cycles ?? 0) ? most?.transferCycles : last?.transferCycles) ?? 0;
		activeElements = (most?.activeElements ?? 0) * whole + (last?.activeElements ?? 0);
	}
	const ingress = transferCycles(context, inputs + weights);
	const egress = transferCycles(context, outputs);
	const waits = moving === -1 && (context.mode === 'maestro' || depth === 0);
	const cycles = waits ? ingress + compute : Math.max(ingress, compute, egress);
	total.cycles += occurrences * cycles;
	total.transferCycles += occurrences * (cycles - compute + innerTransfer);
	total.macs += occurrences * macs;
	total.activeElements += occurrences * activeElements;
	total.inputReads += occurrences * inputs;
	total.weightReads += occurrences * weights;
	total.outputWrites += occurrences * outputs;
	return true;
}

function transferCycles({ bandwidth, hopCycles }: LevelContext, elements: number): number {
	return hopCycles + Math.ceil(elements / bandwidth) - 1;
}

/** Elements of a tensor that a step fetches into all sub-clusters of a level. */
function freshElements(
	level: LoopLevel,
	states: readonly DimensionState[],
	tensor: number,
	moving: number,
	active: number,
	hasSmaller: boolean,
): number {
	const has = (i: number): boolean => ((tensor >> (level.dimension[i] as number)) & 1) === 1;
	if (moving >= 0 && !has(moving)) return 0;
	// A loop inside the moving one that starts over makes the whole tile new.
	let startsOver = false;
	for (let i = moving + 1; moving >= 0 && i < 6; i++) if (has(i) && !(states[i] as DimensionState).isUnrolled) startsOver = true;
	let first = 1;
	let next = 1;
	let last = 1;
	let isSpatial = false;
	for (let i = 0; i < 6; i++) {
		if (!has(i)) continue;
		const state = states[i] as DimensionState;
		const isNew = i === moving && !startsOver;
		if (level.isSpatial[i] !== 1) {
			const elements = isNew ? state.fresh : state.tile;
			first *= elements;
			next *= elements;
			last *= elements;
			continue;
		}
		isSpatial = true;
		const isShared = isNew || (moving >= 0 && i > moving && state.position === 'first');
		first *= state.tile;
		next *= isShared ? state.fresh : state.tile;
		last *= isShared ? state.lastFresh : state.lastTile;
	}
	if (!isSpatial || active === 1) return first;
	return first + (active - (hasSmaller ? 2 : 1)) * next + (hasSmaller ? last : 0);
}

/** Partial sums that a step sends out; sub-clusters that work on the same outputs add theirs up on the way. */
function outputElements(
	level: LoopLevel,
	states: readonly DimensionState[],
	tensor: number,
	active: number,
	hasSmaller: boolean,
): number {
	let first = 1;
	let next = 1;
	let last = 1;
	let isSpatial = false;
	for (let i = 0; i < 6; i++) {
		if (((tensor >> (level.dimension[i] as number)) & 1) === 0) continue;
		const state = states[i] as DimensionState;
		first *= state.outputs;
		if (level.isSpatial[i] === 1) {
			isSpatial = true;
			next *= state.freshOutputs;
			last *= Math.min(state.freshOutputs, state.lastOutputs);
		} else {
			next *= state.outputs;
			last *= state.outputs;
		}
	}
	if (!isSpatial || active === 1) return first;
	return first + (active - (hasSmaller ? 2 : 1)) * next + (hasSmaller ? last : 0);
}

/** Sizes of a sub-cluster's tile, by dimension. */
function tileSizes(level: LoopLevel, states: readonly DimensionState[], isLast: boolean): Int32Array {
	const sizes = new Int32Array(6);
	for (let i = 0; i < 6; i++) {
		const state = states[i] as DimensionState;
		sizes[level.dimension[i] as number] = isLast && level.isSpatial[i] === 1 ? state.lastTile : state.tile;
	}
	return sizes;
}

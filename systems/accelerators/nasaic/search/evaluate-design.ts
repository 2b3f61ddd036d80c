/** What a design is worth: accuracy, latency, energy and area, and how far it is beyond the limits. */
import { assignByHeuristic } from '../assignment/assign-by-heuristic.ts';
import type { AssignmentProblem, Schedule } from '../assignment/assignment-problem.ts';
import { chipArea } from '../cost/area.ts';
import type { ConvolutionLayer } from '../cost/convolution-layer.ts';
import { type LayerCost, rememberingLayerCost, type SubAccelerator } from '../cost/layer-cost.ts';
import type { TransferMode } from '../cost/level-cost.ts';
import type { TaskNetwork } from '../networks/task-network.ts';
import { chipOf, type DesignSpace, networkOptions } from './design-space.ts';

/** In cycles, multiply-accumulates and square micrometres. */
export interface Limits {
	readonly latency: number;
	readonly energy: number;
	readonly area: number;
}

export interface DesignCost extends Limits {
	/** Null where some layer fits on no sub-accelerator; latency and energy are infinite then. */
	readonly schedule: Schedule | null;
}

export interface Evaluator {
	readonly space: DesignSpace;
	readonly limits: Limits;
	networks(chosen: Int32Array): readonly TaskNetwork[];
	/** Weighted accuracy in per cent; 0 where every network is given. */
	accuracy(chosen: Int32Array): number;
	accuracies(chosen: Int32Array): (number | null)[];
	problem(networks: readonly TaskNetwork[], chip: readonly SubAccelerator[]): AssignmentProblem;
	cost(chosen: Int32Array): DesignCost;
	layerCost(layer: ConvolutionLayer, accelerator: SubAccelerator): LayerCost | null;
	/** Costs of layers asked for, remembered or not. */
	layerEvaluations(): number;
}

export function createEvaluator(space: DesignSpace, limits: Limits, mode: TransferMode): Evaluator {
	const remembered = rememberingLayerCost(mode);
	const builtNetworks = new Map<string, TaskNetwork>();
	let evaluations = 0;
	const layerCost = (layer: ConvolutionLayer, accelerator: SubAccelerator): LayerCost | null => {
		evaluations++;
		return remembered(layer, accelerator);
	};
	const networks = (chosen: Int32Array): TaskNetwork[] =>
		networkOptions(space, chosen).map((options, i) => {
			const key = `${i}:${options.join()}`;
			let network = builtNetworks.get(key);
			if (network === undefined) {
				network = space.tasks[i]?.network(options) as TaskNetwork;
				builtNetworks.set(key, network);
			}
			return network;
		});
	const problem = (of: readonly TaskNetwork[], chip: readonly SubAccelerator[]): AssignmentProblem => {
		const layers = of.reduce((sum, network) => sum + network.layers.length, 0);
		const cycles = new Float64Array(layers * chip.length).fill(Number.POSITIVE_INFINITY);
		const energy = new Float64Array(layers * chip.length).fill(Number.POSITIVE_INFINITY);
		const predecessors: number[][] = [];
		let first = 0;
		for (const network of of) {
			for (const [l, layer] of network.layers.entries()) {
				predecessors.push((network.predecessors[l] as readonly number[]).map((before) => before + first));
				for (const [j, accelerator] of chip.entries()) {
					const cost = layerCost(layer, accelerator);
					if (cost === null) continue;
					cycles[(first + l) * chip.length + j] = cost.cycles;
					energy[(first + l) * chip.length + j] = cost.energy;
				}
			}
			first += network.layers.length;
		}
		return { layers, accelerators: chip.length, cycles, energy, predecessors };
	};
	const knownCosts = new Map<string, DesignCost>();
	const costOf = (chosen: Int32Array): DesignCost => {
		const chip = chipOf(space, chosen);
		const area = chipArea(chip);
		const schedule = assignByHeuristic(problem(networks(chosen), chip), limits.latency);
		if (schedule === null) return { schedule, latency: Number.POSITIVE_INFINITY, energy: Number.POSITIVE_INFINITY, area };
		return { schedule, latency: schedule.makespan, energy: schedule.energy, area };
	};
	const accuracies = (chosen: Int32Array): (number | null)[] =>
		networkOptions(space, chosen).map((options, i) => space.tasks[i]?.accuracy(options) ?? null);
	return {
		space,
		limits,
		networks,
		accuracies,
		accuracy(chosen) {
			const weights = space.tasks.reduce((sum, { weight }) => sum + weight, 0);
			if (weights === 0) return 0;
			return accuracies(chosen).reduce<number>(
				(sum, accuracy, i) => sum + ((accuracy ?? 0) * (space.tasks[i]?.weight ?? 0)) / weights,
				0,
			);
		},
		problem,
		cost(chosen) {
			const key = chosen.join();
			let cost = knownCosts.get(key);
			if (cost === undefined) {
				cost = costOf(chosen);
				knownCosts.set(key, cost);
			}
			return cost;
		},
		layerCost,
		layerEvaluations: () => evaluations,
	};
}

export function meetsLimits(cost: Limits, limits: Limits): boolean {
	return cost.latency <= limits.latency && cost.energy <= limits.energy && cost.area <= limits.area;
}

/** The paper's penalty: how far each cost is beyond its limit, on the way to the worst value seen. A layer that fits nowhere counts as the worst. */
export function penalty(cost: Limits, limits: Limits, worst: Limits): number {
	const beyond = (value: number, limit: number, bound: number): number =>
		Number.isFinite(value) ? Math.max(0, (value - limit) / Math.max(bound - limit, 1e-9 * limit)) : 1;
	return (
		beyond(cost.latency, limits.latency, worst.latency) +
		beyond(cost.energy, limits.energy, worst.energy) +
		beyond(cost.area, limits.area, worst.area)
	);
}

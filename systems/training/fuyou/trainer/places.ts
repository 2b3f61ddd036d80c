/** Where in the kernels' memory everything lies that a step uses. */
import { Arena, type GptShape } from '@assay/learning';
import type { MemoryPlan } from './memory-plan.ts';
import { PAGE_BYTES, type StateLayout } from './state-layout.ts';

/** Addresses of buffers, records and rows. */
export interface Places {
	readonly weights: readonly number[];
	readonly gradients: readonly number[];
	readonly optimizer: readonly number[];
	readonly parked: ReadonlyMap<number, number>;
	readonly records: readonly number[];
	/** Record of each layer that stays in memory. */
	readonly resident: ReadonlyMap<number, number>;
	readonly output: number;
	readonly gradient: number;
	readonly tokens: number;
	readonly targets: number;
}

/** Lays everything out from `start` on; the memory grows to what is needed. */
export function layPlaces(
	memory: WebAssembly.Memory,
	start: number,
	shape: GptShape,
	layout: StateLayout,
	plan: MemoryPlan,
): Places {
	const arena = new Arena(memory, start);
	const several = (count: number, bytes: number): number[] => Array.from({ length: count }, () => arena.bytes(bytes, PAGE_BYTES));
	const run = layout.largestRunBytes;
	const rows = shape.batch * shape.sequenceTokens;
	const resident = new Map<number, number>();
	for (let layer = plan.spilledLayers; layer < shape.layers; layer++)
		resident.set(layer, arena.bytes(plan.recordBytes, PAGE_BYTES));
	return {
		weights: several(plan.weightBuffers, run),
		gradients: several(plan.gradientBuffers, run),
		optimizer: several(plan.optimizerBuffers, 3 * run),
		parked: new Map(
			plan.parkedSegments.map((segment) => [segment, arena.bytes(layout.segments[segment]?.runBytes ?? 0, PAGE_BYTES)]),
		),
		records: several(plan.recordBuffers, plan.recordBytes),
		resident,
		output: arena.floats(rows * shape.width),
		gradient: arena.floats(rows * shape.width),
		tokens: arena.floats(rows),
		targets: arena.floats(rows),
	};
}

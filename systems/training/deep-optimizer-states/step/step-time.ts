/** A whole step: forward, backward with the flush of gradients, update, and what lies between them. */
import type { UpdateRates } from '../rates/update-rates.ts';
import { updateSeconds } from '../update/update-time.ts';
import type { ComputeSeconds } from './compute-time.ts';

/** How the optimizer is offloaded. */
export interface Strategy {
	/** Share of the parameters whose optimizer state is offloaded. */
	readonly ratio: number;
	/** Null: the default update. */
	readonly stride: number | null;
	/** Gradients leave the GPU by copies that nothing waits for. Part of the paper's method; the default blocks. */
	readonly asynchronousFlush: boolean;
}

export interface StepSeconds {
	readonly forward: number;
	readonly backward: number;
	readonly update: number;
	/** Outside the three phases: data, logging, bookkeeping. */
	readonly other: number;
	readonly total: number;
}

/**
 * Time of a step of one rank with `parameters` parameters. A blocking flush adds `r·S/F` to backward. `otherSeconds` is what
 * measurements show outside the three phases.
 */
export function stepSeconds(
	parameters: number,
	strategy: Strategy,
	compute: ComputeSeconds,
	rates: UpdateRates,
	otherSeconds = 0,
): StepSeconds {
	const { ratio, stride, asynchronousFlush } = strategy;
	const flush = asynchronousFlush ? 0 : (ratio * parameters) / rates.flushPerSecond;
	const backward = compute.backward + flush;
	const update = updateSeconds({ parameters, ratio, stride }, rates);
	return {
		forward: compute.forward,
		backward,
		update,
		other: otherSeconds,
		total: compute.forward + backward + update + otherSeconds,
	};
}

/**
 * Which schedule to take under a cap of memory: every window, group and mode, and every ring, is simulated. Time of a pass is the
 * mean over the later passes of a short run; a test holds it to an exhaustive search with long runs.
 */
import { ringBytes, simulateRing, spreadPins } from './pin-and-ring.ts';
import { largestWindow, type UnitTimes, type Writeback } from './units.ts';
import { meanPassSeconds, simulateWindow } from './window.ts';

export type Plan =
	| { readonly kind: 'resident' }
	| { readonly kind: 'window'; readonly window: number; readonly group: number; readonly mode: 'batch' | 'sequential' }
	| { readonly kind: 'pin-and-ring'; readonly pinned: Uint8Array; readonly slots: number };

/** A plan with what it takes. */
export interface EvaluatedPlan {
	readonly plan: Plan;
	/** Weights on the device at most, shared ones included. */
	readonly bytes: number;
	readonly passSeconds: number;
}

export interface PlanRequest {
	readonly times: UnitTimes;
	readonly weightBytes: Float64Array;
	/** Weights that are always there: embeddings, head, small constants. */
	readonly sharedBytes: number;
	readonly writeback: Writeback;
	/** Only the paper's window, or rings too. */
	readonly policies: readonly ('window' | 'pin-and-ring')[];
}

/** Passes of a short run; the first ones are not counted. */
const PASSES = 7;
const WARM_UP = 3;
/** Slots of a ring that are tried. */
export const RING_SLOTS = [2, 3] as const;

/** All plans, the resident one first. */
export function evaluatePlans(request: PlanRequest, passes = PASSES, after = WARM_UP): EvaluatedPlan[] {
	return [...eachPlan(request, passes, after)];
}

/** The same one by one, so that a caller can give way in between. */
export function* eachPlan(request: PlanRequest, passes = PASSES, after = WARM_UP): Generator<EvaluatedPlan> {
	const { times, weightBytes, sharedBytes, writeback } = request;
	const count = weightBytes.length;
	const computeSeconds = times.compute.reduce((sum, seconds) => sum + seconds, 0);
	const whole = weightBytes.reduce((sum, bytes) => sum + bytes, 0);
	yield { plan: { kind: 'resident' }, bytes: sharedBytes + whole, passSeconds: computeSeconds };
	if (request.policies.includes('window')) {
		for (let window = 1; window < count; window++) {
			for (let group = 1; group <= window; group++) {
				const bytes = sharedBytes + largestWindow(weightBytes, window, group);
				for (const mode of group === 1 ? (['sequential'] as const) : (['batch', 'sequential'] as const)) {
					const { passEnds } = simulateWindow(times, { window, group, mode, writeback, passes });
					yield {
						plan: { kind: 'window', window, group, mode },
						bytes,
						passSeconds: Math.max(
							meanPassSeconds(passEnds, after, passes),
							movingSeconds(times, mode === 'batch' ? group : 1, writeback),
						),
					};
				}
			}
		}
	}
	if (request.policies.includes('pin-and-ring')) {
		for (const slots of RING_SLOTS) {
			for (let keep = 0; keep + slots < count; keep++) {
				yield evaluateRing(request, spreadPins(count, keep), slots, passes, after);
			}
		}
	}
}

/**
 * What the busier engine moves in each pass of a window: no long run is faster. A short one may seem so, for groups that do not divide
 * the units leave some of a pass's transfers to the next.
 */
function movingSeconds({ in: into, out, latency }: UnitTimes, group: number, writeback: Writeback): number {
	const beside = (latency * into.length) / group;
	const sum = (values: Float64Array): number => values.reduce((total, one) => total + one, 0);
	return beside + Math.max(sum(into), writeback === 'copy' ? sum(out) : 0);
}

/** A ring beside units that stay. */
export function evaluateRing(
	{ times, weightBytes, sharedBytes, writeback }: PlanRequest,
	pinned: Uint8Array,
	slots: number,
	passes = PASSES,
	after = WARM_UP,
): EvaluatedPlan {
	const { passEnds } = simulateRing(times, { pinned, slots, writeback, passes });
	return {
		plan: { kind: 'pin-and-ring', pinned, slots },
		bytes: sharedBytes + ringBytes(weightBytes, pinned, slots),
		passSeconds: meanPassSeconds(passEnds, after, passes),
	};
}

/** The fastest plan within a cap; of equals the smallest. Undefined where none fits. */
export function fastestWithin(plans: readonly EvaluatedPlan[], capBytes: number): EvaluatedPlan | undefined {
	let best: EvaluatedPlan | undefined;
	for (const one of plans) {
		if (one.bytes > capBytes) continue;
		if (best === undefined || one.passSeconds < best.passSeconds * (1 - 1e-12)) best = one;
		else if (one.passSeconds <= best.passSeconds * (1 + 1e-12) && one.bytes < best.bytes) best = one;
	}
	return best;
}

/** The smallest plan that is at most `slowdown` times as slow as the resident run. */
export function smallestWithin(plans: readonly EvaluatedPlan[], slowdown: number): EvaluatedPlan {
	const resident = plans[0];
	if (resident === undefined) throw new RangeError('no plans');
	let best = resident;
	for (const one of plans) {
		if (one.passSeconds > resident.passSeconds * slowdown) continue;
		if (one.bytes < best.bytes || (one.bytes === best.bytes && one.passSeconds < best.passSeconds)) best = one;
	}
	return best;
}

/** Plans that no other beats in both time and memory, by rising memory. */
export function paretoPlans(plans: readonly EvaluatedPlan[]): EvaluatedPlan[] {
	const sorted = [...plans].sort((a, b) => a.bytes - b.bytes || a.passSeconds - b.passSeconds);
	const front: EvaluatedPlan[] = [];
	let fastest = Number.POSITIVE_INFINITY;
	for (const one of sorted) {
		if (one.passSeconds >= fastest * (1 - 1e-12)) continue;
		fastest = one.passSeconds;
		front.push(one);
	}
	return front;
}

/** Bytes that are missing for the smallest plan under a cap; 0 where it fits. */
export function missingBytes(plans: readonly EvaluatedPlan[], capBytes: number): number {
	return Math.max(0, Math.min(...plans.map(({ bytes }) => bytes)) - capBytes);
}

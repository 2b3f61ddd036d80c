/** What the schedule simulator and plain accounting say of a prepared model. */

import { simulateRing } from '../schedule/pin-and-ring.ts';
import type { UnitTimes } from '../schedule/units.ts';
import { meanPassSeconds, simulateWindow } from '../schedule/window.ts';
import type { MeasuredLink } from './calibrate-link.ts';
import type { Policy } from './job.ts';
import type { PreparedModel } from './prepared-model.ts';
import { slotBytes } from './unit-stream.ts';

const PASSES = 40;
const WARM_UP = 10;

export const unitsOf = ({ parts }: PreparedModel) => parts.filter(({ unit }) => unit !== null);

/** `partSeconds`: of all parts. What parts that stay take is added to the unit before them (to the first, where there is none). */
export function measuredTimes(model: PreparedModel, partSeconds: readonly number[], link: MeasuredLink): UnitTimes {
	const compute: number[] = [];
	let before = 0;
	for (const [i, part] of model.parts.entries()) {
		const seconds = partSeconds[i] as number;
		if (part.unit !== null) {
			compute.push(seconds + before);
			before = 0;
		} else if (compute.length > 0) compute[compute.length - 1] = (compute.at(-1) as number) + seconds;
		else before += seconds;
	}
	const moved = Float64Array.from(unitsOf(model), ({ bytes }) => bytes / link.bytesPerSecond);
	return { compute: Float64Array.from(compute), in: moved, out: new Float64Array(moved.length), latency: link.latencySeconds };
}

/** Long-run time of a pass; null for ways that the simulator does not know. */
export function predictedPassSeconds(times: UnitTimes, policy: Policy): number | null {
	if (policy.kind === 'window') {
		const { passEnds } = simulateWindow(times, { ...policy, writeback: 'drop', passes: PASSES });
		return meanPassSeconds(passEnds, WARM_UP, PASSES);
	}
	if (policy.kind !== 'pin-and-ring') return null;
	const pinned = Uint8Array.from(times.compute, (_, unit) => (policy.pinned.includes(unit) ? 1 : 0));
	const { passEnds } = simulateRing(times, { pinned, slots: policy.slots, writeback: 'drop', passes: PASSES });
	return meanPassSeconds(passEnds, WARM_UP, PASSES);
}

/** Bytes of the slots and of what is pinned. */
export function heldBytes(model: PreparedModel, policy: Policy): number | null {
	const units = unitsOf(model);
	if (policy.kind !== 'window' && policy.kind !== 'pin-and-ring') return null;
	const pinned = policy.kind === 'pin-and-ring' ? policy.pinned : [];
	const stays = units.filter(({ unit }) => pinned.includes(unit ?? -1)).reduce((sum, { bytes }) => sum + bytes, 0);
	const streamed = units.filter(({ unit }) => !pinned.includes(unit ?? -1)).map(({ bytes }) => bytes);
	const slots = Math.min(policy.kind === 'window' ? policy.window : policy.slots, streamed.length);
	return stays + slotBytes(streamed, slots).reduce((sum, one) => sum + one, 0);
}

/** Memory beyond the bare process: slots and pins, what stays, what is handed on, and `workBytes` beside these, from the profile. */
export function predictedPeakBytes(model: PreparedModel, policy: Policy, workBytes: number): number | null {
	const held = heldBytes(model, policy);
	return held === null ? null : workBytes + held + model.sharedBytes + model.activationBytes;
}

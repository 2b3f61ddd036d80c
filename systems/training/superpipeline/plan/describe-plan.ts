/** A schedule with its figures against the resident run. */

import type { PlanOutput } from '../outputs.ts';
import type { EvaluatedPlan, Plan } from '../schedule/choose-plan.ts';
import { simulateRing } from '../schedule/pin-and-ring.ts';
import type { UnitTimes, Writeback } from '../schedule/units.ts';
import { simulateWindow } from '../schedule/window.ts';
import { type MemoryParts, sumOf } from './plan-training.ts';

/** What a schedule is, without its figures. */
export type PlanFacts = Pick<PlanOutput, 'label' | 'policy' | 'window' | 'group' | 'mode' | 'pinned' | 'slots'>;

export function planFacts(plan: Plan, units: number): PlanFacts {
	if (plan.kind === 'resident')
		return { label: 'resident', policy: 'resident', window: units, group: 0, mode: null, pinned: units, slots: 0 };
	if (plan.kind === 'window') {
		const { window, group, mode } = plan;
		const label = group === 1 ? `window of ${window}` : `window of ${window}, ${group} at a time (${mode})`;
		return { label, policy: 'window', window, group, mode, pinned: 0, slots: 0 };
	}
	const pinned = plan.pinned.reduce((sum, one) => sum + one, 0);
	return {
		label: `${pinned} pinned, ring of ${plan.slots}`,
		policy: 'pin-and-ring',
		window: pinned + plan.slots,
		group: 1,
		mode: 'sequential',
		pinned,
		slots: plan.slots,
	};
}

export interface PlanTimes {
	readonly passSeconds: number;
	readonly computeSeconds: number;
	/** Waiting that is due to weights leaving. */
	readonly waitOutSeconds: number;
	readonly unitsIn: number;
}

/** `resident`: the memory and time that savings and slowdowns are against. */
export function describePlan(
	facts: PlanFacts,
	memory: MemoryParts,
	times: PlanTimes,
	resident: { readonly memory: MemoryParts; readonly passSeconds: number },
): PlanOutput {
	const waiting = Math.max(0, times.passSeconds - times.computeSeconds);
	const waitOutSeconds = Math.min(waiting, Math.max(0, times.waitOutSeconds));
	return {
		...facts,
		...memory,
		totalBytes: sumOf(memory),
		passSeconds: times.passSeconds,
		computeSeconds: times.computeSeconds,
		waitInSeconds: waiting - waitOutSeconds,
		waitOutSeconds,
		slowdown: times.passSeconds / resident.passSeconds,
		weightsSaved: 1 - memory.weightBytes / resident.memory.weightBytes,
		allSaved: 1 - sumOf(memory) / sumOf(resident.memory),
		unitsIn: times.unitsIn,
	};
}

/** Units that come in a pass. */
export function unitsInPerPass(plan: Plan, units: number): number {
	if (plan.kind === 'resident') return 0;
	if (plan.kind === 'window') return plan.window === units ? 0 : units;
	const streamed = plan.pinned.reduce((sum, one) => sum + 1 - one, 0);
	return streamed <= plan.slots ? 0 : streamed;
}

/** Time that a pass would not take if leaving cost nothing. */
export function waitOutSeconds({ plan, passSeconds }: EvaluatedPlan, times: UnitTimes, writeback: Writeback): number {
	if (writeback === 'drop' || plan.kind === 'resident') return 0;
	const passes = 7;
	const { passEnds } =
		plan.kind === 'window'
			? simulateWindow(times, { ...plan, writeback: 'drop', passes })
			: simulateRing(times, { ...plan, writeback: 'drop', passes });
	return passSeconds - ((passEnds[passes - 1] as number) - (passEnds[2] as number)) / (passes - 3);
}

/** Every schedule of a piece of work, simulated. */
import type { RunContext } from '@assay/contract';
import type { Cluster } from '@assay/machines';
import type { Inputs } from '../inputs.ts';
import type { Planned, PlanOutput } from '../outputs.ts';
import type { EvaluatedPlan } from '../schedule/choose-plan.ts';
import { type UnitTimes, unitTimes, type Writeback } from '../schedule/units.ts';
import { describePlan, planFacts, unitsInPerPass, waitOutSeconds } from './describe-plan.ts';
import { type ModelUnits, STREAMED_TRAINING } from './model-units.ts';
import { inferencePlans } from './plan-inference.ts';
import { hostUpdateSeconds, planLink } from './plan-link.ts';
import { type MemoryParts, type TrainingPlan, trainingPlans } from './plan-training.ts';
import { timelineOf } from './timeline.ts';
import { trainingTimeline } from './training-timeline.ts';

/** A schedule that was simulated: its figures, and how to describe it in full. */
export interface Candidate {
	readonly policy: PlanOutput['policy'];
	readonly bytes: number;
	readonly passSeconds: number;
	readonly describe: () => PlanOutput;
	readonly source: EvaluatedPlan;
	/** Two passes of it; nothing where transfers wait for computing and it for them, for then there is nothing to see. */
	readonly draw: () => Pick<Planned, 'spans' | 'memory'>;
}

export async function inferenceCandidates(
	inputs: Inputs,
	cluster: Cluster,
	units: ModelUnits,
	context: RunContext,
): Promise<Candidate[]> {
	const { schedule, link: options } = inputs;
	const link = planLink(inputs, cluster);
	const times = unitTimes(units, link);
	const others = units.stateBytes + units.scratchBytes;
	const policies = schedule.policies === 'all' ? (['window', 'pin-and-ring'] as const) : (['window'] as const);
	const request = {
		times,
		weightBytes: units.weightBytes,
		sharedBytes: units.sharedBytes + others,
		writeback: schedule.writeback,
		policies,
	};
	const plans = await inferencePlans(request, options.hostMemory, context.pause);
	const count = units.weightBytes.length;
	const memory = (bytes: number): MemoryParts => ({
		weightBytes: bytes - others,
		gradientBytes: 0,
		optimizerBytes: 0,
		activationBytes: others,
	});
	const computeSeconds = times.compute.reduce((sum, one) => sum + one, 0);
	const resident = { memory: memory((plans[0] as EvaluatedPlan).bytes), passSeconds: computeSeconds };
	return plans.map((source) => ({
		policy: planFacts(source.plan, count).policy,
		bytes: source.bytes,
		passSeconds: source.passSeconds,
		source,
		draw: () =>
			options.hostMemory === 'pageable' ? { spans: [], memory: [] } : drawInference(source, times, units, schedule.writeback),
		describe: () =>
			describePlan(
				planFacts(source.plan, count),
				memory(source.bytes),
				{
					passSeconds: source.passSeconds,
					computeSeconds,
					waitOutSeconds: options.hostMemory === 'pinned' ? waitOutSeconds(source, times, schedule.writeback) : 0,
					unitsIn: unitsInPerPass(source.plan, count),
				},
				resident,
			),
	}));
}

export async function trainingCandidates(
	inputs: Inputs,
	cluster: Cluster,
	units: ModelUnits,
	context: RunContext,
): Promise<Candidate[]> {
	const { schedule } = inputs;
	const link = planLink(inputs, cluster);
	const gradientShare = STREAMED_TRAINING.gradient / STREAMED_TRAINING.weight;
	const weights = units.weightBytes.map(() => STREAMED_TRAINING.weight * units.layerParameters);
	const times = unitTimes({ ...units, weightBytes: weights }, link);
	// What goes out is a unit's gradient, or its new weights.
	const moved = schedule.optimizer === 'device' ? times : { ...times, out: times.out.map((one) => one * gradientShare) };
	const stateSeconds = times.in.map((one) => (one * STREAMED_TRAINING.optimizer) / STREAMED_TRAINING.weight);
	const optimizerSeconds = hostUpdateSeconds(units.layerParameters, inputs, cluster);
	const { recompute, optimizer } = schedule;
	const request = { units, times: moved, recompute, optimizer, optimizerSeconds, stateSeconds };
	const plans = await trainingPlans(request, context.pause);
	const withoutUpdate = await trainingPlans({ ...request, optimizerSeconds: 0 }, context.pause);
	const count = units.weightBytes.length;
	const resident = plans[0] as TrainingPlan;
	const forward = units.computeSeconds.reduce((sum, one) => sum + one, 0);
	const backward = units.backwardSeconds.reduce((sum, one) => sum + one, 0);
	const computeSeconds = forward * (schedule.recompute ? 2 : 1) + backward;
	return plans.map((one, index) => {
		const plan =
			one.window === count
				? ({ kind: 'resident' } as const)
				: ({ kind: 'window', window: one.window, group: 1, mode: 'sequential' } as const);
		const facts = planFacts(plan, count);
		return {
			policy: facts.policy,
			bytes: one.bytes,
			passSeconds: one.stepSeconds,
			source: { plan, bytes: one.bytes, passSeconds: one.stepSeconds },
			draw: () => trainingTimeline(request, one),
			describe: () =>
				describePlan(
					facts,
					one.memory,
					{
						passSeconds: one.stepSeconds,
						computeSeconds,
						waitOutSeconds: one.stepSeconds - (withoutUpdate[index] as TrainingPlan).stepSeconds,
						unitsIn: plan.kind === 'resident' ? 0 : 2 * (count - one.window) + (schedule.optimizer === 'host' ? one.window : 0),
					},
					{ memory: resident.memory, passSeconds: resident.stepSeconds },
				),
		};
	});
}

function drawInference(
	{ plan }: EvaluatedPlan,
	times: UnitTimes,
	units: ModelUnits,
	writeback: Writeback,
): Pick<Planned, 'spans' | 'memory'> {
	const { spans, held } = timelineOf(plan, times, units.weightBytes, writeback);
	const others = units.stateBytes + units.scratchBytes;
	return {
		spans: spans.map((span) => ({ ...span })),
		memory: held.flatMap(({ seconds, bytes }) => [
			{ seconds, part: 'weights of units', bytes: bytes + units.sharedBytes + others },
			{ seconds, part: 'shared weights', bytes: units.sharedBytes + others },
			{ seconds, part: 'activations, keys and values', bytes: others },
		]),
	};
}

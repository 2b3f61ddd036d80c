/** Plans a model on a device: simulates every schedule, and takes the fastest under the cap or the smallest that is fast enough. */
import { InputError, type RunContext } from '@assay/contract';
import { readMachine } from '@assay/machines';
import { readModel, type TransformerModel } from '@assay/models';
import type { Inputs } from '../inputs.ts';
import type { Outputs, Planned, PlanOutput } from '../outputs.ts';
import { type EvaluatedPlan, fastestWithin, paretoPlans, smallestWithin } from '../schedule/choose-plan.ts';
import { type Candidate, inferenceCandidates, trainingCandidates } from './candidates.ts';
import { type ModelUnits, modelUnits, STREAMED_TRAINING } from './model-units.ts';
import { planLink } from './plan-link.ts';
import { answerOf, notesOf } from './words.ts';

/** Points of the plot of all schedules. */
const MOST_CANDIDATES = 1500;

export async function runPlan(inputs: Inputs, context: RunContext): Promise<Outputs> {
	context.progress(0, 'reading the model and the machine');
	await context.pause();
	const model = await readModel(inputs.model, context);
	const cluster = await readMachine(inputs.machine, context);
	const { work, schedule, goal } = inputs;
	const units = modelUnits(model, cluster.device, { ...work, recompute: schedule.recompute }, inputs.rates);
	const capBytes = goal.capGigabytes === undefined ? cluster.device.memory.bytes : 1e9 * goal.capGigabytes;
	context.progress(0.1, 'simulating schedules');
	const candidates =
		work.use === 'train'
			? await trainingCandidates(inputs, cluster, units, context)
			: await inferenceCandidates(inputs, cluster, units, context);
	context.progress(0.8, `${candidates.length} schedules`);
	await context.pause();

	const sources = candidates.map(({ source }) => source);
	const described = (found: EvaluatedPlan): PlanOutput => (candidates[sources.indexOf(found)] as Candidate).describe();
	const bestOf = (policy: PlanOutput['policy']): PlanOutput | null => {
		const best = fastestWithin(only(policy), capBytes);
		return best === undefined ? null : described(best);
	};
	const only = (policy: PlanOutput['policy']) => sources.filter((_, i) => candidates[i]?.policy === policy);
	const [residentSource] = sources;
	const smallestSource = smallestWithin(sources, goal.slowdown);
	if (residentSource === undefined) throw new Error('no schedule was simulated');
	// Where everything fits nothing is gained by moving it, even if moving is free in the simulator.
	const fastestSource = residentSource.bytes <= capBytes ? residentSource : fastestWithin(sources, capBytes);
	const chosenSource = goal.kind === 'smallest' ? smallestSource : fastestSource;
	if (chosenSource === undefined || chosenSource.bytes > capBytes) throw doesNotFit(candidates, capBytes, model, inputs);
	const [resident, smallest, chosen] = [described(residentSource), described(smallestSource), described(chosenSource)];
	const link = planLink(inputs, cluster);
	const planned: Planned = {
		model: model.name,
		machine: cluster.name,
		use: work.use,
		passTokens: units.passTokens,
		deviceBytes: cluster.device.memory.bytes,
		capBytes,
		linkBytesPerSecond: link.inBytesPerSecond,
		linkKnown: link.known,
		hostBytes: hostBytes(units, inputs),
		hostHas: cluster.host?.memoryBytes ?? null,
		residentFits: resident.totalBytes <= capBytes,
		resident,
		chosen,
		bestWindow: bestOf('window'),
		bestRing: bestOf('pin-and-ring'),
		smallest,
		front: paretoPlans(sources).map(described),
		candidates: thin(candidates).map(({ policy, bytes, passSeconds }) => ({ policy, totalBytes: bytes, passSeconds })),
		evaluated: candidates.length,
		...(candidates[sources.indexOf(chosenSource)] as Candidate).draw(),
	};
	const outputs: Outputs = {
		mode: 'plan',
		answer: answerOf(planned),
		notes: notesOf(planned, model, cluster, inputs),
		units: unitRows(units),
		planned,
		ran: null,
		trained: null,
	};
	await context.artifact('schedule.json', scheduleJson(planned, chosenSource, units), 'application/json');
	context.progress(1, 'done');
	return outputs;
}

function doesNotFit(candidates: readonly Candidate[], capBytes: number, model: TransformerModel, { goal }: Inputs): InputError {
	const least = Math.min(...candidates.map(({ bytes }) => bytes));
	const missing = Math.ceil(least - capBytes);
	return new InputError({
		path: goal.capGigabytes === undefined ? ['machine', 'name'] : ['goal', 'capGigabytes'],
		found: `${(capBytes / 1e9).toFixed(3)} GB for ${model.name}`,
		expected:
			missing > 0
				? `at least ${(least / 1e9).toFixed(3)} GB: ${missing} bytes are missing for one unit, the shared part and what is computed with`
				: 'a cap that the smallest schedule of this speed fits under',
	});
}

/** What the host must hold: all weights, and in training the state that is not on the device. */
function hostBytes(units: ModelUnits, { work, schedule }: Inputs): number {
	const parameters = units.layerParameters * units.weightBytes.length;
	if (work.use !== 'train') return units.weightBytes.reduce((sum, one) => sum + one, 0);
	const { weight, gradient, optimizer } = STREAMED_TRAINING;
	return (
		parameters * (weight + optimizer + (schedule.optimizer === 'host' ? gradient : 0)) +
		(schedule.optimizer === 'host' ? optimizer * units.sharedParameters : 0)
	);
}

function unitRows(units: ModelUnits): Outputs['units'] {
	return Array.from(units.weightBytes, (weightBytes, i) => ({
		name: `layer ${i}`,
		weightBytes,
		flops: units.flops[i] as number,
		seconds: units.computeSeconds[i] as number,
		outputBytes: units.outputBytes[i] as number,
		carries: 'hidden state',
	}));
}

function thin(candidates: readonly Candidate[]): Candidate[] {
	const step = Math.ceil(candidates.length / MOST_CANDIDATES);
	return candidates.filter((_, i) => i % step === 0);
}

/** What an engine would have to know to follow the schedule. */
function scheduleJson(planned: Planned, { plan }: EvaluatedPlan, units: ModelUnits): string {
	return JSON.stringify(
		{
			model: planned.model,
			units: units.weightBytes.length,
			policy: plan.kind,
			...(plan.kind === 'window' && { window: plan.window, group: plan.group, mode: plan.mode }),
			...(plan.kind === 'pin-and-ring' && {
				pinned: [...plan.pinned.entries()].flatMap(([unit, stays]) => (stays === 1 ? [unit] : [])),
				slots: plan.slots,
			}),
			bytesPerUnit: [...units.weightBytes],
			predictedPassSeconds: planned.chosen.passSeconds,
			predictedDeviceBytes: planned.chosen.totalBytes,
		},
		null,
		'\t',
	);
}

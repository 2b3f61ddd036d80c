/** Plans one setting: what is kept where, whether it fits, and how long a step takes. */
import type { TransformerModel } from '@assay/models';
import { type Buffers, bufferBytes, largestBuffers } from './buffers.ts';
import { type Fit, fit } from './capacity.ts';
import { type Choice, choiceAt, chooseActivations, releasedRule } from './choose-activations.ts';
import type { Policy } from './policies/policy.ts';
import { type Resources, withRoomForActivations } from './resources.ts';
import { describeWorkload, type Workload, type WorkloadOptions } from './workload.ts';

export const activationRules = ['fastest', 'released-rule', 'checkpoints-only', 'everything'] as const;
export type ActivationRule = (typeof activationRules)[number];

export interface Plan {
	readonly policy: Policy;
	readonly workload: Workload;
	/** The machine with the memory that activations may take. */
	readonly resources: Resources;
	readonly choice: Choice;
	readonly fit: Fit;
	readonly buffers: Buffers;
}

export interface PlanOptions {
	/** For policies that choose; others keep what they keep. */
	readonly rule: ActivationRule;
	/** Of the released rule. */
	readonly swapRatio: number;
}

export const standardPlanOptions: PlanOptions = { rule: 'fastest', swapRatio: 0.2 };

/**
 * Plans a policy. Host memory for activations is what buffers and system leave, at most `resources.hostActivationBytes`. Where kept
 * activations do not fit onto the drives, fewer are kept.
 */
export function planStep(
	policy: Policy,
	workload: Workload,
	resources: Resources,
	options: PlanOptions = standardPlanOptions,
): Plan {
	const layerCheckpoint = workload.checkpointBytes / workload.layers;
	const buffers = largestBuffers(workload);
	const least = bufferBytes({ ...buffers, optimizer: 4, parameters: 4 }, workload, layerCheckpoint);
	const room = policy.place.activations === 'host-then-drives' ? withRoomForActivations(resources, least) : resources;
	const choice = choose(policy, workload, room, options);
	const found = fit(policy, workload, room, choice.kept);
	const plan = { policy, workload, resources: room, choice, fit: found, buffers: found.buffers ?? buffers };
	return policy.swap === 'chosen' && found.binding === 'drives' && options.rule === 'fastest' ? withFewerKept(plan) : plan;
}

function choose(policy: Policy, workload: Workload, resources: Resources, { rule, swapRatio }: PlanOptions): Choice {
	if (policy.swap !== 'chosen' || rule === 'fastest') return chooseActivations(policy, workload, resources);
	if (rule === 'released-rule') return releasedRule(policy, workload, resources, swapRatio);
	return choiceAt(policy, workload, resources, rule === 'everything' ? workload.layers * workload.items.length : 0);
}

/** The most activations that leave room on the drives; the checkpoints alone where not even they do. */
function withFewerKept(plan: Plan): Plan {
	const { policy, workload, resources } = plan;
	const at = (count: number): Plan => {
		const choice = choiceAt(policy, workload, resources, count);
		const found = fit(policy, workload, resources, choice.kept);
		return { ...plan, choice, fit: found, buffers: found.buffers ?? plan.buffers };
	};
	let low = 0;
	let high = plan.choice.keptLayers.reduce((sum, layers) => sum + layers, 0);
	while (low < high) {
		const middle = Math.ceil((low + high) / 2);
		if (at(middle).fit.binding === 'drives') high = middle - 1;
		else low = middle;
	}
	return at(low);
}

/** Largest batch up to `most` whose plan fits; 0 where not even one sequence does. Memory grows with the batch, so halving finds it. */
export function largestBatch(
	policy: Policy,
	model: TransformerModel,
	options: WorkloadOptions,
	resources: Resources,
	planOptions: PlanOptions = standardPlanOptions,
	most = 4096,
): number {
	const fits = (batch: number): boolean =>
		planStep(policy, describeWorkload(model, { ...options, batch }), resources, planOptions).fit.fits;
	let low = 0;
	let high = most;
	while (low < high) {
		const middle = Math.ceil((low + high) / 2);
		if (fits(middle)) low = middle;
		else high = middle - 1;
	}
	return low;
}

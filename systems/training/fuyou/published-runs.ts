/** The published settings planned anew: what claims and calibration compare. */
import { type Plan, planStep } from './plan.ts';
import { policies } from './policies/policies.ts';
import type { PolicyName } from './policies/policy.ts';
import { type PublishedPoint, publishedModels, publishedPoints } from './published-points.ts';
import { publishedServer, type Resources } from './resources.ts';
import { describeWorkload, type Workload } from './workload.ts';

/** A step with Adam on sequences of 1,024 tokens. */
export function publishedWorkload(model: PublishedPoint['model'], batch: number): Workload {
	return describeWorkload(publishedModels[model], { batch, sequenceTokens: 1024, optimizer: 'adam', loraRank: 0 });
}

export function publishedPlan(
	policy: PolicyName,
	model: PublishedPoint['model'],
	batch: number,
	resources: Resources = publishedServer,
): Plan {
	return planStep(policies[policy], publishedWorkload(model, batch), resources);
}

/** Predicted model TFLOP/s of the given points on a server. */
export function predictTeraflops(
	points: readonly Omit<PublishedPoint, 'teraflops'>[] = publishedPoints,
	server: Resources = publishedServer,
): number[] {
	return points.map(
		({ model, batch, drives }) =>
			publishedPlan('fuyou', model, batch, { ...server, drives }).choice.time.modelFlopsPerSecond / 1e12,
	);
}

/**
 * What the claims share: BLOOM-176B with the published profile and the published simulator's conventions, two-minute traces
 * with lengths drawn from the Azure data, and the highest rate each cluster sustains. Everything is a function of its key.
 */
import { type ClaimContext, createRandom } from '@assay/contract';
import { type DesignName, designs, machinesWithin, type Workload } from '../design.ts';
import { isFeasible } from '../evaluate.ts';
import { inputs } from '../inputs.ts';
import { prepareServing } from '../prepare.ts';
import { maxRate } from '../provisioning/max-rate.ts';
import { type Provision, provision } from '../provisioning/provision.ts';
import { type ClusterPlan, clusterTotals, type Serving } from '../serving.ts';
import { generateTrace } from '../trace/generate-trace.ts';
import { readTrace } from '../trace/read-trace.ts';
import type { RequestTrace } from '../trace/request-trace.ts';

const traceSeconds = 120;
const search = { lowest: 5, highest: 400, step: 1 };
const sources = { coding: 'azure-llm-2023-code', conversation: 'azure-llm-2023-conversation' } as const;

/** The published setting: full multi-head KV cache, reference time between tokens looked up at the prompt's length. */
export function publishedServing(context: ClaimContext): Promise<Serving> {
	return context.once('splitwise serving', () => {
		const published = inputs.parse({ model: { fullMultiHeadKv: true }, objectives: { tbtAtPromptLength: true } });
		// BLOOM has a measured profile on every machine, so the mean context (a roofline's need) plays no part.
		return prepareServing(published, 1, { ...context, seed: 0 });
	});
}

/** The Azure trace of a service. */
export function azureTrace(context: ClaimContext, workload: Workload): Promise<RequestTrace> {
	return context.once(`splitwise azure ${workload}`, async () =>
		readTrace(await context.open(sources[workload]), {
			maxRequests: 1_000_000,
			pause: context.pause,
			warn: (message) => context.log('warning', message),
		}),
	);
}

/** Poisson arrivals with the service's lengths; the same requests at every rate, only closer together. */
export async function traceMaker(
	context: ClaimContext,
	workload: Workload,
	durationSeconds = traceSeconds,
): Promise<(requestsPerSecond: number) => RequestTrace> {
	const lengths = await azureTrace(context, workload);
	return (requestsPerSecond) =>
		generateTrace(
			{ requestsPerSecond, durationSeconds, burstShape: 1, lengths },
			createRandom('splitwise claims').fork(workload),
		);
}

export function clusterOf(design: DesignName, promptMachines: number, tokenMachines: number): ClusterPlan {
	return { label: design, ...designs[design], promptMachines, tokenMachines };
}

/** Highest rate within all nine objectives, to 1 request/s. */
export function sustainedRate(context: ClaimContext, workload: Workload, plan: ClusterPlan): Promise<number> {
	const key = `splitwise rate ${workload} ${plan.label} ${plan.promptMachines} ${plan.tokenMachines}`;
	return context.once(key, async () => {
		const serving = await publishedServing(context);
		return maxRate(serving, plan, await traceMaker(context, workload), search, context.pause);
	});
}

/** Rate of one cluster over that of another. */
export async function rateRatio(
	context: ClaimContext,
	workload: Workload,
	plan: ClusterPlan,
	baseline: ClusterPlan,
): Promise<number> {
	return (await sustainedRate(context, workload, plan)) / (await sustainedRate(context, workload, baseline));
}

/** The highest rate of any split of any Splitwise design whose rent is within `dollarsPerHour`. */
export function bestRateWithin(context: ClaimContext, workload: Workload, dollarsPerHour: number): Promise<number> {
	return context.once(`splitwise best ${workload} ${dollarsPerHour}`, async () => {
		const serving = await publishedServing(context);
		const traceAt = await traceMaker(context, workload);
		let best = search.lowest - 1;
		for (const design of ['splitwise-aa', 'splitwise-hh', 'splitwise-ha', 'splitwise-hhcap'] as const) {
			const price = (prompts: number, tokens: number) =>
				clusterTotals(serving, clusterOf(design, prompts, tokens)).dollarsPerHour;
			const perPrompt = price(1, 0);
			for (let prompts = 1; prompts * perPrompt < dollarsPerHour; prompts++) {
				const tokens = machinesWithin(dollarsPerHour, prompts * perPrompt, price(0, 1));
				if (tokens < 1) continue;
				const plan = clusterOf(design, prompts, tokens);
				// A split counts only if it beats the best so far, so most cost one short run.
				if (!(await isFeasible(serving, plan, traceAt(best + 1), context.pause))) continue;
				best = await maxRate(serving, plan, traceAt, { ...search, lowest: best + 1 }, context.pause);
			}
		}
		return best;
	});
}

/** Frontier and best clusters of a design at a rate. */
export function provisioned(
	context: ClaimContext,
	workload: Workload,
	design: DesignName,
	requestsPerSecond: number,
	maxPromptMachines: number,
	maxTokenMachines: number,
): Promise<Provision> {
	const key = `splitwise provision ${workload} ${design} ${requestsPerSecond} ${maxPromptMachines} ${maxTokenMachines}`;
	return context.once(key, async () => {
		const serving = await publishedServing(context);
		const trace = (await traceMaker(context, workload))(requestsPerSecond);
		const plan = clusterOf(design, 1, 1);
		const request = { plan, requestsPerSecond, trace, stationary: true, maxPromptMachines, maxTokenMachines };
		const [found] = await provision(serving, [request], context, () => undefined);
		if (found === undefined) throw new Error('a search without a result');
		return found;
	});
}

/** The three modes of a run, from checked inputs to plain outputs. */
import { quantileSorted, type RunContext, sortedCopy } from '@assay/contract';
import { policies } from './cluster-scheduler/policies.ts';
import { type DesignName, designNames } from './design.ts';
import { evaluate, tightestObjective } from './evaluate.ts';
import type { Inputs } from './inputs.ts';
import { describeObjective, planFacts, roundedObjective } from './output-facts.ts';
import type { ComparisonOutput, Outputs, ProvisioningOutput } from './outputs.ts';
import { meanContextTokens, planFor, prepareServing, prepareWorkload, type Workload } from './prepare.ts';
import { type ProvisionedCluster, type ProvisionRequest, provision } from './provisioning/provision.ts';
import { runPoint } from './provisioning/run-point.ts';
import { runSimulation } from './run-simulation.ts';
import type { ClusterPlan, Serving } from './serving.ts';
import { arrivalRate } from './trace/request-trace.ts';

export async function run(inputs: Inputs, context: RunContext): Promise<Outputs> {
	context.progress(0, 'reading the trace');
	const workload = await prepareWorkload(inputs, context);
	const serving = await prepareServing(inputs, meanContextTokens(workload.trace), context);
	context.progress(0.02, 'simulating');
	const used = new Set<string>();
	const sections = await runMode(inputs, workload, serving, context, used);
	context.progress(1, 'done');
	const { trace } = workload;
	return {
		model: { name: serving.modelName, weightBytes: serving.weightBytes, kvBytesPerToken: serving.kvBytesPerToken },
		trace: {
			description: workload.description,
			requests: trace.arrivalSeconds.length,
			requestsPerSecond: arrivalRate(trace),
			medianPromptTokens: quantileSorted(sortedCopy(trace.promptTokens), 0.5),
			medianOutputTokens: quantileSorted(sortedCopy(trace.outputTokens), 0.5),
		},
		timings: serving.machines
			.filter(({ name }) => used.has(name))
			.map(({ name, profileSource }) => ({ machine: name, source: profileSource })),
		...sections,
	};
}

type Sections = Pick<Outputs, 'simulation' | 'comparison' | 'provisioning' | 'recommendation'>;

async function runMode(
	inputs: Inputs,
	workload: Workload,
	serving: Serving,
	context: RunContext,
	used: Set<string>,
): Promise<Sections> {
	const use = (plan: ClusterPlan): ClusterPlan => {
		used.add(plan.promptType).add(plan.tokenType ?? plan.promptType);
		return plan;
	};
	const none = { simulation: null, comparison: null, provisioning: null };
	if (inputs.mode === 'simulate') {
		const { design, promptMachines, tokenMachines } = inputs.cluster;
		const plan = use(planFor(inputs, design, promptMachines, tokenMachines));
		return { ...none, ...(await runSimulation(serving, plan, workload, context)) };
	}
	if (inputs.mode === 'compare') return { ...none, ...(await runComparison(inputs, workload, serving, context, use)) };
	return { ...none, ...(await runProvisioning(inputs, workload, serving, context, use)) };
}

async function runComparison(
	inputs: Inputs,
	workload: Workload,
	serving: Serving,
	context: RunContext,
	use: (plan: ClusterPlan) => ClusterPlan,
): Promise<{ comparison: ComparisonOutput; recommendation: string }> {
	const names: (DesignName | 'custom')[] = [...designNames, ...(inputs.cluster.design === 'custom' ? (['custom'] as const) : [])];
	const plans = names.map((name) => use(planFor(inputs, name)));
	const rates = [...new Set(inputs.compare.rates)].sort((a, b) => a - b);
	const traces = rates.map((rate) => workload.requested(rate));
	const cases = plans.flatMap((plan) => rates.map((requestsPerSecond, index) => ({ plan, requestsPerSecond, index })));
	let done = 0;
	const results = await context.parallel(
		runPoint,
		cases.map(({ plan, index }) => ({ serving, plan, trace: traces[index] ?? workload.trace })),
		() => context.progress(0.02 + (0.97 * ++done) / cases.length, `${done} of ${cases.length} runs`),
	);
	const points = cases.map(({ plan, requestsPerSecond }, index) => ({
		label: plan.label,
		requestsPerSecond,
		feasible: results[index]?.feasible ?? false,
		unserved: results[index]?.unserved ?? 0,
		objectives: (results[index]?.objectives ?? []).map(roundedObjective),
	}));
	const clusters = plans.map((plan) => {
		const met = points.filter((point) => point.label === plan.label && point.feasible).map((point) => point.requestsPerSecond);
		return { ...planFacts(serving, plan), maxRequestsPerSecond: met.length === 0 ? null : Math.max(...met) };
	});
	const best = [...clusters]
		.filter(({ maxRequestsPerSecond }) => maxRequestsPerSecond !== null)
		.sort((a, b) => (b.maxRequestsPerSecond ?? 0) - (a.maxRequestsPerSecond ?? 0) || a.dollarsPerHour - b.dollarsPerHour)[0];
	const recommendation =
		best === undefined
			? `No design meets all objectives at ${rates[0]} requests/s within the ${inputs.compare.budget} budget of ${inputs.compare.budgetMachines} DGX-H100.`
			: `${best.label} (${best.promptMachines} + ${best.tokenMachines} machines) serves the highest of these rates, ${best.maxRequestsPerSecond} requests/s, at ${best.dollarsPerHour.toFixed(0)} $/h and the power of ${best.relativePower.toFixed(1)} DGX-H100.`;
	return { comparison: { budget: inputs.compare.budget, rates, points, clusters }, recommendation };
}

async function runProvisioning(
	inputs: Inputs,
	workload: Workload,
	serving: Serving,
	context: RunContext,
	use: (plan: ClusterPlan) => ClusterPlan,
): Promise<{ provisioning: ProvisioningOutput; recommendation: string }> {
	const { designs, rates, maxPromptMachines, maxTokenMachines, objective } = inputs.provision;
	const stationary = inputs.trace.file === undefined && inputs.trace.burstShape >= 1;
	const requests = rates.flatMap((requestsPerSecond) => {
		const trace = workload.requested(requestsPerSecond);
		return [...new Set(designs)].map((name): ProvisionRequest => {
			const plan = use(planFor(inputs, name, 1, 1));
			const split = policies[plan.policy].splits;
			return {
				plan: split ? plan : { ...plan, tokenMachines: 0 },
				requestsPerSecond,
				trace,
				stationary,
				maxPromptMachines: split ? maxPromptMachines : maxPromptMachines + maxTokenMachines,
				maxTokenMachines: split ? maxTokenMachines : 0,
			};
		});
	});
	const found = await provision(serving, requests, context, (share) =>
		context.progress(0.02 + 0.93 * share, 'searching numbers of machines'),
	);
	const searches = found.map((search) => ({
		...search,
		frontier: [...search.frontier],
		cheapest: search.cheapest ?? null,
		leastPower: search.leastPower ?? null,
		fewestMachines: search.fewestMachines ?? null,
	}));
	const highest = Math.max(...rates);
	const pick = { cost: 'cheapest', power: 'leastPower', machines: 'fewestMachines' } as const;
	const figure = { cost: 'dollarsPerHour', power: 'relativePower', machines: 'machines' } as const;
	let best: { cluster: ProvisionedCluster; plan: ClusterPlan } | undefined;
	for (const [index, search] of searches.entries()) {
		const cluster = search[pick[objective]];
		const plan = requests[index]?.plan;
		if (search.requestsPerSecond !== highest || cluster === null || plan === undefined) continue;
		if (best === undefined || cluster[figure[objective]] < best.cluster[figure[objective]]) best = { cluster, plan };
	}
	const base = { maxPromptMachines, maxTokenMachines, objective, searches };
	if (best === undefined) {
		return {
			provisioning: { ...base, sensitivity: null },
			recommendation: `No cluster of up to ${maxPromptMachines} + ${maxTokenMachines} machines meets all objectives at ${highest} requests/s.`,
		};
	}
	const { promptMachines, tokenMachines, dollarsPerHour, relativePower } = best.cluster;
	const faster = await evaluate(serving, { ...best.plan, promptMachines, tokenMachines }, workload.at(1.1 * highest), {
		pause: context.pause,
	});
	const tightest = tightestObjective(faster.objectives);
	const machines =
		tokenMachines > 0 ? `${promptMachines} prompt + ${tokenMachines} token machines` : `${promptMachines} machines`;
	const breaks = tightest === undefined ? '' : ` At 10 % more requests ${describeObjective(tightest, faster.feasible)}.`;
	return {
		provisioning: {
			...base,
			sensitivity: { feasible: faster.feasible, tightest: tightest === undefined ? null : roundedObjective(tightest) },
		},
		recommendation: `For ${highest} requests/s the ${objective === 'cost' ? 'cheapest' : objective === 'power' ? 'least power-hungry' : 'smallest'} cluster is ${best.plan.label} with ${machines}: ${dollarsPerHour.toFixed(0)} $/h, the power of ${relativePower.toFixed(1)} DGX-H100.${breaks}`,
	};
}

/** What a run answers, as plain JSON. A figure that does not exist (an infinite slowdown, a mean of nothing) is null. */
import { result } from '@assay/contract';
import { z } from 'zod';
import { mostSearchedMachines } from './inputs.ts';
import { latencyNames, percentileNames } from './slo.ts';

const seconds = (help: string) => result({ unit: 's', help }).nullable();
const tally = (unit: string, help: string) => z.int().min(0).meta({ unit, description: help });

const summary = z.strictObject({
	count: tally('requests', 'Requests with this figure.'),
	mean: seconds('Arithmetic mean.'),
	standardDeviation: seconds('Sample standard deviation.'),
	min: seconds('Smallest.'),
	max: seconds('Largest.'),
	p50: seconds('Median.'),
	p90: seconds('90th percentile.'),
	p95: seconds('95th percentile.'),
	p99: seconds('99th percentile.'),
	p999: seconds('99.9th percentile.'),
	geometricMean: seconds('Geometric mean; null where a value is 0.'),
});

const objective = z.strictObject({
	latency: z.enum(latencyNames),
	percentile: z.enum(percentileNames),
	slowdown: result({ unit: '1', help: 'Slowdown against the reference machine; null if infinite.' }).nullable(),
	limit: result({ unit: '1', help: 'The slowdown must stay below this.' }),
	met: z.boolean(),
});

const totals = {
	machines: tally('machines', 'Machines in all.'),
	relativePower: result({ unit: 'DGX-H100', help: 'Power, in units of one DGX-H100, as the paper’s plots weigh it.' }),
	serverWatts: result({ unit: 'W', help: 'Server power of all machines.' }),
	dollarsPerHour: result({ unit: '$/h', help: 'Rent of all machines.' }),
};

const plan = {
	label: z.string(),
	promptType: z.string(),
	promptMachines: tally('machines', 'Machines for prompts, or for everything.'),
	tokenType: z.string().nullable(),
	tokenMachines: tally('machines', 'Machines for tokens.'),
	policy: z.string(),
	...totals,
};

const machine = z.strictObject({
	machine: tally('1', 'Number of the machine, from 0.'),
	role: z.string(),
	type: z.string(),
	utilisation: result({ unit: '1', help: 'Share of the run with a batch.' }),
	peakMemoryBytes: result({ unit: 'B', help: 'Most memory in use, weights included.' }),
	capacityBytes: result({ unit: 'B', help: 'Memory of the machine.' }),
});

const highestRate = result({
	unit: 'requests/s',
	help: 'Highest rate with every objective met, up to four times the trace’s; null if none was found or searched.',
}).nullable();

const simulation = z.strictObject({
	cluster: z.strictObject(plan),
	maxRequestsPerSecond: highestRate,
	completed: tally('requests', 'Requests that ended.'),
	rejected: tally('requests', 'Requests whose KV cache no machine could hold.'),
	unfinished: tally('requests', 'Requests that were still waiting for memory when nothing could change any more.'),
	endSeconds: result({ unit: 's', help: 'Time of the last event.' }),
	latencies: z.strictObject({ ttft: summary, tbt: summary, e2e: summary, queue: summary }),
	objectives: z.array(objective),
	feasible: z.boolean(),
	machines: z.array(machine),
	transfers: tally('transfers', 'KV caches sent between machines.'),
	transferredBytes: result({ unit: 'B', help: 'Bytes of them.' }),
	memoryWaits: tally('1', 'Times that work waited because it did not fit into memory.'),
	meanMixedMachines: result({ unit: 'machines', help: 'Machines in the mixed pool, averaged over the run.' }),
	/** Quantile functions for plots: share of the requests and latency there. */
	distributions: z.array(
		z.strictObject({
			latency: z.string(),
			share: result({ unit: '1', help: 'Share of the requests.' }),
			seconds: result({ unit: 's', help: 'Latency that this share stays within.' }),
		}),
	),
	mixedPool: z.array(
		z.strictObject({
			seconds: result({ unit: 's', help: 'Time of the change.' }),
			machines: result({ unit: 'machines', help: 'Machines in the mixed pool from then on.' }),
		}),
	),
	gantt: z.array(
		z.strictObject({
			machine: z.string(),
			phase: z.enum(['prompt', 'token', 'mixed']),
			start: result({ unit: 's', help: 'Start of a run of iterations.' }),
			end: result({ unit: 's', help: 'End of it.' }),
		}),
	),
	sensitivity: z.strictObject({
		/** What breaks first when requests come 10 % faster. */
		feasible: z.boolean(),
		tightest: objective.nullable(),
	}),
	unsplit: z
		.strictObject({
			...plan,
			feasible: z.boolean(),
			maxRequestsPerSecond: highestRate,
			meanE2eSeconds: seconds('Mean time to the last token.'),
			meanTtftSeconds: seconds('Mean time to the first token.'),
		})
		.nullable()
		.meta({ description: 'The same number of prompt-type machines without splitting; null where the cluster does not split.' }),
});

const comparison = z.strictObject({
	budget: z.string(),
	rates: z.array(result({ unit: 'requests/s', help: 'Arrival rate.' })),
	points: z.array(
		z.strictObject({
			label: z.string(),
			requestsPerSecond: result({ unit: 'requests/s', help: 'Arrival rate.' }),
			feasible: z.boolean(),
			unserved: tally('requests', 'Requests turned away or never ended.'),
			objectives: z.array(objective),
		}),
	),
	clusters: z.array(
		z.strictObject({
			...plan,
			maxRequestsPerSecond: result({ unit: 'requests/s', help: 'Highest of the rates with every objective met.' }).nullable(),
		}),
	),
});

const provisioned = z
	.strictObject({
		promptMachines: tally('machines', 'Machines for prompts, or for everything.'),
		tokenMachines: tally('machines', 'Machines for tokens.'),
		...totals,
	})
	.nullable();

const provisioning = z.strictObject({
	maxPromptMachines: tally('machines', 'Most prompt machines searched.').max(mostSearchedMachines),
	maxTokenMachines: tally('machines', 'Most token machines searched.').max(mostSearchedMachines),
	objective: z.string(),
	searches: z.array(
		z.strictObject({
			label: z.string(),
			requestsPerSecond: result({ unit: 'requests/s', help: 'Arrival rate.' }),
			frontier: z.array(provisioned.unwrap()),
			cheapest: provisioned,
			leastPower: provisioned,
			fewestMachines: provisioned,
			simulated: tally('clusters', 'Clusters simulated.'),
			implied: tally('clusters', 'Clusters judged by others’ verdicts.'),
		}),
	),
	sensitivity: z.strictObject({ feasible: z.boolean(), tightest: objective.nullable() }).nullable(),
});

export const outputs = z.strictObject({
	model: z.strictObject({
		name: z.string(),
		weightBytes: result({ unit: 'B', help: 'Weights on every machine.' }),
		kvBytesPerToken: result({ unit: 'B', help: 'KV cache of one token.' }),
	}),
	trace: z.strictObject({
		description: z.string(),
		requests: tally('requests', 'Requests in the trace.'),
		requestsPerSecond: result({ unit: 'requests/s', help: 'Arrivals per second.' }),
		medianPromptTokens: result({ unit: 'tokens', help: 'Median prompt length.' }),
		medianOutputTokens: result({ unit: 'tokens', help: 'Median output length.' }),
	}),
	timings: z
		.array(z.strictObject({ machine: z.string(), source: z.string() }))
		.meta({ description: 'Where each machine’s times come from.' }),
	simulation: simulation.nullable(),
	comparison: comparison.nullable(),
	provisioning: provisioning.nullable(),
	recommendation: z.string(),
});

export type Outputs = z.output<typeof outputs>;
export type SimulationOutput = z.output<typeof simulation>;
export type ComparisonOutput = z.output<typeof comparison>;
export type ProvisioningOutput = z.output<typeof provisioning>;
export type ObjectiveOutput = z.output<typeof objective>;

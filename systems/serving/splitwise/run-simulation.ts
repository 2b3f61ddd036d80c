/** One cluster in detail: latencies, objectives, machines, time lines, files, and how it compares with not splitting. */
import { mean, quantileSorted, type RunContext, sortedCopy } from '@assay/contract';
import { writeGantt, writeMemoryWaits, writeRequests } from './artifacts.ts';
import { policies } from './cluster-scheduler/policies.ts';
import { machinesWithin } from './design.ts';
import { type Evaluation, evaluate, tightestObjective } from './evaluate.ts';
import { findMachineType, machineDollarsPerHour } from './machine-type.ts';
import { describeObjective, finite, planFacts, roundedObjective, summaryFacts } from './output-facts.ts';
import type { SimulationOutput } from './outputs.ts';
import type { Workload } from './prepare.ts';
import { maxRate } from './provisioning/max-rate.ts';
import { type ClusterPlan, clusterTotals, type Serving } from './serving.ts';
import { e2eSeconds, queueSeconds, tbtSeconds, ttftSeconds } from './slo.ts';
import { arrivalRate } from './trace/request-trace.ts';

const shownMachines = 12;
const shownSpans = 1500;

export async function runSimulation(
	serving: Serving,
	plan: ClusterPlan,
	workload: Workload,
	context: RunContext,
): Promise<{ simulation: SimulationOutput; recommendation: string }> {
	const { trace } = workload;
	const hooks = (from: number, to: number, note: string) => ({
		pause: context.pause,
		onProgress: (share: number) => context.progress(from + (to - from) * share, note),
	});
	const found = await evaluate(serving, plan, trace, { ...hooks(0.02, 0.5, 'simulating'), recordSpans: true });
	const { requests, machines, endSeconds } = found.simulation;
	await writeRequests(trace, found, context);
	await writeGantt(found.simulation, context);
	await writeMemoryWaits(found.simulation, context);

	const rate = arrivalRate(trace);
	const faster =
		rate > 0 ? await evaluate(serving, plan, workload.at(1.1 * rate), hooks(0.5, 0.7, '10 % more requests')) : undefined;
	const tightest = faster && tightestObjective(faster.objectives);
	const other = unsplitPlan(serving, plan);
	const unsplit = other && (await evaluate(serving, other, trace, hooks(0.7, 0.8, 'the same money without splitting')));

	const highest = (one: ClusterPlan) => highestRate(serving, one, workload, rate, context.pause);
	const maxRequestsPerSecond = await highest(plan);

	const ended: number[] = [];
	for (let request = 0; request < requests.count; request++) {
		if (!Number.isNaN(requests.end[request] as number)) ended.push(request);
	}
	const rejected = requests.rejected.reduce((total, one) => total + (one > 0 ? 1 : 0), 0);
	const latencies = {
		ttft: summaryFacts(ended.map((request) => ttftSeconds(requests, request))),
		tbt: summaryFacts(ended.map((request) => tbtSeconds(requests, request))),
		e2e: summaryFacts(ended.map((request) => e2eSeconds(requests, request))),
		queue: summaryFacts(ended.map((request) => queueSeconds(requests, request))),
	};
	const types = typeOfMachines(plan);
	const simulation: SimulationOutput = {
		cluster: planFacts(serving, plan),
		maxRequestsPerSecond,
		completed: ended.length,
		rejected,
		unfinished: requests.count - ended.length - rejected,
		endSeconds,
		latencies,
		objectives: found.objectives.map(roundedObjective),
		feasible: found.feasible,
		machines: machines.map((machine) => ({
			machine: machine.id,
			role: types(machine.id).role,
			type: types(machine.id).type,
			utilisation: endSeconds > 0 ? Math.min(1, machine.busySeconds / endSeconds) : 0,
			peakMemoryBytes: machine.peakBytes,
			capacityBytes: machine.capacityBytes,
		})),
		transfers: found.simulation.transfers,
		transferredBytes: found.simulation.transferredBytes,
		memoryWaits: found.simulation.memoryWaitCount,
		meanMixedMachines: endSeconds > 0 ? found.simulation.mixedMachines.average(0, endSeconds) : 0,
		distributions: distributions(found, ended),
		mixedPool: mixedPool(found),
		gantt: gantt(found, plan),
		sensitivity: {
			feasible: faster?.feasible ?? found.feasible,
			tightest: tightest === undefined ? null : roundedObjective(tightest),
		},
		unsplit:
			other === undefined || unsplit === undefined
				? null
				: {
						...planFacts(serving, other),
						feasible: unsplit.feasible,
						maxRequestsPerSecond: await highest(other),
						meanE2eSeconds: finite(meanOverEnded(unsplit, e2eSeconds)),
						meanTtftSeconds: finite(meanOverEnded(unsplit, ttftSeconds)),
					},
	};
	return { simulation, recommendation: recommend(simulation, tightest, faster?.feasible ?? false) };
}

/** Longest trace that is run at several rates to find the highest one. */
const longestRateSearch = 30_000;

/** Highest rate, to a twentieth of the trace's own, within all objectives and four times that rate; null where it is not searched. */
async function highestRate(
	serving: Serving,
	plan: ClusterPlan,
	workload: Workload,
	rate: number,
	pause: () => Promise<void>,
): Promise<number | null> {
	if (rate === 0 || workload.trace.arrivalSeconds.length > longestRateSearch) return null;
	const step = rate / 20;
	const found = await maxRate(serving, plan, workload.at, { lowest: step, highest: 4 * rate, step }, pause);
	return found > 0 ? found : null;
}

function recommend(
	simulation: SimulationOutput,
	tightest: ReturnType<typeof tightestObjective>,
	fasterFeasible: boolean,
): string {
	const { cluster, feasible, objectives, completed, rejected, unfinished } = simulation;
	const missed = objectives.filter(({ met }) => !met).length;
	const size = cluster.tokenMachines > 0 ? `${cluster.promptMachines} + ${cluster.tokenMachines}` : `${cluster.promptMachines}`;
	const unserved = rejected + unfinished;
	const served = unserved === 0 ? `all ${completed} requests` : `${completed} of ${completed + unserved} requests`;
	const verdict = feasible ? 'meets all nine objectives' : `misses ${missed} of nine objectives`;
	const breaks = tightest === undefined ? '' : ` At 10 % more requests ${describeObjective(tightest, fasterFeasible)}.`;
	return `${cluster.label} with ${size} machines serves ${served} and ${verdict}.${breaks}`;
}

/** As many machines of the prompt type as the same rent pays for, none of them split. */
function unsplitPlan(serving: Serving, plan: ClusterPlan): ClusterPlan | undefined {
	if (!policies[plan.policy].splits) return undefined;
	const type = findMachineType(plan.promptType, serving.machines, ['cluster', 'promptType']);
	const each = machineDollarsPerHour(type);
	const rent = clusterTotals(serving, plan).dollarsPerHour;
	const machines = each > 0 ? machinesWithin(rent, 0, each) : plan.promptMachines + plan.tokenMachines;
	return {
		label: `unsplit ${plan.promptType}`,
		promptType: plan.promptType,
		promptMachines: Math.max(1, machines),
		tokenType: undefined,
		tokenMachines: 0,
		policy: 'token-jsq',
	};
}

function meanOverEnded({ simulation }: Evaluation, figure: typeof e2eSeconds): number {
	const values: number[] = [];
	for (let request = 0; request < simulation.requests.count; request++) {
		const value = figure(simulation.requests, request);
		if (!Number.isNaN(value)) values.push(value);
	}
	return mean(values);
}

function typeOfMachines(plan: ClusterPlan): (id: number) => { role: string; type: string } {
	const splits = policies[plan.policy].splits;
	return (id) =>
		id < plan.promptMachines
			? { role: splits ? 'prompt' : 'any', type: plan.promptType }
			: { role: splits ? 'token' : 'any', type: plan.tokenType ?? plan.promptType };
}

function distributions({ simulation }: Evaluation, ended: readonly number[]): SimulationOutput['distributions'] {
	if (ended.length === 0) return [];
	const shares = Array.from({ length: 101 }, (_, i) => i / 100);
	const figures = { TTFT: ttftSeconds, TBT: tbtSeconds, E2E: e2eSeconds, queue: queueSeconds };
	return Object.entries(figures).flatMap(([latency, figure]) => {
		const sorted = sortedCopy(ended.map((request) => figure(simulation.requests, request)));
		return shares.map((share) => ({ latency, share, seconds: quantileSorted(sorted, share) }));
	});
}

/** The time line of the mixed pool, thinned to what a plot can show. */
function mixedPool({ simulation }: Evaluation): SimulationOutput['mixedPool'] {
	const times = simulation.mixedMachines.time.view();
	const values = simulation.mixedMachines.value.view();
	const stride = Math.max(1, Math.ceil(times.length / 1000));
	const rows: { seconds: number; machines: number }[] = [];
	for (let i = 0; i < times.length; i += stride) rows.push({ seconds: times[i] as number, machines: values[i] as number });
	return rows;
}

/** Runs of iterations on the first machines of each pool, from the start until the plot is full. */
function gantt({ simulation }: Evaluation, plan: ClusterPlan): SimulationOutput['gantt'] {
	const { spans } = simulation;
	if (spans === undefined) return [];
	const half = shownMachines / 2;
	const name = typeOfMachines(plan);
	const phases = ['prompt', 'token', 'mixed'] as const;
	const rows: SimulationOutput['gantt'] = [];
	const [tracks, kinds, starts, ends] = [spans.track.view(), spans.kind.view(), spans.start.view(), spans.end.view()];
	for (let i = 0; i < tracks.length && rows.length < shownSpans; i++) {
		const id = tracks[i] as number;
		const place = id < plan.promptMachines ? id : id - plan.promptMachines;
		if (place >= half) continue;
		rows.push({
			machine: `${name(id).role} ${id}`,
			phase: phases[kinds[i] as 0 | 1 | 2],
			start: starts[i] as number,
			end: ends[i] as number,
		});
	}
	return rows;
}

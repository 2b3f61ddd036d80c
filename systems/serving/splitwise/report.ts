/** The report of a run: what each mode found, as tables and plots. */
import type { Panel, PlotPanel, Row, TablePanel } from '@assay/contract';
import type { ObjectiveOutput, Outputs, SimulationOutput } from './outputs.ts';
import { reportComparison } from './report-comparison.ts';
import { reportProvisioning } from './report-provisioning.ts';

const latencyLabel = { ttft: 'TTFT', tbt: 'TBT', e2e: 'E2E' } as const;

export function report(outputs: Outputs): Panel[] {
	return [
		{
			kind: 'text',
			title: 'Recommendation',
			paragraphs: [outputs.recommendation, `Trace: ${outputs.trace.description}.`, timesFrom(outputs)],
		},
		...(outputs.simulation === null ? [] : reportSimulation(outputs.simulation)),
		...(outputs.comparison === null ? [] : reportComparison(outputs.comparison)),
		...(outputs.provisioning === null ? [] : reportProvisioning(outputs.provisioning)),
	];
}

function timesFrom({ model, timings }: Outputs): string {
	const sources = timings.map(({ machine, source }) => `${machine}: ${source}`).join('; ');
	const caution = sources.includes('roofline') ? ' A roofline estimate is not a measurement: it may be off by half.' : '';
	return `Iteration times of ${model.name} by machine: ${sources}.${caution}`;
}

function reportSimulation(simulation: SimulationOutput): Panel[] {
	return [
		latencyTable(simulation),
		objectiveTable(simulation.objectives),
		...(simulation.unsplit === null ? [] : [comparisonWithUnsplit(simulation)]),
		distributionPlot(simulation, ['TTFT', 'E2E', 'queue'], 'Latencies of the requests'),
		distributionPlot(simulation, ['TBT'], 'Time between tokens'),
		utilisationPlot(simulation),
		ganttPlot(simulation),
		mixedPoolPlot(simulation),
		machineTable(simulation),
		{
			kind: 'file',
			title: 'Every request',
			artifact: 'requests.csv',
			note: 'Latencies, slowdowns and machines, one row per request.',
		},
		{
			kind: 'file',
			title: 'Every run of iterations',
			artifact: 'machine-iterations.csv',
			note: 'Machine, phase, start, end and batch tokens: a Gantt chart of the whole run.',
		},
		{
			kind: 'file',
			title: 'Waits for memory',
			artifact: 'memory-waits.csv',
			note: `The first thousand of ${simulation.memoryWaits} times that work did not fit into a machine’s memory.`,
		},
		{ kind: 'file', title: 'Mixed pool', artifact: 'mixed-pool.csv', note: 'Every machine borrowed from a pool and returned.' },
	];
}

function latencyTable({ latencies, completed, rejected, unfinished }: SimulationOutput): TablePanel {
	const rows = Object.entries({ TTFT: latencies.ttft, TBT: latencies.tbt, E2E: latencies.e2e, queue: latencies.queue }).map(
		([latency, summary]): Row => ({ latency, ...summary }),
	);
	const keys = ['mean', 'standardDeviation', 'min', 'p50', 'p90', 'p95', 'p99', 'p999', 'max', 'geometricMean'] as const;
	const labels = ['Mean', 'Std. dev.', 'Min', 'P50', 'P90', 'P95', 'P99', 'P99.9', 'Max', 'Geom. mean'];
	return {
		kind: 'table',
		title: 'Latencies',
		note: `${completed} requests completed, ${rejected} rejected (KV cache larger than any machine), ${unfinished} unfinished.`,
		columns: [{ key: 'latency', label: 'Latency' }, ...keys.map((key, i) => ({ key, label: labels[i] ?? key, unit: 's' }))],
		rows,
	};
}

export function objectiveTable(objectives: readonly ObjectiveOutput[]): TablePanel {
	return {
		kind: 'table',
		title: 'Service-level objectives',
		note: 'Slowdown against an uncontended DGX-A100 with the same model; all nine must stay below their limits.',
		columns: [
			{ key: 'latency', label: 'Latency' },
			{ key: 'percentile', label: 'Percentile' },
			{ key: 'slowdown', label: 'Slowdown' },
			{ key: 'limit', label: 'Limit' },
			{ key: 'met', label: 'Met' },
		],
		rows: objectives.map(({ latency, percentile, slowdown, limit, met }) => ({
			latency: latencyLabel[latency],
			percentile: percentile.toUpperCase(),
			slowdown,
			limit,
			met: met ? 'yes' : 'no',
		})),
	};
}

function comparisonWithUnsplit({ cluster, unsplit, latencies, feasible, maxRequestsPerSecond }: SimulationOutput): TablePanel {
	return {
		kind: 'table',
		title: 'With and without splitting',
		note: 'The second row spends the same rent on machines of the prompt type that do both phases.',
		columns: [
			{ key: 'cluster', label: 'Cluster' },
			{ key: 'machines', label: 'Machines' },
			{ key: 'dollars', label: 'Rent', unit: '$/h' },
			{ key: 'power', label: 'Power', unit: 'DGX-H100' },
			{ key: 'ttft', label: 'Mean TTFT', unit: 's' },
			{ key: 'e2e', label: 'Mean E2E', unit: 's' },
			{ key: 'highest', label: 'Highest rate', unit: 'requests/s' },
			{ key: 'met', label: 'All objectives' },
		],
		rows: [
			{
				cluster: cluster.label,
				machines: cluster.machines,
				dollars: cluster.dollarsPerHour,
				power: cluster.relativePower,
				ttft: latencies.ttft.mean,
				e2e: latencies.e2e.mean,
				highest: maxRequestsPerSecond,
				met: feasible ? 'met' : 'missed',
			},
			...(unsplit === null
				? []
				: [
						{
							cluster: unsplit.label,
							machines: unsplit.machines,
							dollars: unsplit.dollarsPerHour,
							power: unsplit.relativePower,
							ttft: unsplit.meanTtftSeconds,
							e2e: unsplit.meanE2eSeconds,
							highest: unsplit.maxRequestsPerSecond,
							met: unsplit.feasible ? 'met' : 'missed',
						},
					]),
		],
	};
}

function distributionPlot(simulation: SimulationOutput, latencies: readonly string[], title: string): PlotPanel {
	return {
		kind: 'plot',
		title,
		note: `Share of the requests with ${latencies.join(', ')} up to a time; the steeper the curve, the more alike the requests fare.`,
		x: { label: 'Time', unit: 's', zero: true },
		y: { label: 'Share of requests', zero: true },
		color: { label: 'Latency' },
		marks: [
			{
				mark: 'line',
				data: simulation.distributions.filter(({ latency }) => latencies.includes(latency)),
				x: 'seconds',
				y: 'share',
				color: 'latency',
			},
		],
	};
}

function utilisationPlot({ machines }: SimulationOutput): PlotPanel {
	return {
		kind: 'plot',
		title: 'Busy share of the machines',
		note: 'How much of the run each machine had a batch; an uneven picture between pools says that the split is off.',
		x: { label: 'Machine', scale: 'band' },
		y: { label: 'Busy share', zero: true },
		color: { label: 'Role' },
		marks: [
			{
				mark: 'bar',
				data: machines.map(({ machine, role, utilisation }) => ({ machine: String(machine), role, utilisation })),
				x: 'machine',
				y: 'utilisation',
				along: 'y',
				color: 'role',
			},
		],
	};
}

function ganttPlot({ gantt }: SimulationOutput): PlotPanel {
	return {
		kind: 'plot',
		title: 'What the machines do',
		note: 'Runs of iterations on the first six machines of each pool at the start of the trace; mixed runs hold prompts and tokens together.',
		x: { label: 'Time', unit: 's' },
		y: { label: 'Machine', scale: 'band' },
		color: { label: 'Phase' },
		marks: [{ mark: 'span', data: gantt, x1: 'start', x2: 'end', y: 'machine', color: 'phase' }],
	};
}

function mixedPoolPlot({ mixedPool, endSeconds }: SimulationOutput): PlotPanel {
	const steps: Row[] = [];
	for (const [i, { seconds, machines }] of mixedPool.entries()) {
		steps.push({ seconds, machines });
		steps.push({ seconds: mixedPool[i + 1]?.seconds ?? Math.max(endSeconds, seconds), machines });
	}
	return {
		kind: 'plot',
		title: 'Machines borrowed into the mixed pool',
		note: 'A pool that keeps borrowing is too small for the load.',
		x: { label: 'Time', unit: 's' },
		y: { label: 'Machines', zero: true },
		marks: [{ mark: 'line', data: steps, x: 'seconds', y: 'machines' }],
	};
}

function machineTable({ machines }: SimulationOutput): TablePanel {
	return {
		kind: 'table',
		title: 'Machines',
		columns: [
			{ key: 'machine', label: 'Machine' },
			{ key: 'role', label: 'Role' },
			{ key: 'type', label: 'Type' },
			{ key: 'utilisation', label: 'Busy share' },
			{ key: 'peakMemoryBytes', label: 'Memory high-water mark', unit: 'B' },
			{ key: 'capacityBytes', label: 'Memory', unit: 'B' },
		],
		rows: machines,
	};
}

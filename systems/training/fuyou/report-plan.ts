/** Panels of a plan. */
import type { Panel, PlotPanel, Row, TablePanel } from '@assay/contract';
import type { PlanOutput } from './outputs.ts';
import { reportChoices } from './report-choices.ts';

/** More bars than this cannot be told apart; the file has them all. */
const MOST_SPANS = 3000;

export function reportPlan(plan: PlanOutput): Panel[] {
	return [
		policyTable(plan),
		capacityTable(plan),
		keptTable(plan),
		curvePlot(plan),
		timeline('One step, job by job', noteOf(plan), plan.simulation.jobs),
		...reportChoices(plan),
		{
			kind: 'file',
			title: 'DeepSpeed configuration',
			artifact: 'deepspeed-zero-infinity.json',
			note: 'The same setting for ZeRO-Infinity; set nvme_path to your drive.',
		},
		{
			kind: 'file',
			title: 'Timeline',
			artifact: 'timeline.csv',
			note: 'Every job of the simulated step: server, kind, start, end.',
		},
	];
}

function policyTable({ policies, batch }: PlanOutput): TablePanel {
	return {
		kind: 'table',
		title: 'Known systems on this machine',
		note: `A step of ${batch} sequences. Where something does not fit, times are what they would be if there were room.`,
		columns: [
			{ key: 'title', label: 'System' },
			{ key: 'fits', label: 'Fits' },
			{ key: 'lacks', label: 'What is short' },
			{ key: 'seconds', label: 'Step', unit: 's' },
			{ key: 'teraflops', label: 'Speed', unit: 'TFLOP/s' },
			{ key: 'tokensPerSecond', label: 'Throughput', unit: 'tokens/s' },
			{ key: 'largestBatch', label: 'Largest batch' },
			{ key: 'best', label: 'Throughput there', unit: 'tokens/s' },
			{ key: 'recompute', label: 'Computed again', unit: '% of forward', digits: 3 },
			{ key: 'kept', label: 'Activations kept', unit: 'GB' },
		],
		rows: policies.map(
			(policy): Row => ({
				title: policy.title,
				fits: policy.fits ? 'yes' : 'no',
				lacks:
					policy.binding === null
						? ''
						: `${policy.binding}: ${(policy.needed / 1e9).toFixed(1)} of ${(policy.available / 1e9).toFixed(1)} GB`,
				seconds: policy.seconds,
				teraflops: policy.teraflops,
				tokensPerSecond: policy.tokensPerSecond,
				largestBatch: policy.largestBatch,
				best: policy.largestBatchTokensPerSecond,
				recompute: 100 * policy.recomputeShare,
				kept: policy.keptBytes / 1e9,
			}),
		),
	};
}

function capacityTable({ tiers, buffers }: PlanOutput): TablePanel {
	return {
		kind: 'table',
		title: 'What lies where',
		note: `Fuyou. Buffers: ${buffers.parameters} for weights, ${buffers.optimizer} for optimizer sub-groups of ${(buffers.subGroupParameters / 1e6).toFixed(0)} M parameters, ${buffers.activations} for activations.`,
		columns: [
			{ key: 'tier', label: 'Tier' },
			{ key: 'what', label: 'Holds' },
			{ key: 'bytes', label: 'Size', unit: 'GB' },
			{ key: 'capacity', label: 'Of', unit: 'GB' },
		],
		rows: tiers.flatMap(({ tier, bytes, capacityBytes, parts }) => [
			{ tier, what: 'all', bytes: bytes / 1e9, capacity: capacityBytes / 1e9 },
			...parts.map((part): Row => ({ tier: '', what: part.what, bytes: part.bytes / 1e9, capacity: null })),
		]),
	};
}

function keptTable({ kept, model }: PlanOutput): TablePanel {
	return {
		kind: 'table',
		title: 'What is kept instead of computed again',
		note: 'Inputs of both halves of every layer are always kept. Items come in the order of operations saved per byte.',
		columns: [
			{ key: 'item', label: 'Output of' },
			{ key: 'flopsPerByte', label: 'Saves', unit: 'FLOP/B' },
			{ key: 'bytes', label: 'Size a layer', unit: 'MB' },
			{ key: 'layers', label: `Kept in (of ${model.layers})`, unit: 'layers' },
		],
		rows: kept.map(({ item, flopsPerByte, bytesPerLayer, layers }) => ({
			item,
			flopsPerByte,
			bytes: bytesPerLayer / 1e6,
			layers,
		})),
	};
}

function curvePlot({ curve, policies }: PlanOutput): PlotPanel {
	const row = (series: string, seconds: (point: PlanOutput['curve'][number]) => number): Row[] =>
		curve.map((point) => ({ kept: point.keptBytes / 1e9, seconds: seconds(point), series }));
	const chosen = policies.find(({ policy }) => policy === 'fuyou');
	return {
		kind: 'plot',
		title: 'Step time over activations kept',
		note: 'The step and the work of each server. Keeping more spares the GPU and burdens link and drives; the step is shortest where they balance.',
		x: { label: 'Activations kept', unit: 'GB' },
		y: { label: 'Seconds', unit: 's', zero: true },
		color: { label: 'Work of' },
		marks: [
			{
				mark: 'line',
				data: [
					...row('step', ({ seconds }) => seconds),
					...row('GPU', ({ gpuSeconds }) => gpuSeconds),
					...row('drives', ({ driveSeconds }) => driveSeconds),
					...row('link', ({ linkSeconds }) => linkSeconds),
				],
				x: 'kept',
				y: 'seconds',
				color: 'series',
			},
			...(chosen === undefined ? [] : [{ mark: 'rule' as const, x: chosen.keptBytes / 1e9, label: 'chosen' }]),
		],
	};
}

function noteOf({ simulation, policies }: PlanOutput): string {
	const closed = policies.find(({ policy }) => policy === 'fuyou')?.seconds ?? 0;
	const shares = simulation.busyShares.map(({ lane, share }) => `${lane} ${(100 * share).toFixed(0)} %`).join(', ');
	const { seconds, secondsWithFilling, withoutReordering, separateStage } = simulation;
	return `${rounded(seconds)} s job by job; in closed form ${rounded(closed)} s, with its pipelines filling and draining ${rounded(secondsWithFilling)} s. With writes as they come ${rounded(withoutReordering)} s, with the optimizer after backward ${rounded(separateStage)} s. At work: ${shares}.`;
}

/** Three digits that count. */
const rounded = (seconds: number): string => String(Number(seconds.toPrecision(3)));

/** Spans on lanes; shared with the report of a measured training. */
export function timeline(
	title: string,
	note: string,
	jobs: readonly { lane: string; kind: string; startSeconds: number; endSeconds: number }[],
): PlotPanel {
	return {
		kind: 'plot',
		title,
		note: jobs.length > MOST_SPANS ? `${note} The first ${MOST_SPANS} of ${jobs.length} jobs.` : note,
		x: { label: 'Time', unit: 's' },
		y: { label: 'Server', scale: 'band' },
		color: { label: 'Job' },
		marks: [
			{
				mark: 'span',
				data: jobs
					.slice(0, MOST_SPANS)
					.map(({ lane, kind, startSeconds, endSeconds }) => ({ lane, kind, start: startSeconds, end: endSeconds })),
				x1: 'start',
				x2: 'end',
				y: 'lane',
				color: 'kind',
			},
		],
	};
}

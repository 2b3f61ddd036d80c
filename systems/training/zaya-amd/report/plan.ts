/** Panels of a training plan. */
import type { Panel, Row } from '@assay/contract';
import type { PlanOutput } from '../outputs.ts';

export function reportPlan(plan: PlanOutput): Panel[] {
	const { step, memory } = plan;
	const parts: readonly (readonly [string, number])[] = [
		['matrix products and attention', step.computeSeconds],
		['operations that only move memory', step.memoryPassSeconds],
		['pipeline bubble', step.bubbleSeconds],
		['tensor-parallel exchange', step.tensorSeconds],
		['tokens to experts and back', step.expertSeconds],
		['context-parallel exchange', step.contextSeconds],
		['hand-over between stages', step.pipelineSeconds],
		['gradients and parameters, exposed', step.exposedDataSeconds],
		['optimizer', step.optimizerSeconds],
	];
	return [
		{
			kind: 'table',
			title: 'The run',
			note: `Layout: ${plan.layout}; ${plan.microBatches} micro-batch${plan.microBatches === 1 ? '' : 'es'} of each rank in a step of ${plan.globalBatch} sequences.`,
			columns: [
				{ key: 'figure', label: 'Figure' },
				{ key: 'value', label: 'Value' },
				{ key: 'unit', label: 'Unit' },
			],
			rows: [
				{ figure: 'Duration', value: plan.days, unit: 'd' },
				{ figure: 'Duration without failures and saves', value: plan.idealDays, unit: 'd' },
				{ figure: 'Useful share of the time (goodput)', value: plan.goodput, unit: '1' },
				{ figure: 'Throughput', value: plan.tokensPerSecond, unit: 'tokens/s' },
				{ figure: 'Model operations over the peak (MFU)', value: plan.mfuOfPeak, unit: '1' },
				{ figure: 'Model operations over the achievable rate', value: plan.mfuOfAchievable, unit: '1' },
				{ figure: 'Operations per token', value: plan.flopsPerToken / 1e9, unit: 'GFLOP' },
				{ figure: 'Step', value: step.stepSeconds, unit: 's' },
				{ figure: 'Steps', value: plan.steps, unit: '1' },
				{ figure: 'Energy, without cooling', value: plan.megawattHours, unit: 'MWh' },
				{ figure: 'Rent', value: plan.dollars, unit: '$' },
			],
		},
		{
			kind: 'plot',
			title: 'Where a step goes',
			note: `Parts of a step of ${step.stepSeconds.toPrecision(3)} s. Of ${step.dataSeconds.toPrecision(3)} s for gradients and parameters, ${step.exposedDataSeconds.toPrecision(3)} s do not hide behind arithmetic.`,
			x: { label: 'Time', unit: 's', zero: true },
			y: { label: 'Part', scale: 'band' },
			marks: [
				{
					mark: 'bar',
					data: parts.filter(([, time]) => time > 0).map(([part, time]) => ({ part, time })),
					x: 'time',
					y: 'part',
					along: 'x',
				},
			],
		},
		{
			kind: 'plot',
			title: 'What the duration hangs on',
			note: 'Duration with each input lowered and raised, the others as they are; the longest bar is what is worth measuring first.',
			x: { label: 'Duration', unit: 'd' },
			y: { label: 'Input', scale: 'band' },
			color: { label: 'Change' },
			marks: [
				{ mark: 'span', data: tornado(plan), x1: 'from', x2: 'to', y: 'input', color: 'change' },
				{ mark: 'rule', x: plan.days, label: 'as planned' },
			],
		},
		{
			kind: 'table',
			title: 'Memory of a device',
			note:
				memory.totalBytes <= plan.deviceMemoryBytes ? 'It fits.' : 'It does not fit: split the model, or recompute activations.',
			columns: [
				{ key: 'part', label: 'Part' },
				{ key: 'gigabytes', label: 'Memory', unit: 'GB' },
			],
			rows: [
				{ part: 'weights', gigabytes: memory.weightBytes / 1e9 },
				{ part: 'gradients', gigabytes: memory.gradientBytes / 1e9 },
				{ part: 'optimizer states', gigabytes: memory.optimizerBytes / 1e9 },
				{ part: 'activations', gigabytes: memory.activationBytes / 1e9 },
				{ part: 'together', gigabytes: memory.totalBytes / 1e9 },
				{ part: 'device', gigabytes: plan.deviceMemoryBytes / 1e9 },
			],
		},
		{
			kind: 'text',
			title: 'What is not in it',
			paragraphs: [
				'Uneven loads on experts, slow nodes outside of failures, loading of data, evaluation and pauses between phases are not modelled: a real run takes longer. The next table says what lower shares of the achievable rate would mean.',
			],
		},
		{
			kind: 'table',
			title: 'If arithmetic took this share and nothing else took time',
			columns: [
				{ key: 'share', label: 'Share of the achievable rate' },
				{ key: 'days', label: 'Duration', unit: 'd' },
			],
			rows: plan.atShares,
		},
		{
			kind: 'table',
			title: 'Where the figures come from',
			columns: [
				{ key: 'what', label: 'Figure' },
				{ key: 'from', label: 'From' },
			],
			rows: plan.sources,
		},
	];
}

function tornado({ sensitivity, days }: PlanOutput): Row[] {
	return sensitivity.flatMap(({ input, change, lessDays, moreDays }) => {
		const [down = 'less', up = 'more'] = change.split(', ');
		return [
			{ input, change: down, from: Math.min(days, lessDays), to: Math.max(days, lessDays) },
			{ input, change: up, from: Math.min(days, moreDays), to: Math.max(days, moreDays) },
		];
	});
}

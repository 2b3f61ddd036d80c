/** Panels of a run. */
import type { Panel, Row, TablePanel } from '@assay/contract';
import type { MeasuredOutput, Outputs, PlanOutput, SettingOutput } from './outputs.ts';

export function report({ plan, measured, answer }: Outputs): Panel[] {
	return [
		{ kind: 'text', title: 'Answer', paragraphs: [answer, ...(plan === null ? [] : [plan.explanation])] },
		...(plan === null ? [] : planPanels(plan)),
		...(measured === null ? [] : measuredPanels(measured)),
	];
}

function planPanels(plan: PlanOutput): Panel[] {
	const parts = ['forward', 'backward', 'update', 'other'] as const;
	const rows = plan.strategies.flatMap(({ name, step }) =>
		parts.flatMap((part) => (step[part] > 0 ? [{ strategy: name, part, seconds: step[part] }] : [])),
	);
	return [
		settingsTable('Strategies at the asked ratio and sub-group size', plan.strategies),
		{
			kind: 'plot',
			title: 'Where a step’s time goes',
			note: 'The asynchronous flush shortens backward, the stride shortens the update.',
			x: { label: 'Time of a step', unit: 's', zero: true },
			y: { label: 'Strategy', scale: 'band' },
			color: { label: 'Phase' },
			marks: [{ mark: 'bar', data: rows, x: 'seconds', y: 'strategy', along: 'x', color: 'part' }],
		},
		settingsTable('TwinFlow alone: the default update with part of the state on the GPUs', plan.twinFlow),
		{
			kind: 'plot',
			title: 'Shortest step by ratio and stride',
			note: 'Each cell is the best sub-group size that fits; empty cells do not fit.',
			x: { label: 'Stride', scale: 'band' },
			y: { label: 'Offloaded share', scale: 'band' },
			color: { label: 'Step', unit: 's' },
			marks: [
				{
					mark: 'cell',
					data: plan.map.flatMap(({ ratio, stride, total }) => (total === null ? [] : [{ ratio: String(ratio), stride, total }])),
					x: 'stride',
					y: 'ratio',
					value: 'total',
				},
			],
		},
		{
			kind: 'plot',
			title: 'The update phase on its lanes',
			note: `Sub-groups go ${plan.subGroups.pattern} (C: CPU after starting transfers, c: CPU, G: GPU, R: lives on the GPU).`,
			x: { label: 'Time', unit: 's' },
			y: { label: 'Lane', scale: 'band' },
			color: { label: 'Job' },
			marks: [{ mark: 'span', data: plan.timeline, x1: 'start', x2: 'end', y: 'lane', color: 'job' }],
		},
		{
			kind: 'table',
			title: 'How busy each lane is in the update',
			columns: [
				{ key: 'lane', label: 'Lane' },
				{ key: 'share', label: 'At work', unit: '%', digits: 3 },
			],
			rows: plan.utilisation.map(({ lane, share }) => ({ lane, share: 100 * share })),
		},
		{
			kind: 'plot',
			title: 'Memory of one GPU',
			note: 'Activations are gone in the update; the slot for a sub-group’s state takes their place.',
			x: { label: 'Phase', scale: 'band' },
			y: { label: 'Memory', unit: 'GB', zero: true },
			color: { label: 'What' },
			marks: [
				{
					mark: 'bar',
					data: plan.memory.map(({ phase, part, bytes }) => ({ phase, part, gigabytes: bytes / 1e9 })),
					x: 'phase',
					y: 'gigabytes',
					along: 'y',
					color: 'part',
				},
				{ mark: 'rule', y: plan.deviceBytes / 1e9, label: 'usable' },
			],
		},
		ratesTable(plan),
		...(plan.residuals.length === 0 ? [] : [residualTable(plan)]),
		{
			kind: 'file',
			title: 'Configuration',
			artifact: 'deepspeed.json',
			note: 'DeepSpeed JSON of the best setting; the stride needs the authors’ branch.',
		},
	];
}

function settingsTable(title: string, settings: readonly SettingOutput[]): TablePanel {
	const hasLabel = settings.some(({ labelUpdatesPerSecond }) => labelUpdatesPerSecond !== null);
	return {
		kind: 'table',
		title,
		columns: [
			{ key: 'name', label: 'Strategy' },
			{ key: 'forward', label: 'Forward', unit: 's', digits: 3 },
			{ key: 'backward', label: 'Backward', unit: 's', digits: 3 },
			{ key: 'update', label: 'Update', unit: 's', digits: 3 },
			{ key: 'total', label: 'Step', unit: 's', digits: 3 },
			{ key: 'updates', label: 'Updates', unit: '1e9 parameters/s', digits: 3 },
			...(hasLabel ? [{ key: 'label', label: 'by the label', unit: '1e9 parameters/s', digits: 3 }] : []),
			{ key: 'peak', label: 'GPU peak', unit: 'GB', digits: 3 },
			{ key: 'fits', label: 'Fits' },
		],
		rows: settings.map(
			({ name, step, updatesPerSecond, labelUpdatesPerSecond, peakBytes, isFeasible, missingBytes, missingWhere }): Row => ({
				name,
				forward: step.forward,
				backward: step.backward,
				update: step.update,
				total: step.total,
				updates: updatesPerSecond / 1e9,
				label: labelUpdatesPerSecond === null ? null : labelUpdatesPerSecond / 1e9,
				peak: peakBytes / 1e9,
				fits: isFeasible ? 'yes' : `${(missingBytes / 1e9).toPrecision(3)} GB missing on the ${missingWhere ?? 'GPU'}`,
			}),
		),
	};
}

function ratesTable({ rates, fit, limitSeconds, simulatedUpdateSeconds, computeSource }: PlanOutput): TablePanel {
	const uncertainty = new Map(fit.map(({ rate, relativeUncertainty }) => [rate, relativeUncertainty]));
	const row = (what: string, value: number, unit: string, name?: string): Row => {
		const half = name === undefined ? undefined : uncertainty.get(name);
		return {
			what,
			value,
			unit,
			interval: half === undefined ? null : half === null ? 'not determined' : `± ${(100 * half).toPrecision(2)} %`,
		};
	};
	return {
		kind: 'table',
		title: 'Rates of one GPU’s share, and the limit',
		note: `Rates: ${rates.source}. Forward and backward: ${computeSource}.`,
		columns: [
			{ key: 'what', label: 'What' },
			{ key: 'value', label: 'Value' },
			{ key: 'unit', label: 'Unit' },
			{ key: 'interval', label: '95 % interval' },
		],
		rows: [
			row('Adam on the CPU, conversion and copy in line', rates.inlineCpu / 1e9, '1e9 parameters/s', 'inlineCpuPerSecond'),
			row('Adam on the CPU', rates.cpu / 1e9, '1e9 parameters/s', 'cpuPerSecond'),
			row('Link, each direction', rates.link / 1e9, 'GB/s', 'linkBytesPerSecond'),
			row('Adam on the GPU', rates.gpu / 1e9, '1e9 parameters/s', 'gpuPerSecond'),
			row('Blocking flush of gradients', rates.flush / 1e9, '1e9 parameters/s'),
			row('Shown update, simulated job by job', simulatedUpdateSeconds, 's'),
			row('Least update time, CPU and link never idle', limitSeconds, 's'),
		],
	};
}

function residualTable({ residuals }: PlanOutput): TablePanel {
	return {
		kind: 'table',
		title: 'Your measurements and the fit',
		columns: [
			{ key: 'ratio', label: 'Offloaded share' },
			{ key: 'stride', label: 'Stride' },
			{ key: 'measured', label: 'Measured', unit: 's' },
			{ key: 'predicted', label: 'Fitted', unit: 's' },
			{ key: 'error', label: 'Error', unit: '%', digits: 2 },
		],
		rows: residuals.map(({ ratio, stride, measured, predicted }) => ({
			ratio,
			stride: stride === null ? 'default' : String(stride),
			measured,
			predicted,
			error: 100 * (predicted / measured - 1),
		})),
	};
}

function measuredPanels(measured: MeasuredOutput): Panel[] {
	const name = (stride: number | null): string => (stride === null ? 'default' : String(stride));
	return [
		{
			kind: 'table',
			title: 'Measured updates',
			note: 'The fastest of several updates each. Predicted from the lanes’ mean times: conversion in line from default updates, copies from stride 2, all else from the largest stride.',
			columns: [
				{ key: 'stride', label: 'Stride' },
				{ key: 'measured', label: 'Measured', unit: 'ms' },
				{ key: 'predicted', label: 'Predicted', unit: 'ms' },
				{ key: 'error', label: 'Error', unit: '%', digits: 2 },
				{ key: 'exact', label: 'Bits of plain Adam' },
			],
			rows: measured.points.map(({ stride, measured: seconds, predicted, isExact }) => ({
				stride: name(stride),
				measured: 1000 * seconds,
				predicted: 1000 * predicted,
				error: 100 * (predicted / seconds - 1),
				exact: isExact ? 'yes' : 'no',
			})),
		},
		{
			kind: 'plot',
			title: 'Measured and predicted',
			note: 'Time of an update by stride.',
			x: { label: 'Stride', scale: 'band' },
			y: { label: 'Update', unit: 'ms', zero: true },
			color: { label: 'How' },
			marks: [
				{
					mark: 'dot',
					data: measured.points.flatMap(({ stride, measured: seconds, predicted }) => [
						{ stride: name(stride), how: 'measured', milliseconds: 1000 * seconds },
						{ stride: name(stride), how: 'predicted', milliseconds: 1000 * predicted },
					]),
					x: 'stride',
					y: 'milliseconds',
					color: 'how',
				},
			],
		},
		{
			kind: 'plot',
			title: 'A measured update on its lanes',
			note: 'Each bar is a job as it really ran.',
			x: { label: 'Time', unit: 's' },
			y: { label: 'Lane', scale: 'band' },
			color: { label: 'Job' },
			marks: [{ mark: 'span', data: measured.timeline, x1: 'start', x2: 'end', y: 'lane', color: 'job' }],
		},
	];
}

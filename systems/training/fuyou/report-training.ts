/** Panels of a measured training. */
import type { Panel, Row, TablePanel } from '@assay/contract';
import type { TrainedRun, TrainingOutput } from './outputs.ts';
import { timeline } from './report-plan.ts';

export function reportTraining(training: TrainingOutput): Panel[] {
	const last = training.runs.find(({ way }) => way === 'optimizer inside backward') ?? training.runs.at(-1);
	const after = training.runs.find(({ way }) => way === 'optimizer after backward');
	const shown = [last, after].filter((run): run is TrainedRun => run !== undefined);
	return [
		runTable(training),
		{
			kind: 'plot',
			title: 'Loss',
			note: 'The same in every way of training, since every float is.',
			x: { label: 'Step' },
			y: { label: 'Loss', unit: 'nats' },
			color: { label: 'Way' },
			marks: [
				{
					mark: 'line',
					data: training.runs.flatMap(({ way, losses }) => losses.map((loss, index): Row => ({ way, step: index + 1, loss }))),
					x: 'step',
					y: 'loss',
					color: 'way',
				},
			],
		},
		...shown.map((run) => timeline(`Measured: ${run.way}`, `The last step on the threads of this computer.`, run.timeline)),
		busyTable(training),
		{
			kind: 'file',
			title: 'Timeline',
			artifact: 'timeline.csv',
			note: 'Every job of the last step with the optimizer inside backward.',
		},
	];
}

function runTable({ runs, sameBits, totalStateBytes, stateCapBytes, optimizerIoShare }: TrainingOutput): TablePanel {
	const io =
		optimizerIoShare === null
			? ''
			: ` State moved for ${(100 * optimizerIoShare).toFixed(0)} % of the step with the optimizer after backward.`;
	return {
		kind: 'table',
		title: 'Measured on this computer',
		note: `All model state is ${(totalStateBytes / 1e6).toFixed(1)} MB; at most ${(stateCapBytes / 1e6).toFixed(1)} MB of it may be in memory. Parameters ${sameBits ? 'are the same bits in all ways' : 'differ'}.${io}`,
		columns: [
			{ key: 'way', label: 'Way' },
			{ key: 'median', label: 'Median step', unit: 's' },
			{ key: 'fastest', label: 'Fastest step', unit: 's' },
			{ key: 'state', label: 'State in memory', unit: 'MB' },
			{ key: 'memory', label: 'Kernels’ memory', unit: 'MB' },
			{ key: 'resident', label: 'Growth of resident set', unit: 'MB' },
			{ key: 'hash', label: 'SHA-256 of the parameters' },
		],
		rows: runs.map((run) => ({
			way: run.way,
			median: run.medianSeconds,
			fastest: run.fastestSeconds,
			state: run.stateBytes / 1e6,
			memory: run.memoryBytes / 1e6,
			resident: run.residentGrowthBytes / 1e6,
			hash: run.parametersSha256.slice(0, 16),
		})),
	};
}

function busyTable({ runs }: TrainingOutput): TablePanel {
	return {
		kind: 'table',
		title: 'Where the time of the last step went',
		columns: [
			{ key: 'way', label: 'Way' },
			{ key: 'lane', label: 'Server' },
			{ key: 'kind', label: 'Work' },
			{ key: 'seconds', label: 'Time', unit: 's' },
		],
		rows: runs.flatMap(({ way, busy }) => busy.map(({ lane, kind, seconds }) => ({ way, lane, kind, seconds }))),
	};
}

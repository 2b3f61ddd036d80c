/** A run in tables and plots. */
import type { Panel, Row } from '@assay/contract';
import type { Outputs } from '../outputs.ts';
import { bitPanels, granularityPanel } from './bit-panels.ts';
import { histogramPanels } from './histogram-panels.ts';
import { causeTable, layerTable, lossPlot, noisePlot } from './layer-panels.ts';
import { percent } from './percent.ts';
import { repairPanels, searchPanels } from './repair-panels.ts';
import { trainingPanels } from './training-panels.ts';

export function report(outputs: Outputs): Panel[] {
	const { answer, notes, layers } = outputs;
	return [
		{ kind: 'text', title: 'Answer', paragraphs: [answer, ...notes] },
		summaryTable(outputs),
		...(layers.length === 0 ? [] : [lossPlot(layers), noisePlot(layers), causeTable(layers), layerTable(layers)]),
		...trainingPanels(outputs),
		...repairPanels(outputs),
		...searchPanels(outputs),
		...bitPanels(outputs),
		...granularityPanel(outputs),
		...histogramPanels(outputs.histograms),
		...floatPanel(outputs),
		...speedPanels(outputs),
		...filePanels(outputs),
	];
}

function summaryTable({ sizes, quantized, floatAccuracy, network, samples }: Outputs): Panel {
	const row = (figure: string, float: number | string | null, integers: number | string | null): Row => ({
		figure,
		float,
		integers,
	});
	return {
		kind: 'table',
		title: 'Before and after',
		note: `${network.layers} layers of ${network.weights} weights; ${samples.calibration} samples gave the ranges, ${samples.evaluation} measured.`,
		columns: [
			{ key: 'figure', label: 'Figure' },
			{ key: 'float', label: 'Float', digits: 6 },
			{ key: 'integers', label: 'Quantized', digits: 6 },
		],
		rows: [
			row('File (B)', sizes.given, sizes.quantized),
			row('File of integer operators (B)', null, sizes.integer),
			row('Weights packed to their bits, with scales and biases (B)', null, sizes.packed),
			row('Accuracy (%)', percent(floatAccuracy), percent(quantized.accuracy)),
			row('Decisions as the float network (%)', 100, percent(quantized.agreement)),
			row('… 95 % interval: from (%)', null, percent(quantized.decisions.low)),
			row('… to (%)', null, percent(quantized.decisions.high)),
			row('Usual margin of a decision, in logits', quantized.decisions.margin, null),
			row('Usual margin of those that changed', quantized.decisions.changedMargin, null),
			row('Error of a logit (root mean square)', null, quantized.decisions.noise),
			row('Logits over their error (dB)', null, quantized.logitDecibels),
		],
	};
}

function floatPanel({ floatOperators }: Outputs): Panel[] {
	if (floatOperators.length === 0) return [];
	return [
		{
			kind: 'table',
			title: 'Operators that stay float',
			columns: [
				{ key: 'operator', label: 'Operator' },
				{ key: 'name', label: 'Makes' },
				{ key: 'reason', label: 'Why' },
			],
			rows: floatOperators.map((one) => ({ ...one })),
		},
	];
}

function speedPanels({ speed }: Outputs): Panel[] {
	if (speed.length === 0) return [];
	const rows = speed.map(({ what, seconds, agreement }) => ({
		what,
		milliseconds: 1000 * seconds,
		agreement: percent(agreement),
	}));
	return [
		{
			kind: 'plot',
			title: 'Time of one sample on this machine',
			note: 'Median, one thread. Shorter bars are faster.',
			x: { label: 'Time', unit: 'ms', zero: true },
			y: { label: 'Run by', scale: 'band' },
			marks: [{ mark: 'bar', data: rows, x: 'milliseconds', y: 'what', along: 'x' }],
		},
		{
			kind: 'table',
			title: 'Times',
			columns: [
				{ key: 'what', label: 'Run by' },
				{ key: 'milliseconds', label: 'One sample', unit: 'ms', digits: 3 },
				{ key: 'agreement', label: 'Decisions as in float', unit: '%' },
			],
			rows,
		},
	];
}

function filePanels({ sizes }: Outputs): Panel[] {
	const files: Panel[] = [
		{
			kind: 'file',
			title: 'The quantized network',
			artifact: 'quantized.onnx',
			note: 'Runs in onnxruntime as it is; integer kernels come in where the runtime joins quantizers with operators.',
		},
	];
	if (sizes.integer !== null)
		files.push({
			kind: 'file',
			title: 'The same of integer operators',
			artifact: 'integer-operators.onnx',
			note: 'Smaller; QLinear operators of ONNX and of Microsoft’s domain.',
		});
	return [...files, { kind: 'file', title: 'Everything as JSON', artifact: 'report.json', note: 'All figures of this report.' }];
}

/** A run in tables and plots. */
import type { Panel, Row } from '@assay/contract';
import type { Outputs } from '../outputs.ts';
import { histogramPanels } from './histogram-panels.ts';
import { causeTable, layerTable, lossPlot, noisePlot } from './layer-panels.ts';
import { trainingPanels } from './training-panels.ts';

const percent = (share: number | null): number | null => (share === null ? null : 100 * share);

export function report(outputs: Outputs): Panel[] {
	const { answer, notes, layers } = outputs;
	return [
		{ kind: 'text', title: 'Answer', paragraphs: [answer, ...notes] },
		summaryTable(outputs),
		...(layers.length === 0 ? [] : [lossPlot(layers), noisePlot(layers), causeTable(layers), layerTable(layers)]),
		...trainingPanels(outputs),
		...repairPanels(outputs),
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

function repairPanels({ repairs, quantized }: Outputs): Panel[] {
	if (repairs.length === 0) return [];
	const rows = [
		{
			name: 'none',
			says: 'as asked',
			decibels: quantized.logitDecibels,
			agreement: percent(quantized.agreement),
			accuracy: percent(quantized.accuracy),
			gain: null,
		},
		...repairs.map(({ name, says, quality, gainDecibels }) => ({
			name,
			says,
			decibels: quality.logitDecibels,
			agreement: percent(quality.agreement),
			accuracy: percent(quality.accuracy),
			gain: gainDecibels,
		})),
	];
	return [
		{
			kind: 'table',
			title: 'Repairs, each by itself',
			note: 'Measured on the same samples. Equalisation and bias correction are later than the paper.',
			columns: [
				{ key: 'name', label: 'Repair' },
				{ key: 'says', label: 'What it does' },
				{ key: 'decibels', label: 'Logits', unit: 'dB', digits: 3 },
				{ key: 'gain', label: 'Gain', unit: 'dB', digits: 3 },
				{ key: 'agreement', label: 'Agreement', unit: '%' },
				{ key: 'accuracy', label: 'Accuracy', unit: '%' },
			],
			rows,
		},
	];
}

function bitPanels({ bits, floatAccuracy }: Outputs): Panel[] {
	if (bits.length === 0) return [];
	const isAccuracy = floatAccuracy !== null;
	const data = bits.map(({ bits: width, granularity, quality }) => ({
		bits: width,
		share: 100 * (isAccuracy ? (quality.accuracy ?? 0) : quality.agreement),
		granularity: `a scale a ${granularity}`,
	}));
	return [
		{
			kind: 'plot',
			title: isAccuracy ? 'Accuracy and bits of weights' : 'Agreement with the float network and bits of weights',
			note: `Without training again. Fewer bits lose more, and sooner with one scale for a whole layer.${isAccuracy ? ` Float: ${(100 * floatAccuracy).toFixed(1)} %.` : ''}`,
			x: { label: 'Bits of weights', unit: 'bits' },
			y: { label: isAccuracy ? 'Accuracy' : 'Agreement', unit: '%' },
			color: { label: 'Granularity' },
			marks: [
				{ mark: 'line', data, x: 'bits', y: 'share', color: 'granularity' },
				{ mark: 'dot', data, x: 'bits', y: 'share', color: 'granularity' },
			],
		},
	];
}

function granularityPanel({ bits }: Outputs): Panel[] {
	const data = bits.flatMap(({ bits: width, granularity, quality }) =>
		quality.logitDecibels === null
			? []
			: [{ bits: `${width} bits, ${granularity}`, decibels: quality.logitDecibels, granularity }],
	);
	if (data.length === 0) return [];
	return [
		{
			kind: 'plot',
			title: 'A scale a channel against a scale a layer',
			note: 'Logits over their error: 6 dB more are half the error.',
			x: { label: 'Logits over their error', unit: 'dB', zero: true },
			y: { label: 'Weights', scale: 'band' },
			color: { label: 'Granularity' },
			marks: [{ mark: 'bar', data, x: 'decibels', y: 'bits', along: 'x', color: 'granularity' }],
		},
	];
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

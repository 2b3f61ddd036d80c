/** A run in tables and plots. */
import type { Panel, PlotPanel, Row } from '@assay/contract';
import { rooflinePanel } from '@assay/machines';
import type { Evaluation, Outputs, TrainingOutput } from './outputs.ts';

type Figures = Evaluation['before'];

export function report({ answer, evaluation, training }: Outputs): Panel[] {
	return [
		{ kind: 'text', title: 'Answer', paragraphs: [answer, ...(evaluation === null ? [] : notes(evaluation))] },
		...(evaluation === null ? [] : evaluationPanels(evaluation)),
		...(training === null ? [] : trainingPanels(training)),
	];
}

function evaluationPanels(outputs: Evaluation): Panel[] {
	return [
		networkTable(outputs),
		layerTable(outputs),
		utilisationPlot(outputs),
		tradeOffPlot(outputs),
		tradeOffTable(outputs),
		energyPlot(outputs),
		...roofline(outputs),
		...filePanels(outputs),
	];
}

function notes({ acrossGroupsCycles, before, after, channelFactor, oneDimensional }: Evaluation): string[] {
	return [
		...(channelFactor === 1 ? [] : [`All channels are scaled by ${channelFactor.toPrecision(3)} to stay within the budget.`]),
		...(acrossGroupsCycles === null
			? []
			: [
					`If copies of a set could work on other groups, the unchanged network would take ${acrossGroupsCycles} cycles instead of ${before.arrayCycles}: it is the groups that leave the array idle.`,
				]),
		`One-dimensional kernels in place of depthwise ones would take ${oneDimensional.sameArrayCycles} cycles on this array, and ${oneDimensional.linesCycles} on one whose rows each slide a kernel along a line; the change here takes ${after.cycles}.`,
	];
}

const relative = (before: number, after: number): number | null => (before === 0 ? null : 100 * (after / before - 1));

function networkTable({ before, after }: Evaluation): Panel {
	const row = (figure: string, unit: string, of: (figures: Figures) => number): Row => ({
		figure: unit === '' ? figure : `${figure} (${unit})`,
		before: of(before),
		after: of(after),
		change: relative(of(before), of(after)),
	});
	return {
		kind: 'table',
		title: 'The network before and after',
		note: 'The mean is over layers, as in the paper; overall utilisation is of the whole run. Energy is in multiply-accumulates.',
		columns: [
			{ key: 'figure', label: 'Figure' },
			{ key: 'before', label: 'Before', digits: 6 },
			{ key: 'after', label: 'After', digits: 6 },
			{ key: 'change', label: 'Change', unit: '%', digits: 3 },
		],
		rows: [
			row('Latency', 'ms', ({ seconds }) => 1000 * seconds),
			row('Cycles', '', ({ cycles }) => cycles),
			row('Mean utilisation', '%', ({ meanUtilisation }) => 100 * meanUtilisation),
			row('Overall utilisation', '%', ({ overallUtilisation }) => 100 * overallUtilisation),
			row('Multiply-accumulates', 'M', ({ macs }) => macs / 1e6),
			row('Weights', 'M', ({ weights }) => weights / 1e6),
			row('Reuse', 'MAC/value', ({ arithmeticIntensity }) => arithmeticIntensity),
			row('Weighted reuse', 'MAC/value', ({ weightedIntensity }) => weightedIntensity),
			row('Energy', 'M', ({ energy }) => energy / 1e6),
			row('Memory-bound layers', '', ({ memoryBoundLayers }) => memoryBoundLayers),
		],
	};
}

function layerTable({ layers }: Evaluation): Panel {
	return {
		kind: 'table',
		title: 'Layers',
		note: 'Channels a group is what a depthwise layer becomes; 1 leaves it as it is.',
		columns: [
			{ key: 'name', label: 'Layer' },
			{ key: 'kind', label: 'Kind' },
			{ key: 'width', label: 'Channels a group' },
			{ key: 'macs', label: 'MACs', unit: 'M' },
			{ key: 'reuse', label: 'Reuse', unit: 'MAC/value', digits: 3 },
			{ key: 'utilisationBefore', label: 'Utilisation before', unit: '%', digits: 3 },
			{ key: 'utilisationAfter', label: 'After', unit: '%', digits: 3 },
			{ key: 'cyclesBefore', label: 'Cycles before', digits: 6 },
			{ key: 'cyclesAfter', label: 'After', digits: 6 },
			{ key: 'energyBefore', label: 'Energy before', unit: 'M' },
			{ key: 'energyAfter', label: 'After', unit: 'M' },
			{ key: 'bound', label: 'Bound by' },
		],
		rows: layers.map(({ name, kind, width, before, after }) => ({
			name,
			kind,
			width,
			macs: after.macs / 1e6,
			reuse: after.arithmeticIntensity,
			utilisationBefore: 100 * before.utilisation,
			utilisationAfter: 100 * after.utilisation,
			cyclesBefore: before.cycles,
			cyclesAfter: after.cycles,
			energyBefore: before.energy / 1e6,
			energyAfter: after.energy / 1e6,
			bound: after.isMemoryBound ? 'memory' : 'array',
		})),
	};
}

function utilisationPlot({ layers }: Evaluation): PlotPanel {
	const row = (when: string, of: (layer: Evaluation['layers'][number]) => number): Row[] =>
		layers.map((layer, index) => ({ layer: index + 1, utilisation: 100 * of(layer), when }));
	return {
		kind: 'plot',
		title: 'Utilisation by layer',
		note: 'Depthwise layers leave the array all but idle; wider groups give it maps to work on.',
		x: { label: 'Layer' },
		y: { label: 'Utilisation', unit: '%', zero: true },
		color: { label: 'Network' },
		marks: [
			{
				mark: 'line',
				data: [...row('before', ({ before }) => before.utilisation), ...row('after', ({ after }) => after.utilisation)],
				x: 'layer',
				y: 'utilisation',
				color: 'when',
			},
		],
	};
}

function tradeOffPlot({ tradeOffs, before, after }: Evaluation): PlotPanel {
	return {
		kind: 'plot',
		title: 'Work and latency of all variants',
		note: 'On the front, no other variant is at least as good in cycles, work and utilisation.',
		x: { label: 'Multiply-accumulates', unit: 'M' },
		y: { label: 'Cycles', zero: true },
		color: { label: 'Variant' },
		marks: [
			{
				mark: 'dot',
				data: [
					...tradeOffs.map(({ macs, cycles, isOnFront }) => ({
						macs: macs / 1e6,
						cycles,
						kind: isOnFront ? 'on the front' : 'beaten',
					})),
					{ macs: before.macs / 1e6, cycles: before.cycles, kind: 'before' },
					{ macs: after.macs / 1e6, cycles: after.cycles, kind: 'after' },
				],
				x: 'macs',
				y: 'cycles',
				color: 'kind',
			},
		],
	};
}

function tradeOffTable({ tradeOffs, before }: Evaluation): Panel {
	return {
		kind: 'table',
		title: 'Variants on the front, and what each was asked for',
		columns: [
			{ key: 'objective', label: 'Asked for' },
			{ key: 'cycles', label: 'Cycles', digits: 6 },
			{ key: 'latency', label: 'Latency', unit: '%', digits: 3 },
			{ key: 'utilisation', label: 'Mean utilisation', unit: '%', digits: 4 },
			{ key: 'gain', label: 'Gain', unit: '%', digits: 3 },
			{ key: 'macs', label: 'Work', unit: 'x' },
			{ key: 'energy', label: 'Energy', unit: '%', digits: 3 },
		],
		rows: tradeOffs
			.filter(({ isOnFront }) => isOnFront)
			.map(({ objective, macs, cycles, meanUtilisation, energy }) => ({
				objective,
				cycles,
				latency: relative(before.cycles, cycles),
				utilisation: 100 * meanUtilisation,
				gain: relative(before.meanUtilisation, meanUtilisation),
				macs: before.macs === 0 ? null : macs / before.macs,
				energy: relative(before.energy, energy),
			})),
	};
}

function energyPlot({ before, after }: Evaluation): PlotPanel {
	const rows = (network: string, { energyByLevel }: Figures): Row[] =>
		energyByLevel.map(({ level, energy }) => ({ network, level, energy: energy / 1e6 }));
	return {
		kind: 'plot',
		title: 'Energy by level of the memory',
		note: 'In million multiply-accumulates.',
		x: { label: 'Network', scale: 'band' },
		y: { label: 'Energy', unit: 'M', zero: true },
		color: { label: 'Level' },
		marks: [
			{
				mark: 'bar',
				data: [...rows('before', before), ...rows('after', after)],
				x: 'network',
				y: 'energy',
				along: 'y',
				color: 'level',
			},
		],
	};
}

function roofline({ array, layers }: Evaluation): Panel[] {
	if (array.dramBytesPerSecond === null) return [];
	const points = layers.flatMap(({ name, before, after }) =>
		(
			[
				['before', before],
				['after', after],
			] as const
		).map(([series, { macs, traffic, cycles }]) => ({
			label: name,
			series,
			operations: macs,
			bytes: traffic * array.valueBytes,
			seconds: cycles / array.clockHertz,
		})),
	);
	const roof = { peakPerSecond: array.rows * array.columns * array.clockHertz, bytesPerSecond: array.dramBytesPerSecond };
	return [
		rooflinePanel('Layers under the roof', 'What each layer attains, by its work for each byte that moves.', roof, points, 'MAC'),
	];
}

function filePanels({ isRewritten }: Evaluation): Panel[] {
	return [
		{
			kind: 'file',
			title: 'Layers',
			artifact: 'layers.csv',
			note: 'The changed network as a SCALE-Sim topology with a column of groups.',
		},
		...(isRewritten
			? [
					{
						kind: 'file' as const,
						title: 'Your network, widened',
						artifact: 'widened.onnx',
						note: 'Kernels lie on the diagonal of each group, so it computes what it computed: train it on to use the new weights.',
					},
				]
			: []),
	];
}

function trainingPanels({ points, images, epochs }: TrainingOutput): Panel[] {
	return [
		{
			kind: 'table',
			title: 'Accuracy by channels a group',
			note: `MobileNetV1 at a quarter of its width, on generated shapes of 32 x 32: ${images} images to learn from, ${epochs} epochs. The interval is for the mean at 95 %. It is not ImageNet.`,
			columns: [
				{ key: 'width', label: 'Channels a group' },
				{ key: 'parameters', label: 'Parameters' },
				{ key: 'accuracy', label: 'Accuracy', unit: '%' },
				{ key: 'spread', label: '±', unit: 'points', digits: 2 },
				{ key: 'lowest', label: 'Lowest', unit: '%' },
				{ key: 'highest', label: 'Highest', unit: '%' },
				{ key: 'loss', label: 'Loss at the end' },
			],
			rows: points.map(({ width, parameters, accuracies, accuracy, spread, loss }) => ({
				width,
				parameters,
				accuracy: 100 * accuracy,
				spread: spread === null ? null : 100 * spread,
				lowest: accuracies.length === 0 ? null : 100 * Math.min(...accuracies),
				highest: accuracies.length === 0 ? null : 100 * Math.max(...accuracies),
				loss,
			})),
		},
		{
			kind: 'plot',
			title: 'Accuracy of each network',
			note: 'A dot for each network; the spread of a width is that of its first weights.',
			x: { label: 'Channels a group', scale: 'band' },
			y: { label: 'Accuracy', unit: '%' },
			marks: [
				{
					mark: 'dot',
					data: points.flatMap(({ width, accuracies }) => accuracies.map((accuracy) => ({ width, accuracy: 100 * accuracy }))),
					x: 'width',
					y: 'accuracy',
				},
			],
		},
	];
}

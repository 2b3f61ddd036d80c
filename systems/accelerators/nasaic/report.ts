/** Panels of a run. */
import type { Panel, PlotPanel, Row } from '@assay/contract';
import { SURROGATE_FORMULA } from './accuracy/surrogate-accuracy.ts';
import type { Outputs } from './outputs.ts';

export function report(outputs: Outputs): Panel[] {
	return [
		limitsTable(outputs),
		taskTable(outputs),
		chipTable(outputs),
		gantt(outputs),
		scatter(outputs, 'energy', 'Energy', 'M MAC', 1e6),
		scatter(outputs, 'area', 'Area', 'mm^2', 1e6),
		...rewardPlot(outputs),
		frontTable(outputs),
		layerTable(outputs),
		...trainingPanels(outputs),
		...rivalTable(outputs),
		...exactText(outputs),
		accuracyText(outputs),
		{ kind: 'file', title: 'Layers', artifact: 'layers.csv', note: 'Where and when each layer runs.' },
		{
			kind: 'file',
			title: 'Explored designs',
			artifact: 'explored.csv',
			note: 'Accuracy and costs of every design the search tried.',
		},
	];
}

const percent = (part: number, whole: number): number | null => (whole === 0 ? null : (100 * part) / whole);

function limitsTable({ design, limits }: Outputs): Panel {
	const row = (figure: string, value: number, limit: number) => ({
		figure,
		value,
		limit,
		share: percent(value, limit),
		met: value <= limit,
	});
	return {
		kind: 'table',
		title: 'The design and its limits',
		columns: [
			{ key: 'figure', label: 'Figure' },
			{ key: 'value', label: 'Design', digits: 5 },
			{ key: 'limit', label: 'Limit', digits: 5 },
			{ key: 'share', label: 'Of the limit', unit: '%', digits: 3 },
			{ key: 'met', label: 'Met' },
		],
		rows: [
			row('Latency (cycles)', design.latency, limits.latency),
			row('Energy (MAC)', design.energy, limits.energy),
			row('Area (um^2)', design.area, limits.area),
		],
	};
}

function taskTable({ tasks, training }: Outputs): Panel {
	return {
		kind: 'table',
		title: 'Networks',
		columns: [
			{ key: 'task', label: 'Task' },
			{ key: 'network', label: 'Network' },
			{ key: 'accuracy', label: 'Accuracy', unit: '%' },
			{ key: 'accuracySource', label: 'From' },
			...(training === null ? [] : [{ key: 'trained', label: 'Trained here', unit: '%' }]),
			{ key: 'macs', label: 'Work', unit: 'M MAC' },
		],
		rows: tasks.map(({ macs, ...task }) => ({ ...task, macs: macs / 1e6 })),
	};
}

function chipTable({ chip }: Outputs): Panel {
	return {
		kind: 'table',
		title: 'Sub-accelerators',
		columns: [
			{ key: 'number', label: 'No.' },
			{ key: 'dataflow', label: 'Dataflow' },
			{ key: 'elements', label: 'Elements', digits: 6 },
			{ key: 'bandwidth', label: 'Bandwidth', unit: 'B/cycle' },
			{ key: 'area', label: 'Area', unit: 'mm^2' },
			{ key: 'busy', label: 'Busy', unit: '%', digits: 3 },
		],
		rows: chip.map(({ area, busy, ...rest }, index) => ({ ...rest, number: index + 1, area: area / 1e6, busy: 100 * busy })),
	};
}

function acceleratorName({ chip }: Outputs, number: number): string {
	return `${number}: ${chip[number - 1]?.dataflow ?? '?'}`;
}

function gantt(outputs: Outputs): PlotPanel {
	return {
		kind: 'plot',
		title: 'Layers on the sub-accelerators',
		note: `Each bar is a layer; all is done after ${Math.round(outputs.design.latency)} of ${outputs.limits.latency} cycles allowed.`,
		x: { label: 'Time', unit: 'cycles', zero: true },
		y: { label: 'Sub-accelerator', scale: 'band' },
		color: { label: 'Task' },
		marks: [
			{
				mark: 'span',
				data: outputs.layers.map(({ task, name, accelerator, start, end }) => ({
					task,
					name,
					start,
					end,
					on: acceleratorName(outputs, accelerator),
				})),
				x1: 'start',
				x2: 'end',
				y: 'on',
				color: 'task',
			},
			{ mark: 'rule', x: outputs.limits.latency, label: 'limit' },
		],
	};
}

function scatter(
	{ explored, design, limits }: Outputs,
	key: 'energy' | 'area',
	label: string,
	unit: string,
	scale: number,
): PlotPanel {
	const row = (point: { latency: number; energy: number; area: number }, kind: string): Row => ({
		latency: point.latency,
		value: point[key] / scale,
		kind,
	});
	return {
		kind: 'plot',
		title: `Explored designs: latency and ${key}`,
		note: 'Left of and below both lines a design is within these limits; it may still be beyond the third, which its colour tells.',
		x: { label: 'Latency', unit: 'cycles', scale: 'log' },
		y: { label, unit, scale: 'log' },
		color: { label: 'Design' },
		marks: [
			{
				mark: 'dot',
				data: [
					...explored.map((point) => row(point, point.isWithin ? 'within all limits' : 'beyond a limit')),
					row(design, 'chosen'),
				],
				x: 'latency',
				y: 'value',
				color: 'kind',
			},
			{ mark: 'rule', x: limits.latency, label: 'limit on latency' },
			{ mark: 'rule', y: limits[key] / scale, label: `limit on ${key}` },
		],
	};
}

function rewardPlot({ search }: Outputs): PlotPanel[] {
	if (search.rewards.length === 0) return [];
	return [
		{
			kind: 'plot',
			title: 'Reward of the controller',
			note: `Mean over the chips of an episode; ${search.pruned} episodes ended early, since no chip met the limits.`,
			x: { label: 'Episode' },
			y: { label: 'Reward' },
			marks: [
				{
					mark: 'line',
					data: search.rewards.map((reward, index) => ({ episode: index + 1, reward })),
					x: 'episode',
					y: 'reward',
				},
			],
		},
	];
}

const POINT_COLUMNS = [
	{ key: 'accuracy', label: 'Accuracy', unit: '%' },
	{ key: 'latency', label: 'Latency', unit: 'cycles', digits: 6 },
	{ key: 'energy', label: 'Energy', unit: 'M MAC' },
	{ key: 'area', label: 'Area', unit: 'mm^2' },
];

const inMillions = <T extends { energy: number; area: number }>(point: T): T => ({
	...point,
	energy: point.energy / 1e6,
	area: point.area / 1e6,
});

function frontTable({ explored }: Outputs): Panel {
	const front = explored.filter(({ isOnFront, isWithin }) => isOnFront && isWithin).sort((a, b) => b.accuracy - a.accuracy);
	return {
		kind: 'table',
		title: 'Pareto front within the limits',
		note: `No other explored design is at least as good in all four figures. The first 20 of ${front.length}.`,
		columns: POINT_COLUMNS,
		rows: front.slice(0, 20).map(({ accuracy, ...point }) => ({ ...inMillions(point), accuracy: accuracy })),
	};
}

function layerTable(outputs: Outputs): Panel {
	return {
		kind: 'table',
		title: 'Why each layer runs where it does',
		note: 'Beside its costs, those on the best other sub-accelerator.',
		columns: [
			{ key: 'task', label: 'Task' },
			{ key: 'name', label: 'Layer' },
			{ key: 'on', label: 'On' },
			{ key: 'reason', label: 'Because' },
			{ key: 'cycles', label: 'Cycles', digits: 6 },
			{ key: 'otherCycles', label: 'Elsewhere', digits: 6 },
			{ key: 'energy', label: 'Energy', unit: 'M MAC' },
			{ key: 'otherEnergy', label: 'Elsewhere', unit: 'M MAC' },
			{ key: 'active', label: 'Elements at work', digits: 5 },
			{ key: 'waiting', label: 'Waits for data', unit: '%', digits: 3 },
		],
		rows: outputs.layers.map(
			({ task, name, accelerator, reason, start, end, energy, activeElements, waiting, otherCycles, otherEnergy }) => ({
				task,
				name,
				on: acceleratorName(outputs, accelerator),
				reason,
				cycles: end - start,
				otherCycles,
				energy: energy / 1e6,
				otherEnergy: otherEnergy === null ? null : otherEnergy / 1e6,
				active: activeElements,
				waiting: 100 * waiting,
			}),
		),
	};
}

function trainingPanels({ training }: Outputs): Panel[] {
	if (training === null) return [];
	const { networks, tau, tauOfDrawn, narrower, images, epochs } = training;
	const drawn = networks.filter(({ from }) => from === 'drawn evenly').length;
	const figure = (value: number | null): string => (value === null ? 'not defined' : value.toFixed(2));
	return [
		{
			kind: 'plot',
			title: 'Surrogate and training',
			note: `Kendall's tau is ${figure(tauOfDrawn)} over the ${drawn} networks drawn evenly from the space and ${figure(tau)} over all ${networks.length} (1: the same order, 0: none in common). Trained were copies with widths divided by ${narrower}, on ${images} generated images of ten shapes, ${epochs} times; 10 % is chance.`,
			x: { label: 'Accuracy by the surrogate', unit: '%' },
			y: { label: 'Accuracy after training', unit: '%' },
			color: { label: 'Network' },
			marks: [{ mark: 'dot', data: networks, x: 'surrogate', y: 'trained', color: 'from' }],
		},
		{
			kind: 'table',
			title: 'Trained networks',
			columns: [
				{ key: 'network', label: 'Network' },
				{ key: 'from', label: 'Why' },
				{ key: 'parameters', label: 'Parameters trained', digits: 7 },
				{ key: 'surrogate', label: 'Surrogate', unit: '%' },
				{ key: 'trained', label: 'Trained', unit: '%' },
			],
			rows: [...networks].sort((a, b) => b.trained - a.trained),
		},
	];
}

function rivalTable({ rivals, design, tasks, chip }: Outputs): Panel[] {
	if (rivals.length === 0) return [];
	const own = {
		method: 'together (NASAIC)',
		networks: tasks.map(({ network }) => network).join(' and '),
		chip: chip.map(({ dataflow, elements, bandwidth }) => `<${dataflow}, ${elements}, ${bandwidth}>`).join(' '),
		accuracy: design.accuracy,
		latency: design.latency,
		energy: design.energy,
		area: design.area,
		isWithin: design.isWithin,
	};
	return [
		{
			kind: 'table',
			title: 'Other ways to search',
			columns: [
				{ key: 'method', label: 'Search' },
				{ key: 'networks', label: 'Networks' },
				{ key: 'chip', label: 'Chip' },
				...POINT_COLUMNS,
				{ key: 'isWithin', label: 'Within the limits' },
			],
			rows: [own, ...rivals].map(inMillions),
		},
	];
}

function exactText({ exact, design }: Outputs): Panel[] {
	if (exact === null) return [];
	const above = exact.lowerBound === null || exact.lowerBound === 0 ? null : 100 * (design.energy / exact.lowerBound - 1);
	const paragraph =
		exact.status === 'infeasible'
			? 'The integer program proves that no assignment of these layers to this chip meets the limit on latency.'
			: `${exact.status === 'optimal' ? 'The integer program proves the least energy of an assignment within the limit on latency' : 'The integer program ran out of nodes; no assignment within the limit on latency takes less than its bound'}: ${(exact.lowerBound ?? 0).toPrecision(5)} MAC. ${above === null ? '' : `The search's heuristic is ${above.toFixed(2)} % above.`}`;
	return [{ kind: 'text', title: 'How good the assignment is', paragraphs: [paragraph] }];
}

function accuracyText({ tasks, training }: Outputs): Panel {
	const usesSurrogate = tasks.some(({ accuracySource }) => accuracySource === 'surrogate');
	const known =
		training === null
			? 'nothing was trained. Run with --evaluator train to see how far it ranks networks as training does, or train'
			: 'the search knew nothing else; among the designs that were trained here, the one that trained best was chosen. Train';
	return {
		kind: 'text',
		title: 'Where accuracies come from',
		paragraphs: usesSurrogate
			? [
					`From a surrogate, a formula fitted to two published figures of each task: ${known} the networks of the front and give their accuracies as a table to choose among them.`,
					SURROGATE_FORMULA,
				]
			: ['Accuracies are those of your tables; given networks have none.'],
	};
}

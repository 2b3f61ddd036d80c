/** Panels of a run: the answer, flows, power, maps, sensitivities, and every table behind them. */
import type { Panel, Row } from '@assay/contract';
import { headline } from './headline.ts';
import type { Outputs } from './outputs.ts';
import { formatWithPrefix } from './prefix.ts';
import { publishedTable } from './published-table.ts';
import { mapPanels, sensitivityPanels, sweepPanels, trackerPanel } from './report-explorations.ts';

export function report(outputs: Outputs): Panel[] {
	return [
		answer(outputs),
		metricsTable(outputs),
		...configurationsPanel(outputs),
		bytesFlow(outputs),
		...eventsFlow(outputs),
		powerBars(outputs),
		...mapPanels(outputs),
		...trackerPanel(outputs),
		...histogramPanels(outputs),
		...sensitivityPanels(outputs),
		...sweepPanels(outputs),
		nodesTable(outputs),
		linksTable(outputs),
		...fitsTable(outputs),
		{
			kind: 'file',
			title: 'The system as a workbook',
			artifact: 'system.xlsx',
			note: 'Three sheets; edit it and run it with --system own --own.workbook.',
		},
		{ kind: 'file', title: 'The system as JSON', artifact: 'system.json', note: 'For --set own.graph or --own.graphFile.' },
	];
}

function answer(outputs: Outputs): Panel {
	const origin =
		outputs.curves === 'digitised'
			? 'Trigger curves: digitised from the publications of CMS.'
			: outputs.curves === 'stand-in'
				? 'Trigger curves: stand-ins of error-function shape.'
				: 'No trigger of CMS is used.';
	const noise =
		outputs.noise === null
			? []
			: [
					`Over ${outputs.noise.repetitions} repetitions with fresh samples: F1 ${outputs.noise.f1Mean.toFixed(4)} ± ${outputs.noise.f1Deviation.toFixed(4)}, ` +
						`${outputs.noise.productivityMean.toPrecision(4)} ± ${outputs.noise.productivityDeviation.toPrecision(2)} samples/kJ, ` +
						`${formatWithPrefix(outputs.noise.scaledPowerMeanW, 'W')} ± ${formatWithPrefix(outputs.noise.scaledPowerDeviationW, 'W')}.`,
				];
	const scale = `Power is scaled to the technology of ${outputs.technologyYear}.`;
	return { kind: 'text', title: 'Answer', paragraphs: [headline(outputs), `${scale} ${origin}`, ...noise, ...outputs.warnings] };
}

function metricsTable({ metrics, baseline }: Outputs): Panel {
	const rows: [string, keyof typeof metrics, string][] = [
		['Scaled power', 'scaledPowerW', 'W'],
		['Power before scaling', 'totalPowerW', 'W'],
		['of operations', 'operationPowerW', 'W'],
		['of links', 'linkPowerW', 'W'],
		['Technology factor', 'technologyFactor', ''],
		['Precision', 'precision', ''],
		['Recall', 'recall', ''],
		['F1', 'f1', ''],
		['Events kept', 'keptHz', 'Hz'],
		['Relevant samples per kJ', 'relevantSamplesPerKJ', ''],
		['Energy for an event kept', 'energyPerTruePositiveJ', 'J'],
		['Energy for an event discarded', 'energyPerTrueNegativeJ', 'J'],
		['Latency', 'latencyS', 's'],
	];
	const show = (value: number | null, unit: string): string => (value === null ? '–' : formatWithPrefixOrPlain(value, unit));
	return {
		kind: 'table',
		title: 'The system',
		note: 'Unchanged is the same system without upgrades and changes.',
		columns: [
			{ key: 'figure', label: 'Figure' },
			{ key: 'value', label: 'This system' },
			{ key: 'unchanged', label: 'Unchanged' },
			{ key: 'change', label: 'Change', unit: '%', digits: 4 },
		],
		rows: rows.map(([figure, key, unit]) => {
			const value = metrics[key];
			const before = baseline[key];
			const change = value !== null && before !== null && before !== 0 ? 100 * (value / before - 1) : null;
			return { figure, value: show(value, unit), unchanged: show(before, unit), change };
		}),
	};
}

const formatWithPrefixOrPlain = (value: number, unit: string): string =>
	unit === '' ? String(Number(value.toPrecision(5))) : formatWithPrefix(value, unit);

/** The nine published rows beside ours. */
function configurationsPanel({ configurations }: Outputs): Panel[] {
	if (configurations.length === 0) return [];
	const rows = configurations.map(({ name, pileUp, l1tRatio, metrics }, index): Row => {
		const published = publishedTable[index];
		const power = metrics?.scaledPowerW ?? null;
		const percent = power !== null && published !== undefined ? 100 * (power / published.scaledPowerW - 1) : null;
		return {
			name,
			pileUp,
			l1tRatio,
			power: power === null ? null : power / 1e6,
			publishedPower: published === undefined ? null : published.scaledPowerW / 1e6,
			percent,
			f1: metrics?.f1 ?? null,
			publishedF1: published?.f1 ?? null,
			productivity: metrics?.relevantSamplesPerKJ ?? null,
			publishedProductivity: published?.relevantSamplesPerKJ ?? null,
		};
	});
	return [
		{
			kind: 'table',
			title: 'The nine published configurations',
			note: 'Published figures come from one run of 50,000 samples. Its rows with F1 0.8877 are an artefact: the published solver stopped in the gap above the largest score of an irrelevant event, so that precision came out as exactly 1 with too few events kept.',
			columns: [
				{ key: 'name', label: 'Configuration' },
				{ key: 'pileUp', label: 'Pile-up' },
				{ key: 'l1tRatio', label: 'L1T ratio' },
				{ key: 'power', label: 'Power', unit: 'MW' },
				{ key: 'publishedPower', label: 'published', unit: 'MW' },
				{ key: 'percent', label: 'differs by', unit: '%', digits: 2 },
				{ key: 'f1', label: 'F1' },
				{ key: 'publishedF1', label: 'published' },
				{ key: 'productivity', label: 'Yield', unit: 'samples/kJ' },
				{ key: 'publishedProductivity', label: 'published', unit: 'samples/kJ' },
			],
			rows,
		},
	];
}

function bytesFlow({ nodes, links }: Outputs): Panel {
	return {
		kind: 'flow',
		title: 'Bytes per second',
		note: 'From the detectors through the triggers to the sink; the width is the throughput of each link.',
		unit: 'B/s',
		nodes: nodes.map(({ name }) => ({ id: name, label: name })),
		links: links.map(({ from, to, throughputBytesPerS }) => ({ source: from, target: to, value: throughputBytesPerS })),
	};
}

/** Events between the nodes that classify: nodes before the first of them see the same events, so their sum means nothing. */
function eventsFlow({ nodes, links }: Outputs): Panel[] {
	const classifying = nodes.filter((node) => node.trueNegativeRate !== null);
	if (classifying.length === 0) return [];
	const names = new Set(classifying.map((node) => node.name));
	const next = new Map(links.map(({ from, to }) => [from, to]));
	const target = (name: string): string => {
		let at = next.get(name);
		for (let step = 0; at !== undefined && !names.has(at) && step < nodes.length; step++) at = next.get(at);
		return at ?? 'kept';
	};
	const fed = new Set(classifying.map((node) => target(node.name)));
	const flows = classifying.flatMap((node) => [
		...(fed.has(node.name) ? [] : [{ source: 'collisions', target: node.name, value: node.inputRateHz }]),
		{ source: node.name, target: target(node.name), value: node.outputRateHz },
		{ source: node.name, target: `rejected by ${node.name}`, value: node.discardedIrrelevantHz + node.discardedRelevantHz },
	]);
	const ids = [...new Set(flows.flatMap(({ source, target: to }) => [source, to]))];
	return [
		{
			kind: 'flow',
			title: 'Events per second',
			note: `What each classifier passes on and rejects: ${classifying.map((node) => `${node.name} keeps ${formatWithPrefix(node.outputRateHz, 'Hz')} of ${formatWithPrefix(node.inputRateHz, 'Hz')}`).join(', ')}.`,
			unit: 'events/s',
			nodes: ids.map((id) => ({ id, label: id })),
			links: flows,
		},
	];
}

function powerBars({ nodes, links }: Outputs): Panel {
	const parts = [
		...nodes.map(({ name, powerW }) => ({ part: name, kind: 'operations', powerW })),
		...links.map(({ from, to, powerW }) => ({ part: `${from} → ${to}`, kind: 'link', powerW })),
	];
	const data = parts
		.filter(({ powerW }) => powerW > 0)
		.sort((a, b) => b.powerW - a.powerW)
		.slice(0, 14);
	return {
		kind: 'plot',
		title: 'Where the power goes',
		note: `The ${data.length} largest consumers, before scaling to a technology year.`,
		x: { label: 'Power', unit: 'W', scale: 'linear', zero: true },
		y: { label: 'Part', scale: 'band' },
		color: { label: 'Kind' },
		marks: [{ mark: 'bar', data, x: 'powerW', y: 'part', along: 'x', color: 'kind' }],
	};
}

function histogramPanels({ histograms }: Outputs): Panel[] {
	return histograms.map(({ node, threshold, bins }) => ({
		kind: 'plot',
		title: `Scores at ${node}`,
		note: 'Distribution of scores of irrelevant and relevant events; events at or below the threshold are rejected.',
		x: { label: 'Score' },
		y: { label: 'Share of events in the bin', zero: true },
		color: { label: 'Event' },
		marks: [
			{
				mark: 'line',
				data: bins.flatMap(({ from, to, irrelevant, relevant }) => [
					{ score: (from + to) / 2, share: irrelevant, event: 'irrelevant' },
					{ score: (from + to) / 2, share: relevant, event: 'relevant' },
				]),
				x: 'score',
				y: 'share',
				color: 'event',
			},
			...(threshold === null ? [] : [{ mark: 'rule' as const, x: threshold, label: 'threshold' }]),
		],
	}));
}

function nodesTable({ nodes }: Outputs): Panel {
	return {
		kind: 'table',
		title: 'Nodes',
		note: 'Every node names the table row it comes from.',
		columns: [
			{ key: 'name', label: 'Node' },
			{ key: 'messageBytes', label: 'Message', unit: 'B' },
			{ key: 'operations', label: 'Operations' },
			{ key: 'powerW', label: 'Power', unit: 'W' },
			{ key: 'inputRateHz', label: 'In', unit: 'Hz' },
			{ key: 'outputRateHz', label: 'Out', unit: 'Hz' },
			{ key: 'reductionRatio', label: 'Ratio wanted' },
			{ key: 'achievedRatio', label: 'reached' },
			{ key: 'trueNegativeRate', label: 'Rejects irrelevant' },
			{ key: 'falseNegativeRate', label: 'Loses relevant' },
			{ key: 'latencyS', label: 'Through at', unit: 's' },
			{ key: 'source', label: 'From' },
		],
		rows: nodes,
	};
}

function linksTable({ links }: Outputs): Panel {
	return {
		kind: 'table',
		title: 'Links',
		columns: [
			{ key: 'from', label: 'From' },
			{ key: 'to', label: 'To' },
			{ key: 'messageBytes', label: 'Message', unit: 'B' },
			{ key: 'eventsPerS', label: 'Events', unit: 'Hz' },
			{ key: 'throughputBytesPerS', label: 'Throughput', unit: 'B/s' },
			{ key: 'powerW', label: 'Power', unit: 'W' },
		],
		rows: links,
	};
}

function fitsTable({ fits }: Outputs): Panel[] {
	if (fits.length === 0) return [];
	return [
		{
			kind: 'table',
			title: 'Fitted trigger paths',
			note: 'Energies are exponential; the rate is fitted so that the path fires as often as wanted. A residual above 0.05 means that it cannot.',
			columns: [
				{ key: 'trigger', label: 'Trigger' },
				{ key: 'path', label: 'Path' },
				{ key: 'ratePerGeV', label: 'Rate', unit: '1/GeV' },
				{ key: 'residual', label: 'Residual' },
				{ key: 'thresholdGeV', label: 'Threshold', unit: 'GeV' },
				{ key: 'percentile', label: 'Percentile' },
			],
			rows: fits,
		},
	];
}

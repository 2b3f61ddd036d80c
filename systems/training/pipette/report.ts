/** Panels of a run: the answer, the ranking, where time and memory go, what others would choose, and where everything lies. */
import type { Panel, Row } from '@assay/contract';
import { gibibytes } from './headline.ts';
import type { Outputs } from './outputs.ts';
import { memoryBars, timeBars } from './report-bars.ts';
import { linksPanel, placementPanels } from './report-placement.ts';

const GIBIBYTE = 2 ** 30;

export function report(outputs: Outputs): Panel[] {
	return [
		answer(outputs),
		...rankingTable(outputs),
		...rivalsTable(outputs),
		...timeBars(outputs),
		...memoryBars(outputs),
		...whyNotPanel(outputs),
		...placementPanels(outputs),
		...linksPanel(outputs),
		...ganttPanel(outputs),
		...ampTable(outputs),
		...files(outputs),
	];
}

function answer(outputs: Outputs): Panel {
	const { counts, links, estimator, simulation, ranking, cluster } = outputs;
	const best = ranking[0];
	const placed =
		best === undefined || best.unplacedSeconds <= best.time.totalSeconds
			? []
			: [
					`Placing the workers on these links saves ${(100 * (1 - best.time.totalSeconds / best.unplacedSeconds)).toFixed(2)} % against the order of the nodes.`,
				];
	const simulated =
		simulation === null
			? []
			: [
					`Event by event, the schedule takes ${simulation.makespanSeconds.toPrecision(5)} s without the optimizer’s step; the closed form says ${simulation.closedFormSeconds.toPrecision(5)} s.`,
				];
	const learned =
		estimator.memoryErrorAgainstFormula === null
			? ''
			: ` Learned memory differs from the formula’s by ${(100 * estimator.memoryErrorAgainstFormula).toFixed(1)} % in the mean over settings that fit.`;
	return {
		kind: 'text',
		title: 'Answer',
		paragraphs: [
			outputs.recommendation,
			...placed,
			...simulated,
			...cluster.assumptions.map((assumption) => `Assumed: ${assumption}.`),
			`${counts.settings} settings divide, ${counts.fitting} of them fit into ${gibibytes(cluster.limitBytes)} a device, ${counts.placed} had to be placed. Links: ${links.source}. Times and memory: ${estimator.source}.${learned}`,
		],
	};
}

function rankingTable({ ranking, cluster }: Outputs): Panel[] {
	if (ranking.length === 0) return [];
	return [
		{
			kind: 'table',
			title: 'The fastest settings',
			note: `Each in the best placement found. Memory is that of the fuller of the first and the last stage; the limit is ${gibibytes(cluster.limitBytes)}.`,
			columns: [
				{ key: 'label', label: 'Setting' },
				{ key: 'seconds', label: 'Iteration', unit: 's' },
				{ key: 'tokens', label: 'Throughput', unit: 'tokens/s' },
				{ key: 'utilisation', label: 'Of peak', unit: '%', digits: 3 },
				{ key: 'memory', label: 'Memory', unit: 'GiB' },
				{ key: 'unplaced', label: 'In the order of nodes', unit: 's' },
				{ key: 'worst', label: 'In the worst placement met', unit: 's' },
				{ key: 'stagesPerNode', label: 'Stages a node' },
				{ key: 'idleDevices', label: 'Idle devices' },
			],
			rows: ranking.map(
				({ label, time, tokensPerSecond, modelFlopsUtilisation, neededBytes, unplacedSeconds, worstSeconds, ...rest }): Row => ({
					label,
					seconds: time.totalSeconds,
					tokens: tokensPerSecond,
					utilisation: 100 * modelFlopsUtilisation,
					memory: neededBytes / GIBIBYTE,
					unplaced: unplacedSeconds,
					worst: worstSeconds,
					stagesPerNode: rest.stagesPerNode,
					idleDevices: rest.idleDevices,
				}),
			),
		},
	];
}

function rivalsTable({ rivals, ranking, cluster }: Outputs): Panel[] {
	const best = ranking[0];
	const rows = rivals.map(
		({ rival, how, choice }): Row => ({
			rival,
			how,
			label: choice?.label ?? 'nothing fits',
			seconds: choice?.time.totalSeconds ?? null,
			times: choice === null || best === undefined ? null : choice.time.totalSeconds / best.time.totalSeconds,
			memory: choice === null ? null : choice.neededBytes / GIBIBYTE,
			fits: choice === null ? null : choice.fits ? 'yes' : 'no: out of memory',
		}),
	);
	return [
		{
			kind: 'table',
			title: 'What others would choose',
			note: `On the same links, ranks in the order of the nodes, timed by the same model. The limit is ${gibibytes(cluster.limitBytes)}.`,
			columns: [
				{ key: 'rival', label: 'Who' },
				{ key: 'how', label: 'How' },
				{ key: 'label', label: 'Choice' },
				{ key: 'seconds', label: 'Iteration', unit: 's' },
				{ key: 'times', label: 'Times the best' },
				{ key: 'memory', label: 'Memory', unit: 'GiB' },
				{ key: 'fits', label: 'Fits' },
			],
			rows,
		},
	];
}

function whyNotPanel({ whyNot, misfits, leanest, ranking }: Outputs): Panel[] {
	const lacking =
		ranking.length === 0 && leanest !== null
			? [
					`The leanest setting, ${leanest.label}, needs ${gibibytes(leanest.neededBytes)}: ${gibibytes(leanest.missingBytes)} too much.`,
				]
			: [];
	const left = misfits.map(({ reason, combinations }) => `${combinations} combinations left out: ${reason}.`);
	const paragraphs = [...lacking, ...whyNot, ...left];
	return paragraphs.length === 0 ? [] : [{ kind: 'text', title: 'Why not another setting', paragraphs }];
}

function ganttPanel({ simulation }: Outputs): Panel[] {
	if (simulation === null || simulation.gantt.length === 0) return [];
	return [
		{
			kind: 'plot',
			title: 'The pipeline’s schedule',
			note: `The start of an iteration, event by event, on the slowest pipeline. Stages compute ${(100 * simulation.meanBusyShare).toFixed(0)} % of the iteration.`,
			x: { label: 'Time', unit: 's' },
			y: { label: 'Stage', scale: 'band' },
			color: { label: 'Pass' },
			marks: [{ mark: 'span', data: simulation.gantt, x1: 'start', x2: 'end', y: 'stage', color: 'kind' }],
		},
	];
}

function ampTable({ ampRanking }: Outputs): Panel[] {
	if (ampRanking.length === 0) return [];
	return [
		{
			kind: 'table',
			title: 'AMP’s ranking',
			note: 'AMP knows neither memory nor the messages that a one-forward-one-backward schedule cannot hide.',
			columns: [
				{ key: 'label', label: 'Setting' },
				{ key: 'ampSeconds', label: 'By AMP', unit: 's' },
				{ key: 'totalSeconds', label: 'By our model', unit: 's' },
				{ key: 'memory', label: 'Memory', unit: 'GiB' },
				{ key: 'fits', label: 'Fits' },
			],
			rows: ampRanking.map(({ neededBytes, fits, ...row }) => ({
				...row,
				memory: neededBytes / GIBIBYTE,
				fits: fits ? 'yes' : 'no',
			})),
		},
	];
}

function files({ ranking, links, cluster, estimator }: Outputs): Panel[] {
	if (ranking.length === 0) return [];
	const panel = (title: string, artifact: string, note: string): Panel => ({ kind: 'file', title, artifact, note });
	return [
		panel('Launch script', 'launch.sh', 'Megatron-LM’s arguments, for mpirun and torchrun.'),
		panel('Host file', 'hostfile', 'Hosts in the order of their ranks.'),
		panel('Rank file', 'rankfile', 'Every rank’s host and slot, for mpirun --rankfile.'),
		panel('Ranks', 'ranks.csv', 'Rank, stage, replica, host and device.'),
		panel('Ranking', 'ranking.csv', 'The ranked settings in full precision.'),
		...(links.statistics !== null && cluster.nodes <= 512
			? [panel('Bandwidths', 'bandwidth.json', 'The matrix that was used, GB/s; give it back with --links.file.')]
			: []),
		...(links.statistics !== null && links.hosts.length === cluster.nodes && cluster.nodes <= 512
			? [panel('Measure your links', 'measure-links.sh', 'Rounds of nccl-tests between all pairs of hosts.')]
			: []),
		...(estimator.kind === 'learned' ? [panel('Memory estimator', 'estimator.json', 'The trained networks.')] : []),
	];
}

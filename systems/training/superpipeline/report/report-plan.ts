/** Panels of a plan: the schedules, what they trade, and what the chosen one looks like. */
import type { Column, Panel, Row } from '@assay/contract';
import type { Planned, PlanOutput } from '../outputs.ts';
import { percent } from '../plan/words.ts';

const columns: Column[] = [
	{ key: 'role', label: 'Schedule' },
	{ key: 'label', label: 'What it is' },
	{ key: 'totalGigabytes', label: 'Device memory', unit: 'GB' },
	{ key: 'weightGigabytes', label: 'of it weights', unit: 'GB' },
	{ key: 'weightsSaved', label: 'Weights saved', unit: '%', digits: 3 },
	{ key: 'allSaved', label: 'All saved', unit: '%', digits: 3 },
	{ key: 'passSeconds', label: 'Time of a pass', unit: 's' },
	{ key: 'slowdown', label: 'Times resident', digits: 3 },
	{ key: 'unitsIn', label: 'Units in per pass' },
];

const row = (role: string, plan: PlanOutput): Row => ({
	role,
	label: plan.label,
	totalGigabytes: plan.totalBytes / 1e9,
	weightGigabytes: plan.weightBytes / 1e9,
	weightsSaved: 100 * plan.weightsSaved,
	allSaved: 100 * plan.allSaved,
	passSeconds: plan.passSeconds,
	slowdown: plan.slowdown,
	unitsIn: plan.unitsIn,
});

export function planPanels(planned: Planned): Panel[] {
	return [
		schedulesTable(planned),
		tradeOff(planned),
		memorySplit(planned),
		stalls(planned),
		...gantt(planned),
		...memoryOverTime(planned),
	];
}

function schedulesTable(planned: Planned): Panel {
	const { chosen, resident, bestWindow, bestRing, smallest } = planned;
	return {
		kind: 'table',
		title: 'Schedules',
		note: `${planned.evaluated} schedules were simulated; saved is against everything on the device.`,
		columns,
		rows: [
			row('chosen', chosen),
			row(planned.residentFits ? 'resident' : 'resident (over the cap)', resident),
			...(bestWindow === null ? [] : [row('best window under the cap', bestWindow)]),
			...(bestRing === null ? [] : [row('best pins and ring under the cap', bestRing)]),
			row('smallest near resident speed', smallest),
		],
	};
}

function tradeOff(planned: Planned): Panel {
	const front = planned.front.map(({ totalBytes, passSeconds }) => ({
		policy: 'no schedule beats it',
		gigabytes: totalBytes / 1e9,
		seconds: passSeconds,
	}));
	return {
		kind: 'plot',
		title: 'Memory against time',
		note: `Each dot is a schedule; the line joins those that no other beats in both. The cap is ${(planned.capBytes / 1e9).toPrecision(3)} GB.`,
		x: { label: 'Device memory', unit: 'GB' },
		y: { label: 'Time of a pass', unit: 's', zero: true },
		color: { label: 'Schedule' },
		marks: [
			{
				mark: 'dot',
				data: planned.candidates.map(({ policy, totalBytes, passSeconds }) => ({
					policy,
					gigabytes: totalBytes / 1e9,
					seconds: passSeconds,
				})),
				x: 'gigabytes',
				y: 'seconds',
				color: 'policy',
			},
			{ mark: 'line', data: front, x: 'gigabytes', y: 'seconds', color: 'policy' },
			{ mark: 'rule', x: planned.capBytes / 1e9, label: 'cap' },
		],
	};
}

function memorySplit({ chosen, resident }: Planned): Panel {
	const parts = [
		['weights', 'weightBytes'],
		['gradients', 'gradientBytes'],
		['optimizer state', 'optimizerBytes'],
		['activations, keys and values', 'activationBytes'],
	] as const;
	return {
		kind: 'plot',
		title: 'What the memory holds',
		note: `A window saves ${percent(chosen.weightsSaved)} of the weights and ${percent(chosen.allSaved)} of everything; activations are the same either way.`,
		x: { label: 'Device memory', unit: 'GB', zero: true },
		y: { label: 'Schedule', scale: 'band' },
		color: { label: 'Part' },
		marks: [
			{
				mark: 'bar',
				data: [resident, ...(chosen.policy === 'resident' ? [] : [chosen])].flatMap((plan) =>
					parts.map(([part, key]) => ({ schedule: plan.label, part, gigabytes: plan[key] / 1e9 })),
				),
				x: 'gigabytes',
				y: 'schedule',
				along: 'x',
				color: 'part',
			},
		],
	};
}

function stalls({ chosen, bestWindow, bestRing }: Planned): Panel {
	const plans = new Map([chosen, bestWindow, bestRing].flatMap((plan) => (plan === null ? [] : [[plan.label, plan] as const])));
	return {
		kind: 'plot',
		title: 'Where the time goes',
		note: 'Computing, waiting for weights to come, and waiting because something had to leave first.',
		x: { label: 'Time of a pass', unit: 's', zero: true },
		y: { label: 'Schedule', scale: 'band' },
		color: { label: 'Part' },
		marks: [
			{
				mark: 'bar',
				data: [...plans.values()].flatMap((plan) => [
					{ schedule: plan.label, part: 'computing', seconds: plan.computeSeconds },
					{ schedule: plan.label, part: 'waiting in', seconds: plan.waitInSeconds },
					{ schedule: plan.label, part: 'waiting out', seconds: plan.waitOutSeconds },
				]),
				x: 'seconds',
				y: 'schedule',
				along: 'x',
				color: 'part',
			},
		],
	};
}

function gantt({ spans, chosen, use }: Planned): Panel[] {
	if (spans.length === 0) return [];
	return [
		{
			kind: 'plot',
			title: `Two ${turns(use)} of the chosen schedule`,
			note: `In, compute and out beside each other, ${chosen.label}; colours tell units apart.`,
			x: { label: 'Time', unit: 's' },
			y: { label: 'Lane', scale: 'band' },
			color: { label: 'Unit' },
			marks: [
				{
					mark: 'span',
					data: spans.map(({ lane, unit, start, end }) => ({ lane, unit, start, end })),
					x1: 'start',
					x2: 'end',
					y: 'lane',
					color: 'unit',
				},
			],
		},
	];
}

function memoryOverTime({ memory, capBytes, use }: Planned): Panel[] {
	if (memory.length === 0) return [];
	return [
		{
			kind: 'plot',
			title: `Device memory over two ${turns(use)}`,
			note: 'Each line is the sum of its part and those below it. A slot counts from the start of its filling.',
			x: { label: 'Time', unit: 's' },
			y: { label: 'Device memory', unit: 'GB', zero: true },
			color: { label: 'Up to and with' },
			marks: [
				{
					mark: 'line',
					data: memory.map(({ seconds, part, bytes }) => ({ seconds, part, gigabytes: bytes / 1e9 })),
					x: 'seconds',
					y: 'gigabytes',
					color: 'part',
				},
				{ mark: 'rule', y: capBytes / 1e9, label: 'cap' },
			],
		},
	];
}

const turns = (use: Planned['use']): string => (use === 'train' ? 'steps' : 'passes');

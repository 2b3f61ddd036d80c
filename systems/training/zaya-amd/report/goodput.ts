/** Panels of failures and saves. */
import type { Panel } from '@assay/contract';
import { figure } from '../figure.ts';
import type { GoodputOutput } from '../outputs.ts';

export function reportGoodput(found: GoodputOutput): Panel[] {
	const policies = [found.chosen, found.usual, ...found.others];
	return [
		{
			kind: 'table',
			title: 'Policies',
			note: `A checkpoint of ${figure(found.checkpointBytes / 1e9)} GB${found.mtbfHours === null ? '; nothing stops the job' : `; a failure every ${figure(found.mtbfHours)} h`} (${found.failuresFrom}). The first row is the chosen one. Synchronous saves by all nodes: Young ${minutes(found.youngMinutes)}, Daly ${minutes(found.dalyMinutes)}, best ${minutes(found.bestMinutes)}.`,
			columns: [
				{ key: 'name', label: 'Policy' },
				{ key: 'intervalMinutes', label: 'Interval', unit: 'min' },
				{ key: 'blockingSeconds', label: 'Stands still', unit: 's' },
				{ key: 'backgroundSeconds', label: 'Written behind', unit: 's' },
				{ key: 'goodput', label: 'Goodput, simulated', digits: 5 },
				{ key: 'closedFormGoodput', label: 'Goodput, closed form', digits: 5 },
				{ key: 'lostShare', label: 'Work done again' },
				{ key: 'failures', label: 'Failures' },
				{ key: 'exclusions', label: 'Nodes excluded' },
			],
			rows: policies.map(({ states: _, ...row }) => row),
		},
		{
			kind: 'plot',
			title: 'Goodput by interval',
			note: 'Too short an interval spends the time on saves, too long a one loses work; the top is flat.',
			x: { label: 'Interval between saves', unit: 'min', scale: 'log' },
			y: { label: 'Goodput' },
			color: { label: 'Series' },
			marks: [
				{
					mark: 'line',
					data: found.curve.filter(({ series, intervalMinutes }) => series.startsWith('closed') && intervalMinutes > 0),
					x: 'intervalMinutes',
					y: 'goodput',
					color: 'series',
				},
				{
					mark: 'dot',
					data: found.curve.filter(({ series, intervalMinutes }) => !series.startsWith('closed') && intervalMinutes > 0),
					x: 'intervalMinutes',
					y: 'goodput',
					color: 'series',
				},
			],
		},
		{
			kind: 'plot',
			title: 'A month',
			note: 'One simulated month under the chosen policy: what the job does when. Stretches shorter than two minutes are drawn as what came before.',
			x: { label: 'Time', unit: 'd' },
			y: { label: 'State', scale: 'band' },
			color: { label: 'State' },
			marks: [{ mark: 'span', data: found.month, x1: 'startDays', x2: 'endDays', y: 'state', color: 'state' }],
		},
		{
			kind: 'plot',
			title: 'Where the time goes',
			note: 'Shares of the time that are not work at full speed, by policy.',
			x: { label: 'Share of the time', zero: true },
			y: { label: 'Policy', scale: 'band' },
			color: { label: 'State' },
			marks: [
				{
					mark: 'bar',
					data: policies.flatMap(({ name, states, lostShare }) => [
						...states
							.filter(({ state }) => state !== 'working')
							.map(({ state, share }) => ({ policy: name, state: String(state), share })),
						{ policy: name, state: 'work done again', share: lostShare },
					]),
					x: 'share',
					y: 'policy',
					along: 'x',
					color: 'state',
				},
			],
		},
		{
			kind: 'table',
			title: 'Failures',
			columns: [
				{ key: 'name', label: 'Class' },
				{ key: 'effect', label: 'Effect' },
				{ key: 'nodeMtbfHours', label: 'Between failures of a node', unit: 'h' },
				{ key: 'clusterMtbfHours', label: 'of the cluster', unit: 'h' },
				{ key: 'weibullShape', label: 'Weibull shape' },
				{ key: 'logged', label: 'In the log' },
			],
			rows: found.classes,
		},
	];
}

const minutes = (value: number | null): string => (value === null ? 'none' : `${figure(value)} min`);

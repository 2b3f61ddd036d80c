/** A sequence of tokens, and the same token on other machines. */
import type { Panel } from '@assay/contract';
import type { SimulationOutput } from '../outputs.ts';

export function generationPanels({ generation, sensitivity }: SimulationOutput): Panel[] {
	const { curve } = generation;
	return [
		{
			kind: 'plot',
			title: 'Time of a token over its context',
			note: 'Keys and values grow with the context; the steps come where one more row or one more key a bank is needed.',
			x: { label: 'Context', unit: 'tokens' },
			y: { label: 'Time', unit: 'ms', zero: true },
			color: { label: 'Counted' },
			marks: [
				{
					mark: 'line',
					data: curve.flatMap(({ context, seconds, productSeconds }) => [
						{ context, time: 1e3 * seconds, counted: 'whole token' },
						{ context, time: 1e3 * productSeconds, counted: 'multiplies and changes of rows alone' },
					]),
					x: 'context',
					y: 'time',
					color: 'counted',
				},
			],
		},
		{
			kind: 'plot',
			title: 'Energy of a token over its context',
			note: 'Most of it is for the weights, whatever the context.',
			x: { label: 'Context', unit: 'tokens' },
			y: { label: 'Energy', unit: 'mJ', zero: true },
			marks: [
				{
					mark: 'line',
					data: curve.map(({ context, joules }) => ({ context, energy: 1e3 * joules })),
					x: 'context',
					y: 'energy',
				},
			],
		},
		{
			kind: 'table',
			title: 'The sequence',
			columns: [
				{ key: 'what', label: 'Figure' },
				{ key: 'value', label: 'Value' },
				{ key: 'unit', label: 'Unit' },
			],
			rows: [
				{
					what: `mean of a token, contexts ${generation.firstContext} to ${generation.lastContext} (${generation.simulated} simulated)`,
					value: 1e6 * generation.meanSeconds,
					unit: 'µs',
				},
				{ what: 'multiplies and changes of rows alone', value: 1e6 * generation.meanProductSeconds, unit: 'µs' },
				{ what: 'speed', value: generation.tokensPerSecond, unit: 'tokens/s' },
				{ what: 'energy of a token', value: 1e3 * generation.meanJoules, unit: 'mJ' },
			],
		},
		{
			kind: 'plot',
			title: 'What would a faster or slower part change?',
			note: 'Time of the same token over this run’s, each part varied alone by the factor on the axis. A flat curve is a part that does not matter here.',
			x: { label: 'Part, relative to this run’s', scale: 'log' },
			y: { label: 'Time over this run’s', zero: true },
			color: { label: 'Part' },
			marks: (['line', 'dot'] as const).map((mark) => ({
				mark,
				data: sensitivity
					.filter(({ relative }) => relative > 0)
					.map(({ parameter, relative, slowdown }) => ({ part: parameter, relative, slowdown })),
				x: 'relative',
				y: 'slowdown',
				color: 'part',
			})),
		},
		{
			kind: 'table',
			title: 'Parts varied one by one',
			note: 'Values that the model does not fit are left out.',
			columns: [
				{ key: 'parameter', label: 'Part' },
				{ key: 'value', label: 'Value' },
				{ key: 'time', label: 'Token', unit: 'µs' },
				{ key: 'slowdown', label: 'Over this run’s', unit: 'x' },
			],
			rows: sensitivity.map(({ parameter, value, seconds, slowdown }) => ({ parameter, value, time: 1e6 * seconds, slowdown })),
		},
	];
}

/** One token: its time by operation, its energy, a layer on a time line, the banks' work. */
import type { Panel } from '@assay/contract';
import type { SimulationOutput } from '../outputs.ts';
import type { Operation } from '../simulation/operations.ts';

/** Fewer names than operations, so that each has a colour of its own. */
const ON_TIME_LINE: Partial<Record<Operation, string>> = {
	'feed-forward up': 'feed-forward',
	'feed-forward down': 'feed-forward',
	'key write': 'reads and writes of banks',
	'value write': 'reads and writes of banks',
	'parameter read': 'reads and writes of banks',
	norms: 'norms, activation, adds',
	activation: 'norms, activation, adds',
	'residual adds': 'norms, activation, adds',
	'rotary embedding': 'norms, activation, adds',
};

export function tokenPanels({ token, timeline, utilisation }: SimulationOutput): Panel[] {
	return [
		{
			kind: 'table',
			title: 'One token',
			columns: [
				{ key: 'what', label: 'Figure' },
				{ key: 'value', label: 'Value' },
				{ key: 'unit', label: 'Unit' },
			],
			rows: [
				{ what: `whole token at a context of ${token.context}`, value: 1e6 * token.seconds, unit: 'µs' },
				{ what: 'multiplies and changes of rows alone', value: 1e6 * token.productSeconds, unit: 'µs' },
				{ what: 'weights, keys and values at the banks’ full rate', value: 1e6 * token.idealSeconds, unit: 'µs' },
				{ what: 'speed', value: token.tokensPerSecond, unit: 'tokens/s' },
				{ what: 'energy', value: 1e3 * token.joules, unit: 'mJ' },
				{ what: 'mean power', value: token.watts, unit: 'W' },
				{ what: 'multiplies whose row was open', value: 100 * token.rowHitRate, unit: '%' },
				{ what: 'time in which banks multiply', value: 100 * token.multiplyingShare, unit: '%' },
			],
		},
		{
			kind: 'plot',
			title: 'Where does the time go?',
			note: 'Operations on the token’s way, all layers together. Norms, softmax, activation and residual adds are the ASIC’s; a key is written before the scores and counted with them, a value while the softmax is computed.',
			x: { label: 'Time', unit: 'µs', zero: true },
			y: { label: 'Operation', scale: 'band' },
			marks: [
				{
					mark: 'bar',
					data: token.operations.map(({ operation, seconds }) => ({ operation, time: 1e6 * seconds })),
					x: 'time',
					y: 'operation',
					along: 'x',
				},
			],
		},
		{
			kind: 'table',
			title: 'Time by operation',
			note: 'Alone: multiplies and changes of rows only. The rest of a product is loading vectors, reading results and refreshing.',
			columns: [
				{ key: 'operation', label: 'Operation' },
				{ key: 'time', label: 'Time', unit: 'µs' },
				{ key: 'share', label: 'Share', unit: '%', digits: 3 },
				{ key: 'alone', label: 'Alone', unit: 'µs' },
				{ key: 'hits', label: 'Row open', unit: '%' },
			],
			rows: token.operations.map(({ operation, seconds, share }) => {
				const product = token.products.find((one) => one.operation === operation);
				return {
					operation,
					time: 1e6 * seconds,
					share: 100 * share,
					alone: product === undefined ? null : 1e6 * product.seconds,
					hits: product === undefined || product.rowHitRate === null ? null : 100 * product.rowHitRate,
				};
			}),
		},
		{
			kind: 'table',
			title: 'What a channel does meanwhile',
			columns: [
				{ key: 'what', label: 'Work' },
				{ key: 'time', label: 'Time', unit: 'µs' },
				{ key: 'share', label: 'Share', unit: '%', digits: 3 },
			],
			rows: token.channel.map(({ what, seconds, share }) => ({ what, time: 1e6 * seconds, share: 100 * share })),
		},
		{
			kind: 'table',
			title: 'Energy of the token',
			columns: [
				{ key: 'part', label: 'Part' },
				{ key: 'energy', label: 'Energy', unit: 'µJ' },
				{ key: 'share', label: 'Share', unit: '%', digits: 3 },
			],
			rows: token.energy.map(({ part, joules, share }) => ({ part, energy: 1e6 * joules, share: 100 * share })),
		},
		{
			kind: 'plot',
			title: 'One layer in time',
			note: 'What each channel (the first eight) and the ASIC work on. Channels wait where the ASIC needs whole vectors.',
			x: { label: 'Time', unit: 'µs' },
			y: { label: 'Unit', scale: 'band' },
			color: { label: 'Operation' },
			marks: [
				{
					mark: 'span',
					data: timeline.map(({ lane, operation, startSeconds, endSeconds }) => ({
						lane,
						operation: ON_TIME_LINE[operation] ?? operation,
						start: 1e6 * startSeconds,
						end: 1e6 * endSeconds,
					})),
					x1: 'start',
					x2: 'end',
					y: 'lane',
					color: 'operation',
				},
			],
		},
		{
			kind: 'plot',
			title: 'Banks at work over the token',
			note: 'Share of each interval in which a channel’s banks multiply, the first eight channels. The rest is opening and closing rows, loading vectors, and waiting.',
			x: { label: 'Time', unit: 'µs', scale: 'band' },
			y: { label: 'Channel', scale: 'band' },
			color: { label: 'Multiplying', unit: '%' },
			marks: [
				{
					mark: 'cell',
					data: utilisation.map(({ channel, fromSeconds, share }) => ({
						channel,
						from: Number((1e6 * fromSeconds).toPrecision(3)),
						share: 100 * share,
					})),
					x: 'from',
					y: 'channel',
					value: 'share',
				},
			],
		},
	];
}

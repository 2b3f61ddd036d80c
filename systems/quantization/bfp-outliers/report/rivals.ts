/** Errors by block size, for every rival and every order. */
import type { Panel, Row } from '@assay/contract';
import type { Outputs } from '../outputs.ts';

export function rivalPictures(o: Outputs): Panel[] {
	if (o.rivals.length === 0) return [];
	const sizes = [...new Set(o.rivals.flatMap(({ blockSize }) => blockSize ?? []))].sort((a, b) => b - a);
	const lines = (key: 'channelError' | 'scoreError'): Row[] =>
		sizes.flatMap((size) =>
			o.rivals
				.filter(({ blockSize }) => blockSize === size || blockSize === null)
				.map((rival) => ({ size: String(size), name: rival.name, error: positive(rival[key]) }))
				.filter(({ error }) => error !== null),
		);
	const plot = (key: 'channelError' | 'scoreError', title: string, note: string, label: string): Panel => ({
		kind: 'plot',
		title,
		note,
		x: { label: 'channels in a block', scale: 'band' },
		y: { label, scale: 'log' },
		color: { label: 'method' },
		marks: [{ mark: 'line', data: lines(key), x: 'size', y: 'error', color: 'name' }],
	});
	const where = o.detail === null ? 'one head' : `layer ${o.detail.layer}, head ${o.detail.head}`;
	return [
		plot(
			'channelError',
			`Error per channel of ${where}`,
			'One block for the whole head gives sorting nothing to gain; the smaller the blocks, the more. Methods with blocks of their own are level lines.',
			'mean error per channel',
		),
		plot('scoreError', `Error of the scores of ${where}`, 'What attention sees of it.', 'score error'),
		{
			kind: 'table',
			title: `Rivals on ${where}`,
			note: 'All measured on the same keys. Sorting and rotating need no calibration; scaled channels are scaled by these very keys. Energy error hides the gain: outliers dominate it and are kept well in any order.',
			columns: [
				{ key: 'name', label: 'method' },
				{ key: 'blockSize', label: 'block', unit: 'channels' },
				{ key: 'bitsPerValue', label: 'bits a key value', digits: 5 },
				{ key: 'energyError', label: 'energy error', digits: 3 },
				{ key: 'channelError', label: 'error per channel', digits: 3 },
				{ key: 'spread', label: 'its spread', digits: 2 },
				{ key: 'scoreError', label: 'score error', digits: 3 },
			],
			rows: o.rivals,
		},
	];
}

export function errorsBySize(o: Outputs): Panel {
	return {
		kind: 'table',
		title: 'Means over all heads, by block size and order',
		columns: [
			{ key: 'blockSize', label: 'block', unit: 'channels' },
			{ key: 'order', label: 'order' },
			{ key: 'bitsPerValue', label: 'bits a key value', digits: 5 },
			{ key: 'energyError', label: 'energy error', digits: 3 },
			{ key: 'channelError', label: 'error per channel', digits: 3 },
			{ key: 'scoreError', label: 'score error', digits: 3 },
			{ key: 'totalVariation', label: 'attention moved', digits: 3 },
			{ key: 'outputError', label: 'output error', digits: 3 },
			{ key: 'worstScoreError', label: 'worst head’s score error', digits: 3 },
		],
		rows: o.bySize.map(({ mean, ...row }) => ({ ...row, ...mean })),
	};
}

const positive = (value: number | null): number | null => (value === null || value <= 0 ? null : value);

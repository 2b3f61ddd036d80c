/** Keys of one head, before and after. */
import type { Panel, Row } from '@assay/contract';
import type { Outputs } from '../outputs.ts';

type Detail = NonNullable<Outputs['detail']>;

export function keyPictures(o: Outputs): Panel[] {
	const { detail } = o;
	if (detail === null) return [];
	const where = `layer ${detail.layer}, head ${detail.head}`;
	const own = detail.scores.map((_, channel) => channel);
	return [
		norms(detail, own, where, o.format.blockSize),
		heat(
			detail,
			own,
			`Keys of ${where}, in the model’s order`,
			'Bright columns are outliers: the same channels for every token, scattered over the blocks.',
		),
		heat(
			detail,
			detail.order,
			`Keys of ${where}, sorted`,
			'The same keys with channels in the new order: large ones share the first blocks, quiet ones are among themselves.',
		),
		exponents(detail, where),
	];
}

function heat(detail: Detail, order: readonly number[], title: string, note: string): Panel {
	const data: Row[] = detail.magnitudes.flatMap((row, token) =>
		order.map((channel, place) => {
			const magnitude = row[channel];
			return { place, token, size: magnitude === undefined || magnitude <= 0 ? null : Math.log2(magnitude) };
		}),
	);
	return {
		kind: 'plot',
		title,
		note,
		x: { label: 'place in the head', scale: 'band' },
		y: { label: 'token', scale: 'band' },
		color: { label: 'log2 of |K|' },
		marks: [{ mark: 'cell', data, x: 'place', y: 'token', value: 'size' }],
	};
}

function norms(detail: Detail, own: readonly number[], where: string, blockSize: number): Panel {
	const line = (order: readonly number[], name: string): Row[] =>
		order.map((channel, place) => ({ place, score: positive(detail.scores[channel]), order: name }));
	const bounds = Array.from({ length: Math.min(64, Math.ceil(own.length / blockSize) - 1) }, (_, i) => (i + 1) * blockSize - 0.5);
	return {
		kind: 'plot',
		title: `Scores of the channels of ${where}`,
		note: `A block of ${blockSize} places (between the rules) takes the exponent of its largest channel. Unsorted, outliers raise it for all blocks they fall into; sorted, for as few as can be.`,
		x: { label: 'place in the head' },
		y: { label: 'score', scale: 'log' },
		color: { label: 'order' },
		marks: [
			{
				mark: 'line',
				data: [...line(own, 'the model’s'), ...line(detail.order, 'sorted')],
				x: 'place',
				y: 'score',
				color: 'order',
			},
			...bounds.map((x) => ({ mark: 'rule', x, label: '' }) as const),
		],
	};
}

function exponents(detail: Detail, where: string): Panel {
	const data = detail.exponents.flatMap(({ exponent, unsorted, sorted }) => [
		{ exponent: String(exponent), blocks: unsorted, order: 'the model’s' },
		{ exponent: String(exponent), blocks: sorted, order: 'sorted' },
	]);
	return {
		kind: 'plot',
		title: `Exponents of the blocks of ${where}`,
		note: 'Each step to the left halves the error of a block. Unsorted, most blocks hold an outlier and lie to the right; sorted, only the first blocks do.',
		x: { label: 'exponent of a block', scale: 'band' },
		y: { label: 'blocks', zero: true },
		color: { label: 'order' },
		marks: [{ mark: 'bar', data, x: 'exponent', y: 'blocks', along: 'y', color: 'order', facet: 'order' }],
	};
}

const positive = (value: number | undefined): number | null => (value === undefined || value <= 0 ? null : value);

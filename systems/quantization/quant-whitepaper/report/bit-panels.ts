/** Accuracy at 2 to 8 bits of weights. */
import type { Panel } from '@assay/contract';
import type { Outputs } from '../outputs.ts';

export function bitPanels({ bits, floatAccuracy }: Outputs): Panel[] {
	if (bits.length === 0) return [];
	const isAccuracy = floatAccuracy !== null;
	const data = bits.map(({ bits: width, granularity, quality }) => ({
		bits: width,
		share: 100 * (isAccuracy ? (quality.accuracy ?? 0) : quality.agreement),
		granularity: `a scale a ${granularity}`,
	}));
	return [
		{
			kind: 'plot',
			title: isAccuracy ? 'Accuracy and bits of weights' : 'Agreement with the float network and bits of weights',
			note: `Without training again. Fewer bits lose more, and sooner with one scale for a whole layer.${isAccuracy ? ` Float: ${(100 * floatAccuracy).toFixed(1)} %.` : ''}`,
			x: { label: 'Bits of weights', unit: 'bits' },
			y: { label: isAccuracy ? 'Accuracy' : 'Agreement', unit: '%' },
			color: { label: 'Granularity' },
			marks: [
				{ mark: 'line', data, x: 'bits', y: 'share', color: 'granularity' },
				{ mark: 'dot', data, x: 'bits', y: 'share', color: 'granularity' },
			],
		},
	];
}

export function granularityPanel({ bits }: Outputs): Panel[] {
	const data = bits.flatMap(({ bits: width, granularity, quality }) =>
		quality.logitDecibels === null
			? []
			: [{ bits: `${width} bits, ${granularity}`, decibels: quality.logitDecibels, granularity }],
	);
	if (data.length === 0) return [];
	return [
		{
			kind: 'plot',
			title: 'A scale a channel against a scale a layer',
			note: 'Logits over their error: 6 dB more are half the error.',
			x: { label: 'Logits over their error', unit: 'dB', zero: true },
			y: { label: 'Weights', scale: 'band' },
			color: { label: 'Granularity' },
			marks: [{ mark: 'bar', data, x: 'decibels', y: 'bits', along: 'x', color: 'granularity' }],
		},
	];
}

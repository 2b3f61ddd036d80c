/** What each repair gains, and how layers were chosen that stay float. */
import type { Panel } from '@assay/contract';
import type { Outputs } from '../outputs.ts';
import { percent } from './percent.ts';

export function repairPanels({ repairs, quantized }: Outputs): Panel[] {
	if (repairs.length === 0) return [];
	const rows = [
		{
			name: 'none',
			says: 'as asked',
			decibels: quantized.logitDecibels,
			agreement: percent(quantized.agreement),
			accuracy: percent(quantized.accuracy),
			gain: null,
		},
		...repairs.map(({ name, says, quality, gainDecibels }) => ({
			name,
			says,
			decibels: quality.logitDecibels,
			agreement: percent(quality.agreement),
			accuracy: percent(quality.accuracy),
			gain: gainDecibels,
		})),
	];
	return [
		{
			kind: 'table',
			title: 'Repairs, each by itself',
			note: 'Measured on the same samples. Equalisation and bias correction are later than the paper.',
			columns: [
				{ key: 'name', label: 'Repair' },
				{ key: 'says', label: 'What it does' },
				{ key: 'decibels', label: 'Logits', unit: 'dB', digits: 3 },
				{ key: 'gain', label: 'Gain', unit: 'dB', digits: 3 },
				{ key: 'agreement', label: 'Agreement', unit: '%' },
				{ key: 'accuracy', label: 'Accuracy', unit: '%' },
			],
			rows,
		},
	];
}

export function searchPanels({ search }: Outputs): Panel[] {
	if (search === null) return [];
	const rows = search.tried.map(({ layers, floatShare, agreement }) => ({
		layers,
		weights: 100 * floatShare,
		agreement: 100 * agreement,
	}));
	return [
		{
			kind: 'plot',
			title: 'Layers kept in float',
			note: `Decisions as in float on the samples that give the ranges; the target is ${(100 * search.target).toFixed(1)} %.`,
			x: { label: 'Weights in float', unit: '%' },
			y: { label: 'Decisions as in float', unit: '%' },
			marks: [
				{ mark: 'line', data: rows, x: 'weights', y: 'agreement' },
				{ mark: 'dot', data: rows, x: 'weights', y: 'agreement' },
			],
		},
		{
			kind: 'table',
			title: 'Layers kept in float: what was tried',
			columns: [
				{ key: 'layers', label: 'Layers' },
				{ key: 'weights', label: 'Weights in float', unit: '%', digits: 3 },
				{ key: 'agreement', label: 'Decisions as in float', unit: '%', digits: 4 },
			],
			rows,
		},
	];
}

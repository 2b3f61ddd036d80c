/** What training on the grid has done. */
import type { Panel } from '@assay/contract';
import type { Outputs } from '../outputs.ts';

export function trainingPanels({ training, quantized, floatAccuracy }: Outputs): Panel[] {
	if (training === null) return [];
	const percent = (share: number | null): number | null => (share === null ? null : 100 * share);
	const row = (what: string, { agreement, accuracy, logitDecibels }: Outputs['quantized']) => ({
		what,
		accuracy: percent(accuracy),
		agreement: percent(agreement),
		decibels: logitDecibels,
	});
	const { length } = training.losses;
	return [
		{
			kind: 'table',
			title: 'Training on the grid',
			note: `${training.steps} batches, on the samples that gave the ranges; measured on the others.`,
			columns: [
				{ key: 'what', label: 'Network' },
				{ key: 'accuracy', label: 'Accuracy', unit: '%' },
				{ key: 'agreement', label: 'Decisions as in float', unit: '%' },
				{ key: 'decibels', label: 'Logits over their difference from float', unit: 'dB', digits: 3 },
			],
			rows: [
				{ what: 'float', accuracy: percent(floatAccuracy), agreement: 100, decibels: null },
				row('rounded without training', training.before),
				row('trained on the grid', quantized),
			],
		},
		{
			kind: 'plot',
			title: 'Loss while it was trained',
			note: 'Cross-entropy, of some batches each. Activations are rounded after a tenth of them; their ranges stay from the middle on.',
			x: { label: 'Batches', unit: 'batches' },
			y: { label: 'Loss', unit: 'nat' },
			marks: [
				{
					mark: 'line',
					data: training.losses.map((loss, at) => ({ batches: (training.steps * (at + 1)) / length, loss })),
					x: 'batches',
					y: 'loss',
				},
			],
		},
	];
}

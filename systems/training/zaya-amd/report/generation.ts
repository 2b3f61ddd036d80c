/** Panels of generated text. */
import type { Panel } from '@assay/contract';
import type { GenerationOutput } from '../outputs.ts';

export function reportGeneration(found: GenerationOutput): Panel[] {
	return [
		{
			kind: 'text',
			title: 'Tokens',
			paragraphs: [
				found.tokens.join(' ') || 'none',
				`Mean log-probability of a new token ${found.meanLogProbability.toPrecision(4)}${found.promptNegativeLogLikelihood === null ? '' : `; mean negative log-likelihood of the prompt ${found.promptNegativeLogLikelihood.toPrecision(4)}`}.`,
			],
		},
		{
			kind: 'plot',
			title: 'Where tokens went',
			note: 'Tokens by layer and expert; skip is the choice of none.',
			x: { label: 'Expert', scale: 'band' },
			y: { label: 'Layer', scale: 'band' },
			color: { label: 'Tokens' },
			marks: [{ mark: 'cell', data: found.load, x: 'expert', y: 'layer', value: 'tokens' }],
		},
		{
			kind: 'table',
			title: 'Balance',
			note: '1 is an even load on the experts, 0 all on one.',
			columns: [
				{ key: 'layer', label: 'Layer' },
				{ key: 'balance', label: 'Balance' },
				{ key: 'skipped', label: 'Skipped' },
			],
			rows: found.balance,
		},
	];
}

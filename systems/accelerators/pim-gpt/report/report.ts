/** The report of a run: what was simulated, computed or replayed, as tables and plots. */
import type { Panel } from '@assay/contract';
import type { FunctionalOutput, LegalityOutput, Outputs, ReplayOutput } from '../outputs.ts';
import { comparisonPanels } from './comparison-panels.ts';
import { generationPanels } from './generation-panels.ts';
import { memoryPanels } from './memory-panels.ts';
import { tokenPanels } from './token-panels.ts';

export function report({ answer, simulation, functional, replay }: Outputs): Panel[] {
	return [
		{ kind: 'text', title: 'Answer', paragraphs: [answer] },
		...(simulation === null
			? []
			: [
					...tokenPanels(simulation),
					...generationPanels(simulation),
					...memoryPanels(simulation),
					...comparisonPanels(simulation),
					legalityText(simulation.legality),
				]),
		...(functional === null ? [] : functionalPanels(functional)),
		...(replay === null ? [] : replayPanels(replay)),
	];
}

function legalityText({ commands, violations, first }: LegalityOutput): Panel {
	return {
		kind: 'text',
		title: 'Are the commands legal?',
		paragraphs: [
			`A checker that shares nothing with the simulator but the timing’s figures judged ${commands.toLocaleString('en-US')} commands of channel 0: ${violations === 0 ? 'none came too early or found the wrong row' : `${violations.toLocaleString('en-US')} break a rule`}.`,
			...first,
		],
	};
}

function functionalPanels({ errors, tokens, rows }: FunctionalOutput): Panel[] {
	return [
		{
			kind: 'plot',
			title: 'Distance from float64',
			note: 'Length of the difference of each step’s logits over the length of float64’s: what BF16 words cost.',
			x: { label: 'Step' },
			y: { label: 'Distance', unit: '%', zero: true },
			marks: [{ mark: 'line', data: errors.map(({ step, error }) => ({ step, error: 100 * error })), x: 'step', y: 'error' }],
		},
		{
			kind: 'text',
			title: 'Tokens',
			paragraphs: [tokens.join(' '), `Weights, keys and values take ${rows} rows of every bank.`],
		},
	];
}

function replayPanels({ counts, rowHitRate, joules, legality }: ReplayOutput): Panel[] {
	return [
		{
			kind: 'table',
			title: 'What the trace does',
			columns: [
				{ key: 'what', label: 'What' },
				{ key: 'count', label: 'Count', digits: 12 },
			],
			rows: [...counts],
		},
		{
			kind: 'table',
			title: 'Figures',
			columns: [
				{ key: 'what', label: 'Figure' },
				{ key: 'value', label: 'Value' },
				{ key: 'unit', label: 'Unit' },
			],
			rows: [
				{ what: 'multiplies whose row was open', value: rowHitRate === null ? null : 100 * rowHitRate, unit: '%' },
				{ what: 'energy of the memory', value: 1e6 * joules, unit: 'µJ' },
			],
		},
		legalityText(legality),
	];
}

/** Other machines: bounds, the user's measurement, and what the paper says of its own baselines. */
import type { Panel, Row } from '@assay/contract';
import { publishedRatios } from '../claims/published-ratios.ts';
import { paperModelNames } from '../model/paper-models.ts';
import type { SimulationOutput } from '../outputs.ts';

export function comparisonPanels({ comparison, token, model }: SimulationOutput): Panel[] {
	const own = paperModelNames.some((name) => name === model.name);
	return [
		{
			kind: 'table',
			title: 'Against other machines',
			note: 'A bound from bandwidth is the time to read weights, keys and values once for one sequence, at the design power: no program is faster. A ratio above 1 is in favour of this memory.',
			columns: [
				{ key: 'against', label: 'Machine' },
				{ key: 'basis', label: 'Basis' },
				{ key: 'fits', label: 'Fits' },
				{ key: 'time', label: 'Token', unit: 'ms' },
				{ key: 'speedup', label: 'Its time over ours', unit: 'x' },
				{ key: 'energy', label: 'Energy', unit: 'mJ' },
				{ key: 'energyRatio', label: 'Its energy over ours', unit: 'x' },
			],
			rows: comparison.map(({ against, basis, fits, seconds, speedup, joules, energyRatio }) => ({
				against,
				basis,
				fits: fits ? 'yes' : 'no',
				time: 1e3 * seconds,
				speedup,
				energy: joules === null ? null : 1e3 * joules,
				energyRatio,
			})),
		},
		{
			kind: 'table',
			title: 'What the paper says of its baselines',
			note: `Quoted: ranges over the paper’s eight models, measured by its authors; nothing of this was measured here. The energy ratios of the two versions differ. ${own ? 'Implied: this run’s time or energy times the ratio, what the baseline would have taken for this token.' : 'This model is not among the eight.'}`,
			columns: [
				{ key: 'claim', label: 'Claim' },
				{ key: 'of', label: 'Ratio of' },
				{ key: 'against', label: 'Against' },
				{ key: 'lowest', label: 'Lowest', unit: 'x' },
				{ key: 'highest', label: 'Highest', unit: 'x' },
				...(own
					? [
							{ key: 'from', label: 'Implied, lowest' },
							{ key: 'to', label: 'Implied, highest' },
							{ key: 'unit', label: 'Unit' },
						]
					: []),
				{ key: 'where', label: 'Source' },
			],
			rows: publishedRatios.map(({ id, of, against, lowest, highest, where }): Row => {
				const ours = 1e3 * (of === 'speed' ? token.seconds : token.joules);
				return {
					claim: id,
					of,
					against,
					lowest,
					highest,
					...(own && { from: ours * lowest, to: ours * highest, unit: of === 'speed' ? 'ms a token' : 'mJ a token' }),
					where,
				};
			}),
		},
	];
}

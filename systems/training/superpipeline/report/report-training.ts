/** Panels of a training run. */
import type { Panel } from '@assay/contract';
import type { Trained } from '../outputs.ts';

export function trainingPanels(trained: Trained): Panel[] {
	return [
		{
			kind: 'table',
			title: 'Training through windows against resident training',
			note: `${trained.parameters} parameters, ${trained.steps} steps; the resident trainer takes ${(trained.residentBytes / 1e6).toFixed(1)} MB.`,
			columns: [
				{ key: 'way', label: 'Way' },
				{ key: 'same', label: 'Same bits' },
				{ key: 'unitsIn', label: 'Blocks in per step' },
				{ key: 'expectedIn', label: 'by the formula' },
				{ key: 'unitsOut', label: 'Blocks out per step' },
				{ key: 'expectedOut', label: 'by the formula' },
				{ key: 'deviceMegabytes', label: 'Device memory', unit: 'MB' },
				{ key: 'hostMegabytes', label: 'Host memory', unit: 'MB' },
			],
			rows: trained.runs.map(({ deviceBytes, hostBytes, sameBits, ...one }) => ({
				...one,
				same: sameBits ? 'yes' : 'no',
				deviceMegabytes: deviceBytes / 1e6,
				hostMegabytes: hostBytes / 1e6,
			})),
		},
		{
			kind: 'plot',
			title: 'Loss',
			note: `From ${trained.firstLoss.toFixed(2)} to ${trained.lastLoss.toFixed(2)}, the same in every way of training where the bits are the same.`,
			x: { label: 'Step' },
			y: { label: 'Mean loss', unit: 'nat' },
			marks: [{ mark: 'line', data: trained.losses, x: 'step', y: 'loss' }],
		},
	];
}

import type { Example } from '@assay/contract';
import type { z } from 'zod';
import type { inputs } from './inputs.ts';

/** Named inputs; the first is what a run without further words does. */
export const examples: readonly [Example<z.input<typeof inputs>>, ...Example<z.input<typeof inputs>>[]] = [
	{ name: 'cms-run-5', says: 'The CMS experiment at the high-luminosity LHC, as planned.', inputs: {} },
	{
		name: 'cms-run-5-upgraded',
		says: 'The same with GPUs, tracks in the level-1 trigger and smart sensors.',
		inputs: { gpuHlt: true, l1Tracks: true, smartSensors: true },
	},
	{
		name: 'cms-run-3',
		says: 'CMS as it runs today: pile-up 60, one event in 400 past the level-1 trigger.',
		inputs: { system: 'cms-run-3' },
	},
	{
		name: 'cms-run-5-noise',
		says: 'How far the figures move from seed to seed: 20 repetitions at 50,000 samples.',
		inputs: { repetitions: 20, skillContour: false, pileUpContour: false, trackerReduction: false, sensitivities: false },
	},
	{
		name: 'two-stage-camera',
		says: 'A system of your own as JSON: two cameras, a filter and an archive.',
		inputs: {
			system: 'own',
			own: {
				graph: {
					technologyYear: 2026,
					detectors: [
						{
							name: 'Camera A',
							outputs: ['Filter'],
							dataBytes: 2e6,
							sampleRateHz: 1000,
							compression: 0.5,
							linkEnergyJPerBit: 2e-11,
							opEnergyJPerOp: 0,
						},
						{
							name: 'Camera B',
							outputs: ['Filter'],
							dataBytes: 1e6,
							sampleRateHz: 1000,
							compression: 0,
							linkEnergyJPerBit: 2e-11,
							opEnergyJPerOp: 0,
						},
					],
					processors: [
						{
							name: 'Filter',
							outputs: ['Archive'],
							reductionRatio: 50,
							classifier: 'Gaussian',
							skillMean: 2.5,
							skillVariance: 1,
							linkEnergyJPerBit: 2.5e-11,
							opEnergyJPerOp: 1e-9,
						},
						{ name: 'Archive', outputs: [] },
					],
				},
			},
		},
	},
];

/** What a user can say. */
import { choice, count, dataReference, flag, optionalQuantity, quantity, requiredQuantity, text } from '@assay/contract';
import { z } from 'zod';
import { graphSchema } from './json-graph.ts';

const csv = ['text/csv'];

const ownPath = z.strictObject({
	name: z.string().min(1).max(100).meta({ description: 'Name of the path.' }),
	curve: dataReference({ help: 'Efficiency curve: CSV of energy (GeV) and efficiency.', mediaTypes: csv }).optional(),
	points: z
		.array(
			z.tuple([
				requiredQuantity({ unit: 'GeV', min: 0, max: 1e9, help: 'Energy.' }),
				requiredQuantity({ unit: '1', min: 0, max: 1, help: 'Efficiency.' }),
			]),
		)
		.min(2)
		.max(10_000)
		.optional()
		.meta({ description: 'The curve itself, in place of a file: pairs of energy (GeV) and efficiency.' }),
	interpolation: choice(['pchip', 'linear'], { default: 'linear', help: 'How the curve runs between its points.' }),
	thresholdGeV: optionalQuantity({
		unit: 'GeV',
		min: 0,
		max: 1e9,
		help: 'Energy above which an event is relevant; left out, where the curve first reaches one half.',
	}),
	firingRate: requiredQuantity({
		unit: '1',
		min: 0,
		max: 1,
		help: 'Fraction of events on which the path fires; the energies are fitted to it. Also the weight of the path.',
	}),
	lowestRatePerGeV: quantity({ unit: '1/GeV', min: 0, max: 10, default: 1e-4, help: 'Least rate of the exponential sought.' }),
	highestRatePerGeV: quantity({
		unit: '1/GeV',
		min: 1e-6,
		max: 10,
		default: 0.6,
		help: 'Greatest rate of the exponential sought.',
	}),
});

const ownTrigger = z.strictObject({
	name: z.string().min(1).max(100).meta({ description: 'Name that the Classifier column uses; Gaussian and Dummy are taken.' }),
	paths: z.array(ownPath).min(1).max(64).meta({ description: 'Paths of the trigger.' }),
	combinations: z
		.array(
			z.strictObject({
				probability: requiredQuantity({ unit: '1', min: 0, max: 1, help: 'Share of relevant events.' }),
				fires: z.array(z.string().max(100)).max(64).meta({ description: 'Names of the paths that fire.' }),
			}),
		)
		.min(1)
		.max(1000)
		.optional()
		.meta({
			description:
				'Which paths fire together: events then have an energy for each path and score the sum of efficiencies. Left out, every event takes one path.',
		}),
});

export type OwnTrigger = z.output<typeof ownTrigger>;

const ownComplexity = z.strictObject({
	node: z.string().min(1).max(200).meta({ description: 'Node whose operations the table gives.' }),
	table: dataReference({ help: 'CSV of message size (B) and operations.', mediaTypes: csv }),
	degree: count({ unit: '1', min: 1, max: 5, default: 3, help: 'Degree of the polynomial through the origin that is fitted.' }),
});

const ownSystem = z.strictObject({
	workbook: dataReference({
		help: 'Workbook (.xlsx) with the sheets Detectors, Processors and Global.',
		mediaTypes: ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
	}).optional(),
	detectors: dataReference({
		help: 'Table of detectors, with processors and global in place of a workbook.',
		mediaTypes: csv,
	}).optional(),
	processors: dataReference({ help: 'Table of processors.', mediaTypes: csv }).optional(),
	global: dataReference({ help: 'Table with the column Year.', mediaTypes: csv }).optional(),
	graphFile: dataReference({ help: 'The system as a JSON file.', mediaTypes: ['application/json'] }).optional(),
	graph: graphSchema.optional().meta({ description: 'The system itself, as JSON.' }),
	complexities: z.array(ownComplexity).max(1000).default([]).meta({ description: 'Complexity tables to fit.' }),
});

export type OwnSystem = z.output<typeof ownSystem>;

export const analysisFields = {
	configurations: flag({ default: true, help: 'Evaluate the nine published configurations (systems of CMS only).' }),
	skillContour: flag({ default: true, help: 'Map ratio 450 to 40 against skill boost 0 to 1 of the first classifying node.' }),
	pileUpContour: flag({ default: true, help: 'Map ratio 450 to 40 against pile-up 60 to 200 (systems of CMS only).' }),
	trackerReduction: flag({ default: true, help: 'Reduce the inner tracker by 0 to 60 % (systems of CMS only).' }),
	sensitivities: flag({ default: true, help: 'Effect of small changes of single numbers.' }),
	contourPoints: count({ unit: '1', min: 2, max: 101, default: 21, help: 'Points along each side of the maps.' }),
	repetitions: count({ unit: '1', min: 0, max: 100, default: 0, help: 'Repetitions with fresh samples, to measure the noise.' }),
	sweep: text({
		default: '',
		maxLength: 2000,
		help: 'Ranges to explore: node.parameter=from..to/points or =value,value; a second axis after a semicolon.',
	}),
};

export const inputs = z.strictObject({
	system: choice(['cms-run-5', 'cms-run-3', 'own'], {
		default: 'cms-run-5',
		help: 'A published system of CMS, or one of your own (then fill in own).',
	}),
	pileUp: optionalQuantity({
		unit: 'collisions',
		min: 60,
		max: 200,
		help: "Collisions in one bunch crossing; left out, the run's own (60 in Run 3, 200 in Run 5).",
	}),
	l1tRatio: optionalQuantity({
		unit: '1',
		min: 1,
		max: 1e6,
		help: "Events in for each event out of the level-1 trigger; left out, the run's own (400 in Run 3, 53.3 in Run 5).",
	}),
	gpuHlt: flag({ default: false, help: 'High-level trigger on GPUs: half the operations.' }),
	l1Tracks: flag({ default: false, help: 'Tracks in the level-1 trigger: relevant events score 0.40 higher.' }),
	smartSensors: flag({ default: false, help: 'Pixels that compress: the inner tracker sends 54 % less.' }),
	microLed: flag({ default: false, help: 'Micro-LED links at 2 pJ/bit from detectors and categories.' }),
	own: ownSystem.optional().meta({ description: 'Your own system: a workbook, three tables, or a graph.' }),
	triggers: z.array(ownTrigger).max(20).default([]).meta({ description: 'Triggers of your own, from efficiency curves.' }),
	changes: text({
		default: '',
		maxLength: 2000,
		help: 'Single numbers to change: node.parameter=value; ... (for example Global.opEnergyJPerOp=8).',
	}),
	mode: choice(['exact', 'published'], {
		default: 'exact',
		help: "exact: weighted quantiles and fractional counts; published: the published code's solver and whole events.",
	}),
	triggerModel: choice(['published', 'corrected'], {
		default: 'published',
		help: 'corrected: every level-1 path fitted to its own rate, and relevant events of the high-level trigger drawn above the threshold.',
	}),
	curves: choice(['digitised', 'stand-in'], {
		default: 'digitised',
		help: 'Efficiency curves of the CMS triggers; stand-ins are error functions, also used where the data are not to be had.',
	}),
	linkLoad: choice(['before-compression', 'after-compression'], {
		default: 'before-compression',
		help: "Whether links carry a message before its sender's compression (as published) or after it.",
	}),
	samples: count({
		unit: 'events',
		min: 1000,
		max: 1_000_000,
		default: 50_000,
		help: 'Events sampled for each of the two score distributions of a trigger.',
	}),
	technologyYear: optionalQuantity({
		unit: 'year',
		min: 1950,
		max: 2150,
		help: "Year whose technology the power is scaled to; left out, the system's own.",
	}),
	technologyScaling: choice(['density', 'efficiency'], {
		default: 'density',
		help: 'density: transistors per area, as in the paper; efficiency: projected operations per watt (2022 to 2037).',
	}),
	...analysisFields,
});

export type Inputs = z.output<typeof inputs>;

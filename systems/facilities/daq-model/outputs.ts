/** What a run gives. */
import { result } from '@assay/contract';
import { z } from 'zod';

const one = (help: string) => result({ unit: '1', help });
const perSecond = (help: string) => result({ unit: 'Hz', help });

export const metricsSchema = z.strictObject({
	precision: one('Relevant events among those kept.').nullable(),
	recall: one('Relevant events kept among all relevant ones.').nullable(),
	f1: one('Harmonic mean of precision and recall.').nullable(),
	keptHz: perSecond('Events kept per second.'),
	operationPowerW: result({ unit: 'W', help: 'Power of all operations, at the technology of the energies given.' }),
	linkPowerW: result({ unit: 'W', help: 'Power of all links.' }),
	totalPowerW: result({ unit: 'W', help: 'Power of operations and links.' }),
	technologyFactor: one('Factor by which later technology lowers the power.'),
	scaledPowerW: result({ unit: 'W', help: 'Total power over the technology factor.' }),
	relevantSamplesPerKJ: result({ unit: 'samples/kJ', help: 'F1 times events kept per second over scaled power.' }).nullable(),
	energyPerTruePositiveJ: result({ unit: 'J', help: 'Operations on an event that reaches the sink.' }),
	energyPerTrueNegativeJ: result({ unit: 'J', help: 'Operations on an event that is discarded, on average.' }).nullable(),
	latencyS: result({ unit: 's', help: 'Time of an event from the detectors through the sink.' }),
});

export type MetricsOutput = z.output<typeof metricsSchema>;

const nodeSchema = z.strictObject({
	name: z.string(),
	kind: z.enum(['detector', 'processor']),
	source: z.string(),
	messageBytes: result({ unit: 'B', help: 'Message at this node.' }),
	outBytes: result({ unit: 'B', help: 'Message passed on, after compression.' }),
	operations: result({ unit: 'ops', help: 'Operations for one event.' }),
	energyJ: result({ unit: 'J', help: 'Energy of the operations for one event.' }),
	powerW: result({ unit: 'W', help: 'Energy of an event times the input rate.' }),
	inputRateHz: perSecond('Events arriving per second.'),
	outputRateHz: perSecond('Events passed on per second.'),
	globalRatio: one('Product of the reduction ratios from here to the sink.'),
	reductionRatio: one('Events in for each event out that are asked for.').nullable(),
	achievedRatio: one('Events in for each event out that come about.').nullable(),
	classifier: z.string().nullable(),
	threshold: one('Score up to which events are rejected.').nullable(),
	trueNegativeRate: one('Share of irrelevant events rejected.').nullable(),
	falseNegativeRate: one('Share of relevant events rejected.').nullable(),
	discardedIrrelevantHz: perSecond('Irrelevant events discarded here per second.'),
	discardedRelevantHz: perSecond('Relevant events discarded here per second.'),
	keptIrrelevantHz: perSecond('Irrelevant events passed on per second.'),
	keptRelevantHz: perSecond('Relevant events passed on per second.'),
	latencyS: result({ unit: 's', help: 'Time at which an event is through with this node.' }),
	upstreamEnergyJ: result({ unit: 'J', help: 'Energy of the operations for one event here and upstream.' }),
});

const linkSchema = z.strictObject({
	from: z.string(),
	to: z.string(),
	messageBytes: result({ unit: 'B', help: 'Message on the link.' }),
	throughputBytesPerS: result({ unit: 'B/s', help: 'Message times events per second.' }),
	eventsPerS: perSecond('Events on the link per second.'),
	energyJ: result({ unit: 'J', help: 'Energy of one message.' }),
	powerW: result({ unit: 'W', help: 'Power of the link.' }),
});

const fitSchema = z.strictObject({
	trigger: z.string(),
	path: z.string(),
	ratePerGeV: result({ unit: '1/GeV', help: 'Rate of the exponential distribution of energies.' }),
	residual: one('Difference between the firing rate wanted and that of the fit.'),
	thresholdGeV: result({ unit: 'GeV', help: 'Energy of the turn-on.' }),
	percentile: one('Share of energies below the threshold.'),
});

const histogramSchema = z.strictObject({
	node: z.string(),
	threshold: one('Score up to which events are rejected.').nullable(),
	bins: z.array(
		z.strictObject({
			from: one('Lower edge of the bin.'),
			to: one('Upper edge of the bin.'),
			irrelevant: one('Share of irrelevant events in the bin.'),
			relevant: one('Share of relevant events in the bin.'),
		}),
	),
});

const configurationSchema = z.strictObject({
	name: z.string(),
	pileUp: result({ unit: 'collisions', help: 'Collisions in one bunch crossing.' }),
	l1tRatio: one('Ratio of the level-1 trigger.'),
	gpuHlt: z.boolean(),
	l1Tracks: z.boolean(),
	smartSensors: z.boolean(),
	metrics: metricsSchema.nullable(),
});

const contourCellSchema = z.strictObject({
	ratio: one('Ratio of the first classifying node.'),
	other: one('Skill boost, or pile-up in collisions.'),
	f1: one('F1 of the system.').nullable(),
	relevantSamplesPerKJ: result({ unit: 'samples/kJ', help: 'Productivity.' }).nullable(),
});

const reductionSchema = z.strictObject({
	series: z.string(),
	reductionPercent: result({ unit: '%', help: 'Reduction of the inner tracker.' }),
	scaledPowerW: result({ unit: 'W', help: 'Scaled power.' }).nullable(),
	relevantSamplesPerKJ: result({ unit: 'samples/kJ', help: 'Productivity.' }).nullable(),
});

const sensitivitySchema = z.strictObject({
	node: z.string(),
	parameter: z.string(),
	value: one("The parameter's value, in the parameter's own unit."),
	step: one("The step, in the parameter's own unit."),
	gradient: one('Change of productivity (samples/J) per unit of the parameter: forward difference over the step.').nullable(),
	exactGradient: one('The same as a derivative, where only the power changes.').nullable(),
	effectUpPercent: result({ unit: '%', help: 'Change of productivity when the parameter rises by the step.' }).nullable(),
	effectDownPercent: result({ unit: '%', help: 'Change of productivity when it falls by the step.' }).nullable(),
	changeThatDoubles: one('Change of the parameter that would double productivity at this gradient.').nullable(),
});

const sweepSchema = z.strictObject({
	axes: z.array(z.string()),
	cells: z.array(
		z.strictObject({
			values: z.array(one("Value on each axis, in the parameter's own unit.")),
			metrics: metricsSchema.nullable(),
		}),
	),
});

const noiseSchema = z.strictObject({
	repetitions: result({ unit: '1', help: 'Repetitions with fresh samples.' }),
	f1Mean: one('Mean of F1.'),
	f1Deviation: one('Standard deviation of F1 over repetitions.'),
	productivityMean: result({ unit: 'samples/kJ', help: 'Mean productivity.' }),
	productivityDeviation: result({ unit: 'samples/kJ', help: 'Standard deviation of productivity.' }),
	scaledPowerMeanW: result({ unit: 'W', help: 'Mean scaled power.' }),
	scaledPowerDeviationW: result({ unit: 'W', help: 'Standard deviation of scaled power.' }),
});

export const outputs = z.strictObject({
	technologyYear: result({ unit: 'year', help: 'Year whose technology the power is scaled to.' }),
	/** Where the CMS curves came from; null where no node needs them. */
	curves: z.enum(['digitised', 'stand-in']).nullable(),
	curvesWhy: z.string(),
	metrics: metricsSchema,
	baseline: metricsSchema,
	nodes: z.array(nodeSchema),
	links: z.array(linkSchema),
	fits: z.array(fitSchema),
	histograms: z.array(histogramSchema),
	noise: noiseSchema.nullable(),
	configurations: z.array(configurationSchema),
	skillContour: z.array(contourCellSchema),
	pileUpContour: z.array(contourCellSchema),
	trackerReduction: z.array(reductionSchema),
	sensitivities: z.array(sensitivitySchema),
	sweep: sweepSchema.nullable(),
	warnings: z.array(z.string()),
});

export type Outputs = z.output<typeof outputs>;

/** What a run answers, as plain JSON. Sections that the mode does not ask for are null, as are figures that do not exist. */
import { result } from '@assay/contract';
import { z } from 'zod';
import { JOB_STATES } from './failures/simulate-job.ts';

const seconds = (help: string) => result({ unit: 's', help });
const bytes = (help: string) => result({ unit: 'B', help });
const ratio = (help: string) => result({ unit: '1', help });
const tally = (unit: string, help: string) => z.int().meta({ unit, description: help });
const gigabytes = (help: string) => result({ unit: 'GB/s', help });

const source = z.strictObject({ what: z.string(), from: z.string() });

const cluster = z.strictObject({
	name: z.string(),
	devices: tally('devices', 'Devices in all.'),
	nodes: tally('nodes', 'Nodes.'),
	devicesPerNode: tally('devices', 'Devices of a node.'),
	achievablePetaflops: result({ unit: 'PFLOP/s', help: 'What large matrix products reach on all devices.' }),
});

const plan = z.strictObject({
	layout: z.string(),
	dataParallel: tally('ranks', 'Data-parallel ranks.'),
	microBatches: tally('1', 'Micro-batches of a rank in a step.'),
	globalBatch: tally('sequences', 'Sequences in a step.'),
	step: z.strictObject({
		computeSeconds: seconds('Matrix products and attention.'),
		memoryPassSeconds: seconds('Operations that only move memory.'),
		bubbleSeconds: seconds('Stages that wait for the pipeline to fill and drain.'),
		tensorSeconds: seconds('Exchange between tensor-parallel ranks.'),
		expertSeconds: seconds('Tokens on their way to experts and back.'),
		contextSeconds: seconds('Keys and values between context-parallel ranks.'),
		pipelineSeconds: seconds('Hand-over between stages.'),
		dataSeconds: seconds('Gradients and parameters between data-parallel ranks, hidden or not.'),
		exposedDataSeconds: seconds('What of that does not hide behind arithmetic.'),
		optimizerSeconds: seconds('The optimizer’s update.'),
		stepSeconds: seconds('A step.'),
	}),
	memory: z.strictObject({
		weightBytes: bytes('Weights on a device.'),
		gradientBytes: bytes('Gradients.'),
		optimizerBytes: bytes('Optimizer states.'),
		activationBytes: bytes('Activations kept for backward.'),
		totalBytes: bytes('Together.'),
	}),
	deviceMemoryBytes: bytes('Memory of a device.'),
	flopsPerToken: result({ unit: 'FLOP', help: 'Operations of the model per token, forward and backward.' }),
	tokensPerSecond: result({ unit: 'tokens/s', help: 'Throughput without failures.' }),
	mfuOfPeak: ratio('Model operations over the peak.'),
	mfuOfAchievable: ratio('Model operations over what large products reach.'),
	steps: tally('steps', 'Steps of the run.'),
	idealDays: result({ unit: 'd', help: 'Duration without failures and saves.' }),
	days: result({ unit: 'd', help: 'Duration with them.' }),
	goodput: ratio('Share of the time that is useful work.'),
	megawattHours: result({ unit: 'MWh', help: 'Energy of devices and nodes, without cooling.' }).nullable(),
	dollars: result({ unit: '$', help: 'Rent.' }).nullable(),
	atShares: z.array(
		z.strictObject({
			share: ratio('Share of the achievable rate.'),
			days: result({ unit: 'd', help: 'Duration if arithmetic takes that and nothing else takes time.' }),
		}),
	),
	sensitivity: z.array(
		z.strictObject({
			input: z.string(),
			change: z.string(),
			lessDays: result({ unit: 'd', help: 'Duration with the input lowered.' }),
			moreDays: result({ unit: 'd', help: 'Duration with it raised.' }),
		}),
	),
	sources: z.array(source),
});

const collectives = z.strictObject({
	collective: z.string(),
	ranks: tally('ranks', 'Ranks measured.'),
	from: z.string(),
	lines: z.array(
		z.strictObject({
			latencyMicroseconds: result({ unit: 'us', help: 'Time of an empty message.' }),
			busGigabytesPerSecond: gigabytes('Bus bandwidth of large messages.'),
			latencyLow: result({ unit: 'us', help: '5th percentile over resampled points.' }),
			latencyHigh: result({ unit: 'us', help: '95th percentile.' }),
			busLow: gigabytes('5th percentile over resampled points.'),
			busHigh: gigabytes('95th percentile.'),
		}),
	),
	meanError: ratio('Mean absolute relative error of the fit.'),
	worstError: ratio('Largest.'),
	worstBytes: bytes('Size at which it is.'),
	outliers: z.array(
		z.strictObject({ bytes: bytes('Message.'), microseconds: result({ unit: 'us', help: 'Its time.' }), placement: z.string() }),
	),
	smallMessages: tally('1', 'Sizes that are kept as a table because small messages are slower than larger ones.'),
	points: z.array(
		z.strictObject({
			bytes: bytes('Message.'),
			microseconds: result({ unit: 'us', help: 'Time.' }),
			busGigabytesPerSecond: gigabytes('Bus bandwidth.'),
			series: z.string(),
		}),
	),
	rows: tally('1', 'Rows read.'),
	inconsistentRows: tally('1', 'Rows whose printed bus bandwidth does not follow from size and time.'),
	wrongValues: tally('1', 'Values that the test found wrong.'),
	ignoredLines: tally('1', 'Lines passed over.'),
	matrix: z
		.strictObject({
			from: z.string(),
			slowestGigabytesPerSecond: gigabytes('Slowest link.'),
			medianGigabytesPerSecond: gigabytes('Median link.'),
			slowLinks: z.array(z.string()),
			cells: z.array(
				z.strictObject({
					source: z.string(),
					target: z.string(),
					gigabytesPerSecond: gigabytes('Bandwidth of the link; null from a device to itself.').nullable(),
				}),
			),
			groups: z.array(
				z.strictObject({
					devices: tally('devices', 'Devices in the group.'),
					rule: gigabytes('Links of a device times the slowest.'),
					algorithm: z.string(),
					busGigabytesPerSecond: gigabytes('Bus bandwidth of an all-reduce of 1 GiB, simulated message by message.'),
				}),
			),
		})
		.nullable(),
	cluster: z.array(
		z.strictObject({
			nodes: tally('nodes', 'Nodes.'),
			form: z.string(),
			busGigabytesPerSecond: gigabytes('Bus bandwidth of an all-reduce of 8 GiB.'),
		}),
	),
});

const candidate = z.strictObject({
	layers: tally('layers', 'Layers.'),
	hidden: tally('1', 'Width of the residual stream.'),
	heads: tally('heads', 'Query heads.'),
	kvHeads: tally('heads', 'Key-value heads.'),
	headDim: tally('1', 'Width of a head.'),
	feedForward: tally('1', 'Inner width of the feed-forward or of an expert.'),
	experts: tally('experts', 'Experts of a layer.').nullable(),
	activeExperts: tally('experts', 'Experts that a token visits.').nullable(),
	totalParameters: result({ unit: '1', help: 'Parameters.' }),
	activeParameters: result({ unit: '1', help: 'Parameters that a token meets, with the embedding.' }),
	flopsPerToken: result({ unit: 'FLOP', help: 'Training operations per token.' }),
	trainingSecondsPerToken: seconds('Products and attention of a token on one device.'),
	decodeSecondsPerToken: seconds('Reading weights and cache for one generated token.'),
	efficiency: ratio('Operations per second over the achievable rate.'),
});

const sizing = z.strictObject({
	device: z.strictObject({
		name: z.string(),
		peakTeraflops: result({ unit: 'TFLOP/s', help: 'Peak.' }),
		achievableTeraflops: result({ unit: 'TFLOP/s', help: 'Large products.' }),
		streamGigabytesPerSecond: gigabytes('Streaming memory.'),
		computeUnits: tally('units', 'Compute units.').nullable(),
	}),
	rules: z.array(
		z.strictObject({
			rule: z.string(),
			found: z.string(),
			wanted: z.string(),
			verdict: z.enum(['pass', 'warn']),
			from: z.string(),
		}),
	),
	products: z.array(
		z.strictObject({
			name: z.string(),
			pass: z.string(),
			m: tally('1', 'Rows.'),
			n: tally('1', 'Columns.'),
			k: tally('1', 'Inner dimension.'),
			groups: tally('1', 'Products in one launch.'),
			layers: tally('layers', 'Layers that have it.'),
			tile: z.string().nullable(),
			waves: tally('1', 'Waves of tiles.').nullable(),
			waveEfficiency: ratio('Work over what all units could do in those waves.').nullable(),
			bound: z.string(),
			microseconds: result({ unit: 'us', help: 'One launch.' }),
			totalMilliseconds: result({ unit: 'ms', help: 'All layers, one micro-batch.' }),
			teraflops: result({ unit: 'TFLOP/s', help: 'Rate reached.' }),
			intensity: result({ unit: 'FLOP/B', help: 'Operations per byte of operands and result.' }),
		}),
	),
	measured: z.array(
		z.strictObject({
			shape: z.string(),
			measuredMicroseconds: result({ unit: 'us', help: 'In the log.' }),
			predictedMicroseconds: result({ unit: 'us', help: 'By the model.' }),
			measuredTeraflops: result({ unit: 'TFLOP/s', help: 'Rate in the log.' }),
		}),
	),
	own: candidate,
	alternatives: z.array(candidate),
	tried: tally('shapes', 'Shapes enumerated.'),
	withinBudget: tally('shapes', 'Shapes within the budget.'),
});

const ledger = z.strictObject({
	entries: z.array(
		z.strictObject({
			part: z.string(),
			parameters: result({ unit: '1', help: 'Parameters of one.' }),
			copies: tally('1', 'How many there are.'),
			total: result({ unit: '1', help: 'Parameters of all.' }),
		}),
	),
	total: result({ unit: '1', help: 'Parameters.' }),
	withoutEmbedding: result({ unit: '1', help: 'Parameters without embedding (and output layer).' }),
	activeWithoutEmbedding: result({ unit: '1', help: 'Of those, what a token meets.' }),
	operations: z.array(
		z.strictObject({ part: z.string(), flopsPerToken: result({ unit: 'FLOP', help: 'Training operations per token.' }) }),
	),
	flopsPerToken: result({ unit: 'FLOP', help: 'Training operations per token.' }),
	cacheBytesPerToken: bytes('Keys and values of a token.'),
	weightBytes: bytes('Weights in 16 bits.'),
	checkpointBytes: bytes('A checkpoint with optimizer states.'),
});

const policy = z.strictObject({
	name: z.string(),
	intervalMinutes: result({ unit: 'min', help: 'Useful work between saves.' }),
	blockingSeconds: seconds('The job stands still for a save.'),
	backgroundSeconds: seconds('A save is written behind the job’s back.'),
	goodput: ratio('Share of the time that is useful work, simulated.'),
	closedFormGoodput: ratio('The same by the closed form, where it applies.').nullable(),
	lostShare: ratio('Work done again over the time.'),
	failures: tally('1', 'Failures simulated.'),
	exclusions: tally('1', 'Slow nodes excluded.'),
	states: z.array(z.strictObject({ state: z.enum(JOB_STATES), share: ratio('Share of the time.') })),
});

const goodput = z.strictObject({
	checkpointBytes: bytes('A checkpoint with optimizer states.'),
	mtbfHours: result({ unit: 'h', help: 'Mean time between failures that stop the job.' }).nullable(),
	failuresFrom: z.string(),
	classes: z.array(
		z.strictObject({
			name: z.string(),
			effect: z.string(),
			nodeMtbfHours: result({ unit: 'h', help: 'Of one node.' }),
			clusterMtbfHours: result({ unit: 'h', help: 'Of all nodes.' }),
			weibullShape: ratio('Shape of the gaps.'),
			logged: tally('1', 'Failures in the log.').nullable(),
		}),
	),
	youngMinutes: result({ unit: 'min', help: 'Young’s interval for a synchronous save by all nodes.' }).nullable(),
	dalyMinutes: result({ unit: 'min', help: 'Daly’s interval.' }).nullable(),
	bestMinutes: result({ unit: 'min', help: 'Interval of greatest expected goodput.' }).nullable(),
	usual: policy,
	chosen: policy,
	others: z.array(policy),
	curve: z.array(
		z.strictObject({
			intervalMinutes: result({ unit: 'min', help: 'Interval.' }),
			goodput: ratio('Goodput.'),
			series: z.string(),
		}),
	),
	month: z.array(
		z.strictObject({
			state: z.enum(JOB_STATES),
			startDays: result({ unit: 'd', help: 'Start.' }),
			endDays: result({ unit: 'd', help: 'End.' }),
		}),
	),
});

const reshape = z.strictObject({
	tensors: tally('tensors', 'Logical tensors.'),
	bytes: bytes('Bytes moved.'),
	runs: tally('1', 'Runs of bytes that lie together on both sides.'),
	files: z.array(z.strictObject({ name: z.string(), bytes: bytes('Size.') })),
	traffic: z.array(z.strictObject({ source: z.string(), target: z.string(), bytes: bytes('Moved.') })),
	manifest: z.array(z.strictObject({ name: z.string(), dtype: z.string(), shape: z.string(), sha256: z.string() })),
	optimizerImbalance: ratio('Largest over mean load of whole matrices dealt to ranks.').nullable(),
});

const generation = z.strictObject({
	tokens: z.array(tally('1', 'Number of a token.')),
	meanLogProbability: result({ unit: '1', help: 'Of the new tokens.' }),
	promptNegativeLogLikelihood: result({ unit: '1', help: 'Mean over the prompt’s tokens after the first.' }).nullable(),
	balance: z.array(
		z.strictObject({
			layer: tally('1', 'Layer.'),
			balance: ratio('Entropy of the experts’ shares over that of equal shares.'),
			skipped: ratio('Share of tokens that skipped the experts.'),
		}),
	),
	load: z.array(z.strictObject({ layer: z.string(), expert: z.string(), tokens: tally('tokens', 'Tokens that went there.') })),
});

export const outputs = z.strictObject({
	recommendation: z.string(),
	model: z.strictObject({ name: z.string(), parameters: result({ unit: '1', help: 'Parameters.' }) }).nullable(),
	cluster: cluster.nullable(),
	plan: plan.nullable(),
	collectives: collectives.nullable(),
	sizing: sizing.nullable(),
	ledger: ledger.nullable(),
	goodput: goodput.nullable(),
	reshape: reshape.nullable(),
	generation: generation.nullable(),
});

export type Outputs = z.output<typeof outputs>;
export type PlanOutput = z.output<typeof plan>;
export type CollectivesOutput = z.output<typeof collectives>;
export type SizingOutput = z.output<typeof sizing>;
export type LedgerOutput = z.output<typeof ledger>;
export type GoodputOutput = z.output<typeof goodput>;
export type PolicyOutput = z.output<typeof policy>;
export type ReshapeOutput = z.output<typeof reshape>;
export type GenerationOutput = z.output<typeof generation>;

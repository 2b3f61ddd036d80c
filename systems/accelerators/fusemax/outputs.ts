/** What a run answers, as plain JSON. */
import { result } from '@assay/contract';
import { arithmeticFormats } from '@assay/models/einsum';
import { z } from 'zod';
import { footprints } from './cascades/pass-analysis.ts';
import { designNames } from './designs/design-name.ts';
import { arrays, limits } from './designs/design-result.ts';
import { stationarities } from './designs/flat.ts';
import { energyActions } from './energy.ts';
import { attentionCases } from './numeric/attention-cases.ts';

const seconds = (help: string) => result({ unit: 's', help });
const bytes = (help: string) => result({ unit: 'B', help });
const joules = (help: string) => result({ unit: 'J', help });
const share = (help: string) => result({ unit: '1', help });
const squareMillimetres = (help: string) => result({ unit: 'mm²', help });
const cycles = (help: string) => result({ unit: 'cycles', help });
const whole = (unit: string, help: string, min = 0) => z.int().min(min).meta({ unit, description: help });

const einsum = z.strictObject({
	einsum: z.string(),
	array: z.enum(arrays),
	cycles: cycles('On its array, over all tiles.'),
	share: share('Of the latency.'),
});

const flatMapping = z.strictObject({
	queriesOnChip: z.boolean(),
	keysOnChip: z.boolean(),
	logitsOnChip: z.boolean(),
	valuesOnChip: z.boolean(),
	resultsOnChip: z.boolean(),
	firstStationarity: z.enum(stationarities),
	secondStationarity: z.enum(stationarities),
	rowsAtATime: whole('rows', 'Rows of queries worked on at a time.', 1),
	spilledShare: share('Of what should be on the chip.'),
});

const row = z.strictObject({
	length: whole('tokens', 'Keys of a sequence.', 1),
	design: z.enum(designNames),
	latencySeconds: seconds('One layer’s attention.'),
	computeSeconds: seconds('With endless bandwidth.'),
	memorySeconds: seconds('Memory alone.'),
	trafficBytes: bytes('Between memory and chip.'),
	utilization2d: share('Of the 2D array.'),
	utilization1d: share('Of the 1D array.'),
	limit: z.enum(limits),
	joules: joules('All of it.'),
	energy: z.record(z.enum(energyActions), joules('Of this action.')),
	endToEndSeconds: seconds('With the matrix products around attention.'),
	endToEndJoules: joules('With the matrix products around attention.'),
	speedupOverUnfused: share('Unfused latency over this one.'),
	speedupOverFlat: share('FLAT’s latency over this one.'),
	requiredBytes: bytes('Least on the chip; null where the design spills instead.').nullable(),
	blocking: z
		.strictObject({
			tilesPerBlock: whole('tiles', 'P1: tiles of queries on the chip.', 1),
			blocks: whole('1', 'P2: times that keys and values are read.', 1),
		})
		.nullable(),
	mapping: flatMapping.nullable(),
	einsums: z.array(einsum),
});

const change = z.strictObject({
	change: z.string(),
	design: z.enum(designNames),
	speedup: share('Above 1 is faster; null where it does not run.').nullable(),
	computeSpeedup: share('Of the arrays alone.').nullable(),
	memorySpeedup: share('Of memory alone.').nullable(),
	energyRatio: share('Of the energy before.').nullable(),
	limit: z.enum(limits).nullable(),
	says: z.string(),
});

const area = z.strictObject({
	array2d: squareMillimetres('2D array.'),
	array1d: squareMillimetres('1D array.'),
	buffer: squareMillimetres('Global buffer.'),
	total: squareMillimetres('All of it.'),
});

const paretoPoint = z.strictObject({
	length: whole('tokens', 'Keys of a sequence.', 1),
	side: whole('elements', 'Rows and columns of the 2D array.', 1),
	bufferBytes: bytes('The smallest with which memory is not the limit.'),
	area,
	latencySeconds: seconds('One layer’s attention.'),
	limit: z.enum(limits),
	onFront: z.boolean(),
});

const job = z.strictObject({
	einsum: z.string(),
	array: z.enum(arrays),
	tile: whole('tiles', 'Tile of keys.'),
	start: cycles('Since the first logit.'),
	end: cycles('Since the first logit.'),
});

const timeline = z.strictObject({
	keyTiles: whole('tiles', 'Tiles of keys simulated.', 1),
	simulatedCycles: cycles('Job by job.'),
	closedFormCycles: cycles('By the closed form.'),
	tileCycles: cycles('Of one tile, by the closed form.'),
	jobs: z.array(job),
});

const analysis = z.strictObject({
	rank: z.string(),
	passes: whole('passes', 'Walks over the rank; null: each generation takes one more.').nullable(),
	einsums: z.array(
		z.strictObject({
			tensor: z.string(),
			text: z.string(),
			walks: z.boolean(),
			pass: whole('1', 'Pass it belongs to; 0: before the first.').nullable(),
			because: z.string(),
		}),
	),
	tensors: z.array(
		z.strictObject({
			tensor: z.string(),
			kind: z.enum(['input', 'computed', 'running']),
			produced: whole('1', 'Pass in which it is produced or first read.').nullable(),
			lastRead: whole('1', 'Last pass in which it is read.').nullable(),
			footprint: z.enum(footprints),
		}),
	),
	unsafeExponentials: z.array(z.string()),
});

const numericRow = z.strictObject({
	which: z.enum(attentionCases),
	format: z.enum(arithmeticFormats),
	maxError: result({
		unit: '1',
		help: 'Largest difference from softmax in double precision; null: not a finite number.',
	}).nullable(),
	overflowed: whole('numbers', 'Results beyond the format.'),
	invalid: whole('numbers', 'Results that are no number.'),
});

export const outputs = z.strictObject({
	answer: z.string(),
	subject: z.strictObject({
		name: z.string(),
		source: z.string(),
		heads: whole('heads', 'Query heads.', 1),
		kvHeads: whole('heads', 'Heads of keys and values.', 1),
		queryKeyWidth: whole('1', 'E.', 1),
		valueWidth: whole('1', 'F.', 1),
		batch: whole('sequences', 'Sequences.', 1),
		layers: whole('layers', 'With such attention.', 1),
		hasProducts: z.boolean(),
	}),
	notes: z.array(z.string()),
	rows: z.array(row),
	area: z.strictObject({ fused: area, baseline: area }),
	roof: z.strictObject({
		peakPerSecond: result({ unit: 'MAC/s', help: 'All elements of the 2D array busy.' }),
		bytesPerSecond: result({ unit: 'B/s', help: 'Memory bandwidth.' }),
	}),
	macs: z.array(
		z.strictObject({ length: whole('tokens', 'Keys.', 1), macs: result({ unit: 'MAC', help: 'Of both products.' }) }),
	),
	/** At the longest length. */
	changes: z.array(change),
	pareto: z.array(paretoPoint),
	timeline,
	cascade: z.strictObject({
		text: z.string(),
		analysis,
		operations: z.array(
			z.strictObject({
				tensor: z.string(),
				points: result({
					unit: '1',
					help: 'Points of its space in one head at the longest length; null: sizes missing.',
				}).nullable(),
				divisions: result({ unit: '1', help: 'Divisions there.' }).nullable(),
				exponentials: result({ unit: '1', help: 'Exponentials there.' }).nullable(),
			}),
		),
		mapped: z.array(
			z.strictObject({ einsum: z.string(), array: z.enum(arrays), cycles: cycles('In one head at the longest length.') }),
		),
		numeric: z.array(numericRow),
	}),
	taxonomy: z.array(
		z.strictObject({
			name: z.string(),
			title: z.string(),
			usedBy: z.string(),
			passes: whole('passes', 'Walks over m.').nullable(),
			kept: z.array(z.string()),
			unsafe: z.boolean(),
		}),
	),
});

export type Outputs = z.output<typeof outputs>;

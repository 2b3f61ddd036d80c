/** What a run says. */
import { result } from '@assay/contract';
import { z } from 'zod';
import { WAYS } from './kernels/run-kernel.ts';

const seconds = (help: string) => result({ unit: 's', help });
const pace = (help: string) => result({ unit: 'tokens/s', help });
const tally = (unit: string, help: string) => result({ unit, help });
const share = (help: string) => result({ unit: '1', help });

const pointFigures = {
	tokensPerSecond: pace('Of the whole batch.'),
	productSeconds: seconds('Products with weights.'),
	vectorSeconds: seconds('Attention and element-wise work, keys and values read meanwhile.'),
	loadSeconds: seconds('Reading weights.'),
	arraySeconds: seconds('Tables, lookups and conversions.'),
	speedup: share('Against cores that unpack weights.'),
};

const plan = z.strictObject({
	model: z.strictObject({
		name: z.string(),
		weights: tally('weights', 'Weights of all products that a step reads.'),
		storedBytes: result({ unit: 'B', help: 'Their bytes.' }),
	}),
	arrays: tally('arrays', 'Arrays that compute.'),
	step: z.strictObject({
		seconds: seconds('One token for each sequence.'),
		tokensPerSecond: pace('Of the whole batch.'),
		promptSeconds: seconds('Reading a prompt as long as the context.'),
		dollarsPerMillionTokens: result({ unit: '$', help: 'At the price of the processor.' }),
		loadSeconds: seconds('Reading weights from memory.'),
		fillSeconds: seconds('Transposing them on the way into the cache.'),
		buildSeconds: seconds('Building tables.'),
		lookupSeconds: seconds('Looking up.'),
		conversionSeconds: seconds('From integers to scaled floats.'),
		reductionSeconds: seconds('Adding partial sums on the cores.'),
		vectorSeconds: seconds('Attention and element-wise work on the cores.'),
		cacheReadSeconds: seconds('Reading keys and values.'),
		limit: z.enum(['reading weights', 'arrays', 'attention']),
	}),
	products: z.array(
		z.strictObject({
			name: z.string(),
			depth: tally('weights', 'Inner dimension.'),
			columns: tally('columns', 'Outputs.'),
			times: tally('1', 'In a step.'),
			weightBits: tally('bit', 'Width of a weight.'),
			group: tally('weights', 'Weights that share a table.'),
			chunks: tally('1', 'Times that a table is built for the batch.'),
			slices: tally('slices', 'Parts of the inner dimension that work at once.'),
			arrays: tally('arrays', 'Arrays at work.'),
			seconds: seconds('Of one product.'),
			loadSeconds: seconds('Reading its weights.'),
			arraySeconds: seconds('Tables, lookups and conversions.'),
		}),
	),
	rows: z.array(
		z.strictObject({ holds: z.string(), from: tally('rows', 'First row.'), to: tally('rows', 'Row behind the last.') }),
	),
	groups: z.array(
		z.strictObject({
			group: tally('weights', 'Weights that share a table.'),
			rows: tally('rows', 'Rows that one token takes.'),
			cyclesPerRow: result({
				unit: 'cycles',
				help: 'For a row of weights and the batch; null where the rows do not suffice.',
			}).nullable(),
			mergedShare: share('Of lookups that merging signs saves.'),
			zeroShare: share('Of patterns that are zero.'),
			repeatedShare: share('Of patterns that a lower plane of the same token had.'),
			cycleShare: share('Of lookup cycles that is left.'),
		}),
	),
	batches: z.array(z.strictObject({ batch: tally('sequences', 'Sequences at once.'), ...pointFigures })),
	widths: z.array(
		z.strictObject({
			bits: tally('bit', 'Width of a weight.'),
			batch: tally('sequences', 'Sequences at once.'),
			...pointFigures,
		}),
	),
	bandwidths: z.array(z.strictObject({ bandwidth: result({ unit: 'B/s', help: 'Of memory.' }), ...pointFigures })),
	arrayCounts: z.array(z.strictObject({ arrays: tally('arrays', 'Arrays that compute.'), ...pointFigures })),
	computeBoundFrom: tally(
		'sequences',
		'Smallest batch whose products wait for the arrays and not for memory; null if none up to 1,024 does.',
	).nullable(),
	baselines: z.array(
		z.strictObject({
			name: z.string(),
			tokensPerSecond: pace('Of the whole batch.'),
			tokensPerDollar: result({ unit: 'tokens/$', help: 'At its price.' }),
			speedup: share('Of the cache over it.'),
			perDollar: share('Tokens for a dollar, the cache over it.'),
		}),
	),
});

const measured = z.strictObject({
	depth: tally('weights', 'Inner dimension.'),
	columns: tally('columns', 'Outputs.'),
	points: z.array(
		z.strictObject({
			bits: tally('bit', 'Width of a weight.'),
			way: z.enum(WAYS),
			seconds: seconds('The fastest of several runs.'),
			weightBytesPerSecond: result({ unit: 'B/s', help: 'Packed weights read.' }),
			opsPerSecond: result({ unit: 'op/s', help: 'Operations, a multiply-add counting two.' }),
			overVector: share('Against unpacking on the vector unit; null where there is none.').nullable(),
			isExact: z.boolean(),
		}),
	),
	threads: z.array(
		z.strictObject({
			bits: tally('bit', 'Width of a weight.'),
			threads: tally('threads', 'Threads, each with a block of columns.'),
			seconds: seconds('The fastest of several runs, from the start of the first thread to the end of the last.'),
			overOne: share('Against one thread.'),
			isExact: z.boolean(),
		}),
	),
});

export const outputs = z.strictObject({ answer: z.string(), plan: plan.nullable(), measured: measured.nullable() });
export type Outputs = z.output<typeof outputs>;
export type PlanOutput = z.output<typeof plan>;
export type MeasuredOutput = z.output<typeof measured>;

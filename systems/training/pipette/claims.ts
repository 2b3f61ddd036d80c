/** The paper's claims P1 to P6, and what others published about the same questions. */
import { type Claim, type ClaimContext, calibrationError, mean } from '@assay/contract';
import { AMP_SETTINGS } from './claims/amp-settings.ts';
import { ampMemoryBytes, type HeldOutPrediction, heldOutPredictions } from './claims/predict-amp.ts';
import { predictedMemory, predictedSeconds } from './claims/predict-published.ts';
import { PUBLISHED_RUNS } from './claims/published-runs.ts';
import { kendall, spearman } from './claims/rank-correlation.ts';
import { type Speedup, speedups } from './claims/speedup.ts';

/** Of a T4's 16 GB, what a process can use. */
const T4_USABLE_BYTES = 14.5e9;
const MATRICES = 6;

const ampTable = 'AMP, measurements on 16 T4 GPUs (arXiv 2210.07297, its repository)';
const finished = AMP_SETTINGS.flatMap(({ ampSeconds, measuredSeconds }) =>
	measuredSeconds === null ? [] : [{ ampSeconds, measuredSeconds }],
);
const ampPredicted = finished.map(({ ampSeconds }) => ampSeconds);
const ampMeasured = finished.map(({ measuredSeconds }) => measuredSeconds);

const held = (context: ClaimContext): Promise<HeldOutPrediction[]> =>
	context.once('held out', () => heldOutPredictions(context.pause));
const compared = (context: ClaimContext): Promise<Speedup[]> => context.once('speedups', () => speedups(MATRICES, context));

/** The larger of the two clusters' mean speed-ups. */
function largestMean(found: readonly Speedup[], over: 'overAmp' | 'overVaruna'): number {
	const devices = [...new Set(found.map(({ device }) => device))];
	return Math.max(...devices.map((device) => mean(found.filter((one) => one.device === device).map((one) => one[over]))));
}

const runsWith = <K extends 'iterationSeconds' | 'activationsGibibytes' | 'parametersGibibytes'>(key: K) =>
	PUBLISHED_RUNS.flatMap((run) => {
		const measured = run[key];
		return measured === null ? [] : [{ run, measured }];
	});

/** Errors over the eight published iteration times. */
export function timeErrors() {
	const runs = runsWith('iterationSeconds');
	return calibrationError(
		runs.map(({ run }) => predictedSeconds(run)),
		runs.map(({ measured }) => measured),
	);
}

/** Errors over the published memory figures of eight runs, parameters and activations. */
export function memoryErrors() {
	const parameters = runsWith('parametersGibibytes');
	const activations = runsWith('activationsGibibytes');
	return calibrationError(
		[
			...parameters.map(({ run }) => predictedMemory(run).parametersGibibytes),
			...activations.map(({ run }) => predictedMemory(run).activationsGibibytes),
		],
		[...parameters, ...activations].map(({ measured }) => measured),
	);
}

/** Errors of the held-out predictions of AMP's settings. */
export function heldOutErrors(predictions: readonly HeldOutPrediction[]) {
	return calibrationError(
		predictions.map(({ predictedSeconds: seconds }) => seconds),
		predictions.map(({ measuredSeconds }) => measuredSeconds),
	);
}

export const claims: readonly Claim[] = [
	{
		id: 'P1-amp',
		says: 'Pipette trains up to 1.46 times as fast as with the configuration that AMP finds.',
		published: {
			value: 1.46,
			unit: 'x',
			where: 'evaluation, as summarised at sciencestack.ai; the abstract says “a significant speedup”',
		},
		evidence: 'simulated',
		tolerance: {
			relative: 0.3,
			because: 'the paper’s models, batches and software are known only in part, and “up to” is the best of several',
		},
		effort: 'seconds',
		comment:
			'Taken as: 64 layers of width 3072 on 16 nodes of A100 and of V100 with one port a node, the mean over six random matrices, the better of the two clusters. AMP’s list, by its published cost, is tried from the top until a setting fits into memory. Under our model that setting loses less than a tenth, and links that differ by 3 % leave a placement little to win; the tolerance lets anything above 1.02 pass. The paper’s factor is of measured runs, in which AMP’s choice lost by something that this model does not hold against it.',
		measure: async (context) => largestMean(await compared(context), 'overAmp'),
	},
	{
		id: 'P1-varuna',
		says: 'Pipette trains up to 1.56 times as fast as with the configuration that Varuna finds.',
		published: {
			value: 1.56,
			unit: 'x',
			where: 'evaluation, as summarised at sciencestack.ai; the abstract says “a significant speedup”',
		},
		evidence: 'simulated',
		tolerance: {
			relative: 0.3,
			because: 'the paper’s models, batches and software are known only in part, and “up to” is the best of several',
		},
		effort: 'seconds',
		comment: 'Varuna taken as: no tensor parallelism, everything recomputed. Otherwise as P1-amp.',
		measure: async (context) => largestMean(await compared(context), 'overVaruna'),
	},
	{
		id: 'P2-flagged',
		says: 'Settings that run out of memory are not recommended: all five that failed on the T4 cluster are recognised.',
		published: { value: 5, unit: 'settings', where: `abstract; ${ampTable}` },
		evidence: 'measured',
		tolerance: { bound: 'at least', because: 'a setting that does not run costs its user a job' },
		effort: 'seconds',
		measure: async () =>
			AMP_SETTINGS.filter((row) => row.measuredSeconds === null && ampMemoryBytes(row) > T4_USABLE_BYTES).length,
	},
	{
		id: 'P2-spared',
		says: 'None of the 47 settings that ran is taken for one that does not.',
		published: { value: 0, unit: 'settings', where: `abstract; ${ampTable}` },
		evidence: 'measured',
		tolerance: {
			absolute: 3,
			because: 'the fullest runs come within a gigabyte of the memory, which is what allocators and buffers take',
		},
		effort: 'seconds',
		measure: async () =>
			AMP_SETTINGS.filter((row) => row.measuredSeconds !== null && ampMemoryBytes(row) > T4_USABLE_BYTES).length,
	},
	{
		id: 'P3-amp-error',
		says: 'AMP’s cost model is off by 47.6 % in the mean over the 47 settings that ran.',
		published: { value: 47.6, unit: '%', where: ampTable },
		evidence: 'measured',
		tolerance: { absolute: 0.1, because: 'the same table, rounded to a tenth' },
		effort: 'seconds',
		measure: async () => 100 * calibrationError(ampPredicted, ampMeasured).mean,
	},
	{
		id: 'P3-amp-spearman',
		says: 'AMP ranks those settings with a Spearman correlation of 0.935 to the measured times.',
		published: { value: 0.935, unit: '1', where: ampTable },
		evidence: 'measured',
		tolerance: { absolute: 0.002, because: 'the same table; definitions differ in how they treat ties' },
		effort: 'seconds',
		measure: async () => spearman(ampPredicted, ampMeasured),
	},
	{
		id: 'P3-amp-kendall',
		says: 'AMP ranks those settings with a Kendall correlation of 0.795.',
		published: { value: 0.795, unit: '1', where: ampTable },
		evidence: 'measured',
		tolerance: { absolute: 0.01, because: 'the same table; definitions differ in how they treat ties' },
		effort: 'seconds',
		measure: async () => kendall(ampPredicted, ampMeasured),
	},
	{
		id: 'P3-spearman',
		says: 'A model of the hidden critical path ranks held-out settings better than AMP’s 0.935.',
		published: { value: 0.935, unit: '1', where: ampTable },
		evidence: 'measured',
		tolerance: { bound: 'at least', because: 'the claim is to be better than AMP' },
		effort: 'seconds',
		comment: 'Five constants of the machine are fitted to 46 settings and predict the 47th, for each in turn.',
		measure: async (context) => {
			const predictions = await held(context);
			return spearman(
				predictions.map((one) => one.predictedSeconds),
				predictions.map((one) => one.measuredSeconds),
			);
		},
	},
	{
		id: 'P3-choice',
		says: 'The setting predicted to be fastest is measured to take no longer than AMP’s choice of 1.32 s.',
		published: { value: 1.32, unit: 's', where: ampTable },
		evidence: 'measured',
		tolerance: { bound: 'at most', because: 'the claim is to choose better than AMP' },
		effort: 'seconds',
		comment: 'The best of all measured settings takes 1.20 s.',
		measure: async (context) => {
			const predictions = await held(context);
			return predictions.reduce((best, one) => (one.predictedSeconds < best.predictedSeconds ? one : best)).measuredSeconds;
		},
	},
	{
		id: 'P4',
		says: 'Memory of four Megatron models by class: Calculon is within 2.1 % in the mean on activations.',
		published: { value: 2.1, unit: '%', where: 'Calculon, validation against arXiv 2205.05198' },
		evidence: 'measured',
		tolerance: { bound: 'at most', because: 'the claim is to be at least as exact' },
		effort: 'seconds',
		comment: 'The published figures come from the formula that is used here, so they are met exactly.',
		measure: async () => 100 * memoryErrors().mean,
	},
	{
		id: 'P5-mean',
		says: 'Eight published iteration times: Calculon is off by 3.65 % in the mean.',
		published: { value: 3.65, unit: '%', where: 'Calculon, validation against arXiv 2205.05198' },
		evidence: 'measured',
		tolerance: { bound: 'at most', because: 'the claim is to be at least as exact' },
		effort: 'seconds',
		comment: 'One table of efficiencies for the A100, none of it adjusted to a row.',
		measure: async () => 100 * timeErrors().mean,
	},
	{
		id: 'P5-worst',
		says: 'Of these, the largest error of Calculon is 8.87 %.',
		published: { value: 8.87, unit: '%', where: 'Calculon, validation against arXiv 2205.05198' },
		evidence: 'measured',
		tolerance: { bound: 'at most', because: 'the claim is to be at least as exact' },
		effort: 'seconds',
		measure: async () => 100 * timeErrors().worst,
	},
	{
		id: 'P6',
		says: 'Links of the same peak bandwidth attain different ones: on 16 nodes with ports of 25 GB/s, 18.76 GB/s in the mean, from 16.93 to 19.67.',
		published: { value: 18.76, unit: 'GB/s', where: 'two runs of mpiGraph in the paper’s repository' },
		evidence: 'quoted',
		comment: 'Links that nobody measured are generated with these statistics.',
	},
];

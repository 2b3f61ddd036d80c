/** Fits the law, predicts the four precisions for the user's model and budget, and draws the map around it. */
import { csvText, InputError, quantileSorted, type RunContext, sortedCopy } from '@assay/contract';
import type { Inputs } from './inputs.ts';
import { bootstrap, type Estimate, estimate, type RunSets } from './law/estimate.ts';
import { fitLaw, type LawFit, lawForms } from './law/fit-law.ts';
import { type Efficiency, FULL_PRECISION, type LossLaw, predictLoss, type TrainingRun, tokensForLoss } from './law/loss-law.ts';
import { backwardRuns, exactRuns, forwardRuns, quartetRuns } from './law/published-runs.ts';
import { readRuns } from './law/read-runs.ts';
import type { Outputs, PlanOutput } from './outputs.ts';
import {
	bestPair,
	type PrecisionPair,
	pairEfficiency,
	pairSpeeds,
	precisionPairs,
	predictPairs,
	trainingSpeed,
} from './regions/precision-map.ts';
import { referenceModels } from './regions/reference-models.ts';
import { rtx5090Speeds } from './regions/rtx-5090.ts';
import { constantSpeeds, interpolatedSpeeds, readLatencies, type SpeedsOf } from './regions/speeds.ts';
import { resolveSubject, type Subject } from './subject.ts';

const PUBLISHED: RunSets = { exact: exactRuns, forward: forwardRuns, backward: backwardRuns, both: quartetRuns };
/** Fewest exact trainings that a law of six parameters is fitted to. */
const FEWEST_RUNS = 7;
const MAX_FILE_BYTES = 1 << 22;
/** Tokens of the sequence that the memory table counts. */
const SEQUENCE = 4096;

interface Trainings {
	readonly sets: RunSets;
	/** Whether the law is the user's, and which factors are. */
	readonly ownLaw: boolean;
	readonly ownFactors: boolean;
	readonly source: string;
}

export async function runPlan(inputs: Inputs, context: RunContext): Promise<Outputs> {
	const { pause } = context;
	const subject = await resolveSubject(inputs, context);
	const trainings = await readTrainings(inputs, context);
	const { source: speedSource, speedsOf } = await readSpeeds(inputs, context);
	context.progress(0.1, 'fitting the law');
	const central = await estimate(trainings.sets, pause);
	context.progress(0.3, 'other forms of the law');
	const forms: PlanOutput['forms'] = [];
	for (const form of lawForms) {
		const cost = form === 'full' ? central.fit.cost : (await fitLaw(trainings.sets.exact, { form, pause })).cost;
		forms.push({ form, cost });
	}
	context.progress(0.5, 'bootstrap');
	const rounds = await bootstrap(trainings.sets, central, inputs.law.bootstrap, context.random.fork('bootstrap'), pause);
	context.progress(0.85, 'the map');
	const { parameters } = subject;
	const { tokens } = inputs;
	const speeds = speedsOf(parameters);
	const predict = ({ fit, separate }: Estimate) => predictPairs(fit.law, separate, speeds, parameters, tokens);
	const predictions = predict(central);
	const best = bestPair(predictions);
	const drawn = rounds.map(predict);
	const lossesOf = (pair: PrecisionPair) => drawn.map((one) => one.find((p) => p.pair === pair)?.loss ?? null);
	const { law } = central.fit;
	const exactLoss = predictions[0]?.loss ?? null;
	const plan: PlanOutput = {
		subject: { name: subject.name, parameters, tokens },
		lawSource: trainings.source,
		law: describeLaw(
			central.fit,
			rounds.map(({ fit }) => fit),
		),
		forms,
		efficiency: {
			parameters: estimated(
				central.separate.parameters,
				rounds.map(({ separate }) => separate.parameters),
			),
			tokens: estimated(
				central.separate.tokens,
				rounds.map(({ separate }) => separate.tokens),
			),
			source: trainings.ownFactors ? trainings.source : 'the published trainings: QuEST forward, SR AbsMax backward',
			jointParameters: central.joint?.parameters ?? null,
			jointTokens: central.joint?.tokens ?? null,
		},
		points: pointsOf(trainings.sets, central),
		speeds: {
			source: speedSource,
			...speeds,
			training: speeds.forward > 0 && speeds.backward > 0 ? trainingSpeed(speeds) : 0,
		},
		pairs: predictions.map((one) => ({
			...one,
			...interval(lossesOf(one.pair)),
			equalLossSpeed:
				exactLoss === null ? null : equalLossSpeed(law, central.separate, speeds, one.pair, parameters, tokens, exactLoss),
		})),
		best,
		bestShare: drawn.length === 0 ? null : drawn.filter((one) => bestPair(one) === best).length / drawn.length,
		breakEven: breakEven(law, central.separate, speedsOf, parameters),
		gaps: gapsOf(law, central.separate, speedsOf, parameters),
		map: mapOf(law, central.separate, speedsOf),
		references: referenceModels.map(({ name, parameters: n, tokens: d }) => {
			const four = predictPairs(law, central.separate, speedsOf(n), n, d);
			return { name, parameters: n, tokens: d, best: bestPair(four), losses: four.map(({ loss }) => loss) };
		}),
		memory: memoryOf(subject),
	};
	await context.artifact(
		'losses.csv',
		csvText([Object.keys(plan.points[0] ?? {}), ...plan.points.map((row) => Object.values(row))]),
		'text/csv',
	);
	await context.artifact(
		'map.csv',
		csvText([['parameters', 'tokens_per_parameter', 'best'], ...plan.map.map((row) => Object.values(row))]),
		'text/csv',
	);
	context.progress(1, 'done');
	return { answer: answer(plan), notes: [...subject.notes, ...notesOf(trainings, plan)], plan, tensor: null, training: null };
}

async function readTrainings({ law }: Inputs, context: RunContext): Promise<Trainings> {
	if (law.runs === undefined)
		return {
			sets: PUBLISHED,
			ownLaw: false,
			ownFactors: false,
			source: 'the authors’ 24 trainings in bfloat16 (30M to 800M parameters)',
		};
	const file = await context.open(law.runs);
	const runs = readRuns(await file.text(MAX_FILE_BYTES), file.name);
	const exact = runs.filter(({ forward, backward }) => forward === 'bf16' && backward === 'bf16');
	if (exact.length > 0 && exact.length < FEWEST_RUNS)
		throw new InputError({
			path: [file.name],
			found: `${exact.length} trainings with exact products`,
			expected: `at least ${FEWEST_RUNS} for a law of six parameters, or none to use the published law`,
			nearest: String(FEWEST_RUNS),
		});
	const own = {
		forward: runs.filter(({ forward, backward }) => forward !== 'bf16' && backward === 'bf16'),
		backward: runs.filter(({ forward, backward }) => forward === 'bf16' && backward !== 'bf16'),
		both: runs.filter(({ forward, backward }) => forward !== 'bf16' && backward !== 'bf16'),
	};
	const ownFactors = own.forward.length + own.backward.length + own.both.length > 0;
	const ownLaw = exact.length > 0;
	return {
		sets: { exact: ownLaw ? exact : exactRuns, ...own },
		ownLaw,
		ownFactors,
		source: `${runs.length} trainings of ${file.name}`,
	};
}

async function readSpeeds({ speeds }: Inputs, context: RunContext): Promise<{ source: string; speedsOf: SpeedsOf }> {
	if (speeds.latencies !== undefined) {
		const file = await context.open(speeds.latencies);
		const points = readLatencies(await file.text(MAX_FILE_BYTES), file.name);
		return { source: `measured, ${file.name}`, speedsOf: interpolatedSpeeds(points) };
	}
	if (speeds.source === 'rtx-5090')
		return { source: 'measured by the authors on an RTX 5090', speedsOf: interpolatedSpeeds(rtx5090Speeds) };
	if (speeds.source === 'given')
		return {
			source: `given, ${speeds.forward} forward and ${speeds.backward} backward`,
			speedsOf: constantSpeeds(speeds.forward, speeds.backward),
		};
	return { source: 'ideal, twice in both directions', speedsOf: constantSpeeds(2, 2) };
}

function interval(values: readonly (number | null)[]): { low: number | null; high: number | null } {
	const known = values.filter((value): value is number => value !== null);
	if (known.length === 0) return { low: null, high: null };
	const sorted = sortedCopy(known);
	return { low: quantileSorted(sorted, 0.05), high: quantileSorted(sorted, 0.95) };
}

function estimated(value: number, drawn: readonly number[]) {
	return { value, ...interval(drawn) };
}

function describeLaw(fit: LawFit, drawn: readonly LawFit[]): PlanOutput['law'] {
	const of = (read: (law: LossLaw) => number) =>
		estimated(
			read(fit.law),
			drawn.map(({ law }) => read(law)),
		);
	return {
		A: of(({ lnA }) => Math.exp(lnA)),
		alpha: of(({ alpha }) => alpha),
		B: of(({ lnB }) => Math.exp(lnB)),
		beta: of(({ beta }) => beta),
		E: of(({ lnE }) => Math.exp(lnE)),
		gamma: of(({ gamma }) => gamma),
		cost: fit.cost,
		worstResidual: fit.worstResidual,
	};
}

function pointsOf({ exact, forward, backward, both }: RunSets, { fit, separate, joint }: Estimate): PlanOutput['points'] {
	const rows = (precision: string, runs: readonly TrainingRun[], efficiency: Efficiency) =>
		runs.map(({ parameters, tokens, loss }) => ({
			precision,
			parameters,
			tokens,
			loss,
			predicted: predictLoss(fit.law, parameters, tokens, efficiency),
		}));
	return [
		...rows('exact', exact, FULL_PRECISION),
		...rows('4-bit forward', forward, { parameters: separate.parameters, tokens: 1 }),
		...rows('4-bit backward', backward, { parameters: 1, tokens: separate.tokens }),
		...rows('4-bit both', both, joint ?? separate),
	];
}

/** Training in FP8 over training with a pair to the same loss, the model as large as the same cost to serve allows. */
function equalLossSpeed(
	law: LossLaw,
	fp4: Efficiency,
	speeds: { forward: number; backward: number },
	pair: PrecisionPair,
	parameters: number,
	tokens: number,
	loss: number,
): number | null {
	const used = pairSpeeds(pair, speeds);
	if (!(used.forward > 0 && used.backward > 0)) return null;
	const larger = parameters * used.forward;
	const needed = tokensForLoss(law, loss, larger, pairEfficiency(pair, fp4));
	if (needed === null) return null;
	const faster = (trainingSpeed(used) * parameters * tokens) / (larger * needed);
	return Number.isFinite(faster) ? faster : null;
}

function ratios(from: number, to: number, steps: number): number[] {
	return Array.from({ length: steps }, (_, step) => from * (to / from) ** (step / (steps - 1)));
}

function breakEven(law: LossLaw, fp4: Efficiency, speedsOf: SpeedsOf, parameters: number): number | null {
	const isBest = (ratio: number) =>
		bestPair(predictPairs(law, fp4, speedsOf(parameters), parameters, ratio * parameters)) === 'FP4:FP4';
	const grid = ratios(1, 1e5, 201);
	if (!isBest(grid.at(-1) as number)) return null;
	const last = grid.findLastIndex((ratio) => !isBest(ratio));
	if (last < 0) return grid[0] as number;
	let [low, high] = [grid[last] as number, grid[last + 1] as number];
	for (let step = 0; step < 40; step++) {
		const middle = Math.sqrt(low * high);
		if (isBest(middle)) high = middle;
		else low = middle;
	}
	return high;
}

function gapsOf(law: LossLaw, fp4: Efficiency, speedsOf: SpeedsOf, parameters: number): PlanOutput['gaps'] {
	return ratios(10, 10_000, 31).flatMap((ratio) => {
		const four = predictPairs(law, fp4, speedsOf(parameters), parameters, ratio * parameters);
		const base = four[0]?.loss ?? null;
		return four.flatMap(({ pair, loss }) => (loss === null || base === null ? [] : [{ ratio, pair, gap: loss - base }]));
	});
}

function mapOf(law: LossLaw, fp4: Efficiency, speedsOf: SpeedsOf): PlanOutput['map'] {
	return ratios(1e8, 1e11, 31).flatMap((parameters) =>
		ratios(25, 2200, 25).map((ratio) => ({
			parameters,
			ratio,
			best: bestPair(predictPairs(law, fp4, speedsOf(parameters), parameters, ratio * parameters)),
		})),
	);
}

/** Bytes of MXFP4 with its share of a scale, and with a bit for the mask that backward needs. */
const MXFP4_BYTES = 4.25 / 8;
const MASKED_BYTES = MXFP4_BYTES + 1 / 8;

function memoryOf({ parameters, keptPerToken }: Subject): PlanOutput['memory'] {
	const same = (what: string, each: number) => ({
		what,
		bf16: each * parameters,
		fp8: each * parameters,
		mxfp4: each * parameters,
	});
	return [
		{ what: 'weights as operands', bf16: 2 * parameters, fp8: parameters, mxfp4: MASKED_BYTES * parameters },
		same('master weights, float32', 4),
		same('gradients, float32', 4),
		same('AdamW’s moments, float32', 8),
		...(keptPerToken === null
			? []
			: [
					{
						what: `inputs of linear layers kept for backward, one sequence of ${SEQUENCE} tokens`,
						bf16: 2 * keptPerToken * SEQUENCE,
						fp8: keptPerToken * SEQUENCE,
						mxfp4: MASKED_BYTES * keptPerToken * SEQUENCE,
					},
				]),
	];
}

function notesOf({ ownLaw, ownFactors, sets }: Trainings, { speeds, subject }: PlanOutput): string[] {
	const notes: string[] = [];
	if (ownLaw && !ownFactors)
		notes.push(
			'The trainings of the file are all exact: nothing says what 4-bit products cost there, so they are taken to cost nothing.',
		);
	if (ownLaw && ownFactors && (sets.forward.length === 0 || sets.backward.length === 0) && sets.both.length === 0)
		notes.push('No 4-bit trainings of one kind are in the file; that factor is taken for 1.');
	if (!ownLaw) {
		const largest = Math.max(...sets.exact.map(({ parameters }) => parameters));
		if (subject.parameters > largest)
			notes.push(
				`The largest model that the law was fitted to has ${(largest / 1e6).toFixed(0)} million parameters; beyond it everything is extrapolated.`,
			);
	}
	if (speeds.forward === 0)
		notes.push('No 4-bit speed was measured for a model as small as this, so 8-bit products are the only choice.');
	return notes;
}

function answer({ subject, pairs, best, bestShare, speeds }: PlanOutput): string {
	const lossOf = (pair: PrecisionPair) => pairs.find((one) => one.pair === pair)?.loss ?? null;
	const words: Record<PrecisionPair, string> = {
		'FP8:FP8': 'all in FP8',
		'FP4:FP8': 'FP4 forward and FP8 backward',
		'FP8:FP4': 'FP8 forward and FP4 backward',
		'FP4:FP4': 'all in FP4',
	};
	const others = precisionPairs
		.filter((pair) => pair !== best && lossOf(pair) !== null)
		.map((pair) => `${lossOf(pair)?.toFixed(4)} ${words[pair]}`);
	const sure = bestShare === null ? '' : ` (${(100 * bestShare).toFixed(0)} % of bootstrap rounds agree)`;
	const against = others.length === 0 ? '' : `, against ${others.join(', ')} at the same costs`;
	return (
		`${subject.name}, ${amount(subject.parameters)} parameters, ${amount(subject.tokens)} tokens: train ${words[best]}${sure}; ` +
		`predicted loss ${lossOf(best)?.toFixed(4)}${against}. Speed of FP4 over FP8: ${speeds.source}.`
	);
}

/** 68.5 billion. */
function amount(value: number): string {
	const [scale, name] =
		value >= 1e12 ? [1e12, ' trillion'] : value >= 1e9 ? [1e9, ' billion'] : value >= 1e6 ? [1e6, ' million'] : [1, ''];
	return `${Number((value / scale).toPrecision(3))}${name}`;
}

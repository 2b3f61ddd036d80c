/** Fits the law, predicts the four precisions for the user's model and budget, and draws the map around it. */
import { csvText, quantileSorted, type RunContext, sortedCopy } from '@assay/contract';
import type { Inputs } from './inputs.ts';
import { bootstrap, type Estimate, estimate, type RunSets } from './law/estimate.ts';
import { fitLaw, type LawFit, lawForms } from './law/fit-law.ts';
import { type Efficiency, FULL_PRECISION, type LossLaw, predictLoss, type TrainingRun } from './law/loss-law.ts';
import type { Outputs, PlanOutput } from './outputs.ts';
import { breakEven, equalLossSpeed, gapsOf, mapOf } from './plan/compare-budgets.ts';
import { planAnswer, planNotes } from './plan/plan-answer.ts';
import { readSpeeds } from './plan/plan-speeds.ts';
import { readTrainings } from './plan/trainings.ts';
import { bestPair, type PrecisionPair, predictPairs, trainingSpeed } from './regions/precision-map.ts';
import { referenceModels } from './regions/reference-models.ts';
import { resolveSubject, type Subject } from './subject.ts';

/** Tokens of the sequence that the memory table counts. */
const SEQUENCE = 4096;

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
	return {
		answer: planAnswer(plan),
		notes: [...subject.notes, ...planNotes(trainings, plan)],
		plan,
		tensor: null,
		training: null,
	};
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

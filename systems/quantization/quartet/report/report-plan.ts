/** Panels of a prediction: losses by precision, the law and the trainings behind it, the map, memory. */
import type { Mark, Panel, PlotPanel, Row, TablePanel } from '@assay/contract';
import type { PlanOutput } from '../outputs.ts';
import { precisionPairs } from '../regions/precision-map.ts';

export function reportPlan(plan: PlanOutput): Panel[] {
	return [
		pairTable(plan),
		regionMap(plan),
		gapPlot(plan),
		referenceTable(plan),
		lossPlot(plan, 'exact', 'Loss of exact training, and the law'),
		...(['4-bit forward', '4-bit backward', '4-bit both'] as const)
			.filter((precision) => plan.points.some((point) => point.precision === precision))
			.map((precision) => lossPlot(plan, precision, `Loss with ${precision} products, and the law`)),
		lawTable(plan),
		formTable(plan),
		memoryTable(plan),
		{ kind: 'file', title: 'Losses', artifact: 'losses.csv', note: 'Every training that was fitted, with the law’s prediction.' },
		{ kind: 'file', title: 'Map', artifact: 'map.csv', note: 'The best precision over parameters and tokens for each.' },
	];
}

function pairTable({ pairs, best, speeds, subject, bestShare, breakEven }: PlanOutput): TablePanel {
	const from =
		breakEven === null
			? 'At this size all in FP4 is not the best for any number of tokens up to 100,000 a parameter.'
			: breakEven <= 1
				? 'At this size all in FP4 is the best from one token a parameter on.'
				: `At this size all in FP4 is the best from ${breakEven.toPrecision(3)} tokens a parameter on.`;
	const agree =
		bestShare === null ? '' : ` ${(100 * bestShare).toFixed(0)} % of the bootstrap rounds agree that ${best} is the best.`;
	return {
		kind: 'table',
		title: 'Four precisions at the same costs to serve and to train',
		note:
			`${subject.name}: ${subject.parameters.toPrecision(4)} parameters without embedding and head. Forward products of FP4 are ` +
			`${speeds.forward.toPrecision(3)} times as fast as FP8’s, backward products ${speeds.backward.toPrecision(3)} times, training with both ` +
			`${speeds.training.toPrecision(3)} times (${speeds.source}). ${from}${agree} The last column: time of FP8 over time to FP8’s loss.`,
		columns: [
			{ key: 'pair', label: 'Forward:backward' },
			{ key: 'parameters', label: 'Parameters' },
			{ key: 'tokens', label: 'Tokens' },
			{ key: 'loss', label: 'Predicted loss', unit: 'nats', digits: 5 },
			{ key: 'low', label: '5 %', digits: 5 },
			{ key: 'high', label: '95 %', digits: 5 },
			{ key: 'speed', label: 'Faster to equal loss', unit: 'x', digits: 3 },
			{ key: 'best', label: 'Best' },
		],
		rows: pairs.map((one) => ({
			pair: one.pair,
			parameters: one.parameters,
			tokens: one.tokens,
			loss: one.loss,
			low: one.low,
			high: one.high,
			speed: one.equalLossSpeed,
			best: one.pair === best ? 'best' : '',
		})),
	};
}

function regionMap({ map, subject, speeds }: PlanOutput): PlotPanel {
	const ratio = subject.tokens / subject.parameters;
	const inside = subject.parameters >= 1e8 && subject.parameters <= 1e11 && ratio >= 25 && ratio <= 2200;
	const marks: Mark[] = [
		{
			mark: 'dot',
			// In the order of the pairs, so that colours do not depend on what is where.
			data: precisionPairs.flatMap((pair) =>
				map.filter(({ best }) => best === pair).map(({ parameters, ratio: at }): Row => ({ parameters, ratio: at, best: pair })),
			),
			x: 'parameters',
			y: 'ratio',
			color: 'best',
		},
	];
	if (inside)
		marks.push({ mark: 'rule', x: subject.parameters, label: subject.name }, { mark: 'rule', y: ratio, label: 'your tokens' });
	return {
		kind: 'plot',
		title: 'Which precision is the best',
		note: `The pair of the least predicted loss for 8-bit models of so many parameters and tokens, at the same costs to serve and to train; speeds: ${speeds.source}.`,
		x: { label: 'Parameters', scale: 'log' },
		y: { label: 'Tokens a parameter', scale: 'log' },
		color: { label: 'Forward:backward' },
		marks,
	};
}

function gapPlot({ gaps, subject }: PlanOutput): PlotPanel {
	return {
		kind: 'plot',
		title: 'Loss against all in FP8 by tokens',
		note: `${subject.name}: predicted loss less that of FP8 at the same costs; below 0 is better.`,
		x: { label: 'Tokens a parameter', scale: 'log' },
		y: { label: 'Loss less FP8’s', unit: 'nats' },
		color: { label: 'Forward:backward' },
		marks: [{ mark: 'line', data: gaps, x: 'ratio', y: 'gap', color: 'pair' }],
	};
}

function referenceTable({ references, speeds }: PlanOutput): TablePanel {
	return {
		kind: 'table',
		title: 'Known models',
		note: `Predicted losses as if they had been trained like the models behind the law; speeds: ${speeds.source}.`,
		columns: [
			{ key: 'name', label: 'Model' },
			{ key: 'ratio', label: 'Tokens a parameter' },
			...precisionPairs.map((pair) => ({ key: pair, label: pair, digits: 5 })),
			{ key: 'best', label: 'Best' },
		],
		rows: references.map(({ name, parameters, tokens, losses, best }) => ({
			name,
			ratio: parameters > 0 ? tokens / parameters : null,
			...Object.fromEntries(precisionPairs.map((pair, index) => [pair, losses[index] ?? null])),
			best,
		})),
	};
}

function millions(parameters: number): string {
	return parameters >= 1e9 ? `${(parameters / 1e9).toPrecision(3)} billion` : `${(parameters / 1e6).toPrecision(3)} million`;
}

/** Observed as dots, predicted as lines, over tokens a parameter, a colour for each size. */
function lossPlot({ points }: PlanOutput, precision: string, title: string): PlotPanel {
	const data = points
		.filter((point) => point.precision === precision && point.parameters > 0)
		.map(({ parameters, tokens, loss, predicted }) => ({
			size: millions(parameters),
			ratio: tokens / parameters,
			loss,
			predicted,
		}));
	return {
		kind: 'plot',
		title,
		note: 'Dots: held-out loss of trainings. Lines: the fitted law at the same sizes and tokens.',
		x: { label: 'Tokens a parameter', scale: 'log' },
		y: { label: 'Loss', unit: 'nats' },
		color: { label: 'Parameters' },
		marks: [
			{ mark: 'line', data, x: 'ratio', y: 'predicted', color: 'size' },
			{ mark: 'dot', data, x: 'ratio', y: 'loss', color: 'size' },
		],
	};
}

function lawTable({ law, efficiency, lawSource, points }: PlanOutput): TablePanel {
	const joint =
		efficiency.jointParameters === null || efficiency.jointTokens === null
			? ''
			: ` Fitted to ${points.filter(({ precision }) => precision === '4-bit both').length} trainings with both at once they are ${efficiency.jointParameters.toFixed(3)} and ${efficiency.jointTokens.toFixed(3)}.`;
	const rows = [
		...(['A', 'alpha', 'B', 'beta', 'E', 'gamma'] as const).map((name) => ({ name, ...law[name] })),
		{ name: 'effN, 4-bit forward', ...efficiency.parameters },
		{ name: 'effD, 4-bit backward', ...efficiency.tokens },
	];
	return {
		kind: 'table',
		title: 'The law and its intervals',
		note:
			`L(N, D) = (A / (N effN)^alpha + B / (D effD)^beta)^gamma + E. The law: ${lawSource}; the factors: ${efficiency.source}.${joint} ` +
			`Cost ${law.cost.toPrecision(6)}, largest residual ${(100 * law.worstResidual).toPrecision(2)} %. Intervals: 5 and 95 % of a bootstrap of the trainings.`,
		columns: [
			{ key: 'name', label: 'Parameter' },
			{ key: 'value', label: 'Fitted', digits: 6 },
			{ key: 'low', label: '5 %' },
			{ key: 'high', label: '95 %' },
		],
		rows,
	};
}

function formTable({ forms }: PlanOutput): TablePanel {
	const titles = {
		full: 'all six free',
		'gamma-1': 'gamma = 1, as Hoffmann and others',
		'beta-1': 'beta = 1, as Kaplan and others',
	};
	return {
		kind: 'table',
		title: 'Forms of the law',
		note: 'Half the sum of Huber’s losses with delta 1e-4; less is better.',
		columns: [
			{ key: 'form', label: 'Form' },
			{ key: 'cost', label: 'Cost', digits: 5 },
		],
		rows: forms.map(({ form, cost }) => ({ form: titles[form], cost })),
	};
}

function memoryTable({ memory }: PlanOutput): TablePanel {
	return {
		kind: 'table',
		title: 'Memory of training',
		note: 'Without embedding and head, on all devices together. MXFP4 takes 4.25 bits, and a bit for the mask that backward needs.',
		columns: [
			{ key: 'what', label: 'What' },
			{ key: 'bf16', label: 'BF16', unit: 'GB' },
			{ key: 'fp8', label: 'FP8', unit: 'GB' },
			{ key: 'mxfp4', label: 'MXFP4', unit: 'GB' },
		],
		rows: memory.map(({ what, bf16, fp8, mxfp4 }) => ({ what, bf16: bf16 / 1e9, fp8: fp8 / 1e9, mxfp4: mxfp4 / 1e9 })),
	};
}

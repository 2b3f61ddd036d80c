/** One run: build the system, fit and sample its triggers, evaluate it, explore around it, keep the files. */
import { formatPath, mean, type RunContext, standardDeviation } from '@assay/contract';
import * as analyses from './analyses.ts';
import { publishedTechnologyYear } from './configurations.ts';
import { type Evaluation, evaluate, type NodeResult } from './evaluate.ts';
import { seedTask } from './evaluation-task.ts';
import { writeFiles } from './files.ts';
import { createGraph, type Graph } from './graph.ts';
import type { Inputs } from './inputs.ts';
import { metricsOf } from './metrics.ts';
import type { Outputs } from './outputs.ts';
import { cmsConfiguration, ownTriggers, systemsOf } from './own-system.ts';
import { parseChanges, parseSweep } from './parameters.ts';
import { countBelow } from './scores.ts';
import { classifiers, cmsCurvesOrStandIn, type Skill, sampleSkills, scoreTable, triggersOf, usesCmsTriggers } from './skills.ts';
import { standInEffect } from './stand-in-curves.ts';
import { technologyFactor } from './technology.ts';
import { poorResidual, type Trigger } from './trigger.ts';

export async function run(inputs: Inputs, context: RunContext): Promise<Outputs> {
	context.progress(0, 'reading the system');
	await context.pause();
	const { system, baseline } = await systemsOf(inputs, context);
	const axes = parseSweep(inputs.sweep, system, ['sweep']);
	const graph = createGraph(system);
	const baselineGraph = createGraph(baseline);
	const own = await ownTriggers(inputs.triggers, context);
	const curves = usesCmsTriggers(graph, own) ? await cmsCurvesOrStandIn(context, inputs.curves) : undefined;
	const triggers = triggersOf(graph, curves?.curves, inputs.triggerModel, own);
	const year = inputs.technologyYear ?? system.technologyYear;
	const factor = technologyFactor(year, inputs.technologyScaling);

	context.progress(0.05, 'sampling the triggers');
	const skills = await sampleSkills(triggers, inputs.samples, context.random, context.pause);
	const scores = scoreTable(skills);
	const classifierOf = classifiers(scores, inputs.mode);
	const evaluation = evaluate(graph, classifierOf, inputs);
	const baselineEvaluation = evaluate(baselineGraph, classifierOf, inputs);
	const warnings = warningsOf(inputs, evaluation, skills, curves?.origin === 'stand-in' ? curves.why : undefined);
	for (const warning of warnings) context.log('warning', warning);
	context.progress(0.4, 'exploring around it');

	const configuration = cmsConfiguration(inputs);
	const side = inputs.contourPoints ** 2;
	const map = evaluation.nodes.find((one) => one.classifies);
	const todo =
		(configuration !== undefined && inputs.configurations ? 9 : 0) +
		(map !== undefined && inputs.skillContour ? side : 0) +
		(configuration !== undefined && inputs.pileUpContour ? side : 0) +
		(configuration !== undefined && inputs.trackerReduction ? 93 : 0) +
		(inputs.sensitivities ? 40 : 0) +
		axes.reduce((product, axis) => product * axis.values.length, axes.length > 0 ? 1 : 0);
	let done = 0;
	const shared: analyses.Shared = {
		context,
		mode: inputs.mode,
		linkLoad: inputs.linkLoad,
		scores,
		technologyFactor: factor,
		onCells: (count) => {
			done += count;
			context.progress(0.4 + 0.3 * Math.min(1, done / Math.max(1, todo)), `${done} variations`);
		},
	};
	const publishedScale = { ...shared, technologyFactor: technologyFactor(publishedTechnologyYear, inputs.technologyScaling) };
	const configurations =
		configuration !== undefined && inputs.configurations ? await analyses.configurationsTable(publishedScale) : [];
	const skillContour =
		map !== undefined && inputs.skillContour
			? await analyses.skillContour(system, map.node.name, inputs.contourPoints, shared)
			: [];
	const changes = parseChanges(inputs.changes, system, ['changes']);
	const pileUpContour =
		configuration !== undefined && inputs.pileUpContour
			? await analyses.pileUpContour(configuration, changes, inputs.contourPoints, shared)
			: [];
	const trackerReduction =
		configuration !== undefined && inputs.trackerReduction ? await analyses.trackerReduction(configuration, shared) : [];
	const sensitivities = inputs.sensitivities ? await analyses.sensitivityTable(system, evaluation, shared) : [];
	const sweep = axes.length > 0 ? await analyses.sweepTable(system, axes, shared) : null;
	context.progress(0.7, 'measuring the noise');
	const noise = inputs.repetitions > 0 ? await measureNoise(inputs, context, graph, triggers, factor) : null;

	context.progress(0.95, 'writing files');
	await context.pause();
	const outputs: Outputs = {
		technologyYear: year,
		curves: curves?.origin ?? null,
		curvesWhy: curves?.why ?? '',
		metrics: metricsOf(evaluation, factor),
		baseline: metricsOf(baselineEvaluation, factor),
		nodes: evaluation.nodes.map(nodeOutput),
		links: [...evaluation.links],
		fits: [...skills.values()].flatMap(({ fitted }) =>
			fitted.paths.map(({ name, ratePerGeV, residual, thresholdGeV, percentile }) => ({
				trigger: fitted.name,
				path: name,
				ratePerGeV,
				residual,
				thresholdGeV,
				percentile,
			})),
		),
		histograms: histogramsOf(evaluation, skills),
		noise,
		configurations,
		skillContour,
		pileUpContour,
		trackerReduction,
		sensitivities,
		sweep,
		warnings,
	};
	await writeFiles(outputs, system, context);
	context.progress(1, 'done');
	return outputs;
}

function nodeOutput(one: NodeResult): Outputs['nodes'][number] {
	const { node, decision } = one;
	const classifies = one.classifies;
	return {
		name: node.name,
		kind: node.kind,
		source: formatPath(node.place),
		messageBytes: one.messageBytes,
		outBytes: one.outBytes,
		operations: one.operations,
		energyJ: one.energyJ,
		powerW: one.powerW,
		inputRateHz: one.inputRateHz,
		outputRateHz: one.outputRateHz,
		globalRatio: one.globalRatio,
		reductionRatio: node.kind === 'processor' ? node.reductionRatio : null,
		achievedRatio: Number.isFinite(one.inputRateHz / one.outputRateHz) ? one.inputRateHz / one.outputRateHz : null,
		classifier: node.kind === 'processor' ? node.classifier : null,
		threshold: decision.threshold,
		trueNegativeRate: classifies ? decision.rejectedIrrelevant : null,
		falseNegativeRate: classifies ? decision.rejectedRelevant : null,
		discardedIrrelevantHz: one.discarded.irrelevant,
		discardedRelevantHz: one.discarded.relevant,
		keptIrrelevantHz: one.kept.irrelevant,
		keptRelevantHz: one.kept.relevant,
		latencyS: one.latencyS,
		upstreamEnergyJ: one.upstreamEnergyJ,
	};
}

/** Score distributions of every node with a trigger, in 40 bins, and its threshold. */
function histogramsOf(evaluation: Evaluation, skills: ReadonlyMap<string, Skill>): Outputs['histograms'] {
	const bins = 40;
	return evaluation.nodes.flatMap(({ node, decision }) => {
		const skill = node.kind === 'processor' ? skills.get(node.classifier) : undefined;
		if (skill === undefined || node.kind !== 'processor') return [];
		const { irrelevant, relevant } = skill.scores;
		const boost = node.skillBoost;
		const last = irrelevant.length - 1;
		const from = Math.min(irrelevant[0] ?? 0, (relevant[0] ?? 0) + boost);
		const to = Math.max(irrelevant[last] ?? 0, (relevant[last] ?? 0) + boost);
		const edge = (bin: number): number => from + ((to - from) * bin) / bins;
		const below = (sorted: Float64Array, bin: number, shift: number): number =>
			bin === bins ? 1 : countBelow(sorted, edge(bin), shift) / sorted.length;
		return [
			{
				node: node.name,
				threshold: decision.threshold,
				bins: Array.from({ length: to > from ? bins : 0 }, (_, bin) => ({
					from: edge(bin),
					to: edge(bin + 1),
					irrelevant: below(irrelevant, bin + 1, 0) - below(irrelevant, bin, 0),
					relevant: below(relevant, bin + 1, boost) - below(relevant, bin, boost),
				})),
			},
		];
	});
}

/** Events left among the samples beyond the threshold: fewer than this and the figures are mostly noise. */
const fewEvents = 20;

function warningsOf(
	inputs: Inputs,
	evaluation: Evaluation,
	skills: ReadonlyMap<string, Skill>,
	standIn: string | undefined,
): string[] {
	const warnings: string[] = [];
	if (standIn !== undefined) warnings.push(`Stand-in curves were used, because ${standIn}. ${standInEffect}`);
	for (const { fitted } of skills.values()) {
		for (const path of fitted.paths) {
			if (path.residual <= poorResidual) continue;
			warnings.push(
				`${fitted.name} ${path.name}: the fitted exponential misses the firing rate by ${path.residual.toPrecision(3)}, so its energies are not those of the experiment.`,
			);
		}
	}
	for (const { node, classifies } of evaluation.nodes) {
		if (node.kind !== 'processor' || !classifies || node.classifier === 'Gaussian') continue;
		if (inputs.samples / node.reductionRatio >= fewEvents) continue;
		warnings.push(
			`${node.name}: a ratio of ${node.reductionRatio} leaves fewer than ${fewEvents} of ${inputs.samples} samples; raise samples.`,
		);
	}
	if (inputs.mode === 'published' && (evaluation.kept.irrelevant === 0 || missesRatio(evaluation))) {
		warnings.push(
			'The published solver stopped where the score distribution is flat, so a classifier keeps too few events and seems perfect; mode exact solves for the threshold.',
		);
	}
	return warnings;
}

const missesRatio = (evaluation: Evaluation): boolean =>
	evaluation.nodes.some(
		(one) =>
			one.classifies &&
			one.node.kind === 'processor' &&
			Math.abs((one.outputRateHz * one.node.reductionRatio) / one.inputRateHz - 1) > 0.1,
	);

async function measureNoise(
	inputs: Inputs,
	context: RunContext,
	graph: Graph,
	triggers: readonly Trigger[],
	factor: number,
): Promise<Outputs['noise']> {
	const items = Array.from({ length: inputs.repetitions }, (_, repetition) => ({
		description: graph.description,
		triggers,
		samples: inputs.samples,
		mode: inputs.mode,
		linkLoad: inputs.linkLoad,
		technologyFactor: factor,
		seed: context.seed,
		repetition,
	}));
	let done = 0;
	const cells = await context.parallel(seedTask, items, () => {
		done += 1;
		context.progress(0.7 + (0.25 * done) / items.length, `repetition ${done} of ${items.length}`);
	});
	const f1: number[] = [];
	const productivity: number[] = [];
	const power: number[] = [];
	for (const cell of cells) {
		if (cell === null || cell.f1 === null || cell.relevantSamplesPerKJ === null) continue;
		f1.push(cell.f1);
		productivity.push(cell.relevantSamplesPerKJ);
		power.push(cell.scaledPowerW);
	}
	if (f1.length === 0) return null;
	return {
		repetitions: f1.length,
		f1Mean: mean(f1),
		f1Deviation: standardDeviation(f1),
		productivityMean: mean(productivity),
		productivityDeviation: standardDeviation(productivity),
		scaledPowerMeanW: mean(power),
		scaledPowerDeviationW: standardDeviation(power),
	};
}

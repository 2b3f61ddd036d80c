/**
 * What the processors of a system classify with: the fitted triggers and their sampled scores, by name. Curves are opened,
 * fitted and sampled once; every evaluation after that only looks up quantiles.
 */
import { DataUnavailableError, InputError, nearestName, type Random, type RunContext, show } from '@assay/contract';
import { type Classifier, dummyClassifier, gaussianClassifier, type Mode, sampledClassifier } from './classifier.ts';
import {
	type CmsCurves,
	curveSources,
	hltPathNames,
	hltTrigger,
	l1tPathNames,
	l1tTrigger,
	type TriggerModel,
} from './cms-triggers.ts';
import { readCurve } from './curve-file.ts';
import { type Graph, ratioColumn, type SystemNode } from './graph.ts';
import type { CurvePoints } from './interpolation.ts';
import { type Scores, sampleScores } from './scores.ts';
import { standInCurves } from './stand-in-curves.ts';
import { type FittedTrigger, fitTrigger, type Trigger } from './trigger.ts';

/** Where the efficiency curves of CMS came from. */
export type CurveOrigin = 'digitised' | 'stand-in';

/** Opens the digitised curves of all ten paths. Raises DataUnavailableError where they are not to be had. */
export async function openCmsCurves(context: Pick<RunContext, 'open'>): Promise<CmsCurves> {
	const open = async (reference: string): Promise<CurvePoints> => readCurve(await context.open(reference));
	const [jet, muon, egamma, tau] = await Promise.all(l1tPathNames.map((path) => open(curveSources.l1t(path))));
	const [b2g, higgs, hltMuon, susy, tracking, hltTau] = await Promise.all(
		hltPathNames.map((path) => open(curveSources.hlt(path))),
	);
	if (!jet || !muon || !egamma || !tau || !b2g || !higgs || !hltMuon || !susy || !tracking || !hltTau) {
		throw new RangeError('a path without a curve');
	}
	return { l1t: { jet, muon, egamma, tau }, hlt: { b2g, higgs, muon: hltMuon, susy, tracking, tau: hltTau } };
}

/** The digitised curves, or stand-ins with the reason why. */
export async function cmsCurvesOrStandIn(
	context: Pick<RunContext, 'open'>,
	wanted: CurveOrigin,
): Promise<{ curves: CmsCurves; origin: CurveOrigin; why: string }> {
	if (wanted === 'stand-in') return { curves: standInCurves(), origin: 'stand-in', why: 'they were asked for' };
	try {
		return { curves: await openCmsCurves(context), origin: 'digitised', why: '' };
	} catch (error) {
		if (!(error instanceof DataUnavailableError)) throw error;
		return { curves: standInCurves(), origin: 'stand-in', why: 'the digitised curves are not to be had here' };
	}
}

/** Names of CMS triggers a system uses. */
export const cmsTriggerNames = ['L1T', 'HLT'] as const;

/** The trigger definitions a graph needs: those of CMS, and the user's own. */
export function triggersOf(graph: Graph, curves: CmsCurves | undefined, model: TriggerModel, own: readonly Trigger[]): Trigger[] {
	const available = [...(curves === undefined ? [] : [l1tTrigger(curves, model), hltTrigger(curves, model)]), ...own];
	const used = new Set<string>();
	for (const node of graph.nodes) {
		if (node.kind === 'detector' || ['Dummy', 'Gaussian'].includes(node.classifier)) continue;
		if (!available.some((trigger) => trigger.name === node.classifier)) {
			const names = ['Dummy', 'Gaussian', ...cmsTriggerNames, ...own.map((trigger) => trigger.name)];
			throw new InputError({
				path: [...node.place, node.outputColumn === 'outputs' ? 'classifier' : 'Classifier'],
				found: show(node.classifier),
				expected: `one of ${[...new Set(names)].join(', ')}`,
				nearest: nearestName(node.classifier, names),
			});
		}
		used.add(node.classifier);
	}
	return available.filter((trigger) => used.has(trigger.name));
}

/** Does any node use a trigger of CMS that the user did not define? */
export function usesCmsTriggers(graph: Graph, own: readonly Trigger[]): boolean {
	return graph.nodes.some(
		(node) =>
			node.kind === 'processor' &&
			cmsTriggerNames.some((name) => name === node.classifier) &&
			!own.some((trigger) => trigger.name === node.classifier),
	);
}

/** A trigger, fitted and sampled. */
export interface Skill {
	readonly fitted: FittedTrigger;
	readonly scores: Scores;
}

/** Fits and samples triggers, each from its own random stream. */
export async function sampleSkills(
	triggers: readonly Trigger[],
	samples: number,
	random: Random,
	pause: () => Promise<void>,
): Promise<Map<string, Skill>> {
	const skills = new Map<string, Skill>();
	for (const trigger of triggers) {
		const fitted = fitTrigger(trigger);
		await pause();
		skills.set(trigger.name, {
			fitted,
			scores: await sampleScores(fitted, samples, random.fork(`trigger ${trigger.name}`), pause),
		});
	}
	return skills;
}

/** Scores by trigger name: what a task needs of the skills. */
export type ScoreTable = readonly (readonly [string, Scores])[];

export const scoreTable = (skills: ReadonlyMap<string, Skill>): ScoreTable =>
	[...skills].map(([name, skill]) => [name, skill.scores] as const);

/** The classifier of each node. */
export function classifiers(scores: ScoreTable, mode: Mode): (node: SystemNode) => Classifier {
	const byName = new Map(scores);
	return (node) => {
		if (node.kind === 'detector') return dummyClassifier;
		if (node.classifier === 'Gaussian') {
			if (node.skillVariance > 0) return gaussianClassifier(node.skillMean + node.skillBoost, node.skillVariance, mode);
			throw new InputError({
				path: [...node.place, ratioColumn(node) === 'Reduction Ratio' ? 'Skill variance' : 'skillVariance'],
				found: String(node.skillVariance),
				expected: 'more than 0 for a Gaussian classifier',
			});
		}
		const own = byName.get(node.classifier);
		return own === undefined ? dummyClassifier : sampledClassifier(own, node.skillBoost, mode);
	};
}

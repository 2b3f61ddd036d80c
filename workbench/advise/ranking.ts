/** What would pay off, first things first. Gains are never multiplied together: each is one run's, of one technique alone. */
import type { Costs, Gain, Subject } from '@assay/contract';
import type { Confidence } from './confidence.ts';

/** One technique on the subject. */
export interface Advised {
	readonly system: string;
	readonly title: string;
	readonly paper: { readonly title: string; readonly arxiv: string };
	readonly gains: Gain;
	/** What "without" is. */
	readonly against: string;
	/** What was lacking without it, where the subject could not be done at all; null elsewhere. */
	readonly enables: string | null;
	readonly costs: Costs;
	readonly confidence: Confidence;
	/** The run that every figure is from, its answer, and the command that runs it again. */
	readonly run: string;
	readonly headline: string;
	readonly command: string;
	readonly verdict: Verdict;
}

/** `enables`: cannot be done without it; `pays`: at least one gain and no loss of what the goal is about; `no difference`; `does not pay`. */
export type Verdict = 'enables' | 'pays' | 'no difference' | 'does not pay';

export type Measure = keyof Gain;

/** What counts for a goal, first things first: the first of them in which a run made a difference decides. */
const MEASURES: Readonly<Record<Subject['goal'], readonly Measure[]>> = {
	serve: ['throughput', 'cost', 'latency', 'energy', 'memory', 'quality'],
	train: ['throughput', 'cost', 'latency', 'energy', 'memory', 'quality'],
	'fine-tune': ['throughput', 'cost', 'latency', 'energy', 'memory', 'quality'],
	edge: ['latency', 'memory', 'energy', 'throughput', 'cost', 'quality'],
	'design-chip': ['energy', 'latency', 'throughput', 'cost', 'memory', 'quality'],
};

/** Ratios closer to 1 than this are no difference. */
const NOTHING = 0.01;

/** The gain that decides for a goal: the first that makes a difference, else the first; undefined where the run computed none. */
export function decidingGain(gains: Gain, goal: Subject['goal']): DecidingGain | undefined {
	const computed = MEASURES[goal].flatMap((measure): DecidingGain[] => {
		const ratio = gains[measure];
		return ratio === undefined ? [] : [{ measure, ratio }];
	});
	return computed.find(({ ratio }) => differs(ratio)) ?? computed[0];
}

/** A gain and what it is of. */
export interface DecidingGain {
	readonly measure: Measure;
	readonly ratio: number;
}

const differs = (ratio: number): boolean => Math.abs(ratio - 1) >= NOTHING;

/** What a user should think of it at a glance. */
export function verdictOf(gains: Gain, enables: string | undefined, goal: Subject['goal']): Verdict {
	if (enables !== undefined) return 'enables';
	const decides = decidingGain(gains, goal);
	if (decides === undefined || !differs(decides.ratio)) return 'no difference';
	return decides.ratio > 1 ? 'pays' : 'does not pay';
}

const ORDER: readonly Verdict[] = ['enables', 'pays', 'no difference', 'does not pay'];

/** By verdict, then by what the deciding gain is of, then by how much it is, then by name. */
export function rank(items: readonly Advised[], goal: Subject['goal']): Advised[] {
	const gain = (item: Advised): DecidingGain | undefined => decidingGain(item.gains, goal);
	const weight = (item: Advised): number => {
		const decides = gain(item);
		return decides === undefined ? MEASURES[goal].length : MEASURES[goal].indexOf(decides.measure);
	};
	const ratio = (item: Advised): number => gain(item)?.ratio ?? 1;
	return [...items].sort(
		(a, b) =>
			ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict) ||
			weight(a) - weight(b) ||
			ratio(b) - ratio(a) ||
			(a.system < b.system ? -1 : 1),
	);
}

/**
 * The triggers of CMS as the paper models them. Firing rates, thresholds and combinations are facts of the published code;
 * the efficiency curves are data (foundations/sources names them) or, where those are not to be had, stand-ins.
 */
import type { CurvePoints } from './interpolation.ts';
import type { Trigger, TriggerCombination, TriggerPath } from './trigger.ts';

/** `published`: what the code does; `corrected`: what it says it does (see README.md, quirks). */
export type TriggerModel = 'published' | 'corrected';

export const l1tPathNames = ['jet', 'muon', 'egamma', 'tau'] as const;
export const hltPathNames = ['b2g', 'higgs', 'muon', 'susy', 'tracking', 'tau'] as const;

/** Efficiency curves by path. */
export interface CmsCurves {
	readonly l1t: Readonly<Record<(typeof l1tPathNames)[number], CurvePoints>>;
	readonly hlt: Readonly<Record<(typeof hltPathNames)[number], CurvePoints>>;
}

/** Rates and thresholds (GeV) of the level-1 paths: l1t_data/trigger_rates.xlsx, row 2; intervals of the fit: the code. */
const l1tPaths = {
	jet: { rate: 0.282, thresholdGeV: 320, highestRate: 0.4 },
	muon: { rate: 0.364, thresholdGeV: 22, highestRate: 0.6 },
	egamma: { rate: 0.444, thresholdGeV: 30, highestRate: 0.4 },
	tau: { rate: 0.18, thresholdGeV: 38, highestRate: 0.4 },
} as const;

/** Which paths fire together, and in what share of relevant events: l1t_data/trigger_rates.xlsx, rows 2 to 13. */
export const l1tCombinations: readonly TriggerCombination[] = (
	[
		[0.01, 'jet'],
		[0.026, 'jet'],
		[0.032, 'jet muon'],
		[0.033, 'muon egamma'],
		[0.046, 'jet egamma'],
		[0.053, 'jet muon egamma tau'],
		[0.064, 'egamma'],
		[0.098, 'muon'],
		[0.115, 'jet'],
		[0.127, 'tau'],
		[0.148, 'muon'],
		[0.248, 'egamma'],
	] as const
).map(([probability, fires]) => ({ probability, fires: l1tPathNames.map((name) => fires.split(' ').includes(name)) }));

/** Events per second of the high-level paths (2018 data, cited in the code); 202 shared by muon, tracking and tau. */
const hltRates = { b2g: 96, higgs: 235, muon: 202 / 3, susy: 189, tracking: 202 / 3, tau: 202 / 3 } as const;

/** The code replaces the tracking path's turn-on by the design value. */
const trackingThresholdGeV = 2;

/** The level-1 trigger: every event has four energies and scores the sum of four efficiencies. */
export function l1tTrigger(curves: CmsCurves, model: TriggerModel): Trigger {
	const paths = l1tPathNames.map((name): TriggerPath => {
		const facts = l1tPaths[name];
		return {
			name,
			points: curves.l1t[name],
			interpolation: 'pchip',
			outside: 'extrapolate',
			// The published code fits every path to the e-gamma rate.
			firingRate: model === 'published' ? l1tPaths.egamma.rate : facts.rate,
			thresholdGeV: facts.thresholdGeV,
			rateBounds: [0, facts.highestRate],
			widening: 1,
		};
	});
	return { name: 'L1T', paths, events: { kind: 'combinations', combinations: l1tCombinations } };
}

/** The high-level trigger: every event takes one path and scores its efficiency. */
export function hltTrigger(curves: CmsCurves, model: TriggerModel): Trigger {
	const rates = hltPathNames.map((name) => hltRates[name]);
	const total = rates.reduce((sum, rate) => sum + rate, 0);
	const paths = hltPathNames.map(
		(name): TriggerPath => ({
			name,
			points: curves.hlt[name],
			interpolation: 'linear',
			outside: 'step',
			firingRate: hltRates[name] / total,
			rateBounds: name === 'b2g' ? [1e-3, 5e-3] : [1e-4, 8e-3],
			widening: 1.2,
			...(name === 'tracking' && { thresholdGeV: trackingThresholdGeV }),
		}),
	);
	const relevant = model === 'published' ? 'published' : 'above-threshold';
	return { name: 'HLT', paths, events: { kind: 'one-path', weights: rates, relevant } };
}

/** Names of the curves among the registered sources. */
export const curveSources = {
	l1t: (path: (typeof l1tPathNames)[number]): string => `cms-l1t-efficiency-${path}`,
	hlt: (path: (typeof hltPathNames)[number]): string => `cms-hlt-efficiency-${path}`,
};

/**
 * A trigger as the model sees it: a few paths, each with an efficiency curve, and a guess of the energies that reach it.
 * Energies are taken as exponentially distributed; the rate of that exponential is fitted so that the curve, seen through
 * it, fires as often as the path does in the experiment. The path's threshold then falls at some percentile of the
 * energies, which is what sampling needs (scores.ts).
 */
import { InputError } from '@assay/contract';
import { type Curve, type CurvePoints, createCurve, firstCrossing, type Interpolation, type Outside } from './interpolation.ts';
import { minimizeBounded } from './minimize.ts';

/** One trigger path before fitting. */
export interface TriggerPath {
	readonly name: string;
	readonly points: CurvePoints;
	readonly interpolation: Interpolation;
	readonly outside: Outside;
	/** Fraction of events on which the path fires. */
	readonly firingRate: number;
	/** Energy of the turn-on in GeV; left out, where the curve first reaches one half. */
	readonly thresholdGeV?: number;
	/** Interval in which the exponential's rate is sought, 1/GeV. */
	readonly rateBounds: readonly [number, number];
	/** The fit integrates over the data's range widened by this factor about its centre. */
	readonly widening: number;
}

/** How an event's score comes about, and what a relevant event is. */
export type TriggerKind =
	/** Every event has an energy for each path and scores the sum of efficiencies; a relevant one fires a combination of paths. */
	| { readonly kind: 'combinations'; readonly combinations: readonly TriggerCombination[] }
	/** Every event takes one path, drawn by `weights`; relevant energies lie above the threshold, or as published. */
	| { readonly kind: 'one-path'; readonly weights: readonly number[]; readonly relevant: 'above-threshold' | 'published' };

export interface TriggerCombination {
	readonly probability: number;
	/** For each path: does it fire? */
	readonly fires: readonly boolean[];
}

export interface Trigger {
	readonly name: string;
	readonly paths: readonly TriggerPath[];
	readonly events: TriggerKind;
}

/** A path with its fitted exponential. */
export interface FittedPath {
	readonly name: string;
	readonly curve: Curve;
	readonly thresholdGeV: number;
	/** Rate of the exponential energy distribution, 1/GeV. */
	readonly ratePerGeV: number;
	/** |firing rate wanted - firing rate of the fit|; above 0.05 the exponential does not describe the path. */
	readonly residual: number;
	/** Probability that an energy lies below the threshold. */
	readonly percentile: number;
}

export interface FittedTrigger {
	readonly name: string;
	readonly paths: readonly FittedPath[];
	readonly events: TriggerKind;
}

/** Residual above which a fit is reported as poor. */
export const poorResidual = 0.05;

export function fitTrigger(trigger: Trigger): FittedTrigger {
	return { name: trigger.name, paths: trigger.paths.map((path) => fitPath(path, trigger.name)), events: trigger.events };
}

/** Fits a path's exponential rate to its firing rate. */
export function fitPath(path: TriggerPath, triggerName = 'trigger'): FittedPath {
	const curve = createCurve(path.points, path.interpolation, path.outside, [triggerName, path.name]);
	const centre = (curve.fromGeV + curve.toGeV) / 2;
	const half = (path.widening * (curve.toGeV - curve.fromGeV)) / 2;
	const fit = minimizeBounded(
		(rate) => Math.abs(path.firingRate - meanEfficiency(curve, rate, centre - half, centre + half)),
		path.rateBounds[0],
		path.rateBounds[1],
	);
	const thresholdGeV = path.thresholdGeV ?? firstCrossing(curve, 0.5);
	if (thresholdGeV === undefined) {
		throw new InputError({
			path: [triggerName, path.name, 'threshold'],
			found: 'none, and a curve that never rises through one half',
			expected: 'a threshold in GeV',
		});
	}
	return {
		name: path.name,
		curve,
		thresholdGeV,
		ratePerGeV: fit.x,
		residual: fit.value,
		percentile: -Math.expm1(-fit.x * thresholdGeV),
	};
}

/** Nodes and weights of the ten-point Gauss-Legendre rule on [-1, 1], positive half. */
const gauss = [
	[0.1488743389816312, 0.2955242247147529],
	[0.4333953941292472, 0.2692667193099963],
	[0.6794095682990244, 0.219086362515982],
	[0.8650633666889845, 0.1494513491505806],
	[0.9739065285171717, 0.0666713443086881],
] as const;

/**
 * Integral of l e^(-l E) efficiency(E) over [from, to], energies above 0 only. Each interval between knots is smooth, so
 * a Gauss rule on pieces no longer than 2/l is exact to about 1e-12.
 */
export function meanEfficiency(curve: Curve, ratePerGeV: number, from: number, to: number): number {
	const start = Math.max(0, from);
	const inner = Array.from(curve.knotsGeV).filter((knot) => knot > start && knot < to);
	let total = 0;
	let left = start;
	for (const right of [...inner, to]) {
		const pieces = Math.min(64, Math.max(1, Math.ceil(((right - left) * ratePerGeV) / 2)));
		const width = (right - left) / pieces;
		for (let piece = 0; piece < pieces; piece++) {
			const middle = left + (piece + 0.5) * width;
			for (const [node, weight] of gauss) {
				const reach = (node * width) / 2;
				for (const energy of [middle - reach, middle + reach]) {
					total += (width / 2) * weight * ratePerGeV * Math.exp(-ratePerGeV * energy) * curve.at(energy);
				}
			}
		}
		left = right;
	}
	return total;
}

/**
 * Curves for a machine that cannot get the digitised ones: plateau x (1 + erf((E - turn-on) / (sqrt 2 width))) / 2, three
 * numbers a path, fitted by least squares to the digitised points and rounded to three digits. They lose the slow rise of
 * real curves below the turn-on and above it; `standInEffect` says what that costs.
 */
import type { CmsCurves, hltPathNames, l1tPathNames } from './cms-triggers.ts';
import type { CurvePoints } from './interpolation.ts';
import { errorFunction } from './normal.ts';

interface TurnOn {
	/** Efficiency far above the turn-on. */
	readonly plateau: number;
	/** Energy at half the plateau, GeV. */
	readonly turnOnGeV: number;
	readonly widthGeV: number;
	/** Range of the digitised data, GeV. */
	readonly range: readonly [number, number];
}

const l1t: Readonly<Record<(typeof l1tPathNames)[number], TurnOn>> = {
	jet: { plateau: 0.993, turnOnGeV: 287, widthGeV: 34.5, range: [54, 692] },
	muon: { plateau: 0.941, turnOnGeV: 17.6, widthGeV: 4.34, range: [3.6, 97.7] },
	egamma: { plateau: 0.958, turnOnGeV: 30.4, widthGeV: 2.08, range: [1, 798] },
	tau: { plateau: 0.98, turnOnGeV: 38.3, widthGeV: 7.55, range: [0.25, 100] },
};

const hlt: Readonly<Record<(typeof hltPathNames)[number], TurnOn>> = {
	b2g: { plateau: 0.993, turnOnGeV: 378, widthGeV: 17.5, range: [200, 797] },
	higgs: { plateau: 0.907, turnOnGeV: 367, widthGeV: 47.7, range: [200, 739] },
	muon: { plateau: 0.893, turnOnGeV: 24.7, widthGeV: 0.0756, range: [12.7, 358] },
	susy: { plateau: 0.932, turnOnGeV: 111, widthGeV: 2.16, range: [72.6, 844] },
	tracking: { plateau: 0.716, turnOnGeV: 0.635, widthGeV: 0.394, range: [0.353, 178] },
	tau: { plateau: 0.879, turnOnGeV: 28.4, widthGeV: 3.2, range: [20, 321] },
};

/** Points of a stand-in curve: close together about the turn-on, evenly spread elsewhere. */
function pointsOf({ plateau, turnOnGeV, widthGeV, range: [from, to] }: TurnOn): CurvePoints {
	const inside = new Set<number>();
	for (let i = 0; i <= 40; i++) inside.add(from + ((to - from) * i) / 40);
	for (let i = -16; i <= 16; i++) inside.add(turnOnGeV + (i / 4) * widthGeV);
	const energiesGeV = [...inside].filter((energy) => energy >= from && energy <= to).sort((a, b) => a - b);
	return {
		energiesGeV,
		efficiencies: energiesGeV.map(
			(energy) => (plateau * (1 + errorFunction((energy - turnOnGeV) / (Math.SQRT2 * widthGeV)))) / 2,
		),
	};
}

/** The stand-in curves of all paths. */
export function standInCurves(): CmsCurves {
	return {
		l1t: { jet: pointsOf(l1t.jet), muon: pointsOf(l1t.muon), egamma: pointsOf(l1t.egamma), tau: pointsOf(l1t.tau) },
		hlt: {
			b2g: pointsOf(hlt.b2g),
			higgs: pointsOf(hlt.higgs),
			muon: pointsOf(hlt.muon),
			susy: pointsOf(hlt.susy),
			tracking: pointsOf(hlt.tracking),
			tau: pointsOf(hlt.tau),
		},
	};
}

/** What stand-ins do to the figures, from a million samples of each kind. */
export const standInEffect =
	'With them F1 of Run 3, Run 5 and Run 5 with L1 tracks is 0.228, 0.392 and 0.789, where the digitised curves give 0.224, 0.389 and 0.794; power is the same, for the accept rates fix it.';

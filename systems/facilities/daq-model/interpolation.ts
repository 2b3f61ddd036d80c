/**
 * Efficiency curves as piecewise cubics. A curve is a handful of digitised points (energy in GeV, efficiency); between them
 * it runs straight, or along the monotone cubic of Fritsch and Butland (PCHIP), whose slope at an inner point is the
 * weighted harmonic mean of the neighbouring chords and zero at a turning point. Both kinds end up as four coefficients
 * an interval, so that everything else (sampling, integration) sees one kind of curve.
 */
import { InputError, type Path, show } from '@assay/contract';

/** Points of a curve: energies or momenta in GeV, and the efficiency at each. */
export interface CurvePoints {
	readonly energiesGeV: readonly number[];
	readonly efficiencies: readonly number[];
}

export type Interpolation = 'pchip' | 'linear';

/**
 * What a curve does outside its data: its end cubics go on, the whole clipped to [0, 1]; or it is 0 below and 1 above, and
 * inside exactly what was digitised (a few points lie 1e-4 above 1, and the published solver depends on those).
 */
export type Outside = 'extrapolate' | 'step';

export interface Curve {
	/** First and last energy of the data, GeV. */
	readonly fromGeV: number;
	readonly toGeV: number;
	/** Energies of the data in ascending order, GeV. */
	readonly knotsGeV: Float64Array;
	/** Efficiency at an energy. */
	at(energyGeV: number): number;
}

/** How far digitised points may stray from [0, 1]. */
const digitisingError = 0.01;

/** Sorts points by energy and checks them; `place` names where they come from. */
export function checkedPoints(points: CurvePoints, place: Path): { x: Float64Array; y: Float64Array } {
	const order = points.energiesGeV
		.map((_, index) => index)
		.sort((a, b) => (points.energiesGeV[a] ?? 0) - (points.energiesGeV[b] ?? 0) || a - b);
	if (order.length < 2 || points.efficiencies.length !== order.length) {
		throw new InputError({
			path: place,
			found: `${points.energiesGeV.length} energies and ${points.efficiencies.length} efficiencies`,
			expected: 'at least two points, each an energy and an efficiency',
		});
	}
	const x = Float64Array.from(order, (index) => points.energiesGeV[index] ?? Number.NaN);
	const y = Float64Array.from(order, (index) => points.efficiencies[index] ?? Number.NaN);
	for (let i = 0; i < x.length; i++) {
		const energy = x[i] as number;
		const efficiency = y[i] as number;
		if (!Number.isFinite(energy) || !(efficiency >= -digitisingError && efficiency <= 1 + digitisingError)) {
			throw new InputError({
				path: [...place, `point ${(order[i] ?? 0) + 1}`],
				found: `${show(energy)}, ${show(efficiency)}`,
				expected: 'a finite energy and an efficiency from 0 to 1',
			});
		}
		if (i > 0 && energy === x[i - 1]) {
			throw new InputError({
				path: [...place, `point ${(order[i] ?? 0) + 1}`],
				found: `the energy ${energy} a second time`,
				expected: 'every energy once',
			});
		}
	}
	return { x, y };
}

/** A curve through points. */
export function createCurve(points: CurvePoints, interpolation: Interpolation, outside: Outside, place: Path = ['curve']): Curve {
	const { x, y } = checkedPoints(points, place);
	const slopes = interpolation === 'pchip' ? pchipSlopes(x, y) : undefined;
	const intervals = x.length - 1;
	const coefficients = new Float64Array(4 * intervals);
	for (let i = 0; i < intervals; i++) {
		const width = (x[i + 1] as number) - (x[i] as number);
		const chord = ((y[i + 1] as number) - (y[i] as number)) / width;
		const start = slopes === undefined ? chord : (slopes[i] as number);
		const end = slopes === undefined ? chord : (slopes[i + 1] as number);
		coefficients[4 * i] = y[i] as number;
		coefficients[4 * i + 1] = start;
		coefficients[4 * i + 2] = (3 * chord - 2 * start - end) / width;
		coefficients[4 * i + 3] = (start + end - 2 * chord) / width ** 2;
	}
	return new PiecewiseCubic(x, coefficients, outside);
}

class PiecewiseCubic implements Curve {
	readonly knotsGeV: Float64Array;
	readonly fromGeV: number;
	readonly toGeV: number;
	private readonly coefficients: Float64Array;
	private readonly outside: Outside;

	constructor(knots: Float64Array, coefficients: Float64Array, outside: Outside) {
		this.knotsGeV = knots;
		this.fromGeV = knots[0] as number;
		this.toGeV = knots[knots.length - 1] as number;
		this.coefficients = coefficients;
		this.outside = outside;
	}

	at(energyGeV: number): number {
		if (this.outside === 'step') {
			if (energyGeV < this.fromGeV) return 0;
			if (energyGeV > this.toGeV) return 1;
		}
		const knots = this.knotsGeV;
		let low = 0;
		let high = knots.length - 1;
		while (high - low > 1) {
			const middle = (low + high) >> 1;
			if (energyGeV < (knots[middle] as number)) high = middle;
			else low = middle;
		}
		const t = energyGeV - (knots[low] as number);
		const c = this.coefficients;
		const k = 4 * low;
		const value = (((c[k + 3] as number) * t + (c[k + 2] as number)) * t + (c[k + 1] as number)) * t + (c[k] as number);
		return this.outside === 'step' ? value : Math.min(Math.max(value, 0), 1);
	}
}

/** Slopes at the points by Fritsch and Butland's rule; at the ends the one-sided three-point formula, kept monotone. */
function pchipSlopes(x: Float64Array, y: Float64Array): Float64Array {
	const count = x.length;
	const widths = Float64Array.from({ length: count - 1 }, (_, i) => (x[i + 1] as number) - (x[i] as number));
	const chords = Float64Array.from(widths, (width, i) => ((y[i + 1] as number) - (y[i] as number)) / width);
	const slopes = new Float64Array(count);
	if (count === 2) return slopes.fill(chords[0] as number);
	for (let i = 1; i < count - 1; i++) {
		const before = chords[i - 1] as number;
		const after = chords[i] as number;
		if (before * after <= 0) continue;
		const weightBefore = 2 * (widths[i] as number) + (widths[i - 1] as number);
		const weightAfter = (widths[i] as number) + 2 * (widths[i - 1] as number);
		slopes[i] = (weightBefore + weightAfter) / (weightBefore / before + weightAfter / after);
	}
	slopes[0] = endSlope(widths[0] as number, widths[1] as number, chords[0] as number, chords[1] as number);
	slopes[count - 1] = endSlope(
		widths[count - 2] as number,
		widths[count - 3] as number,
		chords[count - 2] as number,
		chords[count - 3] as number,
	);
	return slopes;
}

function endSlope(width: number, nextWidth: number, chord: number, nextChord: number): number {
	const slope = ((2 * width + nextWidth) * chord - width * nextChord) / (width + nextWidth);
	if (Math.sign(slope) !== Math.sign(chord)) return 0;
	if (Math.sign(chord) !== Math.sign(nextChord) && Math.abs(slope) > 3 * Math.abs(chord)) return 3 * chord;
	return slope;
}

/** The lowest energy at which a curve reaches a level, by bisection within the first interval that contains it; GeV. */
export function firstCrossing(curve: Curve, level: number): number | undefined {
	const knots = curve.knotsGeV;
	for (let i = 1; i < knots.length; i++) {
		let low = knots[i - 1] as number;
		let high = knots[i] as number;
		if (curve.at(low) > level || curve.at(high) < level) continue;
		for (let step = 0; step < 60; step++) {
			const middle = (low + high) / 2;
			if (curve.at(middle) < level) low = middle;
			else high = middle;
		}
		return high;
	}
	return undefined;
}

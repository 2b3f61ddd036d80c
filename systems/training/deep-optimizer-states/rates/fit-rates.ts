/**
 * Fits a machine's update rates to measured update phases.
 *
 * In the inverse rates the closed form is linear but for its maximum: transfers set the pace up to some stride, the CPU beyond it.
 * So each possible boundary gives a linear least-squares problem (relative errors, singular values, so that constants which the points
 * do not tell apart come out smallest), and the boundary with the smallest residual wins. The intervals are of the linear problem
 * at that boundary.
 */
import { InputError } from '@assay/contract';
import { Matrix, pseudoInverse } from 'ml-matrix';
import { updateSeconds } from '../update/update-time.ts';
import { stateBytes, type UpdateRates } from './update-rates.ts';

/** A measured update phase of one rank. */
export interface UpdatePoint {
	/** Parameters of the rank. */
	readonly parameters: number;
	readonly ratio: number;
	readonly stride: number | null;
	readonly seconds: number;
}

/** Rates that updates alone can tell; the flush rate needs a backward phase. */
export type FittedRates = Omit<UpdateRates, 'flushPerSecond'>;

export interface RateFit {
	readonly rates: FittedRates;
	/** Half-widths of the 95 % intervals, as fractions of the rates; null where the points do not determine a rate. */
	readonly relativeUncertainty: Readonly<Record<keyof FittedRates, number | null>>;
	/** Predicted over measured, less 1, in the order of the points. */
	readonly residuals: readonly number[];
}

const NAMES = ['inlineCpuPerSecond', 'cpuPerSecond', 'linkBytesPerSecond', 'gpuPerSecond'] as const;
/** Beyond this an update on the GPU takes no time that could be seen. */
const MOST_PER_SECOND = 1e12;
/** Two-sided 95 % of the normal distribution. */
const NORMAL_95 = 1.96;

/**
 * Fits four rates. Raises an `InputError` without a default update and one with a stride: nothing else tells the CPU's two rates
 * and the link's apart.
 */
export function fitRates(points: readonly UpdatePoint[]): RateFit {
	const strides = [...new Set(points.flatMap(({ stride }) => stride ?? []))].sort((a, b) => a - b);
	if (strides.length === 0 || !points.some(({ stride }) => stride === null)) {
		throw new InputError({
			path: ['measurements'],
			found: `${points.length} update times${strides.length === 0 ? ', none with a stride' : ', none without a stride'}`,
			expected: 'at least one default update and one with a stride',
		});
	}
	let best: { readonly fit: RateFit; readonly loss: number } | undefined;
	for (const boundary of [0, ...strides]) {
		const fit = fitAt(points, boundary);
		const loss = fit.residuals.reduce((sum, residual) => sum + residual * residual, 0);
		if (best === undefined || loss < best.loss) best = { fit, loss };
	}
	if (best === undefined) throw new Error('there is always a boundary');
	return best.fit;
}

/** Transfers set the pace at strides up to `boundary`. */
function fitAt(points: readonly UpdatePoint[], boundary: number): RateFit {
	const rows = points.map(({ parameters, ratio, stride, seconds }) => coefficients(parameters, ratio, stride, boundary, seconds));
	const design = new Matrix(rows);
	const inverse = pseudoInverse(design);
	const solved = inverse.mmul(Matrix.columnVector(rows.map(() => 1))).to1DArray();
	const [inline = 0, cpu = 0, link = 0, gpu = 0] = solved;
	const perSecond = (secondsPerParameter: number): number =>
		secondsPerParameter > 1 / MOST_PER_SECOND ? 1 / secondsPerParameter : MOST_PER_SECOND;
	const rates: FittedRates = {
		inlineCpuPerSecond: perSecond(inline),
		// A rate that no point depends on is taken as no hindrance.
		cpuPerSecond: cpu === 0 ? perSecond(inline) : perSecond(cpu),
		linkBytesPerSecond: 2 * stateBytes * perSecond(link),
		gpuPerSecond: perSecond(gpu),
	};
	const residuals = points.map((point) => updateSeconds(point, { ...rates, flushPerSecond: 1 }) / point.seconds - 1);
	return { rates, residuals, relativeUncertainty: uncertainty(design, inverse, solved, residuals) };
}

/** Of 1/U_c0, 1/U_c, 24/B_x and 1/U_g, for the ratio of predicted to measured time. */
function coefficients(parameters: number, ratio: number, stride: number | null, boundary: number, seconds: number): number[] {
	const scale = parameters / seconds;
	if (stride === null) return [ratio * scale, 0, 0, (1 - ratio) * scale];
	const isTransfer = stride <= boundary;
	const share = (ratio * scale) / stride;
	const gpu = share + (1 - ratio) * scale;
	return isTransfer ? [0, 0, share, gpu] : [share, share * (stride - 2), 0, gpu];
}

function uncertainty(
	design: Matrix,
	inverse: Matrix,
	solved: readonly number[],
	residuals: readonly number[],
): RateFit['relativeUncertainty'] {
	const freedom = residuals.length - NAMES.length;
	const variance = freedom > 0 ? residuals.reduce((sum, residual) => sum + residual * residual, 0) / freedom : Number.NaN;
	const covariance = inverse.mmul(inverse.transpose());
	// A constant is determined if the points span its direction alone.
	const spanned = inverse.mmul(design);
	const of = (i: number): number | null => {
		const value = solved[i] ?? 0;
		const half = NORMAL_95 * Math.sqrt(variance * covariance.get(i, i));
		return spanned.get(i, i) < 0.999 || !(value > 0) || !Number.isFinite(half) ? null : half / value;
	};
	return { inlineCpuPerSecond: of(0), cpuPerSecond: of(1), linkBytesPerSecond: of(2), gpuPerSecond: of(3) };
}

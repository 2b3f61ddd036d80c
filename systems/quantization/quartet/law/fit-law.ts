/**
 * Fits the six parameters of the law: Huber's loss of log L_observed - log L_predicted, half the sum over the runs as SciPy counts it. With a
 * delta of 1e-4 most residuals lie in the linear part, so the search walks down from a large delta, where the cost is smooth, to the
 * one asked for. Starts on a grid; only the best of a first coarse search go on.
 */
import type { LossLaw, TrainingRun } from './loss-law.ts';
import { type CostWithGradient, type Minimum, minimize } from './minimize.ts';

/** Delta of Huber's loss that the published fit uses. */
export const HUBER_DELTA = 1e-4;
const DELTAS = [1e-1, 1e-2, 3e-3, 1e-3, 5e-4, 2e-4] as const;
/** Newton steps of each start before the best are chosen. */
const COARSE_STEPS = 20;
/** Starts that are followed to the end. */
const FOLLOWED = 3;

/** Which parameters are held: all free; gamma 1 (Hoffmann and others); beta 1 (Kaplan and others). */
export const lawForms = ['full', 'gamma-1', 'beta-1'] as const;
export type LawForm = (typeof lawForms)[number];

export interface LawFit {
	readonly law: LossLaw;
	/** Half the sum of Huber's losses. */
	readonly cost: number;
	/** Largest |L_predicted / L_observed - 1|. */
	readonly worstResidual: number;
}

interface FitOptions {
	readonly form?: LawForm;
	/** Where a good fit is known already; the grid of starts is left out. */
	readonly start?: LossLaw;
	readonly pause: () => Promise<void>;
}

/** Fits the law to at least as many runs as the form has free parameters. Raises a RangeError for fewer runs. */
export async function fitLaw(runs: readonly TrainingRun[], { form = 'full', start, pause }: FitOptions): Promise<LawFit> {
	const free = form === 'full' ? 6 : 5;
	if (runs.length < free) throw new RangeError(`${runs.length} runs for ${free} parameters`);
	const problem = new LawProblem(runs, form);
	const coarse: Minimum[] = [];
	for (const point of start === undefined ? problem.grid() : [problem.pointOf(start)]) {
		const found = minimize(problem.cost(DELTAS[0]), point, COARSE_STEPS);
		if (Number.isFinite(found.cost)) coarse.push(found);
		await pause();
	}
	coarse.sort((a, b) => a.cost - b.cost);
	let best: { point: Float64Array; cost: number } | undefined;
	const seen: Float64Array[] = [];
	for (const { point } of coarse) {
		if (seen.length >= FOLLOWED) break;
		if (seen.some((other) => other.every((value, i) => Math.abs(value - (point[i] as number)) < 1e-3))) continue;
		seen.push(point);
		let at = point;
		for (const delta of DELTAS.slice(1)) {
			at = minimize(problem.cost(delta), at).point;
			await pause();
		}
		const end = minimize(problem.cost(HUBER_DELTA), at, 1000);
		await pause();
		if (best === undefined || end.cost < best.cost) best = end;
	}
	if (best === undefined) throw new RangeError('no start of the fit has a finite cost');
	return { law: problem.lawOf(best.point), cost: best.cost, worstResidual: problem.worstResidual(best.point) };
}

/** All parameters: a, alpha, b, beta, e, gamma. */
type Six = [number, number, number, number, number, number];

/** Place of the parameter that is held. */
const HELD: Readonly<Record<LawForm, number | null>> = { full: null, 'gamma-1': 5, 'beta-1': 3 };

/** The logs of N and D are taken from their means, which makes the parameters nearly independent. */
class LawProblem {
	private readonly n: Float64Array;
	private readonly d: Float64Array;
	private readonly logLoss: Float64Array;
	private readonly meanN: number;
	private readonly meanD: number;
	private readonly form: LawForm;
	/** Places of the free parameters among a, alpha, b, beta, e, gamma. */
	private readonly free: readonly number[];
	private readonly all: Six = [1, 1, 1, 1, 1, 1];
	private readonly derivatives = new Float64Array(6);

	constructor(runs: readonly TrainingRun[], form: LawForm) {
		const logN = runs.map(({ parameters }) => Math.log(parameters));
		const logD = runs.map(({ tokens }) => Math.log(tokens));
		const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
		this.meanN = mean(logN);
		this.meanD = mean(logD);
		this.n = Float64Array.from(logN, (value) => value - this.meanN);
		this.d = Float64Array.from(logD, (value) => value - this.meanD);
		this.logLoss = Float64Array.from(runs, ({ loss }) => Math.log(loss));
		this.form = form;
		this.free = [0, 1, 2, 3, 4, 5].filter((index) => index !== HELD[form]);
	}

	/** Spreads a point's free parameters over a, alpha, b, beta, e, gamma; the one that is held is 1. */
	private spread(point: ArrayLike<number>): Six {
		const { all, free } = this;
		for (let i = 0; i < free.length; i++) all[free[i] as number] = point[i] as number;
		return all;
	}

	lawOf(point: ArrayLike<number>): LossLaw {
		const [a, alpha, b, beta, e, gamma] = this.spread(point);
		return { lnA: a + alpha * this.meanN, alpha, lnB: b + beta * this.meanD, beta, lnE: e, gamma };
	}

	pointOf({ lnA, alpha, lnB, beta, lnE, gamma }: LossLaw): number[] {
		return this.reduced([lnA - alpha * this.meanN, alpha, lnB - beta * this.meanD, beta, lnE, gamma]);
	}

	/** Starts: each term a tenth to all of what the loss is above E at the middle of the runs, steep and flat, E from small to nearly all. */
	grid(): number[][] {
		const least = Math.min(...this.logLoss);
		const mid = Math.exp(this.logLoss.reduce((sum, value) => sum + value, 0) / this.logLoss.length);
		const starts: number[][] = [];
		for (const share of [0.3, 0.6, 0.85]) {
			const e = least + Math.log(share);
			const above = mid - Math.exp(e);
			for (const gamma of [0.25, 0.5, 1]) {
				const sum = Math.log(Math.max(above, 1e-6)) / (this.form === 'gamma-1' ? 1 : gamma);
				for (const part of [0.3, 0.7])
					for (const slope of [0.3, 0.7])
						starts.push(this.reduced([sum + Math.log(part), slope, sum + Math.log(1 - part), slope, e, gamma]));
			}
		}
		return starts;
	}

	private reduced(all: readonly number[]): number[] {
		return this.free.map((index) => all[index] as number);
	}

	cost(delta: number): CostWithGradient {
		const { derivatives, free } = this;
		return (point, gradient) => {
			const p = this.spread(point);
			gradient.fill(0);
			let sum = 0;
			for (let i = 0; i < this.logLoss.length; i++) {
				const residual = (this.logLoss[i] as number) - this.logPrediction(p, i, derivatives);
				const inside = Math.abs(residual) <= delta;
				sum += inside ? residual * residual : delta * (2 * Math.abs(residual) - delta);
				// Half the derivative of Huber's loss, as the sum is halved.
				const weight = inside ? residual : delta * Math.sign(residual);
				for (let k = 0; k < free.length; k++)
					gradient[k] = (gradient[k] as number) - weight * (derivatives[free[k] as number] as number);
			}
			return p[5] > 0 ? sum / 2 : Number.POSITIVE_INFINITY;
		};
	}

	worstResidual(point: ArrayLike<number>): number {
		const p = this.spread(point);
		let worst = 0;
		for (const [i, observed] of this.logLoss.entries())
			worst = Math.max(worst, Math.abs(Math.expm1(this.logPrediction(p, i, this.derivatives) - observed)));
		return worst;
	}

	/** log L of run i, and its derivatives with respect to the six parameters. */
	private logPrediction([a, alpha, b, beta, e, gamma]: Readonly<Six>, i: number, out: Float64Array): number {
		const n = this.n[i] as number;
		const d = this.d[i] as number;
		const size = Math.exp(a - alpha * n);
		const data = Math.exp(b - beta * d);
		const sum = size + data;
		const logSum = Math.log(sum);
		const power = Math.exp(gamma * logSum);
		const floor = Math.exp(e);
		const total = power + floor;
		const outer = (gamma * power) / sum / total;
		out[0] = outer * size;
		out[1] = -outer * size * n;
		out[2] = outer * data;
		out[3] = -outer * data * d;
		out[4] = floor / total;
		out[5] = (power * logSum) / total;
		return Math.log(total);
	}
}

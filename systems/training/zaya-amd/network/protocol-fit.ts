/**
 * Fits t(S) = min over protocols of (latency + f·S/B) to measured times of a collective.
 *
 * A library changes its protocol with the size, so the times are a lower envelope of straight lines. Sizes are first cut into
 * contiguous groups by dynamic programming, one line each; then points go to the line that predicts least for them and each
 * line is fitted again, until nothing changes. A line minimises the sum of absolute relative errors, which a stray point hardly moves;
 * such a line passes through two of its points, so trying all pairs finds it exactly. Small messages that are slower than larger ones
 * (another code path) fit no such model: they are kept as a table.
 */
import { quantileSorted, type Random } from '@assay/contract';
import { busFactor, type Collective, collectiveSeconds, type ProtocolLine } from '@assay/machines';
import type { Measurement } from './collective-log.ts';

/** What a fit knows of a collective over a number of ranks. */
export interface CollectiveCurve {
	readonly collective: Collective;
	readonly ranks: number;
	/** By latency, ascending. */
	readonly lines: readonly ProtocolLine[];
	/** Sizes below the lines' validity with their times, ascending; usually few. */
	readonly smallMessages: readonly { readonly bytes: number; readonly seconds: number }[];
}

/** A fit and how good it is. */
export interface CollectiveFit {
	readonly curve: CollectiveCurve;
	/** The points that the lines were fitted to, with predictions. */
	readonly points: readonly { readonly bytes: number; readonly seconds: number; readonly predictedSeconds: number }[];
	/** Mean and largest absolute relative error over those. */
	readonly meanError: number;
	readonly worstError: number;
	readonly worstBytes: number;
	/** Points slower than their neighbours say, left out of the fit. */
	readonly outliers: readonly Measurement[];
	/** 5th to 95th percentile per line over resampled points; empty without `random`. */
	readonly intervals: readonly LineInterval[];
}

/** How far a line's figures may be off. */
export interface LineInterval {
	readonly latencySeconds: readonly [low: number, high: number];
	readonly busBytesPerSecond: readonly [low: number, high: number];
}

export interface FitOptions {
	readonly collective: Collective;
	readonly ranks: number;
	/** Protocols to tell apart, 1 to 4. */
	readonly lines: number;
	/** For the intervals; without it there are none. */
	readonly random?: Random;
	readonly resamples?: number;
}

/** A message this much slower than the geometric interpolation of its neighbours is an outlier. */
const outlierRatio = 1.25;
/** Small messages slower than some larger one by more than this go into the table. */
const tableRatio = 1.15;

interface Line {
	readonly latency: number;
	/** Seconds per bus byte. */
	readonly slope: number;
}

interface Points {
	/** Bus bytes, ascending. */
	readonly x: Float64Array;
	readonly t: Float64Array;
}

/** Seconds of a message of `bytes`: the lines, or the table (interpolated) where it is small. */
export function curveSeconds({ collective, ranks, lines, smallMessages: table }: CollectiveCurve, bytes: number): number {
	if (ranks <= 1) return 0;
	const last = table.at(-1);
	if (last === undefined || bytes > last.bytes) return collectiveSeconds(collective, bytes, ranks, lines);
	const above = table.findIndex((row) => row.bytes >= bytes);
	const [low, high] = [table[Math.max(0, above - 1)] ?? last, table[above] ?? last];
	if (low.bytes === high.bytes) return high.seconds;
	return low.seconds + ((high.seconds - low.seconds) * (bytes - low.bytes)) / (high.bytes - low.bytes);
}

/** Messages of one placement that took longer than their neighbours in size explain, slowest first. */
export function findOutliers(measurements: readonly Measurement[]): Measurement[] {
	const left = [...measurements].sort((a, b) => a.bytes - b.bytes);
	const outliers: Measurement[] = [];
	for (;;) {
		let worst = -1;
		let worstRatio = outlierRatio;
		for (let i = 1; i + 1 < left.length; i++) {
			const [before, at, after] = [left[i - 1], left[i], left[i + 1]];
			if (before === undefined || at === undefined || after === undefined) continue;
			const share = Math.log(at.bytes / before.bytes) / Math.log(after.bytes / before.bytes);
			const expected = before.seconds * (after.seconds / before.seconds) ** (Number.isFinite(share) ? share : 0.5);
			// A step down to a faster protocol makes the last message before it no outlier: it is as slow as the one before.
			const sticksOut = at.seconds > after.seconds && at.seconds > outlierRatio * before.seconds;
			if (sticksOut && at.seconds / expected > worstRatio) {
				worst = i;
				worstRatio = at.seconds / expected;
			}
		}
		if (worst < 0) return outliers;
		outliers.push(...left.splice(worst, 1));
	}
}

/**
 * Fits the measurements of one placement. Raises a RangeError where fewer points are left than two per line.
 */
export function fitCollective(measurements: readonly Measurement[], options: FitOptions): CollectiveFit {
	const { collective, ranks } = options;
	const outliers = findOutliers(measurements);
	const left = measurements.filter((one) => !outliers.includes(one)).sort((a, b) => a.bytes - b.bytes);
	const cut = lastSlowSmall(left);
	const smallMessages = left.slice(0, cut).map(({ bytes, seconds }) => ({ bytes, seconds }));
	const fitted = left.slice(cut);
	if (fitted.length < 2 * options.lines)
		throw new RangeError(`${fitted.length} sizes are too few for ${options.lines} lines: two each are needed`);
	const factor = busFactor(collective, ranks);
	const points: Points = {
		x: Float64Array.from(fitted, ({ bytes }) => factor * bytes),
		t: Float64Array.from(fitted, ({ seconds }) => seconds),
	};
	const lines = refine(points, segment(points, options.lines));
	const curve: CollectiveCurve = { collective, ranks, lines: lines.map(toProtocol), smallMessages };
	const rows = fitted.map(({ bytes, seconds }) => ({ bytes, seconds, predictedSeconds: curveSeconds(curve, bytes) }));
	const errors = rows.map(({ seconds, predictedSeconds }) => Math.abs(predictedSeconds / seconds - 1));
	const worstError = Math.max(...errors);
	return {
		curve,
		points: rows,
		meanError: errors.reduce((sum, error) => sum + error, 0) / errors.length,
		worstError,
		worstBytes: rows[errors.indexOf(worstError)]?.bytes ?? 0,
		outliers,
		intervals: options.random === undefined ? [] : bootstrap(points, lines, options.random, options.resamples ?? 200),
	};
}

const toProtocol = ({ latency, slope }: Line): ProtocolLine => ({ latencySeconds: latency, busBytesPerSecond: 1 / slope });

/** How many of the smallest messages are slower than a larger one. */
function lastSlowSmall(sorted: readonly Measurement[]): number {
	let fastest = Number.POSITIVE_INFINITY;
	for (let i = sorted.length - 1; i >= 0; i--) {
		const { seconds } = sorted[i] as Measurement;
		if (seconds > tableRatio * fastest) return i + 1;
		fastest = Math.min(fastest, seconds);
	}
	return 0;
}

/** The best cut into contiguous groups. */
function segment(points: Points, groups: number): Line[] {
	const count = points.x.length;
	const cost: Float64Array[] = [];
	const fits = new Map<number, Line>();
	for (let from = 0; from < count; from++) {
		cost.push(new Float64Array(count + 1).fill(Number.POSITIVE_INFINITY));
		for (let to = from + 2; to <= count; to++) {
			const line = bestLine(points, range(from, to));
			fits.set(from * (count + 1) + to, line);
			(cost[from] as Float64Array)[to] = groupError(points, range(from, to), line);
		}
	}
	let best = Float64Array.from({ length: count + 1 }, (_, to) => (cost[0] as Float64Array)[to] ?? Number.POSITIVE_INFINITY);
	const cuts: Int32Array[] = [];
	for (let group = 1; group < groups; group++) {
		const next = new Float64Array(count + 1).fill(Number.POSITIVE_INFINITY);
		const from = new Int32Array(count + 1);
		for (let to = 2 * (group + 1); to <= count; to++) {
			for (let at = 2 * group; at + 2 <= to; at++) {
				const total = (best[at] as number) + ((cost[at] as Float64Array)[to] as number);
				if (total >= (next[to] as number)) continue;
				next[to] = total;
				from[to] = at;
			}
		}
		cuts.push(from);
		best = next;
	}
	const lines: Line[] = [];
	let end = count;
	for (let group = groups - 1; group >= 0; group--) {
		const start = group === 0 ? 0 : ((cuts[group - 1] as Int32Array)[end] as number);
		lines.unshift(fits.get(start * (count + 1) + end) as Line);
		end = start;
	}
	return lines;
}

/** Points to lines and lines to points until the error stops falling. */
function refine(points: Points, start: readonly Line[]): Line[] {
	let lines = [...start];
	let error = envelopeError(points, lines);
	for (let round = 0; round < 50; round++) {
		const groups = lines.map((): number[] => []);
		for (let i = 0; i < points.x.length; i++) groups[nearestLine(points, lines, i)]?.push(i);
		const next = groups.map((group, k) => (group.length >= 2 ? bestLine(points, group) : (lines[k] as Line)));
		const nextError = envelopeError(points, next);
		if (!(nextError < error - 1e-12)) break;
		lines = next;
		error = nextError;
	}
	return lines.sort((a, b) => a.latency - b.latency || b.slope - a.slope);
}

function nearestLine({ x }: Points, lines: readonly Line[], i: number): number {
	let best = 0;
	for (let k = 1; k < lines.length; k++) {
		if (timeOf(lines[k] as Line, x[i] as number) < timeOf(lines[best] as Line, x[i] as number)) best = k;
	}
	return best;
}

const timeOf = (line: Line, x: number): number => line.latency + line.slope * x;

function envelopeError(points: Points, lines: readonly Line[]): number {
	let sum = 0;
	for (let i = 0; i < points.x.length; i++) {
		const line = lines[nearestLine(points, lines, i)] as Line;
		sum += Math.abs(timeOf(line, points.x[i] as number) / (points.t[i] as number) - 1);
	}
	return sum;
}

function groupError({ x, t }: Points, group: readonly number[], line: Line): number {
	let sum = 0;
	for (const i of group) sum += Math.abs(timeOf(line, x[i] as number) / (t[i] as number) - 1);
	return sum;
}

/** The line of least absolute relative error with latency >= 0 and slope > 0: one through two points, or a bound. */
function bestLine(points: Points, group: readonly number[]): Line {
	const { x, t } = points;
	let best: Line | undefined;
	let bestError = Number.POSITIVE_INFINITY;
	const consider = (line: Line): void => {
		if (!(line.latency >= 0 && line.slope > 0)) return;
		const error = groupError(points, group, line);
		if (error < bestError) {
			best = line;
			bestError = error;
		}
	};
	for (const [k, i] of group.entries()) {
		consider({ latency: 0, slope: (t[i] as number) / (x[i] as number) });
		for (const j of group.slice(k + 1)) {
			const slope = ((t[j] as number) - (t[i] as number)) / ((x[j] as number) - (x[i] as number));
			consider({ slope, latency: (t[i] as number) - slope * (x[i] as number) });
		}
		// Times that do not grow: next to nothing per byte.
		consider({ latency: t[i] as number, slope: (1e-6 * (t[i] as number)) / Math.max(x[group.at(-1) ?? 0] as number, 1) });
	}
	if (best === undefined) throw new RangeError('no line fits points without time');
	return best;
}

/** Lines fitted to points drawn with replacement, each from the fit to all. */
function bootstrap({ x, t }: Points, lines: readonly Line[], random: Random, resamples: number): LineInterval[] {
	const latencies = lines.map((): number[] => []);
	const bandwidths = lines.map((): number[] => []);
	for (let round = 0; round < resamples; round++) {
		const drawn = Int32Array.from(x, () => random.integer(x.length)).sort();
		const sample = { x: Float64Array.from(drawn, (i) => x[i] as number), t: Float64Array.from(drawn, (i) => t[i] as number) };
		for (const [k, line] of refine(sample, lines).entries()) {
			latencies[k]?.push(line.latency);
			bandwidths[k]?.push(1 / line.slope);
		}
	}
	const interval = (values: number[] | undefined): [number, number] => {
		const sorted = Float64Array.from(values ?? []).sort();
		return [quantileSorted(sorted, 0.05), quantileSorted(sorted, 0.95)];
	};
	return lines.map((_, k) => ({ latencySeconds: interval(latencies[k]), busBytesPerSecond: interval(bandwidths[k]) }));
}

function range(from: number, to: number): number[] {
	return Array.from({ length: to - from }, (_, i) => from + i);
}

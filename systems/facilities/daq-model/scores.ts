/**
 * Scores of sampled events. A trigger's skill is nothing but two distributions: of the score of irrelevant events and of
 * the score of relevant ones. They are sampled once for a trigger, sorted, and then serve every threshold, accept rate,
 * skill boost and cell of a sweep.
 */
import type { Random } from '@assay/contract';
import type { FittedPath, FittedTrigger } from './trigger.ts';

export interface Scores {
	/** Scores of irrelevant events, ascending. */
	readonly irrelevant: Float64Array;
	/** Scores of relevant events, ascending, before any skill boost. */
	readonly relevant: Float64Array;
}

type Pause = () => Promise<void>;

const chunk = 4096;

/** Samples a trigger's two score distributions, `samples` events each. */
export async function sampleScores(trigger: FittedTrigger, samples: number, random: Random, pause: Pause): Promise<Scores> {
	const draw = trigger.events.kind === 'combinations' ? combinationScores(trigger) : onePathScores(trigger);
	const fill = async (relevant: boolean): Promise<Float64Array> => {
		const stream = random.fork(relevant ? 'relevant' : 'irrelevant');
		const scores = new Float64Array(samples);
		for (let i = 0; i < samples; i++) {
			scores[i] = relevant ? draw.relevant(stream) : draw.irrelevant(stream);
			if (i % chunk === chunk - 1) await pause();
		}
		return sortScores(scores, pause);
	};
	return { irrelevant: await fill(false), relevant: await fill(true) };
}

interface EventScores {
	irrelevant(random: Random): number;
	relevant(random: Random): number;
}

/** Efficiency at the energy that stands at a percentile of the path's exponential. */
const efficiencyAt = (path: FittedPath, percentile: number): number => path.curve.at(-Math.log1p(-percentile) / path.ratePerGeV);

/** A percentile in the part of the exponential above the threshold, or below it. */
const percentileOf = (path: FittedPath, above: boolean, uniform: number): number =>
	above ? path.percentile + uniform * (1 - path.percentile) : uniform * path.percentile;

/** The event has an energy for every path: below all thresholds if irrelevant, else above those of one combination. */
function combinationScores(trigger: FittedTrigger): EventScores {
	const { paths, events } = trigger;
	const combinations = events.kind === 'combinations' ? events.combinations : [];
	const cumulative = cumulate(combinations.map((combination) => combination.probability));
	const score = (random: Random, fires: readonly boolean[]): number => {
		let total = 0;
		for (let i = 0; i < paths.length; i++) {
			const path = paths[i] as FittedPath;
			total += efficiencyAt(path, percentileOf(path, fires[i] === true, random.uniform()));
		}
		return total;
	};
	const none: readonly boolean[] = paths.map(() => false);
	return {
		irrelevant: (random) => score(random, none),
		relevant: (random) => score(random, combinations[pick(cumulative, random.uniform())]?.fires ?? none),
	};
}

/** The event takes one path, drawn by the paths' weights. */
function onePathScores(trigger: FittedTrigger): EventScores {
	const { paths, events } = trigger;
	const weights = events.kind === 'one-path' ? events.weights : [];
	const published = events.kind === 'one-path' && events.relevant === 'published';
	const cumulative = cumulate(weights);
	const choose = (random: Random): FittedPath => paths[pick(cumulative, random.uniform())] as FittedPath;
	return {
		irrelevant: (random) => {
			const path = choose(random);
			return efficiencyAt(path, percentileOf(path, false, random.uniform()));
		},
		relevant: (random) => {
			const path = choose(random);
			const uniform = random.uniform();
			// As published: the top `percentile` of energies, where the part above the threshold would be the top 1 - percentile.
			if (published) return path.curve.at(-Math.log(Math.max(uniform * path.percentile, 1e-300)) / path.ratePerGeV);
			return efficiencyAt(path, percentileOf(path, true, uniform));
		},
	};
}

/** Running shares of weights, ending at 1. */
function cumulate(weights: readonly number[]): Float64Array {
	const total = weights.reduce((sum, weight) => sum + weight, 0);
	const cumulative = new Float64Array(weights.length);
	let running = 0;
	for (const [index, weight] of weights.entries()) {
		running += weight / total;
		cumulative[index] = running;
	}
	if (cumulative.length > 0) cumulative[cumulative.length - 1] = 1;
	return cumulative;
}

function pick(cumulative: Float64Array, uniform: number): number {
	let index = 0;
	while (index < cumulative.length - 1 && uniform >= (cumulative[index] as number)) index++;
	return index;
}

/** Ascending order, in blocks that are merged, so that the run can be stopped between them. */
async function sortScores(values: Float64Array<ArrayBuffer>, pause: Pause): Promise<Float64Array> {
	const block = 1 << 17;
	for (let start = 0; start < values.length; start += block) {
		values.subarray(start, start + block).sort();
		await pause();
	}
	let source = values;
	let target = new Float64Array(values.length > block ? values.length : 0);
	for (let width = block; width < values.length; width *= 2) {
		for (let start = 0; start < values.length; start += 2 * width) {
			merge(source, target, start, Math.min(start + width, values.length), Math.min(start + 2 * width, values.length));
			await pause();
		}
		[source, target] = [target, source];
	}
	return source;
}

function merge(source: Float64Array, target: Float64Array, start: number, middle: number, end: number): void {
	let left = start;
	let right = middle;
	for (let i = start; i < end; i++) {
		if (right >= end || (left < middle && (source[left] as number) <= (source[right] as number))) {
			target[i] = source[left++] as number;
		} else target[i] = source[right++] as number;
	}
}

/** How many of an ascending sample, each raised by `shift`, are at most `limit`. */
export function countAtMost(sorted: Float64Array, limit: number, shift = 0): number {
	let low = 0;
	let high = sorted.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if ((sorted[middle] as number) + shift <= limit) low = middle + 1;
		else high = middle;
	}
	return low;
}

/** How many of an ascending sample, each raised by `shift`, are below `limit`. */
export function countBelow(sorted: Float64Array, limit: number, shift = 0): number {
	let low = 0;
	let high = sorted.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if ((sorted[middle] as number) + shift < limit) low = middle + 1;
		else high = middle;
	}
	return low;
}

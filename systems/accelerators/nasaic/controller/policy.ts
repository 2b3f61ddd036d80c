/**
 * The controller: an LSTM that makes one decision after the other, each from a softmax over the options still allowed, and reads its own
 * last decision. `accumulateGradient` is back-propagation through the whole sequence of the log-probability of what was decided.
 */
import type { Random } from '@assay/contract';
import { HIDDEN, type PolicyLayout, policyLayout } from './policy-parameters.ts';

/** Marks in `allowed` (1 or 0 for each option) what decision t may be after those before it; at least one. */
export type Mask = (t: number, chosen: Int32Array, allowed: Uint8Array) => void;

/** One sequence of decisions and what is needed to differentiate it. */
export interface Trajectory {
	readonly chosen: Int32Array;
	readonly probabilities: readonly Float64Array[];
	/** For each decision the activated gates, the cell and the state after it. */
	readonly gates: Float64Array;
	readonly cells: Float64Array;
	readonly states: Float64Array;
}

export interface Policy {
	readonly layout: PolicyLayout;
	readonly parameters: Float64Array;
	trajectory(): Trajectory;
	/** Decides anew into a trajectory; decisions before `from` are kept as they are. */
	sample(random: Random, into: Trajectory, from?: number): void;
	/**
	 * Adds to `gradient` the sum over decisions of `weights[t]` times the gradient of the log-probability of decision t, and
	 * `entropyWeight` times that of the entropy of its softmax.
	 */
	accumulateGradient(of: Trajectory, weights: ArrayLike<number>, gradient: Float64Array, entropyWeight?: number): void;
}

/** A policy whose weights start uniform in ±0.1. */
export function createPolicy(sizes: readonly number[], mask: Mask, random: Random): Policy {
	const layout = policyLayout(sizes);
	const parameters = Float64Array.from({ length: layout.length }, () => 0.2 * random.uniform() - 0.1);
	const steps = sizes.length;
	const allowed = sizes.map((size) => new Uint8Array(size));
	const inputAt = (chosen: Int32Array, t: number): number =>
		t === 0 ? layout.start : (layout.embeddings[t - 1] as number) + (chosen[t - 1] as number) * HIDDEN;

	const stepForward = (into: Trajectory, t: number): void => {
		const { gates, cells, states, chosen } = into;
		const input = inputAt(chosen, t);
		const before = (t - 1) * HIDDEN;
		for (let row = 0; row < 4 * HIDDEN; row++) {
			let sum = parameters[layout.gateBias + row] as number;
			const weights = layout.gates + row * 2 * HIDDEN;
			for (let i = 0; i < HIDDEN; i++) sum += (parameters[weights + i] as number) * (parameters[input + i] as number);
			if (t > 0)
				for (let i = 0; i < HIDDEN; i++) sum += (parameters[weights + HIDDEN + i] as number) * (states[before + i] as number);
			const isCandidate = row >= 2 * HIDDEN && row < 3 * HIDDEN;
			gates[t * 4 * HIDDEN + row] = isCandidate ? Math.tanh(sum) : 1 / (1 + Math.exp(-sum));
		}
		const gate = t * 4 * HIDDEN;
		for (let i = 0; i < HIDDEN; i++) {
			const kept = t === 0 ? 0 : (gates[gate + HIDDEN + i] as number) * (cells[before + i] as number);
			const cell = kept + (gates[gate + i] as number) * (gates[gate + 2 * HIDDEN + i] as number);
			cells[t * HIDDEN + i] = cell;
			states[t * HIDDEN + i] = (gates[gate + 3 * HIDDEN + i] as number) * Math.tanh(cell);
		}
		const open = allowed[t] as Uint8Array;
		mask(t, chosen, open);
		softmax(into, t, open);
	};

	const softmax = ({ probabilities, states }: Trajectory, t: number, open: Uint8Array): void => {
		const chances = probabilities[t] as Float64Array;
		const head = layout.heads[t] as number;
		const bias = layout.headBias[t] as number;
		let highest = Number.NEGATIVE_INFINITY;
		for (let option = 0; option < chances.length; option++) {
			if (open[option] === 0) continue;
			let sum = parameters[bias + option] as number;
			for (let i = 0; i < HIDDEN; i++)
				sum += (parameters[head + option * HIDDEN + i] as number) * (states[t * HIDDEN + i] as number);
			chances[option] = sum;
			if (sum > highest) highest = sum;
		}
		let total = 0;
		for (let option = 0; option < chances.length; option++) {
			const chance = open[option] === 0 ? 0 : Math.exp((chances[option] as number) - highest);
			chances[option] = chance;
			total += chance;
		}
		for (let option = 0; option < chances.length; option++) chances[option] = (chances[option] as number) / total;
	};

	return {
		layout,
		parameters,
		trajectory: () => ({
			chosen: new Int32Array(steps),
			probabilities: sizes.map((size) => new Float64Array(size)),
			gates: new Float64Array(steps * 4 * HIDDEN),
			cells: new Float64Array(steps * HIDDEN),
			states: new Float64Array(steps * HIDDEN),
		}),
		sample(random, into, from = 0) {
			for (let t = 0; t < steps; t++) {
				stepForward(into, t);
				if (t >= from) into.chosen[t] = draw(into.probabilities[t] as Float64Array, random.uniform());
			}
		},
		accumulateGradient(of, weights, gradient, entropyWeight = 0) {
			const { chosen, probabilities, gates, cells, states } = of;
			const stateGradient = new Float64Array(HIDDEN);
			const cellGradient = new Float64Array(HIDDEN);
			const gateGradient = new Float64Array(4 * HIDDEN);
			for (let t = steps - 1; t >= 0; t--) {
				const weight = weights[t] as number;
				const chances = probabilities[t] as Float64Array;
				const head = layout.heads[t] as number;
				const entropy = entropyWeight === 0 ? 0 : entropyOf(chances);
				for (let option = 0; option < chances.length; option++) {
					const chance = chances[option] as number;
					let slope = weight * ((option === chosen[t] ? 1 : 0) - chance);
					if (entropyWeight !== 0 && chance > 0) slope -= entropyWeight * chance * (Math.log(chance) + entropy);
					if (slope === 0) continue;
					const bias = (layout.headBias[t] as number) + option;
					gradient[bias] = (gradient[bias] as number) + slope;
					for (let i = 0; i < HIDDEN; i++) {
						const at = head + option * HIDDEN + i;
						gradient[at] = (gradient[at] as number) + slope * (states[t * HIDDEN + i] as number);
						stateGradient[i] = (stateGradient[i] as number) + slope * (parameters[at] as number);
					}
				}
				const gate = t * 4 * HIDDEN;
				for (let i = 0; i < HIDDEN; i++) {
					const input = gates[gate + i] as number;
					const forget = gates[gate + HIDDEN + i] as number;
					const candidate = gates[gate + 2 * HIDDEN + i] as number;
					const output = gates[gate + 3 * HIDDEN + i] as number;
					const squashed = Math.tanh(cells[t * HIDDEN + i] as number);
					const cell = (cellGradient[i] as number) + (stateGradient[i] as number) * output * (1 - squashed * squashed);
					const before = t === 0 ? 0 : (cells[(t - 1) * HIDDEN + i] as number);
					gateGradient[i] = cell * candidate * input * (1 - input);
					gateGradient[HIDDEN + i] = cell * before * forget * (1 - forget);
					gateGradient[2 * HIDDEN + i] = cell * input * (1 - candidate * candidate);
					gateGradient[3 * HIDDEN + i] = (stateGradient[i] as number) * squashed * output * (1 - output);
					cellGradient[i] = cell * forget;
				}
				stateGradient.fill(0);
				const input = inputAt(chosen, t);
				for (let row = 0; row < 4 * HIDDEN; row++) {
					const slope = gateGradient[row] as number;
					if (slope === 0) continue;
					const at = layout.gates + row * 2 * HIDDEN;
					gradient[layout.gateBias + row] = (gradient[layout.gateBias + row] as number) + slope;
					for (let i = 0; i < HIDDEN; i++) {
						gradient[at + i] = (gradient[at + i] as number) + slope * (parameters[input + i] as number);
						gradient[input + i] = (gradient[input + i] as number) + slope * (parameters[at + i] as number);
					}
					for (let i = 0; t > 0 && i < HIDDEN; i++) {
						const from = at + HIDDEN + i;
						gradient[from] = (gradient[from] as number) + slope * (states[(t - 1) * HIDDEN + i] as number);
						stateGradient[i] = (stateGradient[i] as number) + slope * (parameters[from] as number);
					}
				}
			}
		},
	};
}

function entropyOf(chances: Float64Array): number {
	let entropy = 0;
	for (const chance of chances) if (chance > 0) entropy -= chance * Math.log(chance);
	return entropy;
}

/** The option in which a uniform number falls; never one of no chance. */
function draw(chances: Float64Array, uniform: number): number {
	let left = uniform;
	let last = 0;
	for (let option = 0; option < chances.length; option++) {
		const chance = chances[option] as number;
		if (chance === 0) continue;
		last = option;
		left -= chance;
		if (left < 0) break;
	}
	return last;
}

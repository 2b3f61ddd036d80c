/** REINFORCE (Williams 1992): steps along the gradient of the log-probability, weighted by how much better than usual the reward was. */
import type { Policy, Trajectory } from './policy.ts';

/** Adam's in the code of the paper's authors. */
const LEARNING_RATE = 0.01;
const FIRST_MOMENT = 0.9;
const SECOND_MOMENT = 0.999;
const EPSILON = 1e-8;
/** Weight of the past in the moving averages of the reward and of its spread. */
const BASELINE_DECAY = 0.9;
/**
 * Ours, not the paper's. Without them the controller ends at one of its first designs: Adam still remembers the penalties of the start,
 * a thousand times as large as the differences in accuracy that come after, and nothing keeps a softmax open.
 */
const ENTROPY_WEIGHT = 0.2;
const LEAST_SPREAD = 1e-3;

/**
 * Mean over trajectories of the policy gradient, `Σ_t ∇ log π(a_t) A`, with advantages A: an estimate of the gradient of the expected
 * reward where A is the reward less a baseline.
 */
export function policyGradient(
	policy: Policy,
	batch: readonly Trajectory[],
	advantages: ArrayLike<number>,
	entropyWeight = 0,
): Float64Array {
	const gradient = new Float64Array(policy.parameters.length);
	for (const [k, trajectory] of batch.entries()) {
		const weights = new Float64Array(trajectory.chosen.length).fill((advantages[k] as number) / batch.length);
		policy.accumulateGradient(trajectory, weights, gradient, entropyWeight / batch.length);
	}
	return gradient;
}

/**
 * A learner with Adam's moments (Kingma and Ba 2015). Advantages are rewards less a moving average of rewards, over a moving average of
 * their spread.
 */
export function createLearner(policy: Policy): (batch: readonly Trajectory[], rewards: ArrayLike<number>) => void {
	const { parameters } = policy;
	const first = new Float64Array(parameters.length);
	const second = new Float64Array(parameters.length);
	let baseline: number | undefined;
	let variance: number | undefined;
	let step = 0;
	return (batch, rewards) => {
		let mean = 0;
		for (let k = 0; k < batch.length; k++) mean += (rewards[k] as number) / batch.length;
		const usual = baseline ?? mean;
		const differences = Float64Array.from(batch, (_, k) => (rewards[k] as number) - usual);
		const square = differences.reduce((sum, one) => sum + one * one, 0) / batch.length;
		variance = variance === undefined ? square : BASELINE_DECAY * variance + (1 - BASELINE_DECAY) * square;
		const spread = Math.sqrt(variance) + LEAST_SPREAD;
		const gradient = policyGradient(
			policy,
			batch,
			differences.map((one) => one / spread),
			ENTROPY_WEIGHT,
		);
		baseline = BASELINE_DECAY * usual + (1 - BASELINE_DECAY) * mean;
		step++;
		const rate = (LEARNING_RATE * Math.sqrt(1 - SECOND_MOMENT ** step)) / (1 - FIRST_MOMENT ** step);
		for (let i = 0; i < parameters.length; i++) {
			const slope = gradient[i] as number;
			const m = FIRST_MOMENT * (first[i] as number) + (1 - FIRST_MOMENT) * slope;
			const v = SECOND_MOMENT * (second[i] as number) + (1 - SECOND_MOMENT) * slope * slope;
			first[i] = m;
			second[i] = v;
			parameters[i] = (parameters[i] as number) + (rate * m) / (Math.sqrt(v) + EPSILON);
		}
	};
}

/** Adam's scalars for one step, and the step itself as plain scalar code. */
import type { AdamScalarList } from './kernels/kernels.ts';

export interface AdamOptions {
	readonly learningRate: number;
	/** Decay of the mean of gradients. */
	readonly beta1: number;
	/** Decay of the mean of squared gradients. */
	readonly beta2: number;
	readonly epsilon: number;
	/** Decoupled weight decay (AdamW); 0 is plain Adam. */
	readonly weightDecay: number;
}

/** The usual constants, with a step size of 1e-3. */
export const defaultAdam: AdamOptions = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };

/**
 * The scalars of step `step` (1 for the first), each rounded to float32 once. Bias correction is folded in: the step size is
 * lr/(1 - beta1^t), and the root of the second moment is multiplied by 1/sqrt(1 - beta2^t). Gradients are multiplied by
 * `gradientScale` first, for clipping and for means over micro-batches.
 */
export function adamScalars(options: AdamOptions, step: number, gradientScale = 1): AdamScalarList {
	const { learningRate, beta1, beta2, epsilon, weightDecay } = options;
	return [
		Math.fround(beta1),
		Math.fround(1 - beta1),
		Math.fround(beta2),
		Math.fround(1 - beta2),
		Math.fround(learningRate / (1 - beta1 ** step)),
		Math.fround(1 / Math.sqrt(1 - beta2 ** step)),
		Math.fround(epsilon),
		Math.fround(1 - learningRate * weightDecay),
		Math.fround(gradientScale),
	];
}

/** What the kernel `adam` computes, bit for bit: one rounding to float32 after each operation. In place. */
export function adamReference(
	parameters: Float32Array,
	firstMoments: Float32Array,
	secondMoments: Float32Array,
	gradients: Float32Array,
	scalars: AdamScalarList,
): void {
	const { fround, sqrt } = Math;
	const [decay1, take1, decay2, take2, stepSize, spread, epsilon, keep, gradientScale] = scalars;
	for (let i = 0; i < parameters.length; i++) {
		const gradient = fround((gradients[i] as number) * gradientScale);
		const first = fround(fround((firstMoments[i] as number) * decay1) + fround(gradient * take1));
		const square = fround(gradient * gradient);
		const second = fround(fround((secondMoments[i] as number) * decay2) + fround(square * take2));
		const denominator = fround(fround(fround(sqrt(second)) * spread) + epsilon);
		const step = fround(fround(first / denominator) * stepSize);
		firstMoments[i] = first;
		secondMoments[i] = second;
		parameters[i] = fround(fround((parameters[i] as number) * keep) - step);
	}
}

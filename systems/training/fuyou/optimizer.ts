/** What an optimizer keeps per trained parameter, and what a step of it moves and computes. */

export const optimizerNames = ['adam', 'adam-8bit', 'sgd-momentum', 'muon'] as const;
export type OptimizerName = (typeof optimizerNames)[number];

export interface Optimizer {
	/** Bytes of fp32 master weight and moments per parameter; read and written once a step. */
	readonly stateBytes: number;
	/** Bytes of processor memory traffic of a step per parameter: state in and out, gradient in, 16-bit weight out. */
	readonly memoryTrafficBytes: number;
	/** Bytes per parameter that go up to the GPU and come back down because a part of the step is computed there. */
	readonly linkBytes: number;
	/** GPU operations per parameter and unit of the model's width. */
	readonly gpuFlopsPerWidth: number;
}

const FP32 = 4;
const GRADIENT_AND_WEIGHT = 4;

const processorOptimizer = (stateBytes: number): Optimizer => ({
	stateBytes,
	memoryTrafficBytes: 2 * stateBytes + GRADIENT_AND_WEIGHT,
	linkBytes: 0,
	gpuFlopsPerWidth: 0,
});

/**
 * - `adam`: fp32 weight, momentum and variance, 12 bytes;
 * - `adam-8bit`: the moments in one byte each (their scales, one in 2,048 values, are not counted), 6 bytes;
 * - `sgd-momentum`: fp32 weight and momentum, 8 bytes;
 * - `muon`: the same 8 bytes; its five Newton-Schulz iterations cost 4 m^2 n + 2 m^3 operations each on an m x n matrix. Over a GPT
 *   layer (four h x h matrices, two h x 4h) that is 25 h per parameter, too much for a processor: the momentum goes to the GPU in 16 bits and the
 *   update comes back.
 */
export const optimizers: Readonly<Record<OptimizerName, Optimizer>> = {
	adam: processorOptimizer(3 * FP32),
	'adam-8bit': processorOptimizer(FP32 + 2),
	'sgd-momentum': processorOptimizer(2 * FP32),
	muon: { ...processorOptimizer(2 * FP32), linkBytes: 2, gpuFlopsPerWidth: 25 },
};

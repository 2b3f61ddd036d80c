/**
 * The chip beside the memory: it adds and multiplies, and knows nothing else. Division is Newton's iteration for a reciprocal, exp and
 * tanh are Taylor series, an inverse square root is the shift with two Newton steps. So every function is a number of passes over its
 * vector; a pass of additions takes ceil(n / adders) cycles, one of multiplications ceil(n / multipliers). A multiply-add pass counts as one
 * of multiplications, for the adders follow in the same pipeline.
 */

export interface Asic {
	readonly adders: number;
	readonly multipliers: number;
	readonly gigahertz: number;
	/** At work. */
	readonly activeWatts: number;
	/** Always. */
	readonly leakageWatts: number;
}

/** PIM-GPT's: 256 adders, 128 multipliers at 1 GHz, about 305 mW at the peak. Leakage is assumed: a tenth of that. */
export const paperAsic: Asic = { adders: 256, multipliers: 128, gigahertz: 1, activeWatts: 0.305, leakageWatts: 0.03 };

/** Cycles until the first result of a function leaves the pipeline. */
const PIPELINE_FILL = 8;
/** Multiply-add passes of a Taylor series for exp. */
const EXP_PASSES = 6;
/** Newton steps of a reciprocal and of an inverse square root; a step is two dependent multiply-adds, and one more for the square root. */
const RECIPROCAL_STEPS = 3;
const ROOT_STEPS = 2;
/** Cycles of one multiply-add that the next one waits for. */
const SCALAR_LATENCY = 4;

const adds = (asic: Asic, n: number): number => Math.ceil(n / asic.adders);
const multiplies = (asic: Asic, n: number): number => Math.ceil(n / asic.multipliers);
/** Adding up a vector: its passes, then the tree that folds the adders' own sums. */
const reduction = (asic: Asic, n: number): number => adds(asic, n) + Math.ceil(Math.log2(asic.adders));
const inverseRoot = ROOT_STEPS * 3 * SCALAR_LATENCY;

/** Layer norm of n values: mean and mean square, inverse root, then (x - mean) * rstd * gamma + beta. */
export function layerNormCycles(asic: Asic, n: number): number {
	return PIPELINE_FILL + 2 * reduction(asic, n) + inverseRoot + 2 * adds(asic, n) + 3 * multiplies(asic, n);
}

/** RMS norm of n values: mean square, inverse root, x * rstd * gamma. */
export function rmsNormCycles(asic: Asic, n: number): number {
	return PIPELINE_FILL + reduction(asic, n) + inverseRoot + 3 * multiplies(asic, n);
}

/** Softmax over `heads` vectors of n scores each: scale, maximum, subtract, exp, sum, a reciprocal a head, multiply. */
export function softmaxCycles(asic: Asic, heads: number, n: number): number {
	const all = heads * n;
	const reciprocals = RECIPROCAL_STEPS * 2 * (SCALAR_LATENCY + multiplies(asic, heads) - 1);
	return (
		PIPELINE_FILL +
		2 * adds(asic, all) +
		2 * Math.ceil(Math.log2(asic.adders)) +
		(EXP_PASSES + 2) * multiplies(asic, all) +
		adds(asic, all) +
		reciprocals
	);
}

/** GELU by tanh: its argument (two passes), tanh's series, and the two products around it: eight passes. */
export function geluCycles(asic: Asic, n: number): number {
	return PIPELINE_FILL + 8 * multiplies(asic, n);
}

/** x * sigmoid(x) * up: exp, a reciprocal for every value, two products. */
export function gatedSiluCycles(asic: Asic, n: number): number {
	return PIPELINE_FILL + (EXP_PASSES + 2 * RECIPROCAL_STEPS + 2) * multiplies(asic, n);
}

/** Rotary embedding of n values: each is multiplied by a cosine and a sine, and two products are added. */
export function rotaryCycles(asic: Asic, n: number): number {
	return PIPELINE_FILL + 2 * multiplies(asic, n) + adds(asic, n);
}

/** A vector added to another. */
export function additionCycles(asic: Asic, n: number): number {
	return PIPELINE_FILL + adds(asic, n);
}

/**
 * What follows a stream of results while it comes in: biases, sums of partial results, the largest logit. The passes hide behind the reads;
 * the pipeline's fill remains.
 */
export function streamedTailCycles(): number {
	return PIPELINE_FILL;
}

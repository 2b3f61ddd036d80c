/** No fusion: logits and probabilities go to memory and back between the first product, softmax and the second product. */
import type { Accelerator } from '../accelerator.ts';
import { type AttentionShape, ranksOf } from '../attention-shape.ts';
import type { DesignResult, EinsumCycles } from './design-result.ts';

/** Operations on each logit outside the array: maximum, exponential, sum, division. */
const SOFTMAX_OPERATIONS = 4;

/**
 * Times that keys (and values) are read in a product of their own, at least: as many queries as fit stay on the chip, beside a tile of
 * the other operand and one of the result.
 */
export function fewestReads(shape: AttentionShape, { array, buffer, wordBytes }: Accelerator): number {
	const side = array.rows;
	const width = Math.max(shape.queryKeyWidth, shape.valueWidth);
	const words = buffer.bytes / wordBytes - side * (width + side);
	if (Math.min(shape.keys, shape.queries) * width <= words) return 1;
	const rows = Math.max(side, Math.floor(words / width / side) * side);
	return Math.ceil(shape.queries / rows);
}

/** Latency, traffic and utilisation; keys and values are read `reads` times. */
export function runUnfused(shape: AttentionShape, accelerator: Accelerator, reads: number): DesignResult {
	const { array, wordBytes, bytesPerSecond } = accelerator;
	const { B, H, E, F, M, P } = ranksOf(shape);
	const tiles = B * H * Math.ceil(M / array.rows) * Math.ceil(P / array.rows);
	const softmaxCycles = B * H * Math.ceil(M / array.rows) * P;
	const cycles: EinsumCycles[] = [
		{ einsum: 'QK', array: '2D', cycles: tiles * E },
		{ einsum: 'AV', array: '2D', cycles: tiles * F },
		...['GM', 'SN', 'SD', 'A'].map((einsum): EinsumCycles => ({ einsum, array: '1D', cycles: softmaxCycles })),
	];
	const stages = [
		{ cycles: tiles * E, words: P * E + reads * M * E + P * M },
		{ cycles: SOFTMAX_OPERATIONS * softmaxCycles, words: 2 * P * M },
		{ cycles: tiles * F, words: P * M + reads * M * F + P * F },
	].map((stage) => {
		const bytes = B * H * wordBytes * stage.words;
		return { bytes, compute: stage.cycles / array.clockHertz, memory: bytes / bytesPerSecond };
	});
	const total = (of: (stage: (typeof stages)[number]) => number) => stages.reduce((sum, stage) => sum + of(stage), 0);
	const latencySeconds = total(({ compute, memory }) => Math.max(compute, memory));
	const computeSeconds = total(({ compute }) => compute);
	const memorySeconds = total(({ memory }) => memory);
	return {
		latencySeconds,
		computeSeconds,
		memorySeconds,
		trafficBytes: total(({ bytes }) => bytes),
		cycles,
		utilization2d: (tiles * (E + F)) / array.clockHertz / latencySeconds,
		utilization1d: (SOFTMAX_OPERATIONS * softmaxCycles) / array.clockHertz / latencySeconds,
		limit: total(({ compute, memory }) => (memory > compute ? memory : -compute)) > 0 ? 'memory' : 'compute',
	};
}

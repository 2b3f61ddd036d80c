/** Pictures of weights and activations with the grid that they are rounded to. */
import type { TensorStatistics } from '../calibrate/tensor-statistics.ts';
import type { HistogramOutput } from '../outputs.ts';
import { floatLayer, type QuantizedNetwork } from '../quantize/quantized-network.ts';
import type { LayerUnit } from '../quantize/units.ts';

const BINS = 64;

/** Of a layer's weights and of what it makes. With a scale for each channel the grid is that of the widest. */
export function layerHistograms(
	network: QuantizedNetwork,
	unit: LayerUnit,
	statistics: ReadonlyMap<string, TensorStatistics>,
): HistogramOutput[] {
	const { weights } = floatLayer(network.model, unit);
	const scales = network.layers.get(unit.name)?.scales ?? new Float32Array(1);
	const step = scales.reduce((a, b) => Math.max(a, b), 0);
	const codes = 2 ** (network.options.bits - 1) - 1;
	const largest = weights.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
	const counts = new Array<number>(BINS).fill(0);
	for (const value of weights) {
		const bin = Math.min(BINS - 1, Math.floor(((value + largest) / (2 * largest)) * BINS));
		counts[bin] = (counts[bin] ?? 0) + 1;
	}
	const pictures: HistogramOutput[] = [
		{
			of: unit.name,
			kind: 'weights',
			low: -largest,
			high: largest,
			counts,
			gridLow: -codes * step,
			gridHigh: codes * step,
			step,
		},
	];
	const made = network.plan.sharedScales.get(unit.output) ?? unit.output;
	const found = statistics.get(made);
	const grid = network.parameters.get(made);
	if (found !== undefined && grid !== undefined && found.values.width > 0) {
		const { values } = found;
		const merged = new Array<number>(BINS).fill(0);
		const each = values.counts.length / BINS;
		for (const [bin, count] of values.counts.entries()) {
			const at = Math.floor(bin / each);
			merged[at] = (merged[at] ?? 0) + count;
		}
		pictures.push({
			of: unit.name,
			kind: 'activations',
			low: values.low,
			high: values.high,
			counts: merged,
			gridLow: (-128 - grid.zeroPoint) * grid.scale,
			gridHigh: (127 - grid.zeroPoint) * grid.scale,
			step: grid.scale,
		});
	}
	return pictures;
}

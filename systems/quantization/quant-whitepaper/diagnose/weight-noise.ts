/** How well a layer's weights are kept by rounding alone. */
import type { FloatLayer, WeightOptions } from '../quantize/layer-weights.ts';
import { quantizeLayer } from '../quantize/layer-weights.ts';
import { SignalToNoise } from './signal-to-noise.ts';

/** SQNR of the weights in dB; null where nothing is lost. Biases are left out: they do not change scales here. */
export function weightDecibels(layer: FloatLayer, options: WeightOptions): number | null {
	const { weights, scales } = quantizeLayer({ ...layer, bias: undefined }, 1, options);
	const each = layer.weights.length / layer.outputs;
	const ratio = new SignalToNoise();
	ratio.add(
		layer.weights,
		Float64Array.from(weights, (code, at) => code * (scales[Math.floor(at / each)] as number)),
	);
	return ratio.decibels;
}

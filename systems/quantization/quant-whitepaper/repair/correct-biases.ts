/**
 * Bias correction: rounding weights moves a layer's mean output by E[W' x] - E[W x]; the bias takes it back. Means of the inputs are those of the
 * calibration, channel by channel. An extension to the paper (Nagel et al., arXiv 1906.04721, section 4.2).
 */
import type { TensorStatistics } from '../calibrate/tensor-statistics.ts';
import { integer } from '../model/attributes.ts';
import { type FloatModel, floatWeight } from '../model/float-model.ts';
import { floatLayer, type QuantizedNetwork } from '../quantize/quantized-network.ts';

/** The model with other biases. Layers without a bias stay. */
export function correctBiases(network: QuantizedNetwork, statistics: ReadonlyMap<string, TensorStatistics>): FloatModel {
	const { model, plan } = network;
	const weights = new Map(model.weights);
	for (const unit of plan.units) {
		if (unit.kind !== 'layer' || unit.bias === undefined) continue;
		const means = statistics.get(plan.sharedScales.get(unit.input) ?? unit.input)?.channelMeans;
		const integers = network.layers.get(unit.name);
		const float = floatLayer(model, unit);
		if (means === undefined || integers === undefined || float.bias === undefined) continue;
		const groups = unit.type === 'dense' ? 1 : integer(unit.node, 'group', 1);
		const each = float.weights.length / unit.outputs;
		const channels = means.length / groups;
		const taps = each / channels;
		if (!Number.isInteger(taps)) continue;
		const corrected = float.bias.map((bias, output) => {
			const first = Math.floor((output * groups) / unit.outputs) * channels;
			let moved = 0;
			for (let i = 0; i < each; i++) {
				const at = output * each + i;
				const error = (integers.weights[at] as number) * (integers.scales[output] as number) - (float.weights[at] as number);
				moved += error * (means[first + Math.floor(i / taps)] as number);
			}
			return bias - moved;
		});
		weights.set(unit.bias, floatWeight(unit.bias, model.weights.get(unit.bias)?.dims ?? [unit.outputs], corrected));
	}
	return { ...model, weights };
}

/**
 * Makes a network hard to quantize without changing what it computes: channel i of each depthwise layer is multiplied by 2^u, u uniform from -r to r, and
 * what reads it is divided by the same. Scales of powers of two are exact, and pass through a rectifier. A network trained with batch norms and folded
 * looks like this by nature, only less (Krishnamoorthi 2018).
 */
import type { Random } from '@assay/contract';
import { type FloatModel, floatsOf, floatWeight } from '../model/float-model.ts';
import { planNetwork } from '../quantize/network-plan.ts';
import { equalisablePairs } from '../repair/equalise-layers.ts';

export interface StretchedModel {
	readonly model: FloatModel;
	/** Names of the layers whose channels were stretched. */
	readonly layers: readonly string[];
}

/** `octaves` is r; the factors' exponents are whole numbers, so that nothing is rounded. The model's norms must be folded. */
export function stretchChannels(model: FloatModel, octaves: number, random: Random): StretchedModel {
	const weights = new Map(model.weights);
	const layers: string[] = [];
	for (const { first, second } of equalisablePairs(model, planNetwork(model))) {
		if (first.type !== 'depthwise' || second.type !== 'convolution') continue;
		const [a, b] = [weights.get(first.weights), weights.get(second.weights)];
		const bias = weights.get(first.bias ?? '');
		if (a === undefined || b === undefined) continue;
		const factors = Float32Array.from({ length: first.outputs }, () => 2 ** Math.round(octaves * (2 * random.uniform() - 1)));
		const taps = floatsOf(a).length / first.outputs;
		const inner = floatsOf(b).length / second.outputs / first.outputs;
		weights.set(
			a.name,
			floatWeight(
				a.name,
				a.dims,
				floatsOf(a).map((value, at) => value * (factors[Math.floor(at / taps)] as number)),
			),
		);
		if (bias !== undefined)
			weights.set(
				bias.name,
				floatWeight(
					bias.name,
					bias.dims,
					floatsOf(bias).map((value, channel) => value * (factors[channel] as number)),
				),
			);
		weights.set(
			b.name,
			floatWeight(
				b.name,
				b.dims,
				floatsOf(b).map((value, at) => value / (factors[Math.floor(at / inner) % first.outputs] as number)),
			),
		);
		layers.push(first.name);
	}
	return { model: { ...model, weights }, layers };
}

/**
 * What quantised backward products make of gradients on their way down: forward is exact, and the gradient of each block's input is
 * compared with that of exact backward products. Stochastic rounding turns gradients more than rounding to nearest, but keeps their length.
 */
import type { LlamaShape, TokenWindows } from '@assay/learning';
import { type QuantizerName, quantizer } from '../quantizers/quantizer.ts';
import { backwardAlone, type Scheme } from './scheme.ts';
import { modelOf } from './training-task.ts';

export interface GradientAtDepth {
	readonly quantizer: QuantizerName;
	/** Blocks that the gradient came back through. */
	readonly depth: number;
	/** Means over the batches; null for a gradient of 0. */
	readonly cosine: number | null;
	/** <quantised, exact> / <exact, exact>. */
	readonly alignment: number | null;
}

/** Batches that are averaged. */
const BATCHES = 4;

export async function gradientsByDepth(
	shape: LlamaShape,
	parameters: Float32Array,
	heldOut: TokenWindows,
	quantizers: readonly QuantizerName[],
	seed: number,
	pause: () => Promise<void>,
): Promise<GradientAtDepth[]> {
	const exact = await inputGradients(shape, parameters, heldOut, { name: 'exact', forward: null, backward: null }, seed, pause);
	const results: GradientAtDepth[] = [];
	for (const name of quantizers) {
		const ours = await inputGradients(shape, parameters, heldOut, backwardAlone(quantizer(name)), seed, pause);
		for (let depth = 1; depth <= shape.layers; depth++) {
			const layer = shape.layers - depth;
			let [cosine, alignment, batches] = [0, 0, 0];
			for (const [batch, layers] of exact.entries()) {
				const products = compare(layers[layer] as Float32Array, ours[batch]?.[layer] as Float32Array);
				if (!(products.exact > 0 && products.ours > 0)) continue;
				cosine += products.shared / Math.sqrt(products.exact * products.ours);
				alignment += products.shared / products.exact;
				batches++;
			}
			results.push({
				quantizer: name,
				depth,
				cosine: batches === 0 ? null : cosine / batches,
				alignment: batches === 0 ? null : alignment / batches,
			});
			await pause();
		}
	}
	return results;
}

/** Gradients of each block's input, for some batches: [batch][layer]. */
async function inputGradients(
	shape: LlamaShape,
	parameters: Float32Array,
	data: TokenWindows,
	scheme: Scheme,
	seed: number,
	pause: () => Promise<void>,
): Promise<Float32Array[][]> {
	const { model, memory } = await modelOf(shape, scheme, seed);
	model.parameters.set(parameters);
	const all: Float32Array[][] = [];
	for (const { tokens, targets } of data.inOrder()) {
		const layers: Float32Array[] = [];
		model.computeGradients(tokens, targets, all.length, {
			inputGradient: (layer, gradient) => {
				layers[layer] = new Float32Array(memory.buffer, gradient, shape.batch * shape.sequenceTokens * shape.width).slice();
			},
		});
		all.push(layers);
		await pause();
		if (all.length === BATCHES) break;
	}
	return all;
}

function compare(exact: Float32Array, ours: Float32Array) {
	const sums = { exact: 0, ours: 0, shared: 0 };
	for (let i = 0; i < exact.length; i++) {
		const [a, b] = [exact[i] as number, ours[i] as number];
		sums.exact += a * a;
		sums.ours += b * b;
		sums.shared += a * b;
	}
	return sums;
}

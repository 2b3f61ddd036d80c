/** A network's convolutions (and, where wanted, its matrix products) as the array sees them. */
import { InputError } from '@assay/contract';
import type { Layer, Network } from '@assay/models/network';
import type { Convolution } from './convolution.ts';

/** Layers in the network's order. Raises an `InputError` for a network without any, and for three-dimensional or transposed convolutions. */
export function layersOfNetwork(network: Network, includeProducts: boolean): Convolution[] {
	const layers = network.layers.flatMap((layer) => {
		if (layer.kind === 'convolution') return [convolutionOf(layer)];
		if (layer.kind === 'matrix-product' && includeProducts) return [productOf(layer)];
		return [];
	});
	if (layers.length > 0) return layers;
	throw new InputError({
		path: ['network'],
		found: `${network.name}, which has no convolutions`,
		expected: 'a network with convolutions, or products: true',
	});
}

function convolutionOf(layer: Extract<Layer, { kind: 'convolution' }>): Convolution {
	const { kernel, stride, dilation, inputSize, outputSize, groups } = layer;
	if (kernel.length > 2 || layer.transposed) {
		throw new InputError({
			path: ['network', layer.name],
			found: layer.transposed ? 'a transposed convolution' : `a convolution in ${kernel.length} dimensions`,
			expected: 'convolutions in one or two dimensions',
		});
	}
	// A one-dimensional convolution is one of height 1.
	const both = (sizes: readonly number[]): [number, number] =>
		sizes.length === 1 ? [1, sizes[0] as number] : [sizes[0] as number, sizes[1] as number];
	const [kernelHeight, kernelWidth] = both(kernel);
	const [strideHeight, strideWidth] = both(stride);
	const [dilationHeight, dilationWidth] = both(dilation);
	const [inputHeight, inputWidth] = both(inputSize);
	const [outputHeight, outputWidth] = both(outputSize);
	return {
		name: layer.name,
		batch: layer.batch,
		groups,
		inputsPerGroup: layer.inputChannels / groups,
		outputsPerGroup: layer.outputChannels / groups,
		kernelHeight,
		kernelWidth,
		strideHeight,
		strideWidth,
		dilationHeight,
		dilationWidth,
		inputHeight,
		inputWidth,
		outputHeight,
		outputWidth,
	};
}

/** A product of m x k with k x n is a convolution of 1 x 1 kernels over a column of m positions; products of a batch are its groups. */
function productOf({ name, batch, m, n, k }: Extract<Layer, { kind: 'matrix-product' }>): Convolution {
	return {
		name,
		batch: 1,
		groups: batch,
		inputsPerGroup: k,
		outputsPerGroup: n,
		kernelHeight: 1,
		kernelWidth: 1,
		strideHeight: 1,
		strideWidth: 1,
		dilationHeight: 1,
		dilationWidth: 1,
		inputHeight: m,
		inputWidth: 1,
		outputHeight: m,
		outputWidth: 1,
	};
}

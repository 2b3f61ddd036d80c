/** A network of any kind as the chip runs it: its convolutions and matrix products; all else costs nothing and only hands on. */
import { InputError } from '@assay/contract';
import type { Layer, Network } from '@assay/models/network';
import type { ConvolutionLayer } from '../cost/convolution-layer.ts';
import type { TaskNetwork } from './task-network.ts';

/** Most layers of a network: assignment takes the cube of their number. */
export const MOST_LAYERS = 200;

/** Raises an `InputError` for a network without convolutions and products, with more than the model can take, or in three dimensions. */
export function layersOfNetwork(network: Network, path: readonly (string | number)[]): TaskNetwork {
	const layers: ConvolutionLayer[] = [];
	const predecessors: number[][] = [];
	/** For each tensor the costed layers whose results it is made of. */
	const madeFrom = new Map<string, readonly number[]>();
	for (const layer of network.layers) {
		const before = [...new Set(layer.inputs.flatMap(({ name }) => madeFrom.get(name) ?? []))].sort((a, b) => a - b);
		const costed = convolutionOf(layer, path);
		const results = costed === null ? before : [layers.length];
		if (costed !== null) {
			layers.push(costed);
			predecessors.push(before);
		}
		for (const { name } of layer.outputs) madeFrom.set(name, results);
	}
	if (layers.length > 0 && layers.length <= MOST_LAYERS) return { name: network.name, layers, predecessors };
	throw new InputError({
		path,
		found: `${network.name}, which has ${layers.length} convolutions and matrix products`,
		expected: `a network with 1 to ${MOST_LAYERS}`,
		nearest: 'resnet-18',
	});
}

function convolutionOf(layer: Layer, path: readonly (string | number)[]): ConvolutionLayer | null {
	if (layer.kind === 'matrix-product') {
		const { name, batch, m, n, k } = layer;
		return {
			name,
			outputChannels: n,
			inputChannels: k,
			kernelRows: 1,
			kernelColumns: 1,
			outputRows: m,
			outputColumns: 1,
			stride: 1,
			isDepthwise: false,
			repeats: batch,
		};
	}
	if (layer.kind === 'recurrent') {
		const { name, batch, steps, inputSize, hiddenSize, gates, directions } = layer;
		const channels = { outputChannels: gates * hiddenSize, inputChannels: inputSize + hiddenSize };
		return {
			name,
			...channels,
			kernelRows: 1,
			kernelColumns: 1,
			outputRows: batch,
			outputColumns: 1,
			stride: 1,
			isDepthwise: false,
			repeats: steps * directions,
		};
	}
	if (layer.kind !== 'convolution') return null;
	if (layer.kernel.length > 2)
		throw new InputError({
			path: [...path, layer.name],
			found: 'a convolution in three dimensions',
			expected: 'convolutions in one or two dimensions',
		});
	// A one-dimensional convolution is one of height 1.
	const both = (sizes: readonly number[]): [number, number] =>
		sizes.length === 1 ? [1, sizes[0] as number] : [sizes[0] as number, sizes[1] as number];
	const [kernelRows, kernelColumns] = both(layer.kernel);
	const { name, batch, groups, inputChannels, outputChannels } = layer;
	if (layer.transposed) {
		// Each input is spread over the kernel: as many outputs for each, of a kernel of 1 x 1.
		const [rows, columns] = both(layer.inputSize);
		return {
			name,
			outputChannels: (outputChannels / groups) * kernelRows * kernelColumns,
			inputChannels: inputChannels / groups,
			kernelRows: 1,
			kernelColumns: 1,
			outputRows: rows,
			outputColumns: columns,
			stride: 1,
			isDepthwise: false,
			repeats: batch * groups,
		};
	}
	const [outputRows, outputColumns] = both(layer.outputSize);
	const isDepthwise = groups > 1 && groups === inputChannels && groups === outputChannels;
	return {
		name,
		outputChannels: isDepthwise ? 1 : outputChannels / groups,
		inputChannels: isDepthwise ? inputChannels : inputChannels / groups,
		kernelRows,
		kernelColumns,
		outputRows,
		outputColumns,
		stride: Math.max(...layer.stride),
		isDepthwise,
		repeats: batch * (isDepthwise ? 1 : groups),
	};
}

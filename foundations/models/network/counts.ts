/** What layers and networks compute, hold and move. */
import { bytesPerValue, type NumberFormat } from '../number-format.ts';
import { type Layer, type Network, product, type Tensor, tensorElements } from './network.ts';

/** Whether products under an attention's mask are computed, as dense hardware does, or left out, as fused kernels do. */
export type MaskedPairs = 'computed' | 'skipped';

/**
 * Multiply-accumulates of a layer: of convolutions (padding included), matrix products and recurrent layers. Other layers have none: their
 * work is in the elements they read and write.
 */
export function layerMacs(layer: Layer, maskedPairs: MaskedPairs = 'computed'): number {
	switch (layer.kind) {
		case 'convolution': {
			const places = layer.transposed ? layer.inputSize : layer.outputSize;
			return (layer.batch * layer.inputChannels * layer.outputChannels * product(layer.kernel) * product(places)) / layer.groups;
		}
		case 'matrix-product': {
			const { batch, m, n, k, mask } = layer;
			if (maskedPairs === 'computed' || mask === null) return batch * m * n * k;
			return batch * mask.unmaskedPairs * (mask.part === 'scores' ? k : n);
		}
		case 'recurrent': {
			const { directions, steps, batch, gates, hiddenSize, inputSize } = layer;
			return directions * steps * batch * gates * hiddenSize * (inputSize + hiddenSize);
		}
		default:
			return 0;
	}
}

/** Elements of a layer's weights, biases included. */
export function weightElements(layer: Layer): number {
	return sum(layer.weights, tensorElements);
}

/** Elements of the activations that a layer reads. */
export function inputElements(layer: Layer): number {
	return sum(layer.inputs, tensorElements);
}

/** Elements of the activations that a layer writes. */
export function outputElements(layer: Layer): number {
	return sum(layer.outputs, tensorElements);
}

/** Formats to count bytes in, in place of those the network states. */
export interface StorageFormats {
	readonly weights?: NumberFormat | undefined;
	readonly activations?: NumberFormat | undefined;
}

/** Bytes that move when every tensor is read or written once. */
export interface LayerBytes {
	/** Of an embedding, the rows that are looked up. */
	readonly weightBytes: number;
	readonly inputBytes: number;
	readonly outputBytes: number;
	readonly totalBytes: number;
}

export function layerBytes(layer: Layer, formats: StorageFormats = {}): LayerBytes {
	const bytes = (format: NumberFormat | undefined) => (tensor: Tensor) =>
		tensorElements(tensor) * (format === undefined ? tensor.bits / 8 : bytesPerValue(format));
	const held = sum(layer.weights, bytes(formats.weights));
	const weightBytes = layer.kind === 'embedding' ? (held * Math.min(layer.rows, layer.lookups)) / layer.rows : held;
	const inputBytes = sum(layer.inputs, bytes(formats.activations));
	const outputBytes = sum(layer.outputs, bytes(formats.activations));
	return { weightBytes, inputBytes, outputBytes, totalBytes: weightBytes + inputBytes + outputBytes };
}

/** Operations (two a multiply-accumulate) by byte moved, with every tensor moved once; 0 where nothing moves. */
export function arithmeticIntensity(layer: Layer, formats: StorageFormats = {}): number {
	return intensity(layerMacs(layer), layerBytes(layer, formats).totalBytes);
}

export interface NetworkCounts {
	readonly macs: number;
	/** Elements of all weights, each counted once however many layers hold it. */
	readonly parameters: number;
	readonly parameterBytes: number;
	/** Bytes moved with every layer on its own: each reads its inputs and weights and writes its outputs. */
	readonly movedBytes: number;
	readonly operationsPerByte: number;
	/** The most that one layer reads and writes at once, weights aside. */
	readonly largestActivationBytes: number;
}

export function networkCounts(
	network: Network,
	formats: StorageFormats = {},
	maskedPairs: MaskedPairs = 'computed',
): NetworkCounts {
	const weights = new Map(network.layers.flatMap((layer) => layer.weights.map((weight) => [weight.name, weight] as const)));
	const moved = network.layers.map((layer) => layerBytes(layer, formats));
	const macs = sum(network.layers, (layer) => layerMacs(layer, maskedPairs));
	const movedBytes = sum(moved, ({ totalBytes }) => totalBytes);
	const all = [...weights.values()];
	return {
		macs,
		parameters: sum(all, tensorElements),
		parameterBytes: sum(all, (weight) => (tensorElements(weight) * widthBits(weight, formats.weights)) / 8),
		movedBytes,
		operationsPerByte: intensity(macs, movedBytes),
		largestActivationBytes: moved.reduce((most, { inputBytes, outputBytes }) => Math.max(most, inputBytes + outputBytes), 0),
	};
}

function widthBits(tensor: Tensor, format: NumberFormat | undefined): number {
	return format === undefined ? tensor.bits : 8 * bytesPerValue(format);
}

function intensity(macs: number, bytes: number): number {
	return bytes === 0 ? 0 : (2 * macs) / bytes;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
	return items.reduce((total, item) => total + of(item), 0);
}

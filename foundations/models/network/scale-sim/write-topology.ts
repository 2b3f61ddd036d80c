/** Writes networks as topologies of SCALE-Sim. */
import { InputError } from '@assay/contract';
import { layerMacs } from '../counts.ts';
import type { Convolution, Layer, MatrixProduct, Network } from '../network.ts';

const HEADING =
	'Layer name, IFMAP height, IFMAP width, Filter height, Filter width, Channels, Num filter, Stride height, Stride width,';
const MAX_ROWS = 100_000;

/**
 * The layers that multiply, a line each: convolutions with their padding in the image's size, matrix products as SCALE-Sim itself lays them
 * out (an image of m by k under n filters of 1 by k). Where SCALE-Sim knows one thing only there are several lines: groups (but for
 * depthwise convolutions, which have DP in their name), images of a batch and products of a batch. Line ends as on Unix, each line ended by a comma.
 * Raises an `InputError` for layers it has no words for: dilated, transposed and three-dimensional convolutions, recurrent layers.
 */
export function writeTopology(network: Network): string {
	const rows = network.layers.filter((layer) => layerMacs(layer) > 0).flatMap(rowsOf);
	if (rows.length > MAX_ROWS)
		throw new InputError({ path: [network.name], found: `${rows.length} lines`, expected: `at most ${MAX_ROWS}` });
	return `${[HEADING, ...rows].join('\n')}\n`;
}

function rowsOf(layer: Layer): string[] {
	switch (layer.kind) {
		case 'convolution':
			return convolutionRows(layer);
		case 'matrix-product':
			return productRows(layer);
		default:
			throw unsayable(layer, `a ${layer.kind} layer`);
	}
}

function convolutionRows(layer: Layer & Convolution): string[] {
	const { batch, inputChannels, outputChannels, groups, kernel, stride, dilation, padBegin, padEnd, inputSize, transposed } =
		layer;
	if (transposed) throw unsayable(layer, 'a transposed convolution');
	if (dilation.some((one) => one !== 1)) throw unsayable(layer, 'a dilated convolution');
	if (kernel.length > 2) throw unsayable(layer, `a convolution in ${kernel.length} dimensions`);
	const padded = inputSize.map((size, i) =>
		usedSize(size + (padBegin[i] ?? 0) + (padEnd[i] ?? 0), kernel[i] ?? 1, stride[i] ?? 1),
	);
	const flat = (numbers: readonly number[]): readonly number[] => (numbers.length === 1 ? [1, ...numbers] : numbers);
	const depthwise = groups > 1 && groups === inputChannels;
	const [channels, filters] = depthwise
		? [inputChannels, outputChannels / groups]
		: [inputChannels / groups, outputChannels / groups];
	const numbers = [...flat(padded), ...flat(kernel), channels, filters, ...flat(stride)];
	return repeated(depthwise ? `${layer.name}_DP` : layer.name, batch * (depthwise ? 1 : groups), numbers);
}

/** Elements that whole windows cover: SCALE-Sim would count one more window on the rest. */
function usedSize(size: number, kernel: number, stride: number): number {
	return Math.floor((size - kernel) / stride) * stride + kernel;
}

function productRows(layer: Layer & MatrixProduct): string[] {
	const { batch, m, n, k } = layer;
	return repeated(layer.name, batch, [m, k, 1, k, 1, n, 1, 1]);
}

function repeated(name: string, times: number, numbers: readonly number[]): string[] {
	const plain = name.replace(/[\s,]+/g, '_');
	// A name that only looks depthwise would be taken for it.
	const safe = plain.endsWith('_DP') ? `${plain.slice(0, -3).replaceAll('DP', 'D_P')}_DP` : plain.replaceAll('DP', 'D_P');
	if (times > MAX_ROWS) throw new InputError({ path: [name], found: `${times} lines`, expected: `at most ${MAX_ROWS}` });
	return Array.from({ length: times }, (_, i) => `${times === 1 ? safe : `${safe}_${i}`}, ${numbers.join(', ')},`);
}

function unsayable({ name }: Layer, found: string): InputError {
	return new InputError({ path: [name], found, expected: 'a convolution in one or two dimensions or a matrix product' });
}

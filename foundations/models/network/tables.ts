/** Networks as tables, the same on a terminal and on a page. */
import type { TablePanel } from '@assay/contract';
import {
	arithmeticIntensity,
	inputElements,
	layerMacs,
	networkCounts,
	outputElements,
	type StorageFormats,
	weightElements,
} from './counts.ts';
import type { Layer, Network } from './network.ts';

/** Layers that multiply, or all of them: their shape, work, elements and arithmetic intensity. */
export function layerTable(network: Network, which: 'products' | 'all' = 'products', formats: StorageFormats = {}): TablePanel {
	const layers = network.layers.filter((layer) => which === 'all' || layerMacs(layer) > 0);
	const { macs, parameters } = networkCounts(network, formats);
	return {
		kind: 'table',
		title: `Layers of ${network.name}`,
		note: `${(macs / 1e6).toLocaleString('en-US', { maximumFractionDigits: 1 })} million multiply-accumulates, ${parameters.toLocaleString('en-US')} parameters.`,
		columns: [
			{ key: 'layer', label: 'Layer' },
			{ key: 'operator', label: 'Operator' },
			{ key: 'shape', label: 'Shape' },
			{ key: 'macs', label: 'MACs', unit: 'million' },
			{ key: 'share', label: 'Share', unit: '%', digits: 3 },
			{ key: 'weights', label: 'Weights' },
			{ key: 'inputs', label: 'Inputs' },
			{ key: 'outputs', label: 'Outputs' },
			{ key: 'intensity', label: 'Intensity', unit: 'FLOP/B' },
		],
		rows: layers.map((layer) => ({
			layer: layer.name,
			operator: layer.operator,
			shape: shapeText(layer),
			macs: layerMacs(layer) / 1e6,
			share: macs === 0 ? null : (100 * layerMacs(layer)) / macs,
			weights: weightElements(layer),
			inputs: inputElements(layer),
			outputs: outputElements(layer),
			intensity: arithmeticIntensity(layer, formats),
		})),
	};
}

/** A layer's dimensions in one line, as people write them. */
export function shapeText(layer: Layer): string {
	switch (layer.kind) {
		case 'convolution': {
			const { inputChannels, outputChannels, kernel, stride, groups, inputSize, outputSize, transposed } = layer;
			const grouped = groups === 1 ? '' : `, ${groups} groups`;
			const strided = stride.every((one) => one === 1) ? '' : `, stride ${stride.join('x')}`;
			const way = transposed ? 'transposed ' : '';
			return `${way}${kernel.join('x')}, ${inputChannels} to ${outputChannels}${grouped}${strided}, ${inputSize.join('x')} to ${outputSize.join('x')}`;
		}
		case 'matrix-product':
			return `${layer.batch === 1 ? '' : `${layer.batch} times `}${layer.m}x${layer.k} by ${layer.k}x${layer.n}`;
		case 'recurrent':
			return `${layer.steps} steps, ${layer.inputSize} to ${layer.hiddenSize}${layer.directions === 2 ? ', both ways' : ''}`;
		case 'pooling':
			return `${layer.kernel.join('x')}, ${layer.channels} channels, ${layer.inputSize.join('x')} to ${layer.outputSize.join('x')}`;
		case 'embedding':
			return `${layer.lookups} of ${layer.rows} rows of ${layer.width}`;
		case 'softmax':
			return `${layer.rows} rows of ${layer.columns}`;
		default:
			return layer.outputs.map(({ shape }) => shape.join('x')).join(', ');
	}
}

/** Layers: what each loses, and why. */
import type { Panel } from '@assay/contract';
import type { LayerOutput } from '../outputs.ts';

const MOST_BARS = 25;

export function lossPlot(layers: readonly LayerOutput[]): Panel {
	const data = layers
		.toSorted((a, b) => b.lossShare - a.lossShare)
		.slice(0, MOST_BARS)
		.map(({ name, lossShare, type }) => ({ name, share: 100 * lossShare, type }));
	return {
		kind: 'plot',
		title: 'Which layers cause the loss',
		note: 'Share of the noise at the logits when each layer is quantized by itself; the largest first.',
		x: { label: 'Share of the noise', unit: '%', zero: true },
		y: { label: 'Layer', scale: 'band' },
		color: { label: 'Kind' },
		marks: [{ mark: 'bar', data, x: 'share', y: 'name', along: 'x', color: 'type' }],
	};
}

export function noisePlot(layers: readonly LayerOutput[]): Panel {
	const data = layers.flatMap(({ localDecibels, accumulatedDecibels }, index) => [
		...(localDecibels === null ? [] : [{ layer: index + 1, decibels: localDecibels, of: 'with exact inputs' }]),
		...(accumulatedDecibels === null
			? []
			: [{ layer: index + 1, decibels: accumulatedDecibels, of: 'in the quantized network' }]),
	]);
	return {
		kind: 'plot',
		title: 'Signal over noise, layer by layer',
		note: 'Of each layer’s output. Where the line of the quantized network falls, noise comes in; where the other falls, it is the layer’s own.',
		x: { label: 'Layer, in the order of the network' },
		y: { label: 'Signal over noise', unit: 'dB' },
		color: { label: 'Output' },
		marks: [
			{ mark: 'line', data, x: 'layer', y: 'decibels', color: 'of' },
			{ mark: 'dot', data, x: 'layer', y: 'decibels', color: 'of' },
		],
	};
}

export function causeTable(layers: readonly LayerOutput[]): Panel {
	return {
		kind: 'table',
		title: 'Why: what is the matter with each layer',
		note: 'The costliest layers first. Channels are numbered from 0.',
		columns: [
			{ key: 'layer', label: 'Layer' },
			{ key: 'share', label: 'Of the loss', unit: '%', digits: 3 },
			{ key: 'cause', label: 'Cause' },
			{ key: 'says', label: 'What was found' },
			{ key: 'channels', label: 'Channels' },
		],
		rows: layers
			.toSorted((a, b) => b.lossShare - a.lossShare)
			.flatMap(({ name, lossShare, causes }) =>
				causes.map(({ kind, says, channels }) => ({
					layer: name,
					share: 100 * lossShare,
					cause: kind.replaceAll('-', ' '),
					says,
					channels: channels.join(', '),
				})),
			),
	};
}

export function layerTable(layers: readonly LayerOutput[]): Panel {
	return {
		kind: 'table',
		title: 'Layers',
		note: 'In the order of the network.',
		columns: [
			{ key: 'name', label: 'Layer' },
			{ key: 'type', label: 'Kind' },
			{ key: 'weights', label: 'Weights', digits: 6 },
			{ key: 'ratio', label: 'Channels, largest over smallest', digits: 3 },
			{ key: 'dead', label: 'Dead channels' },
			{ key: 'rounded', label: 'Weights', unit: 'dB', digits: 3 },
			{ key: 'local', label: 'Output, exact inputs', unit: 'dB', digits: 3 },
			{ key: 'accumulated', label: 'Output, quantized network', unit: 'dB', digits: 3 },
			{ key: 'clipped', label: 'Clipped', unit: '%', digits: 2 },
			{ key: 'logits', label: 'Logits, this layer alone', unit: 'dB', digits: 3 },
			{ key: 'share', label: 'Of the loss', unit: '%', digits: 3 },
		],
		rows: layers.map((layer) => ({
			name: layer.name,
			type: layer.type,
			weights: layer.weights,
			ratio: layer.channelRatio,
			dead: layer.deadChannels,
			rounded: layer.weightDecibels,
			local: layer.localDecibels,
			accumulated: layer.accumulatedDecibels,
			clipped: 100 * layer.clippedShare,
			logits: layer.logitDecibels,
			share: 100 * layer.lossShare,
		})),
	};
}

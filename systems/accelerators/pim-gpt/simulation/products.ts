/** The products of one token alone: multiplies and changes of rows, with vectors at hand, results for free and no refresh. */
import type { Hardware } from '../hardware/hardware.ts';
import type { LayerMap, ModelMap } from '../mapping/model-map.ts';
import { attendedTokens, layerMatrixNames } from '../model/decoder.ts';
import { scores, values } from '../program/attention.ts';
import type { CommandSink } from '../program/command-sink.ts';
import { matrixVector } from '../program/matrix-vector.ts';
import { ChannelTimeline } from './channel.ts';
import type { products } from './operations.ts';

export interface ProductTime {
	readonly operation: (typeof products)[number];
	/** Until every channel could open its next row, all layers together. */
	readonly cycles: number;
	/** Columns multiplied and rows opened in the fullest channel, all layers together. */
	readonly columns: number;
	readonly openings: number;
}

/** One product after the other, summed over layers; layers that attend to as many tokens are computed once. */
export function productTimes(map: ModelMap, hardware: Hardware, context: number): ProductTime[] {
	const { memory } = hardware;
	const { decoder } = map;
	const bare = { ...hardware, refresh: false };
	const time = (operation: ProductTime['operation'], times: number, program: (sink: CommandSink) => void): ProductTime => {
		const channel = new ChannelTimeline(bare, { multipliesOnly: true });
		channel.start(0);
		program(channel);
		const { multiplies, multiplyOpenings } = channel.counts;
		const cycles = multiplies === 0 ? 0 : channel.close();
		return { operation, cycles: times * cycles, columns: times * multiplies, openings: times * multiplyOpenings };
	};
	// Channel 0 is dealt to first, so none has more.
	const ofLayer = ({ matrices, keys, values: valueLayout }: LayerMap, tokens: number, times: number): ProductTime[] => {
		return [
			...layerMatrixNames.map((name) => time(name, times, (sink) => matrixVector(matrices[name], memory, 0, sink))),
			time('scores', times, (sink) => scores(keys, memory, 0, tokens, decoder.heads, sink)),
			time('values', times, (sink) => values(valueLayout, memory, 0, tokens, sink)),
		];
	};
	const byTokens = new Map<number, { layer: LayerMap; times: number }>();
	for (const [number, layer] of map.layers.entries()) {
		const tokens = attendedTokens(decoder, number, context);
		const same = byTokens.get(tokens);
		if (same === undefined) byTokens.set(tokens, { layer, times: 1 });
		else same.times++;
	}
	const parts = [...byTokens].flatMap(([tokens, { layer, times }]) => ofLayer(layer, tokens, times));
	parts.push(time('head', 1, (sink) => matrixVector(map.head, memory, 0, sink)));
	if (map.widening !== null) {
		const { into, back } = map.widening;
		parts.push(time('head', 1, (sink) => matrixVector(into, memory, 0, sink)));
		parts.push(time('head', 1, (sink) => matrixVector(back, memory, 0, sink)));
	}
	const sums = new Map<ProductTime['operation'], ProductTime>();
	for (const part of parts) {
		const { cycles, columns, openings } = sums.get(part.operation) ?? { cycles: 0, columns: 0, openings: 0 };
		sums.set(part.operation, {
			operation: part.operation,
			cycles: cycles + part.cycles,
			columns: columns + part.columns,
			openings: openings + part.openings,
		});
	}
	return [...sums.values()];
}

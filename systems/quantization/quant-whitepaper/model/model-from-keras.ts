/** Keras layers, as TensorFlow.js stores them, as a model. */
import type { GivenDimensions } from '@assay/models/onnx';
import type { KerasLayer, KerasModel, TfjsModel } from '@assay/models/tfjs';
import { z } from 'zod';
import { ChannelsLastBuilder } from './channels-last-builder.ts';
import type { FloatModel } from './float-model.ts';
import { KerasLayers } from './keras-layers.ts';
import { closedShape } from './open-sizes.ts';

const inputShape = z.array(z.int().nullable()).min(1).max(8);

/** Raises an InputError that names the layer. */
export function modelFromKeras(
	{ network, weights }: Extract<TfjsModel, { kind: 'layers' }>,
	fileName: string,
	dimensions: GivenDimensions,
): FloatModel {
	const builder = new ChannelsLastBuilder(fileName);
	const layers = new KerasLayers(builder, weights);
	const [first] = innermost(network);
	const inputs = network.layers.filter(({ className, inputs: read }) => className === 'InputLayer' && read.length === 0);
	if (first === undefined || inputs.length > 1 || network.outputs.length > 1)
		throw builder.fail('layers', `${inputs.length} inputs and ${network.outputs.length} outputs`, 'one of each');
	const input = `${first.name}:input`;
	const stated = inputShape.safeParse(first.config['batch_input_shape'] ?? first.config['batch_shape']);
	builder.input(input, closedShape(first.name, stated.data, dimensions, fileName));
	const [output = ''] = run(network, [input], builder, layers, '');
	return builder.model(input, [output]);
}

/** The first layer that states a shape, also where it stands in networks within the network. */
function innermost({ layers, inputs }: KerasModel): KerasLayer[] {
	const first = inputs.length === 0 ? layers[0] : layers.find(({ name }) => name === inputs[0]);
	if (first === undefined) return [];
	const states = first.config['batch_input_shape'] ?? first.config['batch_shape'];
	return states === undefined && first.network !== undefined ? innermost(first.network) : [first];
}

/** Names of the outputs' tensors. `within`: the path of the network, for names of its tensors. */
function run(
	{ layers: all, inputs, outputs }: KerasModel,
	given: readonly string[],
	builder: ChannelsLastBuilder,
	layers: KerasLayers,
	within: string,
): string[] {
	const made = new Map<string, string>();
	for (const [index, layer] of all.entries()) {
		const isInput = inputs.length === 0 ? index === 0 : inputs.includes(layer.name);
		const from = isInput ? given : layer.inputs.map((name) => made.get(name) ?? '');
		if (from.length === 0) throw builder.fail(layer.name, 'a layer that nothing leads to', 'layers that read the input');
		const name = `${within}${layer.name}`;
		if (layer.network !== undefined) made.set(layer.name, run(layer.network, from, builder, layers, `${name}/`)[0] ?? '');
		else made.set(layer.name, layers.add(layer, from, name));
	}
	return outputs.map((name) => made.get(name) ?? '');
}

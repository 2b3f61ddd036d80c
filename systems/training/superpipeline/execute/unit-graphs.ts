/** The ONNX files that a cut model is run from. */
import {
	externalTensorMessage,
	type ModelMessage,
	type OnnxGraph,
	type OnnxInitializer,
	type OnnxValue,
	tensorMessage,
	valueMessage,
	writeOnnxModel,
} from '@assay/models/onnx';
import type { Part } from '../cut/cut-graph.ts';

/** Where weights lie: the file and the byte they start at. */
export type WeightPlaces = ReadonlyMap<string, { readonly location: string; readonly offset: number }>;

/** A weight as a graph's input. */
export const weightInput = ({ name, elementType, dims }: OnnxInitializer): OnnxValue => ({ name, elementType, dims });

/** A weight that stays where it is. */
export function placedWeight(weight: OnnxInitializer, places: WeightPlaces) {
	const place = places.get(weight.name);
	if (place === undefined) throw new RangeError(`the weight ${weight.name} has no place`);
	return externalTensorMessage(weight.name, weight.elementType, weight.dims, place);
}

/** A weight within the graph. */
export function innerWeight({ name, elementType, dims }: OnnxInitializer, bytes: Uint8Array) {
	return tensorMessage(name, elementType, dims, bytes);
}

/** A file with some operators, given inputs and weights. Results' types are left to the runtime. */
export function partFile(
	graph: OnnxGraph,
	nodes: Part['nodes'],
	inputs: readonly OnnxValue[],
	outputs: readonly string[],
	weights: ModelMessage['graph']['initializer'],
): Uint8Array {
	return writeOnnxModel({
		irVersion: Math.max(8, graph.irVersion),
		producerName: 'assay',
		opsetImport: [...graph.opsets].map(([domain, version]) => ({ domain, version })),
		functions: graph.functions,
		graph: {
			name: graph.name,
			node: [...nodes],
			initializer: weights,
			input: inputs.map(valueMessage),
			output: outputs.map((name) => valueMessage({ name, elementType: graph.values.get(name)?.elementType ?? null, dims: null })),
		},
	});
}

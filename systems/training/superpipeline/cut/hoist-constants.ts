/** Some exporters write weights as operators of type Constant. They become weights like others; what is small stays small. */
import { elementBytes, elementTypeOf, type OnnxGraph, type OnnxInitializer, type OnnxNode } from '@assay/models/onnx';

export function hoistConstants(graph: OnnxGraph): OnnxGraph {
	const initializers = new Map(graph.initializers);
	const nodes: OnnxNode[] = [];
	for (const node of graph.nodes) {
		const hoisted = constantOf(node);
		if (hoisted === undefined || graph.outputs.some(({ name }) => name === hoisted.name)) nodes.push(node);
		else initializers.set(hoisted.name, hoisted);
	}
	return { ...graph, nodes, initializers };
}

function constantOf(node: OnnxNode): OnnxInitializer | undefined {
	const tensor =
		node.opType === 'Constant' && node.domain === '' ? node.attribute.find(({ name }) => name === 'value')?.t : undefined;
	const [name] = node.output;
	const elementType = elementTypeOf(tensor?.dataType ?? 0);
	if (tensor === undefined || name === undefined || elementType === undefined || elementType === 'string') return undefined;
	const dims = tensor.dims.map(Number);
	const count = dims.reduce((product, one) => product * one, 1);
	return {
		name,
		elementType,
		dims,
		bytes: elementBytes(elementType, count),
		data: { kind: 'message', tensor: { ...tensor, name } },
	};
}

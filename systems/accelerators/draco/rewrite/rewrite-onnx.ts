/** The user's ONNX file with wider groups, its function unchanged: ready to be trained on. */
import { InputError } from '@assay/contract';
import {
	type ByteSource,
	elementBytes,
	initializerBytes,
	isFloat,
	type OnnxGraph,
	type OnnxNode,
	onnxAttribute,
	type TensorMessage,
	tensorMessage,
	writeChangedGraph,
} from '@assay/models/onnx';
import { blockDiagonal } from './block-diagonal.ts';

/**
 * The graph with the depthwise convolutions of `widths` (by name of the node, or of its first output) made grouped ones of so many channels. Weights
 * keep their type; they become as many times larger. Raises an `InputError` for weights that are computed, shared with another operator, or
 * no floating-point numbers.
 */
export async function rewriteOnnx(
	graph: OnnxGraph,
	source: ByteSource,
	widths: ReadonlyMap<string, number>,
): Promise<Uint8Array> {
	const readers = new Map<string, number>();
	for (const { input } of graph.nodes) for (const name of input) readers.set(name, (readers.get(name) ?? 0) + 1);
	const replaced = new Map<string, TensorMessage>();
	const nodes: OnnxNode[] = [];
	for (const node of graph.nodes) {
		const width = widths.get(node.name) ?? widths.get(node.output[0] ?? '') ?? 1;
		if (width === 1) {
			nodes.push(node);
			continue;
		}
		const name = node.input[1] ?? '';
		const weight = graph.initializers.get(name);
		const place = [source.name, node.name || (node.output[0] ?? '')];
		if (weight === undefined || !isFloat(weight.elementType))
			throw new InputError({
				path: place,
				found: 'weights that are computed or quantised',
				expected: 'floating-point weights in the file',
			});
		if ((readers.get(name) ?? 0) > 1)
			throw new InputError({ path: place, found: `weights ${name} that others read too`, expected: 'weights of its own' });
		const [outputs = 0, one = 0, ...kernel] = weight.dims;
		const groups = node.attribute.find((attribute) => attribute.name === 'group')?.i;
		if (typeof groups !== 'number' || one !== 1 || groups % width !== 0)
			throw new InputError({
				path: place,
				found: `${String(groups)} groups of ${one} maps`,
				expected: `a depthwise convolution whose groups ${width} divides`,
			});
		const widened = blockDiagonal(
			await initializerBytes(weight, source),
			outputs,
			outputs / groups,
			width,
			elementBytes(weight.elementType, 1),
		);
		replaced.set(name, tensorMessage(name, weight.elementType, [outputs, width, ...kernel], widened));
		nodes.push({
			...node,
			attribute: [...node.attribute.filter((attribute) => attribute.name !== 'group'), onnxAttribute('group', groups / width)],
		});
	}
	return writeChangedGraph(graph, source, { producerName: 'assay draco', replaced, nodes });
}

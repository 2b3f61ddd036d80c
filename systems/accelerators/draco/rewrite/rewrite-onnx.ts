/** The user's ONNX file with wider groups, its function unchanged: ready to be trained on. */
import { InputError } from '@assay/contract';
import {
	type ByteSource,
	elementBytes,
	isFloat,
	type OnnxGraph,
	type OnnxInitializer,
	type OnnxNode,
	onnxAttribute,
	type TensorMessage,
	tensorBytes,
	tensorMessage,
	valueMessage,
	writeOnnxModel,
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
			await weightBytes(weight, source),
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
	const initializer: TensorMessage[] = [];
	for (const weight of graph.initializers.values())
		initializer.push(
			replaced.get(weight.name) ??
				(weight.data.kind === 'message'
					? weight.data.tensor
					: tensorMessage(weight.name, weight.elementType, weight.dims, await weightBytes(weight, source))),
		);
	return writeOnnxModel({
		irVersion: graph.irVersion,
		producerName: 'assay draco',
		opsetImport: [...graph.opsets].map(([domain, version]) => ({ domain, version })),
		graph: {
			name: graph.name,
			node: nodes,
			initializer,
			input: graph.inputs.map(valueMessage),
			output: graph.outputs.map(valueMessage),
		},
		functions: graph.functions,
	});
}

async function weightBytes({ name, data, bytes }: OnnxInitializer, source: ByteSource): Promise<Uint8Array> {
	switch (data.kind) {
		case 'message':
			return tensorBytes(data.tensor);
		case 'own-file':
			return source.read(data.offset, bytes);
		case 'other-file':
			throw new InputError({
				path: [source.name, name],
				found: `weights in ${data.location}`,
				expected: 'weights in the file itself',
			});
	}
}

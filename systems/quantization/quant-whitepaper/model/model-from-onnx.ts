/** An ONNX file as a model: sizes bound, constants computed, operators raised to one set. */
import { InputError } from '@assay/contract';
import {
	type ByteSource,
	elementTypeOf,
	type GivenDimensions,
	inferShapes,
	type OnnxElementType,
	type OnnxNode,
	readOnnxGraph,
	type TensorMessage,
	tensorBytes,
} from '@assay/models/onnx';
import { type FloatModel, floatWeight, integersWeight, type Weight, withoutDeadParts } from './float-model.ts';
import { LEAST_OPERATOR_SET, raiseOperator } from './raise-operator-set.ts';

/**
 * Reads a file with one float32 input. An open batch is 1; other open sizes must be given. Raises an InputError that names what is missing,
 * broken or not understood.
 */
export async function modelFromOnnx(source: ByteSource, dimensions: GivenDimensions = {}): Promise<FloatModel> {
	const graph = await readOnnxGraph(source);
	const fail = (place: string, found: string, expected: string) =>
		new InputError({ path: [source.name, place], found, expected });
	const flow = graph.nodes.find(({ opType }) => ['If', 'Loop', 'Scan'].includes(opType));
	if (flow !== undefined) throw fail(flow.name || flow.opType, flow.opType, 'a graph without branches and loops');
	if (graph.functions !== undefined && graph.functions.length > 0)
		throw fail('functions', `${graph.functions.length} functions`, 'a graph of plain operators (inline the functions first)');
	const [input] = graph.inputs;
	if (input === undefined || graph.inputs.length !== 1 || input.elementType !== 'float32')
		throw fail(
			'inputs',
			graph.inputs.map(({ name, elementType }) => `${name} (${elementType ?? 'unknown'})`).join(', ') || 'none',
			'one input of float32',
		);
	const batch = input.dims?.[0];
	const key = typeof batch === 'string' ? batch : `${input.name}[0]`;
	const isOpen =
		input.dims !== null && typeof batch !== 'number' && dimensions[key] === undefined && dimensions[input.name] === undefined;
	const bound = isOpen ? { ...dimensions, [key]: 1 } : dimensions;
	const inferred = inferShapes(graph, bound, [source.name]);
	const weights = new Map<string, Weight>();
	for (const { name, elementType, dims, data, bytes } of graph.initializers.values()) {
		if (data.kind === 'other-file') throw fail(name, `weights in ${data.location}`, 'weights in the file itself');
		const content = data.kind === 'message' ? tensorBytes(data.tensor) : await source.read(data.offset, bytes);
		weights.set(name, { name, elementType, dims, bytes: content });
	}
	const from = graph.opsets.get('') ?? 1;
	const aliases = new Map<string, string>();
	const shapes = new Map([...inferred.tensors].map(([name, { shape }]) => [name, shape]));
	const otherTypes = new Map<string, OnnxElementType>();
	for (const { name, elementType } of inferred.tensors.values())
		if (elementType !== null && elementType !== 'float32') otherTypes.set(name, elementType);
	const nodes: OnnxNode[] = [];
	for (const { operator, outputs } of inferred.operators) {
		const node: OnnxNode = { ...operator.node, input: operator.node.input.map((name) => aliases.get(name) ?? name) };
		const folded = foldConstant(node, outputs, weights);
		if (folded !== undefined) {
			for (const weight of folded) weights.set(weight.name, weight);
			continue;
		}
		const [output = ''] = node.output;
		const isOutput = graph.outputs.some(({ name }) => name === output);
		if ((node.opType === 'Identity' || node.opType === 'Dropout') && !isOutput) {
			aliases.set(output, node.input[0] ?? '');
			continue;
		}
		const raised = raiseOperator(node, from, operator.optional(0)?.shape, source.name);
		for (const weight of raised.weights) weights.set(weight.name, weight);
		nodes.push(raised.node);
	}
	return withoutDeadParts(
		checkWeights({
			name: source.name,
			nodes,
			weights,
			input: input.name,
			outputs: graph.outputs.map(({ name }) => name),
			shapes: new Map([...shapes].filter(([name]) => !weights.has(name))),
			otherTypes,
			opset: Math.max(LEAST_OPERATOR_SET, from),
			imageOrder: 'channels-first',
		}),
	);
}

type InferredTensor = NonNullable<ReturnType<typeof inferShapes>['operators'][number]['outputs'][number]>;

/** What a node gives out, where it follows from constants and shapes. */
function foldConstant(
	node: OnnxNode,
	outputs: readonly (InferredTensor | null)[],
	weights: ReadonlyMap<string, Weight>,
): readonly Weight[] | undefined {
	const [first] = outputs;
	const name = node.output[0] ?? '';
	if (node.opType === 'Constant') {
		const tensor = node.attribute.find((attribute) => attribute.name === 'value')?.t;
		if (tensor !== undefined) return [spelt(name, tensor)];
	}
	const source = weights.get(node.input[0] ?? '');
	if (source !== undefined && first !== undefined && first !== null) {
		if (['Identity', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten'].includes(node.opType))
			return [{ ...source, name, dims: first.shape }];
	}
	const known: Weight[] = [];
	for (const [index, tensor] of outputs.entries()) {
		if (tensor === null) continue;
		if (tensor.values === null) return undefined;
		const weight = weightOf(node.output[index] ?? '', tensor.elementType, tensor.shape, tensor.values);
		if (weight === undefined) return undefined;
		known.push(weight);
	}
	return known;
}

function spelt(name: string, tensor: TensorMessage): Weight {
	return {
		name,
		elementType: elementTypeOf(tensor.dataType) ?? 'float32',
		dims: tensor.dims.map(Number),
		bytes: tensorBytes(tensor),
	};
}

function weightOf(name: string, type: OnnxElementType | null, dims: readonly number[], values: Float64Array): Weight | undefined {
	switch (type) {
		case 'float32':
			return floatWeight(name, dims, values);
		case 'int64':
			return { ...integersWeight(name, Array.from(values)), dims };
		case 'int32':
			return { name, elementType: 'int32', dims, bytes: new Uint8Array(Int32Array.from(values).buffer) };
		case 'bool':
			return { name, elementType: 'bool', dims, bytes: Uint8Array.from(values) };
		default:
			return undefined;
	}
}

/** Raises an InputError that names a weight which holds no numbers, or infinite ones. */
export function checkWeights(model: FloatModel): FloatModel {
	for (const { name, elementType, bytes } of model.weights.values()) {
		if (elementType !== 'float32') continue;
		const values = new Float32Array(new Uint8Array(bytes).buffer);
		const at = values.findIndex((value) => !Number.isFinite(value));
		if (at >= 0) throw new InputError({ path: [model.name, name, at], found: String(values[at]), expected: 'finite weights' });
	}
	return model;
}

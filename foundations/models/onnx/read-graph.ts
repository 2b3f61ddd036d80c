/** Reads an ONNX file: the graph, and where its weights lie. */
import { InputError, parseOrExplain } from '@assay/contract';
import type { ByteSource } from './byte-source.ts';
import { elementBytes, elementTypeOf } from './element-type.ts';
import {
	modelSchema,
	type OnnxBytes,
	type OnnxGraph,
	type OnnxInitializer,
	type OnnxValue,
	type TensorMessage,
	type ValueInfoMessage,
} from './graph.ts';
import { modelProto } from './schema.ts';
import { readSkeleton, type Skeleton } from './skeleton.ts';
import { topologicalOrder } from './topological-order.ts';

const MAX_NODES = 500_000;
const EXTERNAL = 1;

/**
 * Reads a graph without its weights. Raises an InputError that names the file and the place for anything that is no valid ONNX graph:
 * broken protobuf, cycles, inputs that nothing writes, weights whose bytes are not those of their shape.
 */
export async function readOnnxGraph(source: ByteSource): Promise<OnnxGraph> {
	const skeleton = await readSkeleton(source);
	const model = parseOrExplain(modelSchema, decode(skeleton.bytes, source.name), [source.name]);
	const { graph } = model;
	if (graph.node.length === 0 || graph.node.length > MAX_NODES) {
		throw new InputError({
			path: [source.name, 'graph'],
			found: `${graph.node.length} operators`,
			expected: `1 to ${MAX_NODES} operators`,
		});
	}
	const initializers = new Map<string, OnnxInitializer>();
	for (const [index, tensor] of graph.initializer.entries()) {
		const one = initializerOf(tensor, index, skeleton.left, source);
		if (initializers.has(one.name)) {
			throw new InputError({
				path: [source.name, 'initializer', index],
				found: `the weight ${JSON.stringify(one.name)} a second time`,
				expected: 'each weight once',
			});
		}
		initializers.set(one.name, one);
	}
	const inputs = graph.input.filter(({ name }) => !initializers.has(name)).map(readValue);
	const outputs = graph.output.map(readValue);
	const given = new Set([...inputs.map(({ name }) => name), ...initializers.keys()]);
	const nodes = topologicalOrder(graph.node, given, source.name);
	const written = new Set([...given, ...nodes.flatMap(({ output }) => output)]);
	for (const { name } of outputs) {
		if (!written.has(name)) {
			throw new InputError({
				path: [source.name, 'graph', 'output'],
				found: JSON.stringify(name),
				expected: 'a tensor that an operator writes',
			});
		}
	}
	return {
		name: graph.name,
		nodes,
		initializers,
		inputs,
		outputs,
		values: new Map([...graph.valueInfo.map(readValue), ...outputs, ...inputs].map((value) => [value.name, value])),
		opsets: new Map(model.opsetImport.map(({ domain, version }) => [domain === 'ai.onnx' ? '' : domain, Number(version)])),
		irVersion: Number(model.irVersion ?? 8),
		producer: [model.producerName, model.producerVersion].filter(Boolean).join(' '),
		functions: model.functions,
	};
}

function decode(bytes: Uint8Array, name: string): unknown {
	try {
		// Absent fields stay absent: what is optional is filled in by the schema.
		return modelProto.toObject(modelProto.decode(bytes), { longs: String });
	} catch (error) {
		throw new InputError({
			path: [name],
			found: error instanceof Error ? `broken protobuf (${error.message.slice(0, 80)})` : 'broken protobuf',
			expected: 'an ONNX file',
		});
	}
}

/** Types and shapes of what is no tensor are left open. */
function readValue({ name, type }: ValueInfoMessage): OnnxValue {
	const tensor = type?.tensorType;
	const dims = tensor?.shape?.dim.map(({ dimValue, dimParam }) =>
		typeof dimValue === 'number' && dimValue >= 0 ? dimValue : dimParam === undefined || dimParam === '' ? null : dimParam,
	);
	return { name, elementType: elementTypeOf(tensor?.elemType ?? 0) ?? null, dims: dims ?? null };
}

function initializerOf(tensor: TensorMessage, index: number, left: Skeleton['left'], source: ByteSource): OnnxInitializer {
	const name = tensor.name ?? '';
	const fail = (found: string, expected: string): InputError =>
		new InputError({ path: [source.name, 'initializer', index, name], found, expected });
	const elementType = elementTypeOf(tensor.dataType);
	if (elementType === undefined) throw fail(`the data type ${tensor.dataType}`, 'a data type from 1 to 23');
	const dims = tensor.dims.map(Number);
	const count = dims.reduce((product, one) => product * one, 1);
	if (dims.some((one) => one < 0) || !Number.isSafeInteger(count))
		throw fail(`the shape [${dims.join(', ')}]`, 'dimensions of 0 or more');
	const bytes = elementBytes(elementType, count);
	const data = bytesOf(tensor, left.get(index), bytes, fail);
	if (data.kind === 'own-file' && data.offset + bytes > source.bytes)
		throw fail('bytes beyond the end of the file', 'a whole file');
	return { name, elementType, dims, bytes, data };
}

function bytesOf(
	tensor: TensorMessage,
	left: { readonly offset: number; readonly bytes: number } | undefined,
	bytes: number,
	fail: (found: string, expected: string) => InputError,
): OnnxBytes {
	if (tensor.dataLocation === EXTERNAL) {
		const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
		const location = entries.get('location') ?? '';
		if (location === '' || /(^[/\\])|(^|[/\\])\.\.([/\\]|$)/.test(location)) {
			throw fail(`external data at ${JSON.stringify(location)}`, 'the name of a file beside the graph');
		}
		const offset = Number(entries.get('offset') ?? 0);
		const length = Number(entries.get('length') ?? bytes);
		if (!Number.isSafeInteger(offset) || offset < 0 || length !== bytes)
			throw fail(`${length} bytes at offset ${offset} of ${location}`, `${bytes} bytes, which its shape takes`);
		return { kind: 'other-file', location, offset };
	}
	if (left !== undefined) {
		if (left.bytes !== bytes) throw fail(`${left.bytes} bytes`, `${bytes} bytes, which its shape takes`);
		return { kind: 'own-file', offset: left.offset };
	}
	if (tensor.rawData !== undefined && tensor.rawData.byteLength !== bytes)
		throw fail(`${tensor.rawData.byteLength} bytes`, `${bytes} bytes, which its shape takes`);
	return { kind: 'message', tensor };
}

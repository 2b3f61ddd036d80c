/** What a graph's tensors really are: onnxruntime runs it with every one marked as an output. */
import * as ort from 'onnxruntime-node';
import { modelSchema, type OnnxGraph } from '../graph.ts';
import { modelProto } from '../schema.ts';
import { bindInputs, type GivenDimensions } from '../shapes/dimensions.ts';
import { elementCount } from '../shapes/inferred-tensor.ts';

/** Shapes by tensor. Inputs are zeros, but for numbers that are given. Bodies of branches and loops show their results alone. */
export async function runEveryTensor(
	file: Uint8Array,
	graph: OnnxGraph,
	dimensions: GivenDimensions,
): Promise<ReadonlyMap<string, readonly number[]>> {
	const model = modelSchema.parse(modelProto.toObject(modelProto.decode(file), { longs: String }));
	const stated = new Map(model.graph.output.map((output) => [output.name, output]));
	model.graph.output = model.graph.node.flatMap(({ output }) =>
		output.filter((name) => name !== '').map((name) => stated.get(name) ?? { name }),
	);
	const bytes = new Uint8Array(modelProto.encode(modelProto.fromObject(model)).finish());
	const session = await ort.InferenceSession.create(bytes, {
		graphOptimizationLevel: 'disabled',
		intraOpNumThreads: 1,
		interOpNumThreads: 1,
		logSeverityLevel: 4,
	});
	const feeds = Object.fromEntries(
		bindInputs(graph, dimensions, ['graph']).map(({ input, shape, value }) => [
			input.name,
			tensor(input.elementType ?? 'float32', shape, value ?? 0),
		]),
	);
	try {
		const results = await session.run(feeds);
		return new Map(Object.entries(results).map(([name, result]) => [name, result.dims]));
	} finally {
		await session.release();
	}
}

function tensor(type: string, shape: readonly number[], value: number): ort.Tensor {
	const count = elementCount(shape);
	switch (type) {
		case 'int64':
			return new ort.Tensor('int64', new BigInt64Array(count).fill(BigInt(value)), shape);
		case 'int32':
			return new ort.Tensor('int32', new Int32Array(count).fill(value), shape);
		case 'bool':
			return new ort.Tensor('bool', new Uint8Array(count).fill(value), shape);
		case 'uint8':
			return new ort.Tensor('uint8', new Uint8Array(count).fill(value), shape);
		case 'float16':
			return new ort.Tensor('float16', new Uint16Array(count).fill(value), shape);
		default:
			return new ort.Tensor('float32', new Float32Array(count).fill(value), shape);
	}
}

/** Writes small graphs for tests, operator by operator. */
import type { OnnxElementType } from '../element-type.ts';
import type { GraphMessage, ModelMessage, OnnxAttribute, OnnxNode, TensorMessage } from '../graph.ts';
import { elementCount } from '../shapes/inferred-tensor.ts';
import { tensorMessage } from '../tensor-bytes.ts';
import { onnxAttribute, valueMessage, writeOnnxModel } from '../write-graph.ts';

type AttributeValue =
	| Parameters<typeof onnxAttribute>[1]
	| { readonly floats: readonly number[] }
	| { readonly graph: GraphMessage }
	| { readonly tensor: TensorMessage };

interface OperatorOptions {
	readonly attributes?: Readonly<Record<string, AttributeValue>>;
	readonly outputs?: number;
	readonly domain?: string;
}

export class GraphWriter {
	readonly nodes: OnnxNode[] = [];
	private readonly initializers: GraphMessage['initializer'] = [];
	private readonly inputs: GraphMessage['input'] = [];
	private count = 0;
	readonly opset: number;

	constructor(opset: number) {
		this.opset = opset;
	}

	input(name: string, dims: readonly (number | string | null)[], elementType: OnnxElementType = 'float32'): string {
		this.inputs.push(valueMessage({ name, elementType, dims }));
		return name;
	}

	/** Adds an operator; the name of its first output, those of others end in `_1`, `_2`, ... */
	add(opType: string, inputs: readonly string[], { attributes = {}, outputs = 1, domain = '' }: OperatorOptions = {}): string {
		const name = `${opType.toLowerCase()}${this.count++}`;
		const output = Array.from({ length: outputs }, (_, i) => (i === 0 ? name : `${name}_${i}`));
		this.nodes.push({ name, opType, domain, input: [...inputs], output, attribute: Object.entries(attributes).map(attributeOf) });
		return name;
	}

	/** A weight of small numbers. */
	weight(dims: readonly number[], type: OnnxElementType = 'float32'): string {
		const count = elementCount(dims);
		const values =
			type === 'float32'
				? Float32Array.from({ length: count }, (_, i) => ((i % 7) - 3) / 10)
				: type === 'int32'
					? Int32Array.from({ length: count }, (_, i) => i % 5)
					: Uint8Array.from({ length: count }, (_, i) => i % 5);
		return this.constant(type, dims, new Uint8Array(values.buffer));
	}

	scalar(value: number, type: 'float32' | 'uint8' | 'int8' | 'int64' | 'bool' = 'float32'): string {
		const values =
			type === 'float32' ? Float32Array.of(value) : type === 'int64' ? BigInt64Array.of(BigInt(value)) : Uint8Array.of(value);
		return this.constant(type, [], new Uint8Array(values.buffer));
	}

	integers(values: readonly number[]): string {
		return this.constant('int64', [values.length], new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer));
	}

	floats(values: readonly number[]): string {
		return this.constant('float32', [values.length], new Uint8Array(Float32Array.from(values).buffer));
	}

	private constant(type: OnnxElementType, dims: readonly number[], bytes: Uint8Array): string {
		const name = `constant${this.count++}`;
		this.initializers.push(tensorMessage(name, type, dims, bytes));
		return name;
	}

	/** The graph as a body with the outputs named. */
	body(outputs: readonly string[]): GraphMessage {
		const output = outputs.map((name) => ({ name }));
		return { name: 'body', node: this.nodes, initializer: this.initializers, input: this.inputs, output, valueInfo: [] };
	}

	model(outputs: readonly string[], functions: ModelMessage['functions'] = []): ModelMessage {
		return {
			irVersion: this.opset >= 21 ? 10 : this.opset >= 15 ? 8 : 7,
			producerName: 'test',
			opsetImport: [
				{ domain: '', version: this.opset },
				{ domain: 'com.microsoft', version: 1 },
				{ domain: 'local', version: 1 },
			],
			graph: {
				name: 'test',
				node: this.nodes,
				initializer: this.initializers,
				input: this.inputs,
				output: outputs.map((name) => ({ name })),
			},
			functions,
		};
	}

	/** A file whose output is what was written last. */
	file(functions: ModelMessage['functions'] = []): Uint8Array {
		const last = this.nodes.at(-1)?.output[0] ?? '';
		return writeOnnxModel(this.model([last], functions));
	}
}

function attributeOf([name, value]: readonly [string, AttributeValue]): OnnxAttribute {
	if (typeof value === 'object' && 'floats' in value) return { name, type: 6, floats: [...value.floats] };
	if (typeof value === 'object' && 'graph' in value) return { name, type: 5, g: value.graph };
	if (typeof value === 'object' && 'tensor' in value) return { name, type: 4, t: value.tensor };
	return onnxAttribute(name, value);
}

/** A tensor of one number, as attributes hold it. */
export function oneNumber(value: number): TensorMessage {
	return tensorMessage('', 'float32', [1], new Uint8Array(Float32Array.of(value).buffer));
}

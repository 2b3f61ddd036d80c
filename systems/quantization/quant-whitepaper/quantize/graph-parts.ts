/** Small constants of quantized graphs, and a list of operators that grows with them. */
import { type OnnxElementType, type OnnxNode, onnxNode } from '@assay/models/onnx';
import type { Quantization } from '../integer/integer-network.ts';
import { type FloatModel, floatWeight, type Weight } from '../model/float-model.ts';

export class GraphParts {
	readonly nodes: OnnxNode[] = [];
	readonly weights = new Map<string, Weight>();
	private tensors = 0;
	/** Scales and zero points of tensors, which are read again and again. Those of weights must not be shared: onnxruntime rewrites each. */
	private readonly quantizations = new Map<string, readonly [string, string]>();

	add(
		opType: string,
		inputs: readonly string[],
		outputs: readonly string[],
		attributes: Parameters<typeof onnxNode>[3] = {},
		domain = '',
	): void {
		this.nodes.push({ ...onnxNode(opType, inputs, outputs, attributes), domain });
	}

	/** Takes in a constant under a short name of its own. */
	private keep({ elementType, dims, bytes }: Omit<Weight, 'name'>): string {
		const name = `q${this.weights.size.toString(36)}`;
		this.weights.set(name, { name, elementType, dims, bytes });
		return name;
	}

	bytes(elementType: OnnxElementType, dims: readonly number[], values: Int8Array | Int32Array | Uint8Array): string {
		return this.keep({ elementType, dims, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice() });
	}

	floats(dims: readonly number[], values: ArrayLike<number>): string {
		return this.keep(floatWeight('', dims, values));
	}

	/** Names of scale and zero point of a tensor in 8 bits. */
	quantization({ scale, zeroPoint }: Quantization): readonly [string, string] {
		const key = `${scale} ${zeroPoint}`;
		const known = this.quantizations.get(key);
		if (known !== undefined) return known;
		const names = [this.floats([], [scale]), this.bytes('int8', [], Int8Array.of(zeroPoint))] as const;
		this.quantizations.set(key, names);
		return names;
	}

	/** A short name for a tensor between two operators. */
	fresh(): string {
		return `t${(this.tensors++).toString(36)}`;
	}

	/** The model with these operators; weights that they still read are kept. */
	over(model: FloatModel): FloatModel {
		return { ...model, nodes: this.nodes, weights: new Map([...model.weights, ...this.weights]) };
	}
}

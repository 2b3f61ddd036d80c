/** Small constants of quantized graphs, and a list of operators that grows with them. */
import { type OnnxElementType, type OnnxNode, onnxNode } from '@assay/models/onnx';
import type { Quantization } from '../integer/integer-network.ts';
import { type FloatModel, floatWeight, type Weight } from '../model/float-model.ts';

/** Of names; they begin with one of the first 52. */
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

export class GraphParts {
	readonly nodes: OnnxNode[] = [];
	readonly weights = new Map<string, Weight>();
	private readonly model: FloatModel;
	/** Names that the model's own tensors and weights have. */
	private readonly taken: ReadonlySet<string>;
	private names = 0;
	/** Scales and zero points of tensors, which are read again and again. Those of weights must not be shared: onnxruntime rewrites each. */
	private readonly scalars = new Map<string, string>();

	/** Parts of a graph that takes the place of the model's. */
	constructor(model: FloatModel) {
		this.model = model;
		this.taken = new Set([...model.shapes.keys(), ...model.weights.keys(), ...model.outputs, model.input]);
	}

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
		const name = this.fresh();
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
		return [this.shared(`scale ${scale}`, () => this.floats([], [scale])), this.zero(zeroPoint)];
	}

	zero(zeroPoint: number): string {
		return this.shared(`zero ${zeroPoint}`, () => this.bytes('int8', [], Int8Array.of(zeroPoint)));
	}

	private shared(key: string, make: () => string): string {
		const name = this.scalars.get(key) ?? make();
		this.scalars.set(key, name);
		return name;
	}

	/** A name that nothing has yet, as short as can be: files of small networks are names for a good part. */
	fresh(): string {
		let name: string;
		do {
			let number = this.names++;
			name = LETTERS[number % 52] as string;
			for (number = Math.floor(number / 52); number > 0; number = Math.floor((number - 1) / 62))
				name += LETTERS[(number - 1) % 62] as string;
		} while (this.taken.has(name));
		return name;
	}

	/** The model with these operators; weights that they still read are kept. */
	whole(): FloatModel {
		return { ...this.model, nodes: this.nodes, weights: new Map([...this.model.weights, ...this.weights]) };
	}
}

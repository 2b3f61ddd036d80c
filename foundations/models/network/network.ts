/**
 * A network as a graph of operators, whatever it came from: an ONNX file, a transformer's description, a built-in table. It is what
 * models of accelerators work on. Plain data: layers in an order in which each comes after what it reads, each with the tensors it
 * reads, the weights it holds and the tensors it writes. A layer reads another's output where their tensors have the same name.
 */

/** A tensor, or a weight. */
export interface Tensor {
	/** Unique in the network, the same wherever the tensor is read. */
	readonly name: string;
	/** Outermost axis first. */
	readonly shape: readonly number[];
	/** Width of one element. */
	readonly bits: number;
}

/**
 * A convolution in one, two or three dimensions; arrays hold an entry a spatial axis, height before width.
 * Multiply-accumulates: `batch · outputChannels · outputs · (inputChannels / groups) · kernel`; transposed, where each input element is
 * spread over the kernel, `batch · inputChannels · inputs · (outputChannels / groups) · kernel`.
 */
export interface Convolution {
	readonly kind: 'convolution';
	readonly batch: number;
	readonly inputChannels: number;
	readonly outputChannels: number;
	readonly groups: number;
	readonly kernel: readonly number[];
	readonly stride: readonly number[];
	readonly padBegin: readonly number[];
	readonly padEnd: readonly number[];
	readonly dilation: readonly number[];
	readonly inputSize: readonly number[];
	readonly outputSize: readonly number[];
	readonly transposed: boolean;
}

/**
 * `batch` products of an m by k with a k by n matrix. A weight is always the second operand: where a file has it first, the transposed
 * product is meant.
 */
export interface MatrixProduct {
	readonly kind: 'matrix-product';
	readonly batch: number;
	readonly m: number;
	readonly n: number;
	readonly k: number;
	readonly secondOperand: 'weight' | 'activation';
	/** Where the product is part of an attention under a mask; null elsewhere. */
	readonly mask: AttentionMask | null;
}

/** Which part of a masked attention a product is, and what the mask leaves of it. */
export interface AttentionMask {
	/** `scores`: queries with keys, m by n tokens; `context`: the weights of m queries over k tokens, with values. */
	readonly part: 'scores' | 'context';
	/** Pairs of a row of m and a key that the mask leaves, in each of the batch's products. */
	readonly unmaskedPairs: number;
}

/** A recurrent layer: at each step, input and state are multiplied with `gates` matrices each. */
export interface Recurrent {
	readonly kind: 'recurrent';
	readonly batch: number;
	readonly steps: number;
	readonly inputSize: number;
	readonly hiddenSize: number;
	/** 4 for LSTM, 3 for GRU, 1 for a plain cell. */
	readonly gates: number;
	readonly directions: number;
}

/** Maximum, average or norm over windows; a global one has a window over everything. */
export interface Pooling {
	readonly kind: 'pooling';
	readonly batch: number;
	readonly channels: number;
	readonly kernel: readonly number[];
	readonly stride: readonly number[];
	readonly padBegin: readonly number[];
	readonly padEnd: readonly number[];
	readonly inputSize: readonly number[];
	readonly outputSize: readonly number[];
}

/** Look-ups of rows in a table. */
export interface Embedding {
	readonly kind: 'embedding';
	readonly rows: number;
	readonly width: number;
	readonly lookups: number;
}

/** A softmax over each of `rows` rows of `columns` elements. */
export interface Softmax {
	readonly kind: 'softmax';
	readonly rows: number;
	readonly columns: number;
}

/** What has no more to say than its operator's name and its tensors. */
export interface PlainOperation {
	readonly kind: 'normalisation' | 'elementwise' | 'reduction' | 'data-movement';
}

export type Operation = Convolution | MatrixProduct | Recurrent | Pooling | Embedding | Softmax | PlainOperation;
export type LayerKind = Operation['kind'];

export type Layer = Operation & {
	/** Unique in the network. */
	readonly name: string;
	/** The operator by ONNX's name. */
	readonly operator: string;
	/** Activations, in the operator's order. */
	readonly inputs: readonly Tensor[];
	/** Weights, biases included. A weight that several layers hold has one name. */
	readonly weights: readonly Tensor[];
	readonly outputs: readonly Tensor[];
};

export interface Network {
	readonly name: string;
	/** Where it comes from. */
	readonly source: string;
	readonly inputs: readonly Tensor[];
	readonly outputs: readonly Tensor[];
	readonly layers: readonly Layer[];
}

/** Data that one layer writes and another reads. `from` is null for an input of the network, `to` for an output. */
export interface DataEdge {
	readonly from: Layer | null;
	readonly to: Layer | null;
	readonly tensor: Tensor;
}

/** Every edge: by reader in the network's order, then the network's outputs. O(edges). */
export function dataEdges(network: Network): DataEdge[] {
	const writer = new Map<string, Layer>();
	for (const layer of network.layers) for (const tensor of layer.outputs) writer.set(tensor.name, layer);
	const edge = (to: Layer | null) => (tensor: Tensor) => ({ from: writer.get(tensor.name) ?? null, to, tensor });
	return [...network.layers.flatMap((layer) => layer.inputs.map(edge(layer))), ...network.outputs.map(edge(null))];
}

/** Number of elements of a tensor. */
export function tensorElements({ shape }: Tensor): number {
	return product(shape);
}

/** Product of some numbers; 1 for none. */
export function product(numbers: readonly number[]): number {
	return numbers.reduce((all, one) => all * one, 1);
}

/** Networks as graphs of operators: from ONNX files, transformers' descriptions, built-in tables and SCALE-Sim topologies. */
export * from './counts.ts';
export { networkFromOnnx } from './from-onnx/network-from-onnx.ts';
export { networkFromTransformer, type TransformerRun } from './from-transformer/network-from-transformer.ts';
export {
	type AttentionMask,
	type Convolution,
	type DataEdge,
	dataEdges,
	type Embedding,
	type Layer,
	type LayerKind,
	type MatrixProduct,
	type Network,
	type Operation,
	type PlainOperation,
	type Pooling,
	type Recurrent,
	type Softmax,
	type Tensor,
	tensorElements,
} from './network.ts';
export * from './network-input.ts';
export { readTopology } from './scale-sim/read-topology.ts';
export { writeTopology } from './scale-sim/write-topology.ts';
export * from './tables.ts';
export { findNetwork, listNetworks } from './zoo.ts';

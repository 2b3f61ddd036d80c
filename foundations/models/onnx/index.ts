/** ONNX graphs: reading without loading weights, and writing. */
export * from './byte-source.ts';
export * from './element-type.ts';
export * from './graph.ts';
export * from './read-graph.ts';
export * from './tensor-bytes.ts';
export * from './topological-order.ts';
export * from './write-graph.ts';

/** ONNX graphs: reading without loading weights, shapes of every tensor, and writing. */
export * from './byte-source.ts';
export * from './changed-graph.ts';
export * from './element-type.ts';
export * from './graph.ts';
export * from './read-graph.ts';
export { coveredOperators, type GivenDimensions, inferShapes, openDimensions, parseDimensions } from './shapes/index.ts';
export * from './tensor-bytes.ts';
export * from './topological-order.ts';
export * from './write-graph.ts';

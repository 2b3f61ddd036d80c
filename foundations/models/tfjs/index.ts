export * from './graph-node.ts';
export * from './keras-layer.ts';
export * from './read-model.ts';
export { shardName, type TfjsWeight } from './weights.ts';

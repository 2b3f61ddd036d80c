export * from './hugging-face.ts';
export * from './kv-cache.ts';
export * from './number-format.ts';
export * from './operations.ts';
export * from './parameters.ts';
export * from './traffic.ts';
export * from './transformer.ts';
export * from './zoo.ts';
export type { ZooEntry } from './zoo-entries.ts';

export * from './element-values.ts';
export * from './npy.ts';
export * from './numbers-text.ts';
export * from './read-tensor.ts';
export * from './tensor.ts';

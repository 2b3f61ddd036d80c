export * from './cluster.ts';
export * from './device.ts';
export * from './machine-file.ts';
export * from './resolve.ts';
export * from './tables.ts';

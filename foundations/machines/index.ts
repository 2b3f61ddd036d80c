export * from './cluster.ts';
export * from './collectives.ts';
export * from './device.ts';
export * from './host.ts';
export * from './machine-file.ts';
export * from './machine-input.ts';
export * from './resolve.ts';
export * from './tables.ts';

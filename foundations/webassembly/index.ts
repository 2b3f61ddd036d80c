export * from './assemble-module.ts';
export * from './assembler.ts';
export * from './lanes.ts';

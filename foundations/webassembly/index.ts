export * from './assemble-module.ts';
export * from './assembler.ts';
export * from './bind-functions.ts';
export * from './lanes.ts';

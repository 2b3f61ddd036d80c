export * from './adam.ts';
export * from './in-memory-trainer.ts';
export * from './kernels/index.ts';
export * from './matrix.ts';
export * from './memory-layout.ts';
export * from './small-gpt.ts';
export * from './transformer-block.ts';

/** The kernels alone, for threads that need nothing else. */
export * from './compile.ts';
export * from './kernels.ts';
export { MATMUL_SCRATCH_BYTES } from './matmul.ts';

/** The kernels alone, for threads that need nothing else. */
export * from './compile-conversions.ts';
export * from './half-precision.ts';

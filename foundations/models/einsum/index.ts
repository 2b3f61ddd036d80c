/** Extended Einsums and cascades of them: a small language, its checker, and its arithmetic. */
export * from './cascade.ts';
export * from './check-cascade.ts';
export type { CheckedEinsum } from './checked-einsum.ts';
export * from './count-operations.ts';
export * from './number-rounding.ts';
export * from './parse-cascade.ts';
export * from './print-cascade.ts';
export * from './rank-sizes.ts';
export * from './run-cascade.ts';
export type { Tensor } from './tensors.ts';

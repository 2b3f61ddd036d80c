export type { Engine } from './engine.ts';
export * from './open.ts';
export * from './tables.ts';

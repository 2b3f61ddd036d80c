export * from './open.ts';
export * from './tables.ts';

export * from './find-system.ts';
export * from './systems.ts';

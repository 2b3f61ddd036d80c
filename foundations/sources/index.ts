export * from './data-folder.ts';
export * from './fetch-source.ts';
export * from './files.ts';
export * from './installed-text.ts';
export * from './registry.ts';
export type { Source } from './source.ts';

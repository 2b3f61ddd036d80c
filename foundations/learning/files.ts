/** What needs files on disk, for Node. */
export * from './training/file-checkpoint.ts';
export * from './training/trained-llama.ts';

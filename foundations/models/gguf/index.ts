/** GGUF files: their heads, the models they describe, and a writer. */
export * from './gguf-model.ts';
export * from './read-gguf.ts';
export * from './tensor-type.ts';
export * from './write-gguf.ts';

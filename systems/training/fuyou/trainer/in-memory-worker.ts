/** A thread that trains with everything in memory: what the streamed trainings are compared with. */
import { workerData } from 'node:worker_threads';
import { type AdamOptions, createKernelMemory, type GptShape, InMemoryTrainer, instantiateKernels } from '@assay/learning';
import { batchOf } from './batches.ts';
import { serveCommands } from './serve-commands.ts';

export type InMemoryCommand = { readonly do: 'step'; readonly step: number } | { readonly do: 'copy parameters' };

export interface InMemoryWorkerData {
	readonly module: WebAssembly.Module;
	readonly shape: GptShape;
	readonly seed: number;
	readonly adam: AdamOptions;
	readonly text: Uint8Array | undefined;
	/** Receives the parameters. */
	readonly parameters: Float32Array<SharedArrayBuffer>;
}

const { module, shape, seed, adam, text, parameters } = workerData as InMemoryWorkerData;
const kernels = instantiateKernels(module, createKernelMemory(1 << 16));
const trainer = new InMemoryTrainer(kernels, shape, { seed, adam });

serveCommands<InMemoryCommand>((command) => {
	if (command.do === 'copy parameters') {
		parameters.set(trainer.weights);
		return kernels.memory.buffer.byteLength;
	}
	const { tokens, targets } = batchOf(shape, seed, command.step, text);
	return trainer.step(tokens, targets);
});

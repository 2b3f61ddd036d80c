/** The stand-in for the GPU: a thread with the kernels over the shared memory that runs forward and backward, segment by segment. */
import { workerData } from 'node:worker_threads';
import {
	Arena,
	Embedding,
	type GptShape,
	Head,
	initializeSegment,
	instantiateKernels,
	type Saved,
	segmentLayouts,
	TransformerBlock,
} from '@assay/learning';
import { serveCommands } from './serve-commands.ts';

export type GpuCommand =
	/** Takes the workspace from the start of the memory; answers with its size in bytes. */
	| { readonly do: 'prepare' }
	| { readonly do: 'initialize'; readonly segment: number; readonly seed: number; readonly into: number }
	| { readonly do: 'embed'; readonly weights: number; readonly tokens: number; readonly output: number }
	| { readonly do: 'forward'; readonly weights: number; readonly input: number; readonly output: number; readonly saved: Saved }
	/** Answers with the loss. */
	| {
			readonly do: 'head';
			readonly weights: number;
			readonly input: number;
			readonly targets: number;
			readonly gradientInput: number;
			readonly gradients: number;
			readonly length: number;
	  }
	| {
			readonly do: 'backward';
			readonly weights: number;
			readonly input: number;
			readonly saved: Saved;
			readonly gradient: number;
			readonly gradients: number;
			readonly length: number;
	  }
	| {
			readonly do: 'embed backward';
			readonly tokens: number;
			readonly gradient: number;
			readonly gradients: number;
			readonly length: number;
	  };

export interface GpuWorkerData {
	readonly module: WebAssembly.Module;
	readonly memory: WebAssembly.Memory;
	readonly shape: GptShape;
}

const { module, memory, shape } = workerData as GpuWorkerData;
const kernels = instantiateKernels(module, memory);
const embedding = new Embedding(kernels, shape);
let parts: { block: TransformerBlock; head: Head } | undefined;

function prepared() {
	if (parts === undefined) throw new Error('the thread was not prepared');
	return parts;
}

function cleared(address: number, length: number): number {
	new Float32Array(memory.buffer, address, length).fill(0);
	return address;
}

serveCommands<GpuCommand>((command) => {
	switch (command.do) {
		case 'prepare': {
			const arena = new Arena(memory);
			parts = { block: new TransformerBlock(kernels, shape, arena), head: new Head(kernels, shape, arena) };
			return arena.used;
		}
		case 'initialize': {
			const { segment, seed, into } = command;
			const length = segmentLength(segment);
			// Random numbers are drawn into memory of the thread's own: a shared view is not a plain Float32Array to everyone.
			const values = new Float32Array(length);
			initializeSegment(shape, segment, seed, values);
			new Float32Array(memory.buffer, into, length).set(values);
			return length;
		}
		case 'embed':
			embedding.forward(command.weights, command.tokens, command.output);
			return 0;
		case 'forward':
			prepared().block.forward(command.weights, command.input, command.output, command.saved);
			return 0;
		case 'head': {
			const gradients = cleared(command.gradients, command.length);
			return prepared().head.step(command.weights, command.input, command.targets, command.gradientInput, gradients);
		}
		case 'backward': {
			const { weights, input, saved, gradient } = command;
			prepared().block.backward(weights, input, saved, gradient, gradient, cleared(command.gradients, command.length));
			return 0;
		}
		case 'embed backward':
			embedding.backward(command.tokens, command.gradient, cleared(command.gradients, command.length));
			return 0;
	}
});

function segmentLength(segment: number): number {
	const layout = segmentLayouts(shape)[segment];
	if (layout === undefined) throw new RangeError(`no segment ${segment}`);
	return layout.length;
}

/** The processor's optimizer: a thread with the kernels over the shared memory that runs Adam. */
import { workerData } from 'node:worker_threads';
import { type AdamScalarList, instantiateKernels } from '@assay/learning/kernels';
import { serveCommands } from './serve-commands.ts';

export interface OptimizerCommand {
	readonly do: 'update';
	readonly weights: number;
	readonly firstMoments: number;
	readonly secondMoments: number;
	readonly gradients: number;
	readonly length: number;
	readonly scalars: AdamScalarList;
}

export interface OptimizerWorkerData {
	readonly module: WebAssembly.Module;
	readonly memory: WebAssembly.Memory;
}

const { module, memory } = workerData as OptimizerWorkerData;
const kernels = instantiateKernels(module, memory);

serveCommands<OptimizerCommand>(({ weights, firstMoments, secondMoments, gradients, length, scalars }) => {
	kernels.adam(weights, firstMoments, secondMoments, gradients, length, ...scalars);
	return 0;
});

import { beforeAll, test } from 'vitest';
import { adamReference, adamScalars, defaultAdam } from '../adam.ts';
import { matrix, multiply } from '../matrix.ts';
import { Arena } from '../memory-layout.ts';
import { compileKernels } from './compile.ts';
import { createKernelMemory, instantiateKernels, type Kernels } from './kernels.ts';
import { MATMUL_SCRATCH_BYTES } from './matmul.ts';

const size = 256;
const parameters = 1_000_000;
let kernels: Kernels;
beforeAll(async () => {
	kernels = instantiateKernels(await compileKernels(), createKernelMemory(64 * 1024 * 1024));
	new Float32Array(kernels.memory.buffer).fill(0.5);
});

test(`product of two ${size} x ${size} matrices: ${((2 * size ** 3) / 1e6).toFixed(1)} MFLOP`, async ({ bench }) => {
	const arena = new Arena(kernels.memory);
	const scratch = arena.bytes(MATMUL_SCRATCH_BYTES);
	const [a, b, c] = [0, 1, 2].map(() => matrix(arena.floats(size * size), size, size));
	const [x, y, z] = [0, 1, 2].map(() => new Float32Array(size * size).fill(0.5));
	const ours = bench('kernel', () => {
		if (a && b && c) multiply(kernels, a, b, c, scratch);
	});
	const rival = bench('rival: a plain TypeScript loop, innermost along rows', () => {
		if (!x || !y || !z) return;
		z.fill(0);
		for (let i = 0; i < size; i++) {
			for (let k = 0; k < size; k++) {
				const left = x[i * size + k] as number;
				for (let j = 0; j < size; j++) z[i * size + j] = (z[i * size + j] as number) + left * (y[k * size + j] as number);
			}
		}
	});
	await bench.compare(ours, rival);
});

test(`Adam on ${parameters} parameters: 28 MB of memory traffic`, async ({ bench }) => {
	const arena = new Arena(kernels.memory);
	const [p, m, v, g] = [0, 1, 2, 3].map(() => arena.floats(parameters)) as [number, number, number, number];
	const arrays = [0, 1, 2, 3].map(() => new Float32Array(parameters).fill(0.5)) as [
		Float32Array,
		Float32Array,
		Float32Array,
		Float32Array,
	];
	const scalars = adamScalars(defaultAdam, 10);
	const ours = bench('kernel', () => kernels.adam(p, m, v, g, parameters, ...scalars));
	const rival = bench('rival: the scalar reference in TypeScript', () => adamReference(...arrays, scalars));
	await bench.compare(ours, rival);
});

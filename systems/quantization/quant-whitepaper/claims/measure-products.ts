/** A product of 256 x 256 matrices in float and in 8 bits, both by kernels in WebAssembly on one core; quantizing the result is part of the latter. */
import { createRandom, type RunContext } from '@assay/contract';
import {
	Arena,
	compileKernels,
	createKernelMemory,
	instantiateKernels,
	MATMUL_SCRATCH_BYTES,
	matrix,
	multiply,
} from '@assay/learning';
import { IntegerExecutor } from '../integer/integer-executor.ts';
import { type IntegerNetwork, ONE_PIXEL } from '../integer/integer-network.ts';

const SIZE = 256;
const SIDE = 16;
const ROUNDS = 40;

/** One layer of 256 outputs on 16 x 16 pixels of 256 channels. */
function productNetwork(): IntegerNetwork {
	const random = createRandom(1);
	const shape = [1, SIZE, SIDE, SIDE];
	return {
		tensors: new Map(['x', 'y'].map((name) => [name, { name, shape, scale: name === 'x' ? 0.02 : 0.5, zeroPoint: 3 }])),
		constants: new Map(),
		steps: [
			{
				kind: 'convolution',
				input: 'x',
				output: 'y',
				...ONE_PIXEL,
				weights: Int8Array.from({ length: SIZE * SIZE }, () => random.integer(255) - 127),
				outputs: SIZE,
				bias: new Int32Array(SIZE),
				weightScales: new Float32Array(SIZE).fill(0.01),
				low: -128,
				high: 127,
			},
		],
		input: 'x',
		output: 'y',
		rescaling: 'float',
	};
}

export interface Product {
	readonly float: () => void;
	readonly integer: () => void;
}

export async function prepareProducts(): Promise<Product> {
	const executor = await IntegerExecutor.create(productNetwork());
	const codes = Int8Array.from({ length: SIZE * SIZE }, (_, at) => ((at * 7) % 255) - 127);
	const kernels = instantiateKernels(await compileKernels(), createKernelMemory(1 << 22));
	const arena = new Arena(kernels.memory);
	const [a, b, c] = [arena.floats(SIZE * SIZE), arena.floats(SIZE * SIZE), arena.floats(SIZE * SIZE)];
	const scratch = arena.bytes(MATMUL_SCRATCH_BYTES);
	for (const place of [a, b])
		arena.view(place, SIZE * SIZE).set(Float32Array.from({ length: SIZE * SIZE }, (_, at) => Math.sin(at)));
	return {
		float: () => multiply(kernels, matrix(a, SIZE, SIZE), matrix(b, SIZE, SIZE), matrix(c, SIZE, SIZE), scratch),
		integer: () => void executor.run(codes),
	};
}

/** Float time over 8-bit time. */
export async function measureProducts(context: Pick<RunContext, 'pause'>): Promise<number> {
	const { float, integer } = await prepareProducts();
	return fasterBy(float, integer, context);
}

/** Time of `slow` over that of `fast`, of the fastest of many rounds in turn. */
export async function fasterBy(slow: () => unknown, fast: () => unknown, context: Pick<RunContext, 'pause'>): Promise<number> {
	const fastest = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY] as [number, number];
	for (let round = 0; round < ROUNDS; round++) {
		for (const [index, work] of [slow, fast].entries()) {
			const start = performance.now();
			work();
			fastest[index as 0 | 1] = Math.min(fastest[index as 0 | 1], performance.now() - start);
		}
		await context.pause();
	}
	return fastest[0] / fastest[1];
}

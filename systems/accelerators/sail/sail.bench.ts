/**
 * The product by tables against rivals: our own kernels that unpack, and onnxruntime's int8 product, one token and one thread, all on the same
 * shape in the same run, warm. Two threads are measured by claim C7-threads and by the example `here`.
 */

import { resolveModel } from '@assay/models';
import { onnxNode, tensorMessage, valueMessage, writeOnnxModel } from '@assay/models/onnx';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { test } from 'vitest';
import { compileKernels } from './kernels/kernels.ts';
import { hasKernel, prepareProduct, WAYS } from './kernels/run-kernel.ts';
import { tokenTime } from './plan/token-time.ts';
import { arrayProduct } from './sram/array-product.ts';
import { randomIntegers, standardMachine, standardQuantisation } from './test-data.ts';

const SIZE = 4096;
const pause = async () => undefined;
const module = await compileKernels();
const activations = randomIntegers(1, SIZE, 8, 1);
const scales = new Float32Array((SIZE / 128) * SIZE).fill(1e-3);

/** onnxruntime's product of int8 weights, without scales; activations are uint8 with a zero point of 128, for which it has its fastest kernels. */
async function onnxruntimeProduct(): Promise<() => Promise<unknown>> {
	const weights = Int8Array.from(randomIntegers(SIZE, SIZE, 8, 2).values);
	const file = writeOnnxModel({
		irVersion: 8,
		opsetImport: [{ domain: '', version: 17 }],
		graph: {
			name: 'product',
			node: [onnxNode('MatMulInteger', ['x', 'w', 'zero'], ['y'])],
			initializer: [
				tensorMessage('w', 'int8', [SIZE, SIZE], new Uint8Array(weights.buffer)),
				tensorMessage('zero', 'uint8', [], Uint8Array.of(128)),
			],
			input: [valueMessage({ name: 'x', elementType: 'uint8', dims: [1, SIZE] })],
			output: [valueMessage({ name: 'y', elementType: 'int32', dims: [1, SIZE] })],
		},
	});
	const session = await InferenceSession.create(file, { intraOpNumThreads: 1, interOpNumThreads: 1 });
	const x = new Tensor(
		'uint8',
		Uint8Array.from(activations.values, (value) => value + 128),
		[1, SIZE],
	);
	return () => session.run({ x });
}

const int8 = await onnxruntimeProduct();

test.for([2, 3, 4, 8])(`${SIZE} x ${SIZE} weights of %i bits`, async (bits, { bench }) => {
	const weights = randomIntegers(SIZE, SIZE, bits, bits);
	const ours = [];
	for (const way of WAYS.filter((one) => hasKernel(one, bits))) {
		const product = await prepareProduct(module, way, Int8Array.from(activations.values), weights, scales, bits, 128, pause);
		ours.push(bench(way, () => product.run()));
	}
	const rival = bench('rival: onnxruntime, 8 bits', async () => {
		await int8();
	});
	await bench.compare(...(ours as [(typeof ours)[0]]), rival);
});

test('a tile of 1,024 x 1,024 weights of 4 bits and 8 tokens, bit by bit (promised: less than 3 s), and a plan (less than 50 ms)', async () => {
	const tile = randomIntegers(1024, 1024, 4, 1);
	const tokens = randomIntegers(8, 1024, 8, 2);
	const shape = { group: 4, weightBits: 4, activationBits: 8, scaleGroup: 128, tokens: 8 };
	let least = Number.POSITIVE_INFINITY;
	let cycles = 0;
	for (let repeat = 0; repeat < 5; repeat++) {
		const began = performance.now();
		const done = arrayProduct(tokens, tile, shape, 256, { mergeSigns: true, skipZeros: true });
		least = Math.min(least, performance.now() - began);
		cycles = done.buildCycles + done.lookupCycles;
	}
	const rate = (count: number): string => `${(count / least / 1e3).toPrecision(3)} million`;
	console.info(
		`${least.toFixed(0)} ms: ${rate(cycles)} cycles a second of an array of 1,024 lanes, ${rate(cycles * 1024)} lane-cycles a second`,
	);
	const llama = { model: resolveModel('llama-2-7b'), widthOf: () => ({ weightBits: 4, storedBits: 4.5 }) };
	let plan = Number.POSITIVE_INFINITY;
	for (let repeat = 0; repeat < 20; repeat++) {
		const began = performance.now();
		tokenTime(llama, 8, 512, standardQuantisation, standardMachine);
		plan = Math.min(plan, performance.now() - began);
	}
	console.info(`a step of Llama 2 7B is planned in ${plan.toFixed(2)} ms`);
});

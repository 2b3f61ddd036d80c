/** The product by tables against rivals: our own kernels that unpack, and onnxruntime's int8 product, one token and one thread. */

import { onnxNode, tensorMessage, valueMessage, writeOnnxModel } from '@assay/models/onnx';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { test } from 'vitest';
import { compileKernels } from './kernels/kernels.ts';
import { hasKernel, prepareProduct, WAYS } from './kernels/run-kernel.ts';
import { randomIntegers } from './test-data.ts';

const SIZE = 4096;
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
	const ours = WAYS.filter((way) => hasKernel(way, bits)).map((way) => {
		const product = prepareProduct(module, way, Int8Array.from(activations.values), weights, scales, bits, 128);
		return bench(way, () => product.run());
	});
	const rival = bench('rival: onnxruntime, 8 bits', async () => {
		await int8();
	});
	await bench.compare(...(ours as [(typeof ours)[0]]), rival);
});

/** How far the products of a layer are from exact ones, on normal deviates. */
import { createRandom } from '@assay/contract';
import {
	Arena,
	compileKernels,
	createKernelMemory,
	exactLinear,
	instantiateKernels,
	type LinearShape,
	type MakeLinear,
} from '@assay/learning';
import { compileQuantizers, instantiateQuantizers } from '../quantizers/kernel.ts';
import { quantizedLinear } from './quantized-linear.ts';
import type { Scheme } from './scheme.ts';

/** Squared distances from the exact products, relative to their squared lengths. */
export interface ProductErrors {
	readonly output: number;
	readonly inputGradient: number;
	readonly weightGradient: number;
}

/** Activations, weights and gradients are normal deviates of spread 1. */
export async function productErrors(scheme: Scheme, shape: LinearShape, seed: number): Promise<ProductErrors> {
	const [learning, quantizers] = await Promise.all([compileKernels(), compileQuantizers()]);
	const { rows, inputs, outputs } = shape;
	const random = createRandom(seed).fork('operands');
	const normal = (count: number) => Float32Array.from({ length: count }, () => random.normal());
	const operands = [normal(rows * inputs), normal(outputs * inputs), normal(rows * outputs)];
	const products = (make: MakeLinear) => {
		const kernels = instantiateKernels(learning, createKernelMemory(1 << 20));
		const arena = new Arena(kernels.memory, 64);
		const [x, weight, dy] = operands.map((values) => {
			const at = arena.floats(values.length);
			arena.view(at, values.length).set(values);
			return at;
		}) as [number, number, number];
		const layer = make(kernels, shape, arena, 'layer');
		const sizes = [rows * outputs, rows * inputs, outputs * inputs] as const;
		const [out, dx, dWeight] = sizes.map((size) => arena.floats(size)) as [number, number, number];
		arena.view(dWeight, sizes[2]).fill(0);
		layer.forward(x, weight, out);
		layer.backward(x, weight, dy, dx, dWeight, 0);
		return [out, dx, dWeight].map((at, index) => arena.view(at, sizes[index] as number).slice());
	};
	const exact = products(exactLinear);
	const ours = products(quantizedLinear((memory) => instantiateQuantizers(quantizers, memory), scheme, seed));
	const [output, inputGradient, weightGradient] = exact.map((values, index) => distance(ours[index] as Float32Array, values)) as [
		number,
		number,
		number,
	];
	return { output, inputGradient, weightGradient };
}

function distance(ours: Float32Array, exact: Float32Array): number {
	let [error, size] = [0, 0];
	for (let i = 0; i < exact.length; i++) {
		error += ((ours[i] as number) - (exact[i] as number)) ** 2;
		size += (exact[i] as number) ** 2;
	}
	return error / size;
}

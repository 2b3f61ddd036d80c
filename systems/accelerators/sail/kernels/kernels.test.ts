import { createRandom } from '@assay/contract';
import { expect, test } from 'vitest';
import { integerProduct } from '../lut/integer-product.ts';
import { randomIntegers } from '../test-data.ts';
import { compileKernels } from './kernels.ts';
import { hasKernel, prepareProduct, WAYS } from './run-kernel.ts';
import { TABLE_BITS } from './table-kernel.ts';

const pause = async () => undefined;

test.for(TABLE_BITS.flatMap((bits) => [64, 128, 256].map((scaleGroup) => [bits, scaleGroup] as const)))(
	'weights of %i bits, scaled in groups of %i: every kernel gives the scaled integer product to the bit',
	async ([bits, scaleGroup]) => {
		const depth = 2 * scaleGroup;
		const columns = 48;
		const weights = randomIntegers(depth, columns, bits, bits);
		const activations = randomIntegers(1, depth, 8, scaleGroup);
		const random = createRandom(1);
		const scales = Float32Array.from({ length: 2 * columns }, () => random.uniform());
		const expected = new Float32Array(columns);
		for (let group = 0; group < 2; group++) {
			const part = (from: Int32Array, width: number) => from.slice(group * scaleGroup * width, (group + 1) * scaleGroup * width);
			const sums = integerProduct(
				{ rows: 1, columns: scaleGroup, values: part(activations.values, 1) },
				{ rows: scaleGroup, columns, values: part(weights.values, columns) },
			);
			for (let column = 0; column < columns; column++) {
				const scaled = Math.fround((sums[column] as number) * (scales[group * columns + column] as number));
				expected[column] = (expected[column] as number) + scaled;
			}
		}
		const module = await compileKernels();
		for (const way of WAYS) {
			if (!hasKernel(way, bits)) continue;
			const product = await prepareProduct(
				module,
				way,
				Int8Array.from(activations.values),
				weights,
				scales,
				bits,
				scaleGroup,
				pause,
			);
			product.run();
			expect(product.result(), way).toEqual(expected);
			product.run();
			expect(product.result(), `${way}, again`).toEqual(expected);
		}
	},
);

test('the extremes fill 16 bits and do not overflow', async () => {
	const [depth, columns] = [256, 16];
	const weights = { rows: depth, columns, values: new Int32Array(depth * columns).fill(-128) };
	const module = await compileKernels();
	for (const way of WAYS) {
		const activations = new Int8Array(depth).fill(-128);
		const product = await prepareProduct(module, way, activations, weights, new Float32Array(columns).fill(1), 8, 256, pause);
		product.run();
		expect(product.result()).toEqual(new Float32Array(columns).fill(256 * 128 * 128));
	}
});

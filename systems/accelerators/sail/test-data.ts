/** Numbers for the tests. */
import { createRandom } from '@assay/contract';
import type { IntegerMatrix } from './lut/integer-product.ts';
import type { CacheMachine } from './plan/cache-machine.ts';
import type { Quantisation } from './plan/product-time.ts';

/** Whole numbers of so many bits in two's complement, the extremes among them. */
export function randomIntegers(rows: number, columns: number, bits: number, seed: number): IntegerMatrix {
	const random = createRandom(seed);
	const half = 2 ** (bits - 1);
	const draw = (): number => {
		const kind = random.integer(8);
		return kind === 0 ? -half : kind === 1 ? half - 1 : kind === 2 ? 0 : random.integer(2 * half) - half;
	};
	return { rows, columns, values: Int32Array.from({ length: rows * columns }, draw) };
}

/** 16 cores with 32 MiB of cache, half of it computing, and eight channels of DDR4-3200. */
export const standardMachine: CacheMachine = {
	arrays: 2048,
	rows: 256,
	lanes: 256,
	arrayHertz: 1.5e9,
	slices: 16,
	dramBytesPerSecond: 204.8e9,
	cores: 16,
	vectorLanes: 16,
	coreHertz: 2.6e9,
};

export const standardQuantisation: Quantisation = {
	activationBits: 8,
	scaleGroup: 128,
	scales: 'any',
	lookupShare: () => 1,
};

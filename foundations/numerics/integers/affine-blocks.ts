/** Affine integers as a block format: scale and zero-point from each block's own range. */
import type { BlockFormat } from '../block-format.ts';
import { checkInteger } from '../check-integer.ts';
import { affineParameters, dequantizeAffine, quantizeAffine, rangesOf } from './affine.ts';
import { type IntegerCodes, integerArray, integerFormat } from './integer-codes.ts';
import { perGroup, perTensor } from './tiling.ts';

/** A float32 scale. */
const SCALE_BITS = 32;

/**
 * Groups of `blockSize` values, or the whole array as one where it is infinite. Scales are float32; a zero-point takes as many bits as
 * a code.
 */
export function affineBlocks(name: string, codes: IntegerCodes, blockSize = Number.POSITIVE_INFINITY): BlockFormat {
	if (blockSize !== Number.POSITIVE_INFINITY) checkInteger('blockSize', blockSize, 1, 2 ** 31);
	const sharedBits = SCALE_BITS + (codes.isSymmetric ? 0 : codes.bits);
	return {
		kind: 'block',
		name,
		blockSize,
		bitsPerValue: codes.bits + sharedBits / blockSize,
		element: integerFormat(name, codes),
		quantize(values, out, options = {}) {
			const shape = [values.length];
			const tiling = blockSize < values.length ? perGroup(shape, blockSize) : perTensor(shape);
			const parameters = affineParameters(codes, rangesOf(values, tiling), { float32: true });
			const stored = integerArray(codes, values.length);
			quantizeAffine(values, tiling, codes, parameters, stored, { ...options, float32: true });
			dequantizeAffine(stored, tiling, parameters, out);
		},
	};
}

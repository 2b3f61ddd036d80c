/** Ways to store keys: rows of one head in, the same rows as attention reads them back out. */
import { InputError } from '@assay/contract';
import { type BlockFloatingPointOptions, blockFloatingPoint, type Conversions } from '@assay/numerics';

export interface KeyCodec {
	readonly name: string;
	/** With its share of exponents, scales and zero-points. */
	readonly bitsPerValue: number;
	/** Rows [tokens, headDim]; `out` may be `keys`. */
	quantize(keys: Float32Array, out: Float32Array): void;
}

/** Mantissas beyond this are not made by the kernels in WebAssembly. */
const KERNEL_BITS = 8;

/**
 * Block floating point along rows that are whole numbers of blocks: by kernels in WebAssembly where they cover the format, else by its
 * definition; both give the same bits.
 */
export function blockCodec(options: BlockFloatingPointOptions, conversions: Conversions): KeyCodec {
	const format = blockFloatingPoint(options);
	const { mantissaBits, blockSize, isSymmetric = true, arithmetic = 'exact' } = options;
	const { name, bitsPerValue } = format;
	const byDefinition =
		!isSymmetric || arithmetic !== 'exact' || mantissaBits > KERNEL_BITS || blockSize < 2 || blockSize > 32_768;
	if (byDefinition) return { name, bitsPerValue, quantize: (keys, out) => format.quantize(keys, out) };
	let mantissas = new Int8Array(0);
	let exponents = new Uint8Array(0);
	return {
		name,
		bitsPerValue,
		quantize: (keys, out) => {
			if (mantissas.length !== keys.length) {
				mantissas = new Int8Array(keys.length);
				exponents = new Uint8Array(keys.length / blockSize);
			}
			conversions.float32ToBlockMantissas(keys, mantissas, exponents, { mantissaBits, blockSize });
			conversions.blockMantissasToFloat32(mantissas, exponents, out, { mantissaBits, blockSize });
		},
	};
}

/** Raises an InputError where a head is no whole number of blocks. */
export function checkBlocks(headDim: number, blockSize: number, path: readonly (string | number)[]): void {
	if (headDim % blockSize === 0) return;
	const divisors = Array.from({ length: headDim }, (_, i) => i + 1).filter((size) => headDim % size === 0);
	const nearest = divisors.reduce((best, size) => (Math.abs(size - blockSize) < Math.abs(best - blockSize) ? size : best));
	throw new InputError({
		path,
		found: `${blockSize} channels in a block`,
		expected: `a divisor of the head’s ${headDim} channels`,
		nearest: String(nearest),
	});
}

/**
 * NVIDIA's NVFP4: E2M1 elements in blocks of 16, an E4M3 scale for each block, and one float32 scale for the tensor that brings the block
 * scales into E4M3's range. "Pretraining Large Language Models with NVFP4" (arXiv 2509.25149), appendix B.
 */
import { type BlockFormat, forEachBlock, largestMagnitude } from '../block-format.ts';
import { smallFloat } from '../floats/small-float.ts';
import { drawsOf, type RoundingOptions } from '../rounding.ts';
import type { ScaledBlocks } from './microscaling.ts';

const BLOCK_SIZE = 16;
const element = smallFloat('e2m1');
const blockScale = smallFloat('e4m3');

/** `scales` are E4M3 codes, one for each block of 16; a value is its element times the block's scale times the tensor's. */
export interface Nvfp4Tensor extends ScaledBlocks {
	/** A float32. */
	readonly tensorScale: number;
}

export interface Nvfp4 extends BlockFormat {
	encode(values: Float32Array, options?: RoundingOptions): Nvfp4Tensor;
	decode(tensor: Nvfp4Tensor, out: Float32Array): void;
}

/**
 * Tensor scale: largest magnitude / (448 x 6), so that the largest block scale is E4M3's largest value. Block scale: the block's largest / 6
 * in units of the tensor scale, to the nearest E4M3 value; a block whose scale becomes 0 is 0. Elements are rounded by what the
 * block's stored scale makes of them. A tensor that holds an infinity or not-a-number becomes not-a-number as a whole.
 */
export const nvfp4: Nvfp4 = {
	kind: 'block',
	name: 'nvfp4',
	blockSize: BLOCK_SIZE,
	bitsPerValue: element.bits + blockScale.bits / BLOCK_SIZE,
	element,
	quantize: (values, out, options) => decode(encode(values, options), out),
	encode,
	decode,
};

function encode(values: Float32Array, options: RoundingOptions = {}): Nvfp4Tensor {
	const scales = new Uint8Array(Math.ceil(values.length / BLOCK_SIZE));
	const codes = new Uint8Array(values.length);
	const { rounding = 'half-even' } = options;
	const drawOf = drawsOf(options);
	const largest = largestMagnitude(values, 0, values.length);
	if (!Number.isFinite(largest)) return { tensorScale: Number.NaN, scales, codes };
	const tensorScale = Math.fround(largest / (blockScale.largest * element.largest));
	// A tensor of zeros, or of values so small that their scale is no float32.
	if (tensorScale === 0) return { tensorScale, scales, codes };
	forEachBlock(values.length, BLOCK_SIZE, (start, end, block) => {
		const ideal = largestMagnitude(values, start, end) / element.largest / tensorScale;
		scales[block] = blockScale.encode(ideal);
		const scale = blockScale.decode(scales[block] as number) * tensorScale;
		if (scale === 0) return;
		for (let i = start; i < end; i++) codes[i] = element.encode((values[i] as number) / scale, rounding, drawOf(i));
	});
	return { tensorScale, scales, codes };
}

function decode({ tensorScale, scales, codes }: Nvfp4Tensor, out: Float32Array): void {
	forEachBlock(codes.length, BLOCK_SIZE, (start, end, block) => {
		const scale = blockScale.decode(scales[block] as number) * tensorScale;
		for (let i = start; i < end; i++) out[i] = element.decode(codes[i] as number) * scale;
	});
}

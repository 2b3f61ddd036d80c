/** What else one could do to 4-bit keys; for comparison with sorting. */
import {
	affineBlocks,
	asymmetricCodes,
	type Conversions,
	hadamardTransform,
	inverseHadamardTransform,
	ocpMicroscaling,
} from '@assay/numerics';
import { calibratedScores } from '../ksort/channel-scores.ts';
import { blockCodec, type KeyCodec } from './key-codec.ts';

export interface BlockSizes {
	readonly mantissaBits: number;
	readonly blockSize: number;
}

/** Tokens of a channel that share scale and zero-point in KIVI (Liu et al. 2024). */
const KIVI_TOKENS = 32;

/** All rivals that fit a head of `headDim` channels; Hadamard rotation needs a power of two. */
export function rivalCodecs(headDim: number, sizes: BlockSizes, conversions: Conversions): KeyCodec[] {
	const blocks = blockCodec(sizes, conversions);
	const codecs = [scaledChannels(headDim, blocks), perTokenInt4(headDim), mxfp4(headDim), perChannelInt4(headDim)];
	return Number.isInteger(Math.log2(headDim)) ? [hadamardRotated(headDim, blocks), ...codecs] : codecs;
}

/** Rotates each head by a Hadamard matrix before it is stored (QuaRot, Ashkboos et al. 2024). */
function hadamardRotated(headDim: number, blocks: KeyCodec): KeyCodec {
	return {
		name: `Hadamard rotation, ${blocks.name}`,
		bitsPerValue: blocks.bitsPerValue,
		quantize: (keys, out) => {
			out.set(keys);
			hadamardTransform(out, headDim);
			blocks.quantize(out, out);
			inverseHadamardTransform(out, headDim);
		},
	};
}

/**
 * Divides each channel by its root mean square over these keys and gives the factor to the queries (in the style of SmoothQuant, Xiao et al.
 * 2022). Unlike sorting this needs calibration data; under rotary embedding the factors of partners would have to be equal, which is not
 * asked here.
 */
function scaledChannels(headDim: number, blocks: KeyCodec): KeyCodec {
	return {
		name: `channels scaled, ${blocks.name}`,
		bitsPerValue: blocks.bitsPerValue,
		quantize: (keys, out) => {
			const scales = calibratedScores(keys, headDim, 'calibrated-rms').map((scale) => (scale > 0 ? scale : 1));
			for (let i = 0; i < keys.length; i++) out[i] = (keys[i] as number) / (scales[i % headDim] as number);
			blocks.quantize(out, out);
			for (let i = 0; i < keys.length; i++) out[i] = (out[i] as number) * (scales[i % headDim] as number);
		},
	};
}

/** Four bits with a scale and a zero-point for each token of a head. */
function perTokenInt4(headDim: number): KeyCodec {
	const format = affineBlocks('int4 by token', asymmetricCodes(4), headDim);
	return { name: format.name, bitsPerValue: format.bitsPerValue, quantize: (keys, out) => format.quantize(keys, out) };
}

function mxfp4(headDim: number): KeyCodec {
	const format = ocpMicroscaling('mxfp4', 32);
	return {
		name: 'MXFP4',
		bitsPerValue: format.bitsPerValue,
		quantize: (keys, out) => {
			for (let start = 0; start < keys.length; start += headDim)
				format.quantize(keys.subarray(start, start + headDim), out.subarray(start, start + headDim));
		},
	};
}

/** Four bits with a scale and a zero-point for each channel and 32 tokens (KIVI): the latest tokens would stay in 16 bits, not counted here. */
function perChannelInt4(headDim: number): KeyCodec {
	const format = affineBlocks('int4 by channel', asymmetricCodes(4), KIVI_TOKENS);
	return {
		name: 'int4 by channel (KIVI)',
		bitsPerValue: format.bitsPerValue,
		quantize: (keys, out) => {
			const tokens = keys.length / headDim;
			const channel = new Float32Array(KIVI_TOKENS);
			for (let c = 0; c < headDim; c++) {
				for (let start = 0; start < tokens; start += KIVI_TOKENS) {
					const group = channel.subarray(0, Math.min(KIVI_TOKENS, tokens - start));
					for (let t = 0; t < group.length; t++) group[t] = keys[(start + t) * headDim + c] as number;
					format.quantize(group, group);
					for (let t = 0; t < group.length; t++) out[(start + t) * headDim + c] = group[t] as number;
				}
			}
		},
	};
}

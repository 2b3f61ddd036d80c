/**
 * The common conversions of whole arrays in WebAssembly SIMD, the same to the last bit as the formats of their names. Arrays pass through a
 * small memory in pieces that stay in the processor's cache; who keeps tensors in WebAssembly memory calls the kernels themselves
 * (`@assay/numerics/kernels`).
 */
import { checkInteger } from './check-integer.ts';
import { type ConversionKernels, compileConversions, instantiateConversions } from './kernels/compile-conversions.ts';

/** Values in a piece. */
const PIECE = 32_768;
const SOURCE = 0;
const TARGET = 4 * PIECE;
const SCALES = 8 * PIECE;
/** Of 64 KiB. */
const PAGES = Math.ceil((9 * PIECE) / 65_536);
const MXFP4_BLOCK = 32;

type Narrow = 'float32ToFloat16' | 'float32ToBfloat16' | 'float32ToE4m3' | 'float32ToE5m2';
type Widen = 'float16ToFloat32' | 'bfloat16ToFloat32' | 'e4m3ToFloat32' | 'e5m2ToFloat32';
type Codes = Uint8Array | Uint16Array;

/** One quantiser of 8-bit codes; `lowest` and `highest` lie from -128 to 127. */
export interface Int8Quantizer {
	/** A float32 above 0. */
	readonly scale: number;
	readonly zeroPoint: number;
	readonly lowest: number;
	readonly highest: number;
}

/** Made once; not for use by several threads. Every method takes arrays of fitting lengths and raises a RangeError for others. */
export class Conversions {
	private readonly kernels: ConversionKernels;
	private readonly floats: Float32Array;
	private readonly outFloats: Float32Array;
	private readonly bytes: Uint8Array;

	/** The first call compiles the kernels (about a second). */
	static async create(): Promise<Conversions> {
		return new Conversions(await compileConversions());
	}

	private constructor(module: WebAssembly.Module) {
		const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
		this.kernels = instantiateConversions(module, memory);
		this.floats = new Float32Array(memory.buffer, SOURCE, PIECE);
		this.outFloats = new Float32Array(memory.buffer, TARGET, PIECE);
		this.bytes = new Uint8Array(memory.buffer);
	}

	/** Codes of `smallFloat('fp16')`; not-a-number keeps its sign. */
	float32ToFloat16(values: Float32Array, codes: Uint16Array): void {
		this.narrow('float32ToFloat16', values, codes);
	}

	float16ToFloat32(codes: Uint16Array, values: Float32Array): void {
		this.widen('float16ToFloat32', codes, values);
	}

	/** Codes of `smallFloat('bf16')`; not-a-number keeps its sign. */
	float32ToBfloat16(values: Float32Array, codes: Uint16Array): void {
		this.narrow('float32ToBfloat16', values, codes);
	}

	bfloat16ToFloat32(codes: Uint16Array, values: Float32Array): void {
		this.widen('bfloat16ToFloat32', codes, values);
	}

	/** Codes of `smallFloat('e4m3')`; not-a-number keeps its sign. */
	float32ToE4m3(values: Float32Array, codes: Uint8Array): void {
		this.narrow('float32ToE4m3', values, codes);
	}

	e4m3ToFloat32(codes: Uint8Array, values: Float32Array): void {
		this.widen('e4m3ToFloat32', codes, values);
	}

	/** Codes of `smallFloat('e5m2')`; not-a-number keeps its sign. */
	float32ToE5m2(values: Float32Array, codes: Uint8Array): void {
		this.narrow('float32ToE5m2', values, codes);
	}

	e5m2ToFloat32(codes: Uint8Array, values: Float32Array): void {
		this.widen('e5m2ToFloat32', codes, values);
	}

	/** Codes of `quantizeAffine` with `float32` and one quantiser for all. */
	float32ToInt8(values: Float32Array, codes: Int8Array, { scale, zeroPoint, lowest, highest }: Int8Quantizer): void {
		checkLengths(values.length, codes.length);
		const out = new Int8Array(this.bytes.buffer, TARGET, PIECE);
		for (let at = 0; at < values.length; at += PIECE) {
			const n = this.take(values, at, PIECE);
			this.kernels.float32ToInt8(SOURCE, TARGET, n, scale, zeroPoint, lowest, highest);
			codes.set(out.subarray(0, n), at);
		}
	}

	int8ToFloat32(codes: Int8Array, values: Float32Array, { scale, zeroPoint }: Pick<Int8Quantizer, 'scale' | 'zeroPoint'>): void {
		checkLengths(codes.length, values.length);
		const source = new Int8Array(this.bytes.buffer, SOURCE, PIECE);
		for (let at = 0; at < codes.length; at += PIECE) {
			const piece = codes.subarray(at, at + PIECE);
			source.set(piece);
			this.kernels.int8ToFloat32(SOURCE, TARGET, piece.length, scale, zeroPoint);
			values.set(this.outFloats.subarray(0, piece.length), at);
		}
	}

	/**
	 * Codes and scales of `ocpMicroscaling('mxfp4')` for a multiple of 32 values, packed two to a byte, the first in the low half
	 * (`packBits(codes, 4)`).
	 */
	float32ToMxfp4(values: Float32Array, packed: Uint8Array, scales: Uint8Array): void {
		checkLengths(values.length, packed.length * 2, scales.length * MXFP4_BLOCK);
		for (let at = 0; at < values.length; at += PIECE) {
			const n = this.take(values, at, PIECE);
			this.kernels.float32ToMxfp4(SOURCE, TARGET, SCALES, n / MXFP4_BLOCK);
			packed.set(this.bytes.subarray(TARGET, TARGET + n / 2), at / 2);
			scales.set(this.bytes.subarray(SCALES, SCALES + n / MXFP4_BLOCK), at / MXFP4_BLOCK);
		}
	}

	mxfp4ToFloat32(packed: Uint8Array, scales: Uint8Array, values: Float32Array): void {
		checkLengths(values.length, packed.length * 2, scales.length * MXFP4_BLOCK);
		for (let at = 0; at < values.length; at += PIECE) {
			const n = Math.min(PIECE, values.length - at);
			this.bytes.set(packed.subarray(at / 2, (at + n) / 2), SOURCE);
			this.bytes.set(scales.subarray(at / MXFP4_BLOCK, (at + n) / MXFP4_BLOCK), SCALES);
			this.kernels.mxfp4ToFloat32(SOURCE, SCALES, TARGET, n / MXFP4_BLOCK);
			values.set(this.outFloats.subarray(0, n), at);
		}
	}

	/**
	 * What `blockFloatingPoint` of these sizes makes of a multiple of `blockSize` values: mantissas of 2 to 8 bits, blocks of 2 to 32,768
	 * values, symmetric, exact.
	 */
	float32ToBlockMantissas(values: Float32Array, mantissas: Int8Array, exponents: Uint8Array, shape: BlockShape): void {
		const piece = pieceOf(shape);
		checkLengths(values.length, mantissas.length, exponents.length * shape.blockSize);
		const out = new Int8Array(this.bytes.buffer, TARGET, PIECE);
		for (let at = 0; at < values.length; at += piece) {
			const n = this.take(values, at, piece);
			const blocks = n / shape.blockSize;
			this.kernels.float32ToBlockMantissas(SOURCE, TARGET, SCALES, blocks, shape.blockSize, shape.mantissaBits);
			mantissas.set(out.subarray(0, n), at);
			exponents.set(this.bytes.subarray(SCALES, SCALES + blocks), at / shape.blockSize);
		}
	}

	blockMantissasToFloat32(mantissas: Int8Array, exponents: Uint8Array, values: Float32Array, shape: BlockShape): void {
		const piece = pieceOf(shape);
		checkLengths(values.length, mantissas.length, exponents.length * shape.blockSize);
		const source = new Int8Array(this.bytes.buffer, SOURCE, PIECE);
		for (let at = 0; at < values.length; at += piece) {
			const n = Math.min(piece, values.length - at);
			const blocks = n / shape.blockSize;
			source.set(mantissas.subarray(at, at + n));
			this.bytes.set(exponents.subarray(at / shape.blockSize, at / shape.blockSize + blocks), SCALES);
			this.kernels.blockMantissasToFloat32(SOURCE, SCALES, TARGET, blocks, shape.blockSize, shape.mantissaBits);
			values.set(this.outFloats.subarray(0, n), at);
		}
	}

	private narrow(kernel: Narrow, values: Float32Array, codes: Codes): void {
		checkLengths(values.length, codes.length);
		const out = this.codesAt(TARGET, codes);
		for (let at = 0; at < values.length; at += PIECE) {
			const n = this.take(values, at, PIECE);
			this.kernels[kernel](SOURCE, TARGET, n);
			codes.set(out.subarray(0, n), at);
		}
	}

	private widen(kernel: Widen, codes: Codes, values: Float32Array): void {
		checkLengths(codes.length, values.length);
		const source = this.codesAt(SOURCE, codes);
		for (let at = 0; at < codes.length; at += PIECE) {
			const piece = codes.subarray(at, at + PIECE);
			source.set(piece);
			this.kernels[kernel](SOURCE, TARGET, piece.length);
			values.set(this.outFloats.subarray(0, piece.length), at);
		}
	}

	/** Brings the next piece into the memory and returns its length. */
	private take(values: Float32Array, at: number, piece: number): number {
		const part = values.subarray(at, at + piece);
		this.floats.set(part);
		return part.length;
	}

	private codesAt(address: number, codes: Codes): Codes {
		const { buffer } = this.bytes;
		return codes.BYTES_PER_ELEMENT === 1 ? new Uint8Array(buffer, address, PIECE) : new Uint16Array(buffer, address, PIECE);
	}
}

/** Sizes of a block floating point format. */
export interface BlockShape {
	/** 2 to 8. */
	readonly mantissaBits: number;
	/** 2 to 32,768. */
	readonly blockSize: number;
}

function pieceOf({ blockSize, mantissaBits }: BlockShape): number {
	checkInteger('mantissaBits', mantissaBits, 2, 8);
	checkInteger('blockSize', blockSize, 2, PIECE);
	return Math.floor(PIECE / blockSize) * blockSize;
}

function checkLengths(...lengths: number[]): void {
	if (new Set(lengths).size > 1) throw new RangeError(`arrays for ${lengths.join(', ')} values do not fit each other`);
}

/** Bytes of rows of blocks. */
import { packBits, packedBytes, unpackSignedBits } from '../bit-packing.ts';
import { forEachBlock } from '../block-format.ts';
import type { BlockFloatingPoint, MantissaBlocks } from './block-floating-point.ts';

/** Bytes that `count` values take: each block an exponent and its mantissas, filled up to a byte. */
export function blockFloatingPointBytes({ blockSize, mantissaBits }: BlockFloatingPoint, count: number): number {
	const rest = count % blockSize;
	const whole = Math.floor(count / blockSize) * (1 + packedBytes(blockSize, mantissaBits));
	return whole + (rest === 0 ? 0 : 1 + packedBytes(rest, mantissaBits));
}

/** Each block: its exponent byte, then the mantissas as two's complement fields, the first in the lowest bits. */
export function packBlockFloatingPoint(
	format: BlockFloatingPoint,
	{ exponents, mantissas }: MantissaBlocks,
): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(blockFloatingPointBytes(format, mantissas.length));
	let at = 0;
	forEachBlock(mantissas.length, format.blockSize, (start, end, block) => {
		bytes[at++] = exponents[block] as number;
		const fields = packBits(mantissas.subarray(start, end), format.mantissaBits);
		bytes.set(fields, at);
		at += fields.length;
	});
	return bytes;
}

/** Reads `count` values that `packBlockFloatingPoint` wrote; raises a RangeError where the bytes are not as many as they take. */
export function unpackBlockFloatingPoint(format: BlockFloatingPoint, bytes: Uint8Array, count: number): MantissaBlocks {
	const { blockSize, mantissaBits } = format;
	const expected = blockFloatingPointBytes(format, count);
	if (bytes.length !== expected)
		throw new RangeError(`${count} values of ${format.name} take ${expected} bytes, not ${bytes.length}`);
	const exponents = new Uint8Array(Math.ceil(count / blockSize));
	const mantissas = new Int32Array(count);
	let at = 0;
	forEachBlock(count, blockSize, (start, end, block) => {
		exponents[block] = bytes[at++] as number;
		mantissas.set(unpackSignedBits(bytes.subarray(at), mantissaBits, end - start), start);
		at += packedBytes(end - start, mantissaBits);
	});
	return { exponents, mantissas };
}
